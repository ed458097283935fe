//! The file operations on which replicas are built. Tests replace them to simulate a power cut at each one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// File operations. Written bytes are durable after [`Disk::sync`]. Created, renamed and removed names are
/// durable after [`Disk::sync_folder`] of their folder. Files are created with mode 0600, folders with 0700.
pub trait Disk: Send + Sync {
    /// Reads a whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    /// Reads the first bytes of a file: as many as exist, up to the length of `head`.
    fn read_head(&self, path: &Path, head: &mut [u8]) -> io::Result<usize> {
        let mut file = File::open(path)?;
        let mut have = 0;
        while have < head.len() {
            match file.read(&mut head[have..])? {
                0 => break,
                n => have += n,
            }
        }
        Ok(have)
    }

    /// The length of a file; 0 when it does not exist.
    fn length(&self, path: &Path) -> io::Result<u64> {
        match fs::metadata(path) {
            Ok(about) => Ok(about.len()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(e) => Err(e),
        }
    }

    /// The names in a folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// Creates a folder and its parents. Leaves an existing folder unchanged.
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }

    /// Creates or replaces a file.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        owner_only(OpenOptions::new().write(true).create(true).truncate(true)).open(path)?.write_all(bytes)
    }

    /// Truncates a file to `keep` bytes and appends.
    fn append(&self, path: &Path, keep: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = owner_only(OpenOptions::new().write(true).create(true).truncate(false)).open(path)?;
        file.set_len(keep)?;
        file.seek(SeekFrom::Start(keep))?;
        file.write_all(bytes)
    }

    /// Makes the bytes of a file durable (fsync).
    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_data()
    }

    /// Makes the names in a folder durable (fsync).
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Renames a file and replaces an existing one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Removes a file. A missing file is no error.
    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Opens a file, so that it can be overwritten after it was unlinked or replaced by a rename.
    fn open_for_wipe(&self, path: &Path) -> io::Result<Option<File>> {
        match OpenOptions::new().write(true).open(path) {
            Ok(file) => Ok(Some(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Overwrites a file that was unlinked or replaced by a rename, durably. `path` was its name.
    fn wipe(&self, file: File, path: &Path) -> io::Result<()> {
        let _ = path;
        overwrite(&file)?;
        file.sync_data()
    }

    /// Overwrites a file in place, as far as the disk allows. The change is not made durable: see [`Disk::wipe`].
    fn overwrite_in_place(&self, path: &Path) -> io::Result<()> {
        match self.open_for_wipe(path)? {
            Some(file) => overwrite(&file),
            None => Ok(()),
        }
    }

    /// Waits for the exclusive lock on a file, creates the file when it is missing, and holds the lock until
    /// dropped.
    fn lock(&self, path: &Path) -> io::Result<File> {
        let file = owner_only(OpenOptions::new().write(true).create(true).truncate(false)).open(path)?;
        file.lock()?;
        Ok(file)
    }

    /// The permission bits, on systems that have them.
    fn mode(&self, path: &Path) -> io::Result<Option<u32>> {
        let about = fs::metadata(path)?;
        #[cfg(unix)]
        return Ok(Some(std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o777));
        #[cfg(not(unix))]
        return Ok(None);
    }
}

/// The disks of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {}

fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn overwrite(mut file: &File) -> io::Result<()> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    Ok(())
}
