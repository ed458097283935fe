//! A replica in a folder of a file system.
//!
//! Files: `replica`, `root`, `lease`, `anchor`, `replicas`, `erasures`, `tombstones/YEAR`, `nodes/NAME`, `lock`.
//! To replace a file, the code writes NAME.new, syncs it, renames it, and syncs the folder, in this order.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::KeyringError;
use crate::disk::Disk;
use crate::ids::{KeyringId, hex, unhex};
use crate::node::NodeId;
use crate::record::{HEADER_LENGTH, Marker, Read, Root, strip_checksum, with_checksum};
use crate::replica::{Lock, Log, Replica, SmallRecord};

const NODES: &str = "nodes";
const TOMBSTONES: &str = "tombstones";
const ROOT: &str = "root";
const LOCK: &str = "lock";
/// How often a root is read that another process may be replacing at the moment.
const READ_ATTEMPTS: usize = 3;

/// A replica in a folder, on a [`Disk`].
pub(crate) struct FsReplica {
    path: PathBuf,
    disk: Arc<dyn Disk>,
}

impl FsReplica {
    pub(crate) fn new(path: &Path, disk: Arc<dyn Disk>) -> Self {
        Self { path: path.to_owned(), disk }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn node_path(&self, id: NodeId) -> PathBuf {
        self.path.join(NODES).join(hex(&id.0))
    }

    fn log_path(&self, log: Log) -> PathBuf {
        match log {
            Log::Tombstones(year) => self.path.join(TOMBSTONES).join(year.to_string()),
            Log::Erasures => self.at("erasures"),
        }
    }

    fn small_record_path(&self, which: SmallRecord) -> PathBuf {
        self.at(match which {
            SmallRecord::Marker => "replica",
            SmallRecord::Incomplete => "incomplete",
            SmallRecord::Lease => "lease",
            SmallRecord::Anchor => "anchor",
            SmallRecord::ReplicaList => "replicas",
        })
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, KeyringError> {
        match self.disk.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(io_error(path)(e)),
        }
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), KeyringError> {
        let new = path.with_extension("new");
        self.disk.write(&new, bytes).map_err(io_error(&new))?;
        self.disk.sync(&new).map_err(io_error(&new))?;
        self.disk.rename(&new, path).map_err(io_error(path))?;
        self.sync_folder(&self.path)
    }

    fn sync_folder(&self, folder: &Path) -> Result<(), KeyringError> {
        self.disk.sync_folder(folder).map_err(io_error(folder))
    }

    fn list(&self, name: &str) -> Result<Vec<String>, KeyringError> {
        let folder = self.at(name);
        match self.disk.list(&folder) {
            Ok(names) => Ok(names),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(io_error(&folder)(e)),
        }
    }

    fn check_mode(&self, path: &Path, folder: bool) -> Result<(), KeyringError> {
        match self.disk.mode(path) {
            Ok(Some(mode)) if mode & 0o077 != 0 => {
                Err(KeyringError::LoosePermissions { path: path.to_owned(), mode, folder })
            }
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error(path)(e)),
            _ => Ok(()),
        }
    }
}

/// Adds the file's path to an error of the system.
pub(crate) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> KeyringError {
    let path = path.to_owned();
    move |source| KeyringError::Io { path, source }
}

impl Replica for FsReplica {
    fn path(&self) -> &Path {
        &self.path
    }

    fn lock(&self) -> Result<Lock, KeyringError> {
        let path = self.at(LOCK);
        let file = self.disk.lock(&path).map_err(io_error(&path))?;
        Ok(Lock(Box::new(file)))
    }

    fn check_permissions(&self) -> Result<(), KeyringError> {
        for folder in ["", NODES, TOMBSTONES] {
            self.check_mode(&self.at(folder), true)?;
        }
        for name in self.list("")? {
            let path = self.at(&name);
            if name != NODES && name != TOMBSTONES {
                self.check_mode(&path, false)?;
            }
        }
        Ok(())
    }

    fn prepare(&self) -> Result<(), KeyringError> {
        for folder in [self.path.clone(), self.at(NODES), self.at(TOMBSTONES)] {
            self.disk.make_folder(&folder).map_err(io_error(&folder))?;
        }
        self.sync_folder(&self.path)?;
        self.path.parent().filter(|p| !p.as_os_str().is_empty()).map_or(Ok(()), |p| self.sync_folder(p))
    }

