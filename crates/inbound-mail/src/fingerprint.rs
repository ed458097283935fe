use sha2::{Digest, Sha256};

use crate::headers::Headers;

/// SHA-256 over what is the same on every delivery route: Message-ID, Date, From, Subject and body. It ignores trace
/// headers and the trailing blanks that servers add.
pub(crate) fn fingerprint(headers: &Headers, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for name in ["message-id", "date", "from", "subject"] {
        let value = headers.first(name);
        let words: Vec<_> = value.split_whitespace().collect();
        let value = words.join(" ");
        hash.update((value.len() as u64).to_be_bytes());
        hash.update(value.as_bytes());
    }
    for line in body.trim_ascii_end().split(|byte| *byte == b'\n') {
        hash.update(line.trim_ascii_end());
        hash.update(b"\n");
    }
    hash.finalize().into()
}
