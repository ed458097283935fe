//! Disks for tests: one that simulates a power cut at a chosen operation, and one that records every version of
//! every file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use crate::disk::{Disk, SystemDisk};

/// What a power cut leaves of operations that were not made durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PowerCut {
    /// All of them: the process died, and the system continued.
    Kept,
    /// None of them.
    Lost,
    /// Names without their bytes: half of what was written, under its new name.
    Torn,
}

/// How to undo an operation.
#[derive(Clone)]
struct Undo {
    path: PathBuf,
    /// The previous content of the file; `None` when it did not exist.
    before: Option<Vec<u8>>,
    /// Whether the undo removes bytes (true) or a name.
    bytes: bool,
}

#[derive(Default)]
struct Progress {
    operations: usize,
    stop_at: Option<usize>,
    stopped: bool,
    undo_log: Vec<Undo>,
}

/// A disk that counts its changing operations and stops at one of them. After that every operation fails.
pub struct FaultDisk {
    progress: Mutex<Progress>,
    cut: PowerCut,
}

impl FaultDisk {
    /// Stops at the operation with this number, counted from 0; `None` never stops.
    #[must_use]
    pub fn new(stop_at: Option<usize>, cut: PowerCut) -> Self {
        Self { progress: Mutex::new(Progress { stop_at, ..Progress::default() }), cut }
    }

    /// Restarts the count, and stops at this operation.
    pub fn stop_at(&self, operation: usize) {
        let mut progress = self.progress();
        progress.operations = 0;
        progress.stop_at = Some(operation);
    }

    /// Tells whether the disk has stopped.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.progress().stopped
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().expect("no test panics while it holds this lock")
    }

    /// Counts an operation. Returns true when the disk stops in the middle of it.
    fn begin(&self) -> io::Result<bool> {
        let mut progress = self.progress();
        if progress.stopped {
            return Err(stopped());
        }
        let number = progress.operations;
        progress.operations += 1;
        Ok(progress.stop_at == Some(number))
    }

    /// Simulates the power cut: undoes what was not durable.
    fn cut(&self) -> io::Error {
        let mut progress = self.progress();
        progress.stopped = true;
        if self.cut != PowerCut::Kept {
            for undo in progress.undo_log.drain(..).rev() {
                let outcome = match (self.cut, &undo.before) {
                    (PowerCut::Torn, _) if !undo.bytes => Ok(()),
                    (PowerCut::Torn, before) => tear(&undo.path, before.as_deref()),
                    (_, Some(bytes)) => SystemDisk.write(&undo.path, bytes),
                    (_, None) => SystemDisk.remove(&undo.path),
                };
                outcome.expect("the folder of a test can be written");
            }
        }
        stopped()
    }

    fn remember(&self, path: &Path, bytes: bool) -> io::Result<()> {
        let before = read_valid(path)?;
        self.progress().undo_log.push(Undo { path: path.to_owned(), before, bytes });
        Ok(())
    }

    /// Runs an operation that changes bytes, or stops before, in or after it.
    fn writing(&self, path: &Path, operation: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let stop = self.begin()?;
        if !path.exists() {
            self.remember(path, false)?;
        }
        self.remember(path, true)?;
        operation()?;
        if stop { Err(self.cut()) } else { Ok(()) }
    }
}

fn stopped() -> io::Error {
    io::Error::other("the disk has stopped")
}

fn read_valid(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Leaves half of what was added or changed.
fn tear(path: &Path, before: Option<&[u8]>) -> io::Result<()> {
    let Some(now) = read_valid(path)? else { return Ok(()) };
    let same = now.iter().zip(before.unwrap_or_default()).take_while(|(a, b)| a == b).count();
    SystemDisk.write(path, &now[..same + (now.len() - same) / 2])
}

impl Disk for FaultDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.has_stopped() { Err(stopped()) } else { SystemDisk.read(path) }
    }

    fn read_head(&self, path: &Path, head: &mut [u8]) -> io::Result<usize> {
        if self.has_stopped() { Err(stopped()) } else { SystemDisk.read_head(path, head) }
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        // Folders are created once. Losing an empty folder is harmless, because the next start creates it again.
        if self.begin()? { Err(self.cut()) } else { SystemDisk.make_folder(folder) }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.writing(path, || SystemDisk.write(path, bytes))
    }

    fn append(&self, path: &Path, keep: u64, bytes: &[u8]) -> io::Result<()> {
        self.writing(path, || SystemDisk.append(path, keep, bytes))
    }

    fn overwrite_in_place(&self, path: &Path) -> io::Result<()> {
        self.writing(path, || SystemDisk.overwrite_in_place(path))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // A stop in the middle: nothing has become durable.
        if self.begin()? {
            return Err(self.cut());
        }
        self.progress().undo_log.retain(|undo| !(undo.bytes && undo.path == path));
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if self.begin()? {
            return Err(self.cut());
        }
        self.progress().undo_log.retain(|undo| undo.bytes || undo.path.parent() != Some(folder));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let stop = self.begin()?;
        self.remember(from, false)?;
        self.remember(to, false)?;
        // Bytes that were not durable are not durable under the new name either.
        for undo in self.progress().undo_log.iter_mut().filter(|undo| undo.bytes && undo.path == from) {
            undo.path = to.to_owned();
        }
        SystemDisk.rename(from, to)?;
        if stop { Err(self.cut()) } else { Ok(()) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let stop = self.begin()?;
        self.remember(path, false)?;
        SystemDisk.remove(path)?;
        if stop { Err(self.cut()) } else { Ok(()) }
    }

    fn wipe(&self, file: File, path: &Path) -> io::Result<()> {
        let stop = self.begin()?;
        let risky = self.progress().undo_log.iter().any(|undo| !undo.bytes && undo.path == path);
        assert!(!risky, "the old file is overwritten before its new name is durable");
        SystemDisk.wipe(file, path)?;
        if stop { Err(self.cut()) } else { Ok(()) }
    }

    fn lock(&self, path: &Path) -> io::Result<File> {
        if self.has_stopped() { Err(stopped()) } else { SystemDisk.lock(path) }
    }
}

/// A disk that records every version of every file ever written, as an attacker with all old copies would have
/// them.
#[derive(Default)]
pub struct RecordingDisk {
    versions: Mutex<BTreeMap<PathBuf, Vec<Vec<u8>>>>,
}

impl RecordingDisk {
    /// All versions of all files, oldest first, by the name under which they were written or renamed.
    #[must_use]
    pub fn versions(&self) -> BTreeMap<PathBuf, Vec<Vec<u8>>> {
        self.versions.lock().expect("no test panics while it holds this lock").clone()
    }

    fn keep(&self, path: &Path) -> io::Result<()> {
        if let Some(bytes) = read_valid(path)? {
            let mut versions = self.versions.lock().expect("no test panics while it holds this lock");
            let of_this = versions.entry(path.to_owned()).or_default();
            if of_this.last() != Some(&bytes) {
                of_this.push(bytes);
            }
        }
        Ok(())
    }
}

impl Disk for RecordingDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        SystemDisk.write(path, bytes)?;
        self.keep(path)
    }

    fn append(&self, path: &Path, keep: u64, bytes: &[u8]) -> io::Result<()> {
        SystemDisk.append(path, keep, bytes)?;
        self.keep(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)?;
        self.keep(to)
    }
}
