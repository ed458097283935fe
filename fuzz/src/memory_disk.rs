use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

use keyring::disk::Disk;

/// A disk in memory, on which a keyring opens in microseconds.
#[derive(Default)]
pub struct MemoryDisk(Mutex<BTreeMap<PathBuf, Vec<u8>>>);

impl MemoryDisk {
    pub fn new(files: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        Self(Mutex::new(files))
    }

    pub fn files(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Vec<u8>>> {
        self.0.lock().expect("no thread panics while it holds the lock")
    }
}

impl Disk for MemoryDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files().get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn read_head(&self, path: &Path, head: &mut [u8]) -> io::Result<usize> {
        let bytes = self.read(path)?;
        let have = bytes.len().min(head.len());
        head[..have].copy_from_slice(&bytes[..have]);
        Ok(have)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        Ok(self.files().get(path).map_or(0, |bytes| bytes.len() as u64))
    }

    /// Names of files and, as on a real disk, of the folders below.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let name =
            |path: &Path| Some(path.strip_prefix(folder).ok()?.iter().next()?.to_string_lossy().into_owned());
        let mut names: Vec<_> = self.files().keys().filter_map(|path| name(path)).collect();
        names.dedup();
        Ok(names)
    }

    fn make_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.files().insert(path.to_owned(), bytes.to_owned());
        Ok(())
    }

    fn append(&self, path: &Path, keep: u64, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.files();
        let file = files.entry(path.to_owned()).or_default();
        file.resize(usize::try_from(keep).map_err(io::Error::other)?, 0);
        file.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = self.files();
        let bytes = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files().remove(path);
        Ok(())
    }

    fn open_for_wipe(&self, _: &Path) -> io::Result<Option<File>> {
        Ok(None)
    }

    fn overwrite_in_place(&self, path: &Path) -> io::Result<()> {
        if let Some(bytes) = self.files().get_mut(path) {
            bytes.fill(0);
        }
        Ok(())
    }

    /// No other process uses this disk.
    fn lock(&self, _: &Path) -> io::Result<File> {
        File::open("/dev/null")
    }

    fn mode(&self, _: &Path) -> io::Result<Option<u32>> {
        Ok(None)
    }
}
