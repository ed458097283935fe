//! Reads configuration keys: each is read once, with its default. A key that is never read is unknown.

use super::names::{nearest, section_prefix, variable};
use super::problem::{Problem, Problems, kind, quoted, shown};
use super::secret::{Secret, refuse_readable_by_others};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use toml::Value;
use zeroize::Zeroizing;

/// The configuration file and the environment while they are read.
#[derive(Default)]
pub(super) struct Keys {
    folder: PathBuf,
    file: Option<(PathBuf, File)>,
    written: BTreeMap<String, Value>,
    environment: BTreeMap<String, OsString>,
    read_keys: Vec<(&'static str, String)>,
    secret_in_file: bool,
    problems: Vec<Problem>,
}

/// A value, and the key or variable that set it. An empty text is the same as no value.
pub(super) struct Found {
    pub(super) at: String,
    pub(super) value: Value,
    from_environment: bool,
}

impl Keys {
    /// No file and no environment: every key has its default.
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn load(
        folder: &Path,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Problems> {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        let environment = environment.into_iter().filter_map(named).collect();
        let mut keys = Self { folder: folder.to_owned(), environment, ..Self::default() };
        let path = folder.join(file.unwrap_or(Path::new("scruple.toml")));
        match File::open(&path) {
            Ok(open) => keys.read_file(path, open)?,
            Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() => {}
            Err(error) => return Err(alone(&path, format!("cannot be opened: {}", error.kind()))),
        }
        Ok(keys)
    }

    fn read_file(&mut self, path: PathBuf, mut file: File) -> Result<(), Problems> {
        let mut text = Zeroizing::new(String::new());
        let read = file.read_to_string(&mut text);
        read.map_err(|error| alone(&path, format!("cannot be read: {}", error.kind())))?;
        // The parser's own report quotes the line, which may contain a secret.
        let table: toml::Table = toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            alone(&path, format!("line {line} is not TOML: {}", error.message()))
        })?;
        for (section, value) in table {
            match value {
                Value::Table(keys) => {
                    self.written.extend(keys.into_iter().map(|(key, v)| (format!("{section}.{key}"), v)));
                }
                _ => self.problem(&section, "is outside a section: expected it below a line like [server]"),
            }
        }
        self.file = Some((path, file));
        Ok(())
    }

    pub(super) fn problem(&mut self, at: &str, message: impl Into<String>) {
        self.problems.push(Problem { at: at.to_owned(), message: message.into() });
    }

    /// Resolves a path of the configuration relative to the working folder.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Reads an environment variable that is not a configuration key.
    pub(super) fn system_variable(&self, name: &str) -> Option<PathBuf> {
        self.environment.get(name).map(PathBuf::from)
    }

    /// Reads a key: from the environment, otherwise from the file.
    pub(super) fn read(&mut self, key: &'static str, default: &str) -> Option<Found> {
        self.read_keys.push((key, default.to_owned()));
        let written = self.written.remove(key);
        let variable = variable(key);
        let found = match self.environment.remove(&variable).map(OsString::into_string) {
            Some(Ok(text)) => Found { at: variable, value: Value::String(text), from_environment: true },
            Some(Err(_)) => {
                self.problem(&variable, "is not UTF-8");
                return None;
            }
            None => Found { at: key.to_owned(), value: written?, from_environment: false },
        };
        (found.value.as_str() != Some("")).then_some(found)
    }

