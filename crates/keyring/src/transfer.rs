//! Transfer of a keyring to another machine, encrypted for a key pair that is used once.
//!
//! [`create_transfer_request`] runs on the new machine, [`export_keyring`] on the old one, and [`import_keyring`]
//! on the new one. The import destroys the private key, so the exported file becomes worthless. The file has the
//! age format (age-encryption.org/v1). A new root alone would not be enough, because the seeds of slots that are
//! not forgotten stay the same. So the old machine's replicas must be destroyed too.
//!
//! Content: magic (8) | entries of kind (1), name (16), length (8) and bytes | an entry of kind 0.

use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use age::secrecy::ExposeSecret;
use age::x25519::{Identity, Recipient};
use age::{Decryptor, Encryptor};
use zeroize::Zeroizing;

use crate::derive::random;
use crate::disk::{Disk, SystemDisk};
use crate::fs_replica::{FsReplica, io_error};
use crate::ids::{KeyringId, ReplicaId};
use crate::node::NodeId;
use crate::record::{Marker, Read as Found, ReplicaList, Root};
use crate::replica::{Log, Replica, SmallRecord};
use crate::{Keyring, KeyringError};

const MAGIC: &[u8; 8] = b"scruple\x03";
const END: u8 = 0;
const NODE: u8 = 1;
const YEAR: u8 = 2;
const ERASURES: u8 = 3;
const LEASE: u8 = 4;
const ANCHOR: u8 = 5;
const ROOT: u8 = 6;

/// No file of a keyring is nearly this long. A longer entry is refused.
const MAX_LENGTH: u64 = 1 << 32;

/// Creates a key pair. Writes the private half to `key_file` (mode 0600, must not exist) and returns the public
/// half, `age1...`.
pub fn create_transfer_request(key_file: &Path) -> Result<String, KeyringError> {
    if key_file.exists() {
        return Err(KeyringError::NotEmpty { path: key_file.to_owned() });
    }
    let identity = Identity::generate();
    SystemDisk
        .write(key_file, identity.to_string().expose_secret().as_bytes())
        .map_err(io_error(key_file))?;
    SystemDisk.sync(key_file).map_err(io_error(key_file))?;
    Ok(identity.to_public().to_string())
}

/// Encrypts the whole keyring for a transfer request. After the new machine has imported the file, the old
/// machine's replicas must be destroyed.
pub fn export_keyring(keyring: &Keyring, to: &str, out: &mut dyn Write) -> Result<(), KeyringError> {
    let to = Recipient::from_str(to.trim())
        .map_err(|_| KeyringError::InvalidTransfer("the transfer request is not a public key: age1..."))?;
    let encryptor = Encryptor::with_recipients(std::iter::once(&to as &dyn age::Recipient))
        .map_err(|_| KeyringError::InvalidTransfer("the transfer request can't be used for encryption"))?;
    let written = |source| KeyringError::Io { path: "the exported file".into(), source };
    let mut sealed = encryptor.wrap_output(out).map_err(written)?;
    sealed.write_all(MAGIC).map_err(written)?;
    keyring.for_each_file(&mut |kind, name, bytes| {
        let mut head = Vec::with_capacity(25);
        head.push(kind.0);
        head.extend_from_slice(&name);
        head.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        sealed.write_all(&head).and_then(|()| sealed.write_all(bytes)).map_err(written)
    })?;
    sealed.write_all(&[END]).map_err(written)?;
    sealed.finish().and_then(|out| out.flush()).map_err(written)
}

/// Imports an exported keyring into the empty folder `target`, and destroys the private key. From then on the
/// exported file is worthless. Returns the keyring's id.
pub fn import_keyring(
    carried: &mut dyn Read,
    key_file: &Path,
    target: &Path,
) -> Result<KeyringId, KeyringError> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let replica = FsReplica::new(target, disk.clone());
    if replica.is_occupied()? {
        return Err(KeyringError::NotEmpty { path: target.to_owned() });
    }
    let text = Zeroizing::new(disk.read(key_file).map_err(io_error(key_file))?);
    let identity = std::str::from_utf8(&text).ok().and_then(|text| Identity::from_str(text.trim()).ok());
    let identity = identity
        .ok_or(KeyringError::InvalidTransfer("the private key of the transfer request is damaged"))?;
    let opened = Decryptor::new_buffered(BufReader::new(carried))
        .and_then(|sealed| sealed.decrypt(std::iter::once(&identity as &dyn age::Identity)))
        .map_err(|_| {
            KeyringError::InvalidTransfer("it isn't encrypted for this machine's transfer request")
        })?;

    replica.prepare()?;
    replica.check_permissions()?;
    let _lock = replica.lock()?;
    if replica.is_occupied()? {
        return Err(KeyringError::NotEmpty { path: target.to_owned() });
    }
    let root = unpack(&mut BufReader::new(opened), &replica)?;
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

