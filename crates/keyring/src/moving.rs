//! Moving house: a keyring goes to another machine, sealed to a key pair that is used once.
//!
//! [`invite`] on the new machine, [`carry`] on the old one, [`adopt`] on the new one, which destroys the private key
//! and so makes the carried file worthless. The file is in the age format (age-encryption.org/v1). Turning the root
//! alone would not do: the seeds of what isn't forgotten stay the same, so the old machine's places are to be
//! destroyed as well.
//!
//! Within: magic (8) | entries of kind (1), name (16), length (8) and bytes | an entry of kind 0.

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
use crate::folder::{Folder, failed};
use crate::ids::{KeyringId, PlaceId};
use crate::node::NodeId;
use crate::place::{Log, Place, Small};
use crate::record::{Known, Marker, Read as Found, Root};
use crate::{KeyringError, Vault};

const MAGIC: &[u8; 8] = b"scruple\x03";
const END: u8 = 0;
const NODE: u8 = 1;
const YEAR: u8 = 2;
const ERASURES: u8 = 3;
const LEASE: u8 = 4;
const ANCHOR: u8 = 5;
const ROOT: u8 = 6;

/// No file of a keyring comes near: a longer one is no keyring.
const LONGEST: u64 = 1 << 32;

/// Makes a key pair: the private half goes into `key_file` (mode 0600, must not exist yet), the public half is given
/// back, `age1...`.
pub fn invite(key_file: &Path) -> Result<String, KeyringError> {
    if key_file.exists() {
        return Err(KeyringError::Taken { path: key_file.to_owned() });
    }
    let identity = Identity::generate();
    SystemDisk.write(key_file, identity.to_string().expose_secret().as_bytes()).map_err(failed(key_file))?;
    SystemDisk.sync(key_file).map_err(failed(key_file))?;
    Ok(identity.to_public().to_string())
}

/// Seals the whole keyring to an invitation. Afterwards the old machine's places are to be destroyed, once the new one
/// has adopted the file.
pub fn carry(vault: &Vault, to: &str, out: &mut dyn Write) -> Result<(), KeyringError> {
    let to = Recipient::from_str(to.trim())
        .map_err(|_| KeyringError::NotForUs("the invitation is no public key: age1..."))?;
    let sealing = Encryptor::with_recipients(std::iter::once(&to as &dyn age::Recipient))
        .map_err(|_| KeyringError::NotForUs("the invitation can't be sealed to"))?;
    let written = |source| KeyringError::Io { path: "the carried file".into(), source };
    let mut sealed = sealing.wrap_output(out).map_err(written)?;
    sealed.write_all(MAGIC).map_err(written)?;
    vault.for_each_file(&mut |kind, name, bytes| {
        let mut head = Vec::with_capacity(25);
        head.push(kind.0);
        head.extend_from_slice(&name);
        head.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        sealed.write_all(&head).and_then(|()| sealed.write_all(bytes)).map_err(written)
    })?;
    sealed.write_all(&[END]).map_err(written)?;
    sealed.finish().and_then(|out| out.flush()).map_err(written)
}

/// Takes a carried keyring into the empty folder `target` and destroys the private key: the file is worthless from then
/// on. Gives the keyring's name.
pub fn adopt(carried: &mut dyn Read, key_file: &Path, target: &Path) -> Result<KeyringId, KeyringError> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let place = Folder::new(target, disk.clone());
    if place.is_taken()? {
        return Err(KeyringError::Taken { path: target.to_owned() });
    }
    let text = Zeroizing::new(disk.read(key_file).map_err(failed(key_file))?);
    let identity = std::str::from_utf8(&text).ok().and_then(|text| Identity::from_str(text.trim()).ok());
    let identity = identity.ok_or(KeyringError::NotForUs("the private key of the invitation is damaged"))?;
    let opened = Decryptor::new_buffered(BufReader::new(carried))
        .and_then(|sealed| sealed.decrypt(std::iter::once(&identity as &dyn age::Identity)))
        .map_err(|_| KeyringError::NotForUs("it isn't sealed to this machine's invitation"))?;

    place.prepare()?;
    place.guarded()?;
    let _lock = place.lock()?;
    if place.is_taken()? {
        return Err(KeyringError::Taken { path: target.to_owned() });
    }
    let root = unpack(&mut BufReader::new(opened), &place)?;
    let mut known = Known::default();
    known.add(PlaceId(*random()?), target);
    place.set_small(Small::Places, &known.to_bytes())?;
    place.commit(&root.to_bytes())?;
    let marker = Marker { keyring: root.keyring, place: known.0[0].0 };
    place.set_small(Small::Marker, &marker.to_bytes())?;
    place.remove_small(Small::Fresh)?;

    // Not before the keyring is whole: until then the file is all there is on this machine.
    if let Some(held) = disk.hold(key_file).map_err(failed(key_file))? {
        disk.remove(key_file).map_err(failed(key_file))?;
        disk.wipe(held, key_file).map_err(failed(key_file))?;
    }
    Ok(root.keyring)
}

