use keyring::passphrase_file::decrypt;

const PASSPHRASE: &str = "correct horse battery";
/// What the genuine files of the corpus hold; a list of signing keys, nothing, and a kilobyte.
const CONTENTS: [&[u8]; 3] = [b"signing keys 1\n[]", b"", &[7; 1024]];
/// Where the cost of Argon2id stands in the head: memory in KiB, passes, lanes.
const COST: std::ops::Range<usize> = 10..22;

/// Decrypts a damaged file with its passphrase, and with another one. It never panics. Only a genuine file opens, and
/// none opens with another passphrase.
pub fn passphrase_file(input: &[u8]) {
    if is_expensive(input) {
        return;
    }
    if let Ok(content) = decrypt(PASSPHRASE, input) {
        assert!(CONTENTS.contains(&content.as_slice()), "a damaged file opens");
    }
    assert!(decrypt("battery staple", input).is_err(), "it opens with another passphrase");
}

/// Whether a file names a cost that is allowed, and so high that thousands of inputs would take hours.
fn is_expensive(input: &[u8]) -> bool {
    let Some(cost) = input.get(COST) else { return false };
    let number = |at: usize| u32::from_le_bytes(cost[at..at + 4].try_into().expect("four bytes"));
    let (memory, passes, lanes) = (number(0), number(4), number(8));
    let refused = memory > 256 * 1024 || passes > 32 || lanes > 16;
    !refused && u64::from(memory) * u64::from(passes) > 256
}
