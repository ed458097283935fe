//! Reads a form with files piece by piece (multipart/form-data, RFC 7578), so that no file is ever whole in memory.
//!
//! Everything that whoever sends it could make long has an end: the boundary, the head of a part, the number of
//! parts, the time between two pieces. Nothing is read ahead beyond the piece that the connection delivers.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use memchr::memmem;
use tokio::time::timeout;

/// Bytes of a part's head.
const HEAD: usize = 8 * 1024;
/// Parts of a form.
const PARTS: usize = 40;
/// Seconds without a single byte.
const SILENCE: Duration = Duration::from_secs(30);
/// Bytes of a form: its files, its text and what stands between them.
const FORM: u64 = 26 * 1024 * 1024;
/// Bytes that are read and thrown away, so that a browser that is still sending gets to hear the answer.
const DRAINED: u64 = 64 * 1024 * 1024;

/// Why a form can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// It is no form with files, or not written as one.
    Garbled,
    /// The connection broke off, or fell silent.
    Cut,
    /// It is longer than any form of ours.
    TooLong,
}

/// A field or a file, as its head says.
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name, which may be empty; none for a field.
    pub file: Option<String>,
}

/// A form on its way in.
pub struct Parts {
    body: Body,
    /// What stands before each part's head: line end, two dashes, the boundary.
    mark: Vec<u8>,
    buffer: Vec<u8>,
    read: u64,
    parts: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first mark.
    Before,
    /// Within a part, behind its head.
    Within,
    /// Right behind a mark.
    Marked,
    /// Behind the last mark.
    Ended,
}

impl Parts {
    /// Begins to read a form. Nothing has been read yet.
    ///
    /// # Errors
    /// When the head of the request announces something else.
    pub fn new(headers: &HeaderMap, body: Body) -> Result<Self, Broken> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = kind.and_then(boundary).ok_or(Broken::Garbled)?;
        // The first mark may stand at the very beginning, without a line end before it.
        let (mark, buffer) = (format!("\r\n--{boundary}").into_bytes(), b"\r\n".to_vec());
        Ok(Self { body, mark, buffer, read: 0, parts: 0, state: State::Before })
    }

    /// The next part; what is left of the one before is passed over.
    ///
    /// # Errors
    /// When the form is not well-formed, has too many parts, or breaks off.
    pub async fn next(&mut self) -> Result<Option<Part>, Broken> {
        while matches!(self.state, State::Before | State::Within) {
            self.piece().await?;
        }
        if self.state == State::Ended {
            return Ok(None);
        }
        self.at_least(2).await?;
        if self.buffer.starts_with(b"--") {
            self.state = State::Ended;
            return Ok(None);
        }
        self.parts += 1;
        if self.parts > PARTS {
            return Err(Broken::Garbled);
        }
        let end = loop {
            if let Some(end) = memmem::find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            if self.buffer.len() > HEAD {
                return Err(Broken::Garbled);
            }
            self.more().await?;
        };
        let part = (end <= HEAD).then(|| head(&self.buffer[..end])).flatten().ok_or(Broken::Garbled)?;
        self.buffer.drain(..end + 4);
        self.state = State::Within;
        Ok(Some(part))
    }

    /// The next piece of the part at hand; none at its end.
    ///
    /// # Errors
    /// When the form breaks off.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            if !matches!(self.state, State::Before | State::Within) {
                return Ok(None);
            }
            if let Some(at) = memmem::find(&self.buffer, &self.mark) {
                let rest = self.buffer.split_off(at + self.mark.len());
                let mut piece = std::mem::replace(&mut self.buffer, rest);
                piece.truncate(at);
                self.state = State::Marked;
                return Ok((!piece.is_empty()).then(|| piece.into()));
            }
            // The end of what is here may be the beginning of a mark.
            let sure = self.buffer.len().saturating_sub(self.mark.len() - 1);
            if sure > 0 {
                let rest = self.buffer.split_off(sure);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest).into()));
            }
            self.more().await?;
        }
    }

    /// Reads the rest and throws it away, as far as that is bearable.
    pub async fn drain(mut self) {
        self.buffer.clear();
        while self.read < DRAINED && matches!(self.more().await, Ok(()) | Err(Broken::TooLong)) {
            self.buffer.clear();
        }
    }

    async fn at_least(&mut self, bytes: usize) -> Result<(), Broken> {
        while self.buffer.len() < bytes {
            self.more().await?;
        }
        Ok(())
    }

    /// Waits for what the connection delivers next.
    async fn more(&mut self) -> Result<(), Broken> {
        let frame = timeout(SILENCE, self.body.frame()).await.map_err(|_| Broken::Cut)?;
        let frame = frame.ok_or(Broken::Cut)?.map_err(|_| Broken::Cut)?;
        if let Some(bytes) = frame.data_ref() {
            self.read += bytes.len() as u64;
            self.buffer.extend_from_slice(bytes);
        }
        if self.read > FORM { Err(Broken::TooLong) } else { Ok(()) }
    }
}

/// The boundary that a content type names: 1 to 70 symbols (RFC 2046, 5.1.1).
fn boundary(kind: &str) -> Option<&str> {
    let mut parts = kind.split(';');
    if !parts.next()?.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parts.filter_map(|part| part.trim().split_once('='));
    let boundary =
        named.filter(|(name, _)| name.eq_ignore_ascii_case("boundary")).map(|(_, value)| value).next()?;
    let boundary = boundary.strip_prefix('"').and_then(|b| b.strip_suffix('"')).unwrap_or(boundary);
    let plain = |c: char| c.is_ascii_alphanumeric() || "'()+_,-./:=? ".contains(c);
    ((1..=70).contains(&boundary.len()) && boundary.chars().all(plain)).then_some(boundary)
}

/// Name and file name from a part's head.
fn head(head: &[u8]) -> Option<Part> {
    let text = String::from_utf8_lossy(head);
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    let said = lines.filter(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    let (_, disposition) = said.last()?;
    let (kind, mut rest) = disposition.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return None;
    }
    let (mut name, mut file) = (None, None);
    while let Some((key, value, left)) = parameter(rest) {
        match &*key.to_ascii_lowercase() {
            "name" => name = Some(value),
            "filename" => file = Some(value),
            _ => {}
        }
        rest = left;
    }
    Some(Part { name: name.filter(|name| !name.is_empty())?, file })
}

/// The first `key=value` or `key="value"` and what follows it. Browsers write `%22` for a quote and `%0D%0A` for a line
/// end (WHATWG, "multipart/form-data encoding algorithm"), other programs `\"`.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (key, rest) = text.trim_start_matches([' ', '\t', ';']).split_once('=')?;
    let Some(quoted) = rest.trim_start().strip_prefix('"') else {
        let (value, left) = rest.split_once(';').unwrap_or((rest, ""));
        return Some((key.trim(), value.trim().to_owned(), left));
    };
    let mut end = quoted.find('"')?;
    while quoted[..end].ends_with('\\') {
        end += 1 + quoted[end + 1..].find('"')?;
    }
    let value =
        quoted[..end].replace("\\\"", "\"").replace("%22", "\"").replace("%0D", "").replace("%0A", " ");
    Some((key.trim(), value, &quoted[end + 1..]))
}

#[cfg(test)]
mod tests;