    /// Reads a text.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        default: &str,
        expected: &str,
    ) -> Option<(String, String)> {
        let Found { at, value, .. } = self.read(key, &format!("\"{default}\""))?;
        match value {
            Value::String(text) => Some((at, text)),
            other => {
                self.problem(&at, format!("found {}, expected {expected}", kind(&other)));
                None
            }
        }
    }

    /// Reads and parses a text. With `show`, the error quotes a wrong value.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        default: &str,
        expected: &str,
        show: bool,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (at, text) = self.text(key, default, expected)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            let found = if show { quoted(&text) } else { "something else".to_owned() };
            self.problem(&at, format!("found {found}, expected {expected}"));
        }
        parsed
    }

    /// Reads an integer in a range.
    pub(super) fn number(&mut self, key: &'static str, default: u16, min: u16, max: u16) -> u16 {
        let Some(found) = self.read(key, &default.to_string()) else { return default };
        let number = match &found.value {
            Value::Integer(number) => Some(*number),
            Value::String(text) if found.from_environment => text.trim().parse().ok(),
            _ => None,
        };
        let fits = number.and_then(|n| u16::try_from(n).ok()).filter(|n| (min..=max).contains(n));
        if fits.is_none() {
            let shown = number.map_or_else(|| shown(&found.value), |number| number.to_string());
            self.problem(&found.at, format!("found {shown}, expected a whole number from {min} to {max}"));
        }
        fits.unwrap_or(default)
    }

    /// Reads `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(found) = self.read(key, &default.to_string()) else { return default };
        let flag = match &found.value {
            Value::Boolean(flag) => Some(*flag),
            Value::String(text) if found.from_environment => text.trim().parse().ok(),
            _ => None,
        };
        if flag.is_none() {
            self.problem(&found.at, format!("found {}, expected true or false", shown(&found.value)));
        }
        flag.unwrap_or(default)
    }

    /// Reads a list of texts; in the environment they are separated by commas.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let Some(Found { at, value, from_environment }) = self.read(key, "[]") else { return Vec::new() };
        let entries = match value {
            Value::Array(entries) => entries,
            Value::String(text) if from_environment => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| Value::String(part.to_owned())).collect()
            }
            other => {
                self.problem(&at, format!("found {}, expected a list: each {expected}", shown(&other)));
                return Vec::new();
            }
        };
        let mut list = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry.as_str().and_then(&parse) {
                Some(parsed) => list.push(parsed),
                None => {
                    self.problem(&at, format!("found {} in the list, expected {expected}", shown(&entry)))
                }
            }
        }
        list
    }

    /// Reads a secret from `key` or from the file in `key_file`, with the key that was used.
    pub(super) fn secret(&mut self, key: &'static str, key_file: &'static str) -> Option<(String, Secret)> {
        let direct = self.read(key, "\"\"");
        let from_file = self.file_secret(key_file);
        let Found { at, value, from_environment } = match (direct, from_file) {
            (None, from_file) => return from_file,
            (Some(found), None) => found,
            (Some(found), Some((file, _))) => {
                self.problem(&found.at, format!("cannot be combined with {file}: expected one of them"));
                return None;
            }
        };
        self.secret_in_file |= !from_environment;
        match value {
            Value::String(text) => Some((at, Secret::new(text))),
            other => {
                self.problem(&at, format!("found {}, expected a text", kind(&other)));
                None
            }
        }
    }

    /// Reads a secret that can only come from a file.
    pub(super) fn file_secret(&mut self, key: &'static str) -> Option<(String, Secret)> {
        let (at, name) = self.text(key, "", "the path of a file")?;
        let path = self.path(&name);
        match Secret::from_file(&path) {
            Ok(secret) => Some((at, secret)),
            Err(message) => {
                self.problem(&at, format!("the file {} {message}", path.display()));
                None
            }
        }
    }

    /// Records that the configuration file itself contains a secret outside the keys for secrets, for example a password in
    /// a URL.
    pub(super) fn secret_at(&mut self, at: &str) {
        self.secret_in_file |= !at.starts_with("SCRUPLE_");
    }

    /// All keys that were read, with their defaults.
    pub(super) fn read_keys(self) -> Vec<(&'static str, String)> {
        self.read_keys
    }

    /// Reports all unknown keys and all other problems.
    pub(super) fn finish(mut self) -> Result<(), Problems> {
        let known: Vec<&str> = self.read_keys.iter().map(|(key, _)| *key).collect();
        for key in std::mem::take(&mut self.written).into_keys() {
            let message = format!("is unknown{}", nearest(&key, known.iter().map(|key| (*key).to_owned())));
            self.problem(&key, message);
        }
        let is_known_section = |name: &String| known.iter().any(|key| name.starts_with(&section_prefix(key)));
        for name in std::mem::take(&mut self.environment).into_keys().filter(is_known_section) {
            let message = format!("is unknown{}", nearest(&name, known.iter().map(|key| variable(key))));
            self.problem(&name, message);
        }
        if let Some((path, file)) = self.file.take().filter(|_| self.secret_in_file)
            && let Err(message) = refuse_readable_by_others(&file, &path)
        {
            self.problem(&path.display().to_string(), message);
        }
        if self.problems.is_empty() { Ok(()) } else { Err(Problems(self.problems)) }
    }
}

fn alone(path: &Path, message: String) -> Problems {
    Problems(vec![Problem { at: path.display().to_string(), message }])
}
