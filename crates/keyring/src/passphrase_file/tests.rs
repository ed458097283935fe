//! Vectors of files that are encrypted with a passphrase: `passphrase-files.json`.

use serde_json::{Value, json};

use super::{COST, HEAD, MAGIC, PassphraseFileError, SALT, decrypt, encrypt, encrypt_with, head, key_of};
use crate::derive::Argon2Cost;
use crate::ids::hex;
use crate::seal::{OVERHEAD, seal_with_nonce};
use crate::test_vectors::{assert_made, assert_mostly_bad, bytes, vectors};

const FILE: &str = "passphrase-files.json";
const SOURCE: &str = "files of docs/formats.md, made by crates/keyring/src/passphrase_file/tests.rs";
const PASSPHRASE: &str = "correct horse battery";
const CONTENT: &[u8] = b"signing keys 1\n[]";
/// A low cost, so that hundreds of guesses take no time.
const LOW: Argon2Cost = Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 };
const SALT_BYTES: [u8; 16] = *b"sixteen bytes of";
const NONCE: [u8; 24] = *b"twenty-four bytes, or so";

fn file_with(passphrase: &str, cost: Argon2Cost, content: &[u8]) -> Vec<u8> {
    encrypt_with(passphrase, cost, &SALT_BYTES, &NONCE, content).unwrap()
}

fn good(name: &str, passphrase: &str, cost: Argon2Cost, content: &[u8]) -> Value {
    json!({
        "name": name, "passphrase": passphrase, "file": hex(&file_with(passphrase, cost, content)),
        "expect": "good", "content": hex(content),
    })
}

fn bad(name: &str, passphrase: &str, file: &[u8], expect: &str) -> Value {
    json!({ "name": name, "passphrase": passphrase, "file": hex(file), "expect": expect })
}

fn good_vectors() -> Vec<Value> {
    let lanes = Argon2Cost { memory_kib: 128, passes: 3, lanes: 4 };
    let least = Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };
    vec![
        good("an empty list of signing keys", PASSPHRASE, LOW, CONTENT),
        good("the cost of the program", PASSPHRASE, COST, CONTENT),
        good("four lanes and three passes", PASSPHRASE, lanes, CONTENT),
        good("the lowest cost", PASSPHRASE, least, CONTENT),
        good("no content", PASSPHRASE, LOW, b""),
        good("a kilobyte of content", PASSPHRASE, LOW, &[7; 1024]),
        good("a passphrase that is not ASCII", "fünf Wörter für Ärzte ✓", LOW, CONTENT),
        good("an empty passphrase", "", LOW, CONTENT),
    ]
}

/// Files with another passphrase.
fn wrong_passphrases() -> Vec<Value> {
    let file = file_with(PASSPHRASE, LOW, CONTENT);
    let with = |name: &str, passphrase: &str| bad(name, passphrase, &file, "wrong passphrase");
    let composed = file_with("é", LOW, CONTENT);
    vec![
        with("another passphrase", "battery staple"),
        with("no passphrase", ""),
        with("the passphrase with a space after it", "correct horse battery "),
        with("the passphrase with a line end", "correct horse battery\n"),
        with("the passphrase in other case", "Correct horse battery"),
        with("the passphrase without its last character", "correct horse batter"),
        bad("the passphrase in another normal form", "e\u{301}", &composed, "wrong passphrase"),
    ]
}

/// Files with a number of the head replaced.
fn heads() -> Vec<Value> {
    let file = file_with(PASSPHRASE, LOW, CONTENT);
    let with = |name: &str, at: usize, number: &[u8], expect: &str| {
        let mut file = file.clone();
        file[at..at + number.len()].copy_from_slice(number);
        bad(name, PASSPHRASE, &file, expect)
    };
    let cost =
        |name: &str, at: usize, number: u32, expect: &str| with(name, at, &number.to_le_bytes(), expect);
    let (memory, passes, lanes, limits) = (10, 14, 18, "cost out of limits");
    // As much memory as 17 lanes need.
    let many_lanes = head(Argon2Cost { memory_kib: 136, passes: 1, lanes: 17 }, &SALT_BYTES);
    let many_lanes = [&many_lanes, &file[HEAD..]].concat();
    vec![
        with("the magic of an exported keyring", 7, &[3], "other file"),
        with("the first byte changed", 0, b"S", "other file"),
        with("format 0", 8, &[0, 0], "unknown format"),
        with("format 2", 8, &[2, 0], "unknown format"),
        with("format 256", 8, &[0, 1], "unknown format"),
        cost("no memory", memory, 0, limits),
        cost("less memory than Argon2 can use", memory, 7, limits),
        cost("one KiB more than the limit", memory, 256 * 1024 + 1, limits),
        cost("4 TiB of memory", memory, u32::MAX, limits),
        cost("no passes", passes, 0, limits),
        cost("one pass more than the limit", passes, 33, limits),
        cost("2^32 - 1 passes", passes, u32::MAX, limits),
        cost("no lanes", lanes, 0, limits),
        cost("more lanes than the memory allows", lanes, 9, limits),
        bad("one lane more than the limit", PASSPHRASE, &many_lanes, limits),
        cost("2^32 - 1 lanes", lanes, u32::MAX, limits),
        cost("another memory", memory, 65, "wrong passphrase"),
        cost("another number of passes", passes, 2, "wrong passphrase"),
        cost("another number of lanes", lanes, 2, "wrong passphrase"),
    ]
}

