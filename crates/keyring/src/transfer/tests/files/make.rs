//! Exported keyrings, made with chosen random bytes.

use hpke::inout::InOutBuf;
use hpke::{Deserializable, Serializable};
use serde_json::{Value, json};

use crate::transfer::encryption::{EncryptingWriter, PublicKey, bytes_of, sender};
use crate::transfer::tests::{private_key, public_key, sender_seed};

/// Encrypts content as the program does, for the key of seed 1.
pub(super) fn exported(content: &[u8], seed: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut out = EncryptingWriter::with_seed(&mut file, &public_key(1), sender_seed(seed)).unwrap();
    out.write_all(content).unwrap();
    out.finish().unwrap();
    file
}

/// Encrypts chunks with chosen associated data, after a head that may differ from the `info`.
pub(super) fn exported_chunks(head: &[u8], info: &[u8], chunks: &[(&[u8], &[u8])]) -> Vec<u8> {
    let to = PublicKey::from_bytes(&public_key(1)).unwrap();
    let (encapsulated, mut context) = sender(&to, info, sender_seed(9)).unwrap();
    let mut file = [head, &*bytes_of(&encapsulated)].concat();
    for (plain, associated_data) in chunks {
        let mut chunk = plain.to_vec();
        let tag = context.seal_inout_detached(InOutBuf::from(chunk.as_mut_slice()), associated_data);
        file.extend_from_slice(&chunk);
        file.extend_from_slice(&tag.unwrap().to_bytes());
    }
    file
}

pub(super) fn bad(name: &str, file: Value, expect: &str) -> Value {
    json!({ "name": name, "private_key": private_key(1), "file": file, "expect": expect })
}
