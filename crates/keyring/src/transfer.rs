//! Transfer of a keyring to another machine, encrypted for a key pair that is used once.
//!
//! [`create_transfer_request`] runs on the new machine, [`export_keyring`] on the old one, and [`import_keyring`]
//! on the new one. The import destroys the private key, so the exported file becomes worthless. A new root alone
//! would not be enough, because the seeds of slots that are not forgotten stay the same. So the old machine's
//! replicas must be destroyed too.
//!
//! The file is encrypted with HPKE (RFC 9180). docs/formats.md describes it, and `vectors/` has examples.

mod encryption;
mod entries;
mod fault;
mod key_text;
#[cfg(test)]
mod tests;

use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use hpke::Deserializable;
use zeroize::Zeroizing;

use self::encryption::{DecryptingReader, EncryptingWriter, PrivateKey, bytes_of, key_pair};
use self::fault::io_failed;
use self::key_text::{PRIVATE_KEY, REQUEST, from_text, to_text};
use crate::derive::random;
use crate::disk::{Disk, SystemDisk};
use crate::fs_replica::{FsReplica, io_error};
use crate::ids::{KeyringId, ReplicaId};
use crate::record::{Marker, ReplicaList};
use crate::replica::{Replica, SmallRecord};
use crate::{Keyring, KeyringError};

pub use fault::TransferFault;
pub use key_text::KeyTextFault;

/// Creates a key pair. Writes the private key to `key_file` (mode 0600, must not exist) and returns the public key
/// as text, `scruple-transfer-request-1-...`.
pub fn create_transfer_request(key_file: &Path) -> Result<String, KeyringError> {
    if key_file.exists() {
        return Err(KeyringError::NotEmpty { path: key_file.to_owned() });
    }
    let (private, public) = key_pair(&*random()?);
    let text = to_text(PRIVATE_KEY, &bytes_of(&private));
    SystemDisk.write(key_file, text.as_bytes()).map_err(io_error(key_file))?;
    SystemDisk.sync(key_file).map_err(io_error(key_file))?;
    Ok(to_text(REQUEST, &bytes_of(&public)).to_string())
}

/// Encrypts the whole keyring for a transfer request. After the new machine has imported the file, the old
/// machine's replicas must be destroyed.
pub fn export_keyring(keyring: &Keyring, to: &str, out: &mut dyn Write) -> Result<(), KeyringError> {
    let to = from_text(REQUEST, to).map_err(KeyringError::InvalidTransferRequest)?;
    let mut out = EncryptingWriter::new(out, &to)?;
    keyring.with_newest_replica(|replica| entries::write_replica(&mut out, replica))?;
    out.finish()
}

/// Imports an exported keyring into the empty folder `target`, and destroys the private key. From then on the
/// exported file is worthless. Returns the keyring's id. A file that is not wholly authentic changes nothing.
pub fn import_keyring(
    exported: &mut (impl Read + Seek),
    key_file: &Path,
    target: &Path,
) -> Result<KeyringId, KeyringError> {
    import_keyring_on(Arc::new(SystemDisk), exported, key_file, target)
}

/// [`import_keyring`] on a given disk.
pub fn import_keyring_on(
    disk: Arc<dyn Disk>,
    exported: &mut (impl Read + Seek),
    key_file: &Path,
    target: &Path,
) -> Result<KeyringId, KeyringError> {
    let replica = FsReplica::new(target, disk.clone());
    if replica.is_occupied()? {
        return Err(KeyringError::NotEmpty { path: target.to_owned() });
    }
    let key = read_private_key(&*disk, key_file)?;
    // The first of two passes: a damaged end must be found before anything is written.
    entries::check(&mut DecryptingReader::new(exported, &key)?)?;
    exported.rewind().map_err(io_failed)?;

    replica.prepare()?;
    replica.check_permissions()?;
    let _lock = replica.lock()?;
    if replica.is_occupied()? {
        return Err(KeyringError::NotEmpty { path: target.to_owned() });
    }
    // Until the marker exists, the content of the folder may be deleted.
    replica.set_small_record(SmallRecord::Incomplete, b"importing")?;
    replica.clear()?;
    let root = entries::unpack(&mut DecryptingReader::new(exported, &key)?, &replica)?;
    let mut listed = ReplicaList::default();
    listed.add(ReplicaId(*random()?), target);
    replica.set_small_record(SmallRecord::ReplicaList, &listed.to_bytes())?;
    replica.commit(&root.to_bytes())?;
    let marker = Marker { keyring_id: root.keyring_id, replica: listed.0[0].0 };
    replica.set_small_record(SmallRecord::Marker, &marker.to_bytes())?;
    replica.remove_small_record(SmallRecord::Incomplete)?;

    // The private key is destroyed only when the keyring is complete. Until then, the exported file is the only
    // copy on this machine.
    if let Some(file) = disk.open_for_wipe(key_file).map_err(io_error(key_file))? {
        disk.remove(key_file).map_err(io_error(key_file))?;
        disk.wipe(file, key_file).map_err(io_error(key_file))?;
    }
    Ok(root.keyring_id)
}

fn read_private_key(disk: &dyn Disk, key_file: &Path) -> Result<PrivateKey, KeyringError> {
    let text = Zeroizing::new(disk.read(key_file).map_err(io_error(key_file))?);
    let key = std::str::from_utf8(&text).ok().and_then(|text| from_text(PRIVATE_KEY, text).ok());
    key.and_then(|key| PrivateKey::from_bytes(&*key).ok())
        .ok_or_else(|| TransferFault::DamagedPrivateKey.into())
}
