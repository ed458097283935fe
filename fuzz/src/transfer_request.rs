use std::{path::PathBuf, sync::Arc, sync::OnceLock};

use keyring::{Keyring, KeyringError, StaticShare, StoreId, export_keyring};

use crate::memory_disk::MemoryDisk;

/// The text before a key and its checksum.
const PREFIX: &str = "scruple-transfer-request-1-";
/// Where the public key stands in an exported file.
const PUBLIC_KEY: std::ops::Range<usize> = 10..42;

/// Exports a keyring for a typed transfer request. It never panics and writes nothing for a wrong one. An accepted
/// request has one spelling, and the file is encrypted for the key that it names.
pub fn transfer_request(input: &[u8]) {
    static SAMPLE: OnceLock<Keyring> = OnceLock::new();
    let keyring = SAMPLE.get_or_init(|| {
        let replicas = [PathBuf::from("/keyring")];
        Keyring::create_on(Arc::new(MemoryDisk::default()), &replicas, StaticShare::none(), StoreId([9; 16]))
            .expect("a new keyring on a working disk")
    });
    let text = String::from_utf8_lossy(input);
    let mut exported = Vec::new();
    match export_keyring(keyring, &text, &mut exported) {
        Ok(()) => {
            let (key, checksum) =
                text.trim().strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')).expect("its form");
            let digits = |text: &str| text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
            assert!((key.len(), checksum.len()) == (64, 8) && digits(key) && digits(checksum), "{text}");
            let named: String = exported[PUBLIC_KEY].iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(named, key, "encrypted for another key");
        }
        Err(error) => {
            assert!(matches!(error, KeyringError::InvalidTransferRequest(_)), "{error}");
            assert!(exported.is_empty(), "a part of the keyring was written");
        }
    }
}
