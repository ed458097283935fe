//! Secrets of the configuration.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// A secret. It has no `Debug`, `Display` or comparison, and is wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Exposes the secret to its one user.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Moves the secret out, to its one owner.
    pub(super) fn into_inner(self) -> Zeroizing<String> {
        self.0
    }

    /// Reads the secret from a file, without its line end. Refuses a file that other users can read.
    pub(super) fn from_file(path: &Path) -> Result<Self, String> {
        let mut file = File::open(path).map_err(|error| format!("cannot be opened: {}", error.kind()))?;
        refuse_readable_by_others(&file, path)?;
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(|error| format!("cannot be read: {}", error.kind()))?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err("is empty".to_owned()),
            secret => Ok(Self::new(secret.to_owned())),
        }
    }
}

/// Refuses a file that other users can read, or that its group can change.
pub(super) fn refuse_readable_by_others(file: &File, path: &Path) -> Result<(), String> {
    let metadata = file.metadata().map_err(|error| format!("cannot be examined: {}", error.kind()))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o037 == 0 {
        return Ok(());
    }
    Err(format!(
        "contains secrets, but its mode is {mode:03o}, so others can read it: run `chmod 600 {}`",
        path.display()
    ))
}
