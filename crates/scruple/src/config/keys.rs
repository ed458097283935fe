//! Reading keys: each is asked for once, with its default; what nobody asked for is unknown.

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

/// The file and the environment while they are read.
#[derive(Default)]
pub(super) struct Keys {
    folder: PathBuf,
    file: Option<(PathBuf, File)>,
    written: BTreeMap<String, Value>,
    environment: BTreeMap<String, OsString>,
    asked: Vec<(&'static str, String)>,
    secret_in_file: bool,
    problems: Vec<Problem>,
}

/// A value and where its writer wrote it. Empty text is the same as no value.
pub(super) struct Found {
    pub(super) at: String,
    pub(super) value: Value,
    from_environment: bool,
}

impl Keys {
    /// Nothing given: every key has its default.
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn gather(
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
            Err(error) => return Err(alone(&path, format!("can't be opened: {}", error.kind()))),
        }
        Ok(keys)
    }

    fn read_file(&mut self, path: PathBuf, mut file: File) -> Result<(), Problems> {
        let mut text = Zeroizing::new(String::new());
        let read = file.read_to_string(&mut text);
        read.map_err(|error| alone(&path, format!("can't be read: {}", error.kind())))?;
        // Never the parser's own report: it quotes the line, which may hold a secret.
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
                _ => {
                    self.problem(&section, "stands outside a section; expected it below a line like [server]")
                }
            }
        }
        self.file = Some((path, file));
        Ok(())
    }

    pub(super) fn problem(&mut self, at: &str, says: impl Into<String>) {
        self.problems.push(Problem { at: at.to_owned(), says: says.into() });
    }

    /// A path of the configuration, seen from the working folder.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// A variable that isn't ours.
    pub(super) fn foreign(&self, name: &str) -> Option<PathBuf> {
        self.environment.get(name).map(PathBuf::from)
    }

    /// Takes a key: from the environment, else from the file.
    pub(super) fn take(&mut self, key: &'static str, default: &str) -> Option<Found> {
        self.asked.push((key, default.to_owned()));
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

    /// A text, or nothing.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        default: &str,
        expected: &str,
    ) -> Option<(String, String)> {
        let Found { at, value, .. } = self.take(key, &format!("\"{default}\""))?;
        match value {
            Value::String(text) => Some((at, text)),
            other => {
                self.problem(&at, format!("found {}, expected {expected}", kind(&other)));
                None
            }
        }
    }

    /// A text of a certain form, or nothing. `show` says whether a wrong one may be repeated in the error.
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

    /// A whole number within bounds.
    pub(super) fn number(&mut self, key: &'static str, default: u16, least: u16, most: u16) -> u16 {
        let Some(found) = self.take(key, &default.to_string()) else { return default };
        let number = match &found.value {
            Value::Integer(number) => Some(*number),
            Value::String(text) if found.from_environment => text.trim().parse().ok(),
            _ => None,
        };
        let fits = number.and_then(|n| u16::try_from(n).ok()).filter(|n| (least..=most).contains(n));
        if fits.is_none() {
            let shown = number.map_or_else(|| shown(&found.value), |number| number.to_string());
            self.problem(&found.at, format!("found {shown}, expected a whole number from {least} to {most}"));
        }
        fits.unwrap_or(default)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(found) = self.take(key, &default.to_string()) else { return default };
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

    /// A list of texts of a certain form; in the environment, with commas between them.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let Some(Found { at, value, from_environment }) = self.take(key, "[]") else { return Vec::new() };
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

    /// A secret, as `key` itself or in the file that `key_file` names; with the key that gave it.
    pub(super) fn secret(&mut self, key: &'static str, key_file: &'static str) -> Option<(String, Secret)> {
        let direct = self.take(key, "\"\"");
        let from_file = self.file_secret(key_file);
        let Found { at, value, from_environment } = match (direct, from_file) {
            (None, from_file) => return from_file,
            (Some(found), None) => found,
            (Some(found), Some((file, _))) => {
                self.problem(&found.at, format!("stands beside {file}: expected one of them"));
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

    /// A secret that can only come from a file.
    pub(super) fn file_secret(&mut self, key: &'static str) -> Option<(String, Secret)> {
        let (at, name) = self.text(key, "", "the path of a file")?;
        let path = self.path(&name);
        match Secret::from_file(&path) {
            Ok(secret) => Some((at, secret)),
            Err(says) => {
                self.problem(&at, format!("the file {} {says}", path.display()));
                None
            }
        }
    }

    /// The configuration's own file holds a secret outside the keys for secrets: an address with a password.
    pub(super) fn secret_at(&mut self, at: &str) {
        self.secret_in_file |= !at.starts_with("SCRUPLE_");
    }

    /// Every key that was asked for, with its default.
    pub(super) fn asked(self) -> Vec<(&'static str, String)> {
        self.asked
    }

    /// Reports what is left over and all that was wrong.
    pub(super) fn finish(mut self) -> Result<(), Problems> {
        let known: Vec<&str> = self.asked.iter().map(|(key, _)| *key).collect();
        for key in std::mem::take(&mut self.written).into_keys() {
            let says = format!("is unknown{}", nearest(&key, known.iter().map(|key| (*key).to_owned())));
            self.problem(&key, says);
        }
        let is_ours = |name: &String| known.iter().any(|key| name.starts_with(&section_prefix(key)));
        for name in std::mem::take(&mut self.environment).into_keys().filter(is_ours) {
            let says = format!("is unknown{}", nearest(&name, known.iter().map(|key| variable(key))));
            self.problem(&name, says);
        }
        if let Some((path, file)) = self.file.take().filter(|_| self.secret_in_file)
            && let Err(says) = refuse_readable_by_others(&file, &path)
        {
            self.problem(&path.display().to_string(), says);
        }
        if self.problems.is_empty() { Ok(()) } else { Err(Problems(self.problems)) }
    }
}

fn alone(path: &Path, says: String) -> Problems {
    Problems(vec![Problem { at: path.display().to_string(), says }])
}
