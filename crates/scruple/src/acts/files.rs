//! What comes in from files and standard input, and new files that are there whole or not at all.

use super::Failed;
use keyring::Address;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal as _, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// No text that we read is longer, in bytes.
const LONGEST: u64 = 1 << 20;

/// The text of a file, or of standard input for `-`.
pub fn text_of(path: &Path) -> Result<Zeroizing<String>, Failed> {
    if path == Path::new("-") {
        return standard_input();
    }
    let file = File::open(path).map_err(|error| refused(path, &error))?;
    read(file).map_err(|why| Failed::misuse(format!("{}: {why}", path.display())))
}

/// All of standard input.
pub fn standard_input() -> Result<Zeroizing<String>, Failed> {
    read(io::stdin().lock()).map_err(|why| Failed::misuse(format!("standard input: {why}")))
}

fn read(from: impl Read) -> Result<Zeroizing<String>, String> {
    let mut text = Zeroizing::new(String::new());
    let length = from.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => "is not UTF-8".to_owned(),
        kind => format!("can't be read: {kind}"),
    })?;
    if length as u64 > LONGEST { Err("is longer than 1 MiB".to_owned()) } else { Ok(text) }
}

/// The address on the first line of standard input, and what follows it.
pub fn address() -> Result<(Address, Zeroizing<String>), Failed> {
    prompt("The person's address, then end of input (Ctrl-D):");
    let text = standard_input()?;
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    // The reason could quote the address, so it isn't told.
    let address = Address::parse(first.trim()).map_err(|_| {
        Failed::misuse("the first line of standard input must be an e-mail address, and is none")
    })?;
    Ok((address, Zeroizing::new(rest.trim().to_owned())))
}

/// Says what is waited for, where somebody types.
#[allow(clippy::print_stderr, reason = "whoever sits before an empty line must know why")]
pub fn prompt(says: &str) {
    if io::stdin().is_terminal() {
        eprintln!("{says}");
    }
}

/// What the system said of a file.
pub fn refused(path: &Path, error: &io::Error) -> Failed {
    Failed::misuse(format!("{}: {}", path.display(), error.kind()))
}

/// A file that gets its name only when it is whole and durable; mode 0600. Dropped before that, it vanishes.
pub struct NewFile {
    file: File,
    partial: PathBuf,
    name: PathBuf,
}

impl NewFile {
    /// Begins a file that must not exist yet.
    pub fn begin(name: &Path) -> Result<Self, Failed> {
        must_be_new(name)?;
        let mut partial = name.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
        let file = file.map_err(|error| refused(name, &error))?;
        Ok(Self { file, partial, name: name.to_owned() })
    }

    /// Makes it durable and gives it its name, unless somebody else took that meanwhile.
    pub fn finish(self) -> Result<(), Failed> {
        let failed = |error: io::Error| refused(&self.name, &error);
        self.file.sync_all().map_err(failed)?;
        match fs::hard_link(&self.partial, &self.name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(failed(error)),
            // Not every file system has links.
            Err(_) => fs::rename(&self.partial, &self.name).map_err(failed)?,
        }
        let folder = self.name.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Renamed away or removed: what counts is that nothing half stays, and a drop can't fail.
        drop(fs::remove_file(&self.partial));
    }
}

/// Refuses a name that is taken: nothing of ours overwrites a file.
pub fn must_be_new(path: &Path) -> Result<(), Failed> {
    if path.symlink_metadata().is_ok() {
        return Err(Failed::misuse(format!(
            "{} exists already, and nothing is overwritten: name another file",
            path.display()
        )));
    }
    Ok(())
}

/// Writes a whole new file.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let mut file = NewFile::begin(path)?;
    file.write_all(bytes).map_err(|error| refused(path, &error))?;
    file.finish()
}
