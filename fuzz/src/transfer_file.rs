use std::{
    collections::BTreeMap,
    io::Cursor,
    path::{Path, PathBuf},
    sync::Arc,
};

use hpke::{
    Deserializable, OpModeS, Serializable,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::{Kem, X25519HkdfSha256},
    setup_sender,
};
use keyring::{Keyring, KeyringConfig, KeyringError, StaticShare, StoreId, import_keyring_on};

use crate::memory_disk::MemoryDisk;

/// The private key of the corpus: 32 bytes, and the text that its file holds.
const PRIVATE_KEY: &str = "7090330b18d76c45446b7d9d1b15e87d7da80ab3b6f8cdcc0871764f1d767c5c";
const KEY_TEXT: &str = "scruple-transfer-private-key-1-7090330b18d76c45446b7d9d1b15e87d7da80ab3b6f8cdcc0871764f1d767c5c-82a6e92e";
const KEY_FILE: &str = "/key";
const TARGET: &str = "/keyring";

/// The length of a chunk, decrypted.
const CHUNK: usize = 4096;

/// Imports an exported keyring. The input is the whole file, and then the content of an authentic file: mutations alone
/// never get past the encryption. A refused file leaves no file behind; an imported one leaves a keyring.
pub fn transfer_file(input: &[u8]) {
    import(input);
    import(&encrypted(input));
}

fn import(exported: &[u8]) {
    let before = BTreeMap::from([(PathBuf::from(KEY_FILE), KEY_TEXT.as_bytes().to_vec())]);
    let disk = Arc::new(MemoryDisk::new(before.clone()));
    let target = Path::new(TARGET);
    match import_keyring_on(disk.clone(), &mut Cursor::new(exported), Path::new(KEY_FILE), target) {
        Ok(keyring_id) => {
            let (replicas, share) = ([target.to_owned()], StaticShare::none());
            let store = StoreId([1; 16]);
            let opening = KeyringConfig {
                replicas: &replicas,
                share,
                store,
                keyring_id: Some(keyring_id),
                seen_epoch: 0,
            };
            match Keyring::open_on(disk, opening) {
                Ok(keyring) => assert_eq!(keyring.keyring_id(), keyring_id),
                // Whoever exports a keyring can write any root into the file.
                Err(error) => assert!(matches!(error, KeyringError::WrongShare), "{error}"),
            }
        }
        Err(error) => {
            assert!(matches!(error, KeyringError::InvalidTransfer(_)), "{error}");
            assert!(*disk.files() == before, "a refused file was partly imported");
        }
    }
}

/// Encrypts content as docs/formats.md says: head, then chunks.
fn encrypted(content: &[u8]) -> Vec<u8> {
    let bytes: Vec<u8> =
        (0..32).map(|i| u8::from_str_radix(&PRIVATE_KEY[2 * i..2 * i + 2], 16).expect("digits")).collect();
    let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&bytes).expect("32 bytes");
    let public = X25519HkdfSha256::sk_to_pk(&key);
    let mut file = [&b"scruple\x03\x01\x00"[..], public.to_bytes().as_slice()].concat();
    let (encapsulated, mut context) =
        setup_sender::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(&OpModeS::Base, &public, &file)
            .expect("a usable public key");
    file.extend_from_slice(&encapsulated.to_bytes());
    let chunks = content.chunks(CHUNK);
    let last = chunks.len().saturating_sub(1);
    for (n, chunk) in chunks.enumerate() {
        file.extend(context.seal(chunk, &[u8::from(n == last)]).expect("few chunks"));
    }
    file
}
