//! Disks for tests: one that stops at a chosen act, as a power cut does, and one that keeps every version of every
//! file ever written.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use crate::disk::{Disk, SystemDisk};

/// What a power cut leaves of acts that were not made durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// All of them: the process died, the system went on.
    Kept,
    /// None of them.
    Lost,
    /// Names without their bytes: half of what was written, under its new name.
    Torn,
}

/// What takes an act back.
#[derive(Clone)]
struct Undo {
    path: PathBuf,
    /// The file as it was before; `None` when there was none.
    before: Option<Vec<u8>>,
    /// Undone by losing bytes (true) or by losing a name.
    bytes: bool,
}

#[derive(Default)]
struct Acts {
    done: usize,
    stop_at: Option<usize>,
    stopped: bool,
    pending: Vec<Undo>,
}

/// A disk that counts its changing acts and stops at one of them: from then on every act fails.
pub struct FaultDisk {
    acts: Mutex<Acts>,
    cut: Cut,
}

impl FaultDisk {
    /// Stops at the act of this number, counted from 0; `None` never stops.
    #[must_use]
    pub fn new(stop_at: Option<usize>, cut: Cut) -> Self {
        Self { acts: Mutex::new(Acts { stop_at, ..Acts::default() }), cut }
    }

    /// Starts to count anew, to stop at this act.
    pub fn stop_at(&self, act: usize) {
        let mut acts = self.acts();
        acts.done = 0;
        acts.stop_at = Some(act);
    }

    /// Changing acts since it was made, or since [`FaultDisk::stop_at`].
    #[must_use]
    pub fn acts_done(&self) -> usize {
        self.acts().done
    }

    /// Has it stopped?
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.acts().stopped
    }

    fn acts(&self) -> MutexGuard<'_, Acts> {
        self.acts.lock().expect("no test panics while it holds this lock")
    }

    /// Counts an act; true when the disk stops in the midst of it.
    fn begin(&self) -> io::Result<bool> {
        let mut acts = self.acts();
        if acts.stopped {
            return Err(stopped());
        }
        let number = acts.done;
        acts.done += 1;
        Ok(acts.stop_at == Some(number))
    }

    /// Cuts the power: takes back what was not durable.
    fn cut(&self) -> io::Error {
        let mut acts = self.acts();
        acts.stopped = true;
        if self.cut != Cut::Kept {
            for undo in acts.pending.drain(..).rev() {
                let outcome = match (self.cut, &undo.before) {
                    (Cut::Torn, _) if !undo.bytes => Ok(()),
                    (Cut::Torn, before) => tear(&undo.path, before.as_deref()),
                    (_, Some(bytes)) => SystemDisk.write(&undo.path, bytes),
                    (_, None) => SystemDisk.remove(&undo.path),
                };
                outcome.expect("the folder of a test can be written");
            }
        }
        stopped()
    }

    fn remember(&self, path: &Path, bytes: bool) -> io::Result<()> {
        let before = whole(path)?;
        self.acts().pending.push(Undo { path: path.to_owned(), before, bytes });
        Ok(())
    }

    /// Does an act that changes bytes, or stops before, in or after it.
    fn writing(&self, path: &Path, act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let stop = self.begin()?;
        if !path.exists() {
            self.remember(path, false)?;
        }
        self.remember(path, true)?;
        act()?;
        if stop { Err(self.cut()) } else { Ok(()) }
    }
}

fn stopped() -> io::Error {
    io::Error::other("the disk has stopped")
}

fn whole(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Leaves half of what was added or changed.
fn tear(path: &Path, before: Option<&[u8]>) -> io::Result<()> {
    let Some(now) = whole(path)? else { return Ok(()) };
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
        // Folders are made once; their loss is that of an empty folder, which the next start makes again.
        if self.begin()? { Err(self.cut()) } else { SystemDisk.make_folder(folder) }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.writing(path, || SystemDisk.write(path, bytes))
    }

    fn append(&self, path: &Path, keep: u64, bytes: &[u8]) -> io::Result<()> {
        self.writing(path, || SystemDisk.append(path, keep, bytes))
    }

    fn blank(&self, path: &Path) -> io::Result<()> {
        self.writing(path, || SystemDisk.blank(path))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // A stop in the midst of it: nothing has become durable.
        if self.begin()? {
            return Err(self.cut());
        }
        self.acts().pending.retain(|undo| !(undo.bytes && undo.path == path));
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if self.begin()? {
            return Err(self.cut());
        }
        self.acts().pending.retain(|undo| undo.bytes || undo.path.parent() != Some(folder));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let stop = self.begin()?;
        self.remember(from, false)?;
        self.remember(to, false)?;
        // Bytes that were not durable aren't so under the new name either.
        for undo in self.acts().pending.iter_mut().filter(|undo| undo.bytes && undo.path == from) {
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

    fn wipe(&self, held: File, path: &Path) -> io::Result<()> {
        let stop = self.begin()?;
        let risky = self.acts().pending.iter().any(|undo| !undo.bytes && undo.path == path);
        assert!(!risky, "the old file is overwritten before its new name is durable");
        SystemDisk.wipe(held, path)?;
        if stop { Err(self.cut()) } else { Ok(()) }
    }

    fn lock(&self, path: &Path) -> io::Result<File> {
        if self.has_stopped() { Err(stopped()) } else { SystemDisk.lock(path) }
    }
}

/// A disk that keeps every version of every file ever written: what the most patient thief has.
#[derive(Default)]
pub struct RecordingDisk {
    versions: Mutex<BTreeMap<PathBuf, Vec<Vec<u8>>>>,
}

impl RecordingDisk {
    /// All versions of all files, oldest first, by the name under which they were written or renamed to.
    #[must_use]
    pub fn versions(&self) -> BTreeMap<PathBuf, Vec<Vec<u8>>> {
        self.versions.lock().expect("no test panics while it holds this lock").clone()
    }

    fn keep(&self, path: &Path) -> io::Result<()> {
        if let Some(bytes) = whole(path)? {
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