    fn is_occupied(&self) -> Result<bool, KeyringError> {
        let names = self.list("")?;
        let has = |name: &str| names.iter().any(|n| n == name);
        if has("incomplete") && !has("replica") {
            return Ok(false);
        }
        for name in &names {
            let harmless = match name.as_str() {
                // A mounted disk brings its own folder of lost files.
                LOCK | "lost+found" | "incomplete.new" => true,
                NODES | TOMBSTONES => self.list(name)?.is_empty(),
                _ => false,
            };
            if !harmless {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn marker(&self) -> Result<Read<Marker>, KeyringError> {
        let path = self.small_record_path(SmallRecord::Marker);
        Ok(match self.read(&path)? {
            None => Read::Invalid,
            Some(bytes) => Marker::read(&bytes),
        })
    }

    fn peek(&self) -> Option<(KeyringId, u64)> {
        let (path, mut head) = (self.at(ROOT), [0; HEADER_LENGTH]);
        // As in `root`: a root that is being replaced does not make the replica unreachable.
        (0..READ_ATTEMPTS).find_map(|_| match self.disk.read_head(&path, &mut head) {
            Ok(HEADER_LENGTH) => Root::peek(&head),
            _ => None,
        })
    }

    fn root(&self) -> Result<Read<Root>, KeyringError> {
        let path = self.at(ROOT);
        // A root that is replaced while it is read may appear overwritten. The next attempt finds the new one.
        for _ in 0..READ_ATTEMPTS {
            match self.read(&path)?.map(|bytes| Root::read(&Zeroizing::new(bytes))) {
                Some(Read::Invalid) => {}
                Some(read) => return Ok(read),
                None => return Ok(Read::Invalid),
            }
        }
        Ok(Read::Invalid)
    }

    fn commit(&self, root: &[u8]) -> Result<bool, KeyringError> {
        let path = self.at(ROOT);
        let before = self.disk.open_for_wipe(&path).map_err(io_error(&path))?;
        self.replace(&path, root)?;
        // Wipe the old file only after the new name is durable: until then a power cut restores the old file.
        Ok(match before {
            Some(old) => self.disk.wipe(old, &path).is_ok(),
            None => true,
        })
    }

    fn node(&self, id: NodeId) -> Result<Option<Vec<u8>>, KeyringError> {
        self.read(&self.node_path(id))
    }

    fn add_nodes(&self, nodes: &[(NodeId, Vec<u8>)]) -> Result<(), KeyringError> {
        if nodes.is_empty() {
            return Ok(());
        }
        for (id, sealed) in nodes {
            let path = self.node_path(*id);
            self.disk.write(&path, sealed).map_err(io_error(&path))?;
        }
        for (id, _) in nodes {
            let path = self.node_path(*id);
            self.disk.sync(&path).map_err(io_error(&path))?;
        }
        self.sync_folder(&self.at(NODES))
    }

    fn remove_nodes(&self, ids: &[NodeId]) -> Result<(), KeyringError> {
        for id in ids {
            let path = self.node_path(*id);
            // An additional safeguard only: the node's key was destroyed with the old root.
            self.disk.overwrite_in_place(&path).map_err(io_error(&path))?;
            self.disk.remove(&path).map_err(io_error(&path))?;
        }
        Ok(())
    }

    fn nodes(&self) -> Result<Vec<NodeId>, KeyringError> {
        Ok(self.list(NODES)?.iter().filter_map(|name| unhex(name)).map(NodeId).collect())
    }

    fn small_record(&self, which: SmallRecord) -> Result<Option<Vec<u8>>, KeyringError> {
        let bytes = self.read(&self.small_record_path(which))?;
        Ok(bytes.and_then(|bytes| strip_checksum(&bytes).map(<[u8]>::to_vec)))
    }

    fn set_small_record(&self, which: SmallRecord, bytes: &[u8]) -> Result<(), KeyringError> {
        let bytes = if which == SmallRecord::Marker { bytes.to_vec() } else { with_checksum(bytes.to_vec()) };
        self.replace(&self.small_record_path(which), &bytes)
    }

    fn remove_small_record(&self, which: SmallRecord) -> Result<(), KeyringError> {
        let path = self.small_record_path(which);
        self.disk.remove(&path).map_err(io_error(&path))?;
        self.sync_folder(&self.path)
    }

    fn log(&self, log: Log) -> Result<Vec<u8>, KeyringError> {
        Ok(self.read(&self.log_path(log))?.unwrap_or_default())
    }

    fn log_length(&self, log: Log) -> Result<u64, KeyringError> {
        let path = self.log_path(log);
        self.disk.length(&path).map_err(io_error(&path))
    }

    fn append(&self, log: Log, keep: u64, bytes: &[u8]) -> Result<(), KeyringError> {
        let path = self.log_path(log);
        self.disk.append(&path, keep, bytes).map_err(io_error(&path))?;
        self.disk.sync(&path).map_err(io_error(&path))?;
        // The first record creates the file, so its name must be made durable too.
        if keep == 0 { self.sync_folder(path.parent().unwrap_or(&self.path)) } else { Ok(()) }
    }

    fn remove_log(&self, log: Log) -> Result<(), KeyringError> {
        let path = self.log_path(log);
        self.disk.overwrite_in_place(&path).map_err(io_error(&path))?;
        self.disk.remove(&path).map_err(io_error(&path))
    }

    fn years(&self) -> Result<Vec<i32>, KeyringError> {
        Ok(self.list(TOMBSTONES)?.iter().filter_map(|name| name.parse().ok()).collect())
    }
}
