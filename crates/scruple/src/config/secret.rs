//! A configured secret.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// A secret of the configuration. Without `Debug`, `Display` and comparison; wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret, for the one place that keeps it from now on.
    pub(super) fn into_inner(self) -> Zeroizing<String> {
        self.0
    }

    /// The text of a file that nobody else may read, without the line's end.
    pub(super) fn from_file(path: &Path) -> Result<Self, String> {
        let mut file = File::open(path).map_err(|error| format!("can't be opened: {}", error.kind()))?;
        refuse_readable_by_others(&file, path)?;
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(|error| format!("can't be read: {}", error.kind()))?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err("is empty".to_owned()),
            secret => Ok(Self::new(secret.to_owned())),
        }
    }
}

/// A file with secrets is for its owner, and at most to read for its group (a service that may not change it).
pub(super) fn refuse_readable_by_others(file: &File, path: &Path) -> Result<(), String> {
    let kept = file.metadata().map_err(|error| format!("can't be examined: {}", error.kind()))?;
    let mode = kept.permissions().mode() & 0o777;
    if mode & 0o037 == 0 {
        return Ok(());
    }
    Err(format!(
        "holds secrets but its mode is {mode:03o}, open to others: run `chmod 600 {}`",
        path.display()
    ))
}
