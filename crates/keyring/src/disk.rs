//! The few acts on files that places are made of, so that tests can stop at each of them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Acts on files. What is written is durable after [`Disk::sync`]; what is made, renamed or removed after
/// [`Disk::sync_folder`] of its folder. Files are made with mode 0600, folders with 0700.
pub trait Disk: Send + Sync {
    /// The whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    /// The first bytes of a file: as many as there are, up to the length of `head`.
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

    /// Length of a file; 0 when there is none.
    fn length(&self, path: &Path) -> io::Result<u64> {
        match fs::metadata(path) {
            Ok(about) => Ok(about.len()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(e) => Err(e),
        }
    }

    /// Names in a folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// Makes a folder and those above it; one that is there already stays as it is.
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }

    /// Writes a file anew.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        made(OpenOptions::new().write(true).create(true).truncate(true)).open(path)?.write_all(bytes)
    }

    /// Cuts a file to `keep` bytes and appends.
    fn append(&self, path: &Path, keep: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = made(OpenOptions::new().write(true).create(true).truncate(false)).open(path)?;
        file.set_len(keep)?;
        file.seek(SeekFrom::Start(keep))?;
        file.write_all(bytes)
    }

    /// Makes a file's bytes durable.
    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_data()
    }

    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Renames, replacing what has the new name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Removes a file; one that isn't there is removed already.
    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// A hold on a file that outlasts its name.
    fn hold(&self, path: &Path) -> io::Result<Option<File>> {
        match OpenOptions::new().write(true).open(path) {
            Ok(file) => Ok(Some(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Overwrites a file that has lost its name, durably. `path` was its name.
    fn wipe(&self, held: File, path: &Path) -> io::Result<()> {
        let _ = path;
        overwrite(&held)?;
        held.sync_data()
    }

    /// Overwrites a file in place, as far as the disk lets it. Not made durable: see [`Disk::wipe`].
    fn blank(&self, path: &Path) -> io::Result<()> {
        match self.hold(path)? {
            Some(file) => overwrite(&file),
            None => Ok(()),
        }
    }

    /// Waits for the exclusive lock on a file, which is made when it isn't there, and holds it until dropped.
    fn lock(&self, path: &Path) -> io::Result<File> {
        let file = made(OpenOptions::new().write(true).create(true).truncate(false)).open(path)?;
        file.lock()?;
        Ok(file)
    }

    /// Permission bits, where the system has them.
    fn mode(&self, path: &Path) -> io::Result<Option<u32>> {
        let about = fs::metadata(path)?;
        #[cfg(unix)]
        return Ok(Some(std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o777));
        #[cfg(not(unix))]
        return Ok(None);
    }
}

/// The system's disks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {}

fn made(options: &mut OpenOptions) -> &mut OpenOptions {
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