/// Writes all entries except the root, and returns the root. It comes last, so a truncated file leaves no
/// keyring.
fn unpack(from: &mut dyn Read, replica: &FsReplica) -> Result<Root, KeyringError> {
    let torn = |_| KeyringError::InvalidTransfer("it is damaged or truncated");
    let mut magic = [0; 8];
    from.read_exact(&mut magic).map_err(torn)?;
    if &magic != MAGIC {
        return Err(KeyringError::InvalidTransfer("it isn't a keyring of this version"));
    }
    let mut root = None;
    let mut nodes = Vec::new();
    // Until the marker exists, the content of the folder may be deleted.
    replica.set_small_record(SmallRecord::Incomplete, b"importing")?;
    replica.clear()?;
    loop {
        let mut kind = [END];
        from.read_exact(&mut kind).map_err(torn)?;
        if kind[0] == END {
            break;
        }
        let (mut name, mut length) = ([0; 16], [0; 8]);
        from.read_exact(&mut name).and_then(|()| from.read_exact(&mut length)).map_err(torn)?;
        let length = u64::from_le_bytes(length);
        let mut bytes = Zeroizing::new(Vec::new());
        let got = from.take(length.min(MAX_LENGTH)).read_to_end(&mut bytes).map_err(torn)?;
        if got as u64 != length {
            return Err(KeyringError::InvalidTransfer("it is damaged or truncated"));
        }
        match kind[0] {
            NODE => nodes.push((NodeId(name), bytes.to_vec())),
            YEAR => replica.append(Log::Tombstones(year_of(name)), 0, &bytes)?,
            ERASURES => replica.append(Log::Erasures, 0, &bytes)?,
            LEASE => replica.set_small_record(SmallRecord::Lease, &bytes)?,
            ANCHOR => replica.set_small_record(SmallRecord::Anchor, &bytes)?,
            ROOT => root = Some(bytes),
            _ => return Err(KeyringError::InvalidTransfer("it was written by a newer version")),
        }
        if nodes.len() >= 256 {
            replica.add_nodes(&std::mem::take(&mut nodes))?;
        }
    }
    replica.add_nodes(&nodes)?;
    // Reading to the end makes age authenticate its last block, so a truncated file is detected.
    if from.read(&mut [0]).map_err(torn)? != 0 {
        return Err(KeyringError::InvalidTransfer("there are extra bytes after the keyring"));
    }
    match root.map(|bytes| Root::read(&bytes)) {
        Some(Found::Whole(root)) => Ok(root),
        Some(Found::TooNew(_)) => Err(KeyringError::InvalidTransfer("it was written by a newer version")),
        Some(Found::Invalid) | None => Err(KeyringError::InvalidTransfer("it has no root")),
    }
}

/// The kind of an entry.
struct EntryKind(u8);

type WriteEntry<'a> = dyn FnMut(EntryKind, [u8; 16], &[u8]) -> Result<(), KeyringError> + 'a;

impl Keyring {
    /// Calls `write_entry` for every file of the newest replica, the root last.
    fn for_each_file(&self, write_entry: &mut WriteEntry<'_>) -> Result<(), KeyringError> {
        self.with_newest_replica(|replica| {
            let nameless = [0; 16];
            for id in replica.nodes()? {
                if let Some(sealed) = replica.node(id)? {
                    write_entry(EntryKind(NODE), id.0, &sealed)?;
                }
            }
            for year in replica.years()? {
                write_entry(EntryKind(YEAR), name_of_year(year), &replica.log(Log::Tombstones(year))?)?;
            }
            write_entry(EntryKind(ERASURES), nameless, &replica.log(Log::Erasures)?)?;
            for (kind, which) in [(LEASE, SmallRecord::Lease), (ANCHOR, SmallRecord::Anchor)] {
                if let Some(bytes) = replica.small_record(which)? {
                    write_entry(EntryKind(kind), nameless, &bytes)?;
                }
            }
            match replica.root()? {
                Found::Whole(root) => write_entry(EntryKind(ROOT), nameless, &root.to_bytes()),
                _ => Err(KeyringError::Interrupted),
            }
        })
    }
}

fn name_of_year(year: i32) -> [u8; 16] {
    let mut name = [0; 16];
    name[..4].copy_from_slice(&year.to_le_bytes());
    name
}

fn year_of(name: [u8; 16]) -> i32 {
    i32::from_le_bytes([name[0], name[1], name[2], name[3]])
}