/// Writes all entries but the root, which is given back: it comes last, so a file cut short leaves no keyring.
fn unpack(from: &mut dyn Read, place: &Folder) -> Result<Root, KeyringError> {
    let torn = |_| KeyringError::NotForUs("it is damaged or cut short");
    let mut magic = [0; 8];
    from.read_exact(&mut magic).map_err(torn)?;
    if &magic != MAGIC {
        return Err(KeyringError::NotForUs("it holds no keyring of this version"));
    }
    let mut root = None;
    let mut nodes = Vec::new();
    // Until it is a place, what lies here may be thrown away.
    place.set_small(Small::Fresh, b"adopting")?;
    place.clear()?;
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
        let got = from.take(length.min(LONGEST)).read_to_end(&mut bytes).map_err(torn)?;
        if got as u64 != length {
            return Err(KeyringError::NotForUs("it is damaged or cut short"));
        }
        match kind[0] {
            NODE => nodes.push((NodeId(name), bytes.to_vec())),
            YEAR => place.append(Log::Tombstones(year_of(name)), 0, &bytes)?,
            ERASURES => place.append(Log::Erasures, 0, &bytes)?,
            LEASE => place.set_small(Small::Lease, &bytes)?,
            ANCHOR => place.set_small(Small::Anchor, &bytes)?,
            ROOT => root = Some(bytes),
            _ => return Err(KeyringError::NotForUs("it was written by a newer version")),
        }
        if nodes.len() >= 256 {
            place.add_nodes(&std::mem::take(&mut nodes))?;
        }
    }
    place.add_nodes(&nodes)?;
    // The format's last block tells that nothing was cut off.
    if from.read(&mut [0]).map_err(torn)? != 0 {
        return Err(KeyringError::NotForUs("something follows the keyring"));
    }
    match root.map(|bytes| Root::read(&bytes)) {
        Some(Found::Whole(root)) => Ok(root),
        Some(Found::TooNew(_)) => Err(KeyringError::NotForUs("it was written by a newer version")),
        Some(Found::Broken) | None => Err(KeyringError::NotForUs("it has no root")),
    }
}

/// What an entry is.
struct Kind(u8);

type Put<'a> = dyn FnMut(Kind, [u8; 16], &[u8]) -> Result<(), KeyringError> + 'a;

impl Vault {
    /// Every file of the newest place, the root last.
    fn for_each_file(&self, put: &mut Put<'_>) -> Result<(), KeyringError> {
        self.with_newest(|place| {
            let nameless = [0; 16];
            for id in place.nodes()? {
                if let Some(sealed) = place.node(id)? {
                    put(Kind(NODE), id.0, &sealed)?;
                }
            }
            for year in place.years()? {
                put(Kind(YEAR), name_of(year), &place.log(Log::Tombstones(year))?)?;
            }
            put(Kind(ERASURES), nameless, &place.log(Log::Erasures)?)?;
            for (kind, which) in [(LEASE, Small::Lease), (ANCHOR, Small::Anchor)] {
                if let Some(bytes) = place.small(which)? {
                    put(Kind(kind), nameless, &bytes)?;
                }
            }
            match place.root()? {
                Found::Whole(root) => put(Kind(ROOT), nameless, &root.to_bytes()),
                _ => Err(KeyringError::Interrupted),
            }
        })
    }
}

fn name_of(year: i32) -> [u8; 16] {
    let mut name = [0; 16];
    name[..4].copy_from_slice(&year.to_le_bytes());
    name
}

fn year_of(name: [u8; 16]) -> i32 {
    i32::from_le_bytes([name[0], name[1], name[2], name[3]])
}
