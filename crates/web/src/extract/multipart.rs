//! Reads a form with files in chunks (multipart/form-data, RFC 7578), so that no file is ever whole in memory.
//!
//! `multer` parses. Alone it limits neither the header of a part nor the bytes before the first part, and it searches them
//! from their start with each chunk: a header of 2 MiB in chunks of 256 bytes takes a second. It also buffers all that its
//! stream has ready. So this reader gives it one chunk at a time, and only when it waits for one. The limits are here:
//! boundary, header, number of parts, bytes of the form, time. Errors of `multer` contain names and bytes of the form, so
//! they are neither logged nor shown.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::stream::{self, Stream as _};
use http_body_util::BodyExt as _;
use multer::{Field, Multipart};
use tokio::time::timeout;

/// Bytes of the header of a part.
const MAX_HEADER: usize = 8 * 1024;
/// Bytes of a boundary (RFC 2046, 5.1.1).
const MAX_BOUNDARY: usize = 70;
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
    /// Bytes read from the body.
    read: u64,
    /// Passes chunks to the parser.
    chunks: Sender<Bytes>,
    parser: Multipart<'static>,
    /// The current part.
    field: Option<Field<'static>>,
    parts: usize,
}

impl Parts {
    /// Prepares to read a form. Nothing is read yet.
    ///
    /// # Errors
    /// When the request has another content type or no valid boundary.
    pub fn new(headers: &HeaderMap, body: Body) -> Result<Self, FormError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok());
        let boundary =
            boundary.filter(|b| (1..=MAX_BOUNDARY).contains(&b.len())).ok_or(FormError::Malformed)?;
        let (chunks, next_chunk) = channel();
        // The stream never ends: `read_chunk` reports the end of the body.
        let stream = stream::poll_fn(move |_| match next_chunk.try_recv() {
            Ok(chunk) => Poll::Ready(Some(Ok::<Bytes, Infallible>(chunk))),
            Err(_) => Poll::Pending,
        });
        Ok(Self { body, read: 0, chunks, parser: Multipart::new(stream, boundary), field: None, parts: 0 })
    }

    /// Returns the next part and skips the rest of the current one.
    ///
    /// # Errors
    /// When the form is malformed, has too many parts, or is cut off.
    pub async fn next(&mut self) -> Result<Option<Part>, FormError> {
        while self.chunk().await?.is_some() {}
        let read_before = self.read;
        let field = loop {
            match poll_fn(|cx| Poll::Ready(self.parser.poll_next_field(cx))).await {
                Poll::Ready(field) => break field.map_err(|_| FormError::Malformed)?,
                Poll::Pending if self.read - read_before > MAX_HEADER as u64 => {
                    return Err(FormError::Malformed);
                }
                Poll::Pending => self.read_more().await?,
            }
        };
        let Some(field) = field else { return Ok(None) };
        self.parts += 1;
        if self.parts > MAX_PARTS || header_bytes(field.headers()) > MAX_HEADER {
            return Err(FormError::Malformed);
        }
        let name = field.name().filter(|name| !name.is_empty()).ok_or(FormError::Malformed)?.to_owned();
        let file = field.file_name().map(unescape);
        self.field = Some(field);
        Ok(Some(Part { name, file }))
    }

    /// Returns the next chunk of the current part, `None` at its end.
    ///
    /// # Errors
    /// When the form is cut off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FormError> {
        while let Some(field) = &mut self.field {
            match poll_fn(|cx| Poll::Ready(Pin::new(&mut *field).poll_next(cx))).await {
                Poll::Ready(Some(Ok(chunk))) if chunk.is_empty() => {}
                Poll::Ready(Some(Ok(chunk))) => return Ok(Some(chunk)),
                Poll::Ready(Some(Err(_))) => return Err(FormError::Malformed),
                Poll::Ready(None) => self.field = None,
                Poll::Pending => self.read_more().await?,
            }
        }
        Ok(None)
    }

    /// Reads and discards the rest, up to a limit.
    pub(crate) async fn discard_rest(mut self) {
        while self.read < MAX_DISCARDED && matches!(self.read_chunk().await, Ok(_) | Err(FormError::TooLong))
        {
        }
    }

    /// Waits for the next chunk of the connection, and passes it to the parser.
    async fn read_more(&mut self) -> Result<(), FormError> {
        let chunk = self.read_chunk().await?;
        self.chunks.send(chunk).map_err(|_| FormError::Malformed) // never: the parser has the other end
    }

    async fn read_chunk(&mut self) -> Result<Bytes, FormError> {
        let frame = timeout(READ_TIMEOUT, self.body.frame()).await.map_err(|_| FormError::CutOff)?;
        let frame = frame.ok_or(FormError::CutOff)?.map_err(|_| FormError::CutOff)?;
        let chunk = frame.into_data().unwrap_or_default();
        self.read += chunk.len() as u64;
        if self.read > MAX_FORM { Err(FormError::TooLong) } else { Ok(chunk) }
    }
}

/// The bytes of a header, without its line ends.
fn header_bytes(header: &HeaderMap) -> usize {
    header.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// Decodes a file name. Browsers write `%22` for a quote and `%0D%0A` for a line end (WHATWG, "multipart/form-data
/// encoding algorithm"). `multer` has decoded `\"`, which other programs write.
fn unescape(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "").replace("%0A", " ")
}

#[cfg(test)]
mod tests;
