//! Reads files and standard input, and writes new files atomically.

use super::outcome::CommandError;
use keyring::Address;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal as _, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The maximum size of a text, in bytes.
const MAX_TEXT_BYTES: u64 = 1 << 20;

/// Reads a text file, or standard input for `-`.
pub fn read_text(path: &Path) -> Result<Zeroizing<String>, CommandError> {
    if path == Path::new("-") {
        return read_stdin();
    }
    let file = File::open(path).map_err(|error| io_error(path, &error))?;
    read(file).map_err(|why| CommandError::misuse(format!("{}: {why}", path.display())))
}

/// Reads all of standard input.
pub fn read_stdin() -> Result<Zeroizing<String>, CommandError> {
    read(io::stdin().lock()).map_err(|why| CommandError::misuse(format!("standard input: {why}")))
}

fn read(from: impl Read) -> Result<Zeroizing<String>, String> {
    let mut text = Zeroizing::new(String::new());
    let length =
        from.take(MAX_TEXT_BYTES + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => "is not UTF-8".to_owned(),
            kind => format!("cannot be read: {kind}"),
        })?;
    if length as u64 > MAX_TEXT_BYTES { Err("is longer than 1 MiB".to_owned()) } else { Ok(text) }
}

/// Reads an e-mail address from the first line of standard input, and the text after it.
pub fn read_address() -> Result<(Address, Zeroizing<String>), CommandError> {
    prompt("Type the person's e-mail address, then end of input (Ctrl-D):");
    let text = read_stdin()?;
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    // The parser's reason could quote the address, so it is left out.
    let address = Address::parse(first.trim())
        .map_err(|_| CommandError::misuse("the first line of standard input must be an e-mail address"))?;
    Ok((address, Zeroizing::new(rest.trim().to_owned())))
}

/// Prompts for input on a terminal.
#[allow(clippy::print_stderr, reason = "a prompt for a terminal, never part of the output")]
pub fn prompt(text: &str) {
    if io::stdin().is_terminal() {
        eprintln!("{text}");
    }
}

/// Reports an I/O error of a file.
pub fn io_error(path: &Path, error: &io::Error) -> CommandError {
    CommandError::misuse(format!("{}: {}", path.display(), error.kind()))
}

/// A new file, mode 0600. It gets its name when it is complete and durable; if it is dropped before, it is removed.
pub struct NewFile {
    file: File,
    partial: PathBuf,
    name: PathBuf,
}

impl NewFile {
    /// Creates a file that must not exist yet.
    pub fn create(name: &Path) -> Result<Self, CommandError> {
        must_be_new(name)?;
        let mut partial = name.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
        let file = file.map_err(|error| io_error(name, &error))?;
        Ok(Self { file, partial, name: name.to_owned() })
    }

    /// Makes the file durable and gives it its name, unless a file of that name exists meanwhile.
    pub fn finish(self) -> Result<(), CommandError> {
        let failed = |error: io::Error| io_error(&self.name, &error);
        self.file.sync_all().map_err(failed)?;
        match fs::hard_link(&self.partial, &self.name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(failed(error)),
            // Some file systems have no hard links.
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
        // The partial file may be renamed or removed already; a drop cannot report an error.
        drop(fs::remove_file(&self.partial));
    }
}

/// Refuses the name of an existing file: Scruple never overwrites a file.
pub fn must_be_new(path: &Path) -> Result<(), CommandError> {
    if path.symlink_metadata().is_ok() {
        return Err(CommandError::misuse(format!(
            "{} exists already, and is not overwritten: choose another file",
            path.display()
        )));
    }
    Ok(())
}

/// Writes a new file.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes).map_err(|error| io_error(path, &error))?;
    file.finish()
}