fn cuts() -> Vec<Value> {
    let file = file_with(PASSPHRASE, LOW, CONTENT);
    let end = file.len();
    let cut = |at: usize, expect: &str| {
        bad(&format!("cut at {at} of {end} bytes"), PASSPHRASE, &file[..at], expect)
    };
    let magic = [0, 1, 7].map(|at| cut(at, "other file"));
    let text = HEAD + OVERHEAD - 16;
    let later = [8, 9, 10, 14, 18, SALT, HEAD - 1, HEAD, HEAD + 1, HEAD + 25, text, text + 15];
    let content = [text + 16, text + 20, end - 16, end - 1];
    magic.into_iter().chain(later.into_iter().chain(content).map(|at| cut(at, "damaged"))).collect()
}

fn changes() -> Vec<Value> {
    let file = file_with(PASSPHRASE, LOW, CONTENT);
    let end = file.len();
    let flip = |name: &str, at: usize, bit: u8, expect: &str| {
        let mut file = file.clone();
        file[at] ^= 1 << bit;
        bad(&format!("flipped: {name}"), PASSPHRASE, &file, expect)
    };
    let (sealed, wrong) = (HEAD, "wrong passphrase");
    let with = |name: &str, file: Vec<u8>, expect: &str| bad(name, PASSPHRASE, &file, expect);
    let key = key_of(PASSPHRASE, &head(LOW, &SALT_BYTES)).unwrap();
    let bound_to = |associated_data: &[u8]| {
        [head(LOW, &SALT_BYTES), seal_with_nonce(&key, &NONCE, associated_data, CONTENT)].concat()
    };
    let other = encrypt_with(PASSPHRASE, LOW, &[1; 16], &NONCE, CONTENT).unwrap();
    vec![
        flip("the first bit of the salt", SALT, 0, wrong),
        flip("the last bit of the salt", HEAD - 1, 7, wrong),
        flip("the version of the sealed content", sealed, 1, wrong),
        flip("the first bit of the nonce", sealed + 1, 0, wrong),
        flip("the last bit of the nonce", sealed + 24, 7, wrong),
        flip("the first bit of the commitment", sealed + 25, 0, wrong),
        flip("the last bit of the commitment", sealed + 56, 7, wrong),
        flip("the first bit of the text", sealed + 57, 0, "damaged"),
        flip("the last bit of the text", end - 17, 7, "damaged"),
        flip("the first bit of the tag", end - 16, 0, "damaged"),
        flip("the last bit of the tag", end - 1, 7, "damaged"),
        with("a byte after the file", [&file[..], &[0]].concat(), "damaged"),
        with("the file twice", [&file[..], &file].concat(), "damaged"),
        with("a byte before the file", [&[0], &file[..]].concat(), "other file"),
        with("the file without its magic", file[MAGIC.len()..].to_vec(), "other file"),
        with("the head of another file", [&other[..HEAD], &file[HEAD..]].concat(), wrong),
        with("content that is bound to no head", bound_to(b""), "damaged"),
        with("content that is bound to another head", bound_to(&head(COST, &SALT_BYTES)), "damaged"),
    ]
}

fn name_of(error: PassphraseFileError) -> &'static str {
    match error {
        PassphraseFileError::OtherFile => "other file",
        PassphraseFileError::UnknownFormat(_) => "unknown format",
        PassphraseFileError::CostOutOfLimits => "cost out of limits",
        PassphraseFileError::WrongPassphrase => "wrong passphrase",
        PassphraseFileError::Damaged => "damaged",
        PassphraseFileError::NoMemory | PassphraseFileError::NoRandom => panic!("{error}"),
    }
}

#[test]
fn each_vector_of_a_passphrase_file_has_its_expected_outcome() {
    for vector in vectors(FILE) {
        let outcome = match decrypt(vector["passphrase"].as_str().unwrap(), &bytes(&vector, "file")) {
            Ok(content) => {
                assert_eq!(*content, bytes(&vector, "content"));
                "good"
            }
            Err(error) => name_of(error),
        };
        assert_eq!(outcome, vector["expect"], "{}", vector["name"]);
    }
}

#[test]
fn the_vectors_of_passphrase_files_are_up_to_date() {
    let all = [good_vectors(), wrong_passphrases(), heads(), cuts(), changes()].concat();
    assert_mostly_bad(&all);
    assert_made(FILE, SOURCE, &all);
}

#[test]
fn no_bit_of_the_file_can_be_changed_and_no_byte_removed() {
    let file = file_with(PASSPHRASE, LOW, CONTENT);
    for at in 0..file.len() {
        assert!(decrypt(PASSPHRASE, &file[..at]).is_err(), "cut at {at}");
        for bit in 0..8 {
            let mut other = file.clone();
            other[at] ^= 1 << bit;
            // A flipped bit may multiply the cost: the vectors have those.
            if !(10..SALT).contains(&at) {
                assert!(decrypt(PASSPHRASE, &other).is_err(), "bit {bit} of byte {at}");
            }
        }
    }
}

#[test]
fn two_files_of_the_same_content_and_passphrase_differ_in_salt_and_nonce() {
    let (one, two) = (encrypt("passphrase", b"content").unwrap(), encrypt("passphrase", b"content").unwrap());
    assert_eq!(one[..SALT], two[..SALT]);
    assert_ne!(one[SALT..HEAD], two[SALT..HEAD]);
    assert_ne!(one[HEAD + 1..HEAD + 25], two[HEAD + 1..HEAD + 25]);
    assert_eq!(*decrypt("passphrase", &one).unwrap(), b"content");
}
