//! Reads a form with files in chunks (multipart/form-data, RFC 7578), so that no file is ever whole in memory.
//!
//! Everything that a sender could make long has a limit: the boundary, the header of a part, the number of parts, the
//! time between two chunks. Nothing is buffered beyond the chunk that the connection delivers.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use memchr::memmem;
use tokio::time::timeout;

/// Bytes of the header of a part.
const MAX_HEADER: usize = 8 * 1024;
/// Number of parts of a form.
const MAX_PARTS: usize = 40;
/// Time without a single byte after which the form counts as cut off.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a form: its files, its text and its headers.
const MAX_FORM: u64 = 26 * 1024 * 1024;
/// Bytes that are read and discarded, because a browser shows the response only after it has sent the form.
const MAX_DISCARDED: u64 = 64 * 1024 * 1024;

/// Why a form can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormError {
    /// It is not well-formed multipart/form-data.
    Malformed,
    /// The connection was closed or sent nothing for too long.
    CutOff,
    /// It is longer than the largest form of this site.
    TooLong,
}

/// The header of a part: a field or a file.
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name, which may be empty. `None` for a field.
    pub file: Option<String>,
}

/// A form that is being read.
pub struct Parts {
    body: Body,
    /// The bytes before the header of each part: CRLF, two dashes, the boundary.
    delimiter: Vec<u8>,
    buffer: Vec<u8>,
    read: u64,
    parts: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first delimiter.
    Before,
    /// In the body of a part.
    Within,
    /// Right after a delimiter.
    AfterDelimiter,
    /// After the last delimiter.
    Ended,
}

impl Parts {
    /// Prepares to read a form. Nothing is read yet.
    ///
    /// # Errors
    /// When the request has another content type or no valid boundary.
    pub fn new(headers: &HeaderMap, body: Body) -> Result<Self, FormError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = kind.and_then(boundary).ok_or(FormError::Malformed)?;
        // The first delimiter may start the body without a line break before it.
        let (delimiter, buffer) = (format!("\r\n--{boundary}").into_bytes(), b"\r\n".to_vec());
        Ok(Self { body, delimiter, buffer, read: 0, parts: 0, state: State::Before })
    }

    /// Returns the next part and skips the rest of the current one.
    ///
    /// # Errors
    /// When the form is malformed, has too many parts, or is cut off.
    pub async fn next(&mut self) -> Result<Option<Part>, FormError> {
        while matches!(self.state, State::Before | State::Within) {
            self.chunk().await?;
        }
        if self.state == State::Ended {
            return Ok(None);
        }
        self.fill_to(2).await?;
        if self.buffer.starts_with(b"--") {
            self.state = State::Ended;
            return Ok(None);
        }
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(FormError::Malformed);
        }
        let end = loop {
            if let Some(end) = memmem::find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            if self.buffer.len() > MAX_HEADER {
                return Err(FormError::Malformed);
            }
            self.read_more().await?;
        };
        let part = (end <= MAX_HEADER)
            .then(|| parse_header(&self.buffer[..end]))
            .flatten()
            .ok_or(FormError::Malformed)?;
        self.buffer.drain(..end + 4);
        self.state = State::Within;
        Ok(Some(part))
    }

    /// Returns the next chunk of the current part, `None` at its end.
    ///
    /// # Errors
    /// When the form is cut off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FormError> {
        loop {
            if !matches!(self.state, State::Before | State::Within) {
                return Ok(None);
            }
            if let Some(at) = memmem::find(&self.buffer, &self.delimiter) {
                let rest = self.buffer.split_off(at + self.delimiter.len());
                let mut chunk = std::mem::replace(&mut self.buffer, rest);
                chunk.truncate(at);
                self.state = State::AfterDelimiter;
                return Ok((!chunk.is_empty()).then(|| chunk.into()));
            }
            // The end of the buffer may be the beginning of a delimiter.
            let sure = self.buffer.len().saturating_sub(self.delimiter.len() - 1);
            if sure > 0 {
                let rest = self.buffer.split_off(sure);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest).into()));
            }
            self.read_more().await?;
        }
    }

    /// Reads and discards the rest, up to a limit.
    pub async fn discard_rest(mut self) {
        self.buffer.clear();
        while self.read < MAX_DISCARDED && matches!(self.read_more().await, Ok(()) | Err(FormError::TooLong))
        {
            self.buffer.clear();
        }
    }

    async fn fill_to(&mut self, bytes: usize) -> Result<(), FormError> {
        while self.buffer.len() < bytes {
            self.read_more().await?;
        }
        Ok(())
    }

    /// Waits for the next bytes of the connection.
    async fn read_more(&mut self) -> Result<(), FormError> {
        let frame = timeout(READ_TIMEOUT, self.body.frame()).await.map_err(|_| FormError::CutOff)?;
        let frame = frame.ok_or(FormError::CutOff)?.map_err(|_| FormError::CutOff)?;
        if let Some(bytes) = frame.data_ref() {
            self.read += bytes.len() as u64;
            self.buffer.extend_from_slice(bytes);
        }
        if self.read > MAX_FORM { Err(FormError::TooLong) } else { Ok(()) }
    }
}

/// Returns the boundary of a content type: 1 to 70 characters (RFC 2046, 5.1.1).
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

/// Parses the name and the file name from the header of a part.
fn parse_header(header: &[u8]) -> Option<Part> {
    let text = String::from_utf8_lossy(header);
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    let dispositions = lines.filter(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    let (_, disposition) = dispositions.last()?;
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

/// Parses the first `key=value` or `key="value"`, and returns the rest. Browsers write `%22` for a quote and `%0D%0A` for a line
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
