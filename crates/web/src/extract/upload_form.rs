//! A form with files. Its fields are read first, then its files, and each chunk is encrypted while the next one arrives.
//! The form must send fields before files, as every browser does. So a handler can refuse the files before the first of
//! their bytes is written.
//!
//! Fields that the page doesn't have are dropped, wherever they stand, and a handler never sees them. Browser extensions
//! and proxies add fields to forms, and their user can't know why a message was refused. What the sender meant to send is
//! never dropped: a field of the page twice or after the files, a file in another field, and a file without a name
//! refuse the form.

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::conversations::upload::{
    AddChunk, DropUploads, FinishUpload, PendingFile, StartUpload, UploadTarget,
};
use domain::conversations::{MAX_FILE_BYTES, MAX_FILES, MAX_MESSAGE_BYTES};
use sha2::{Digest as _, Sha256};
use store::{CHUNK, Error, FileKind};
use zeroize::Zeroizing;

use crate::app::App;
use crate::extract::multipart::{FormError, Part, Parts};
use crate::files::{ContentSniffer, PreviewKind, sanitize};
use crate::page_error::PageError;
use crate::templates;

/// Bytes of one field that are kept. A longer field is refused, and the page shows its beginning again.
const MAX_FIELD_BYTES: usize = 450_000;
/// The name of the fields with files.
const FILE_FIELD: &str = "files";

/// A form whose fields are read and whose files may follow.
pub struct UploadForm {
    parts: Parts,
    /// The names of the page's fields.
    known: &'static [&'static str],
    fields: Vec<(String, Zeroizing<String>)>,
    /// The header of the first file, if there is one.
    first: Option<Part>,
    /// Hash of the names and bytes of all files so far.
    digest: Sha256,
}

/// Why an upload was refused. None of its files is kept.
pub enum UploadProblem {
    /// The form is malformed or incomplete.
    Form(FormError),
    /// The files are too large or too many. The text says what to do.
    TooMuch(&'static str),
    /// The conversation does not exist.
    NoConversation,
    /// Database or keyring failed.
    Error(Error),
}

impl From<FormError> for UploadProblem {
    fn from(error: FormError) -> Self {
        match error {
            FormError::TooLong => Self::TooMuch(TOTAL_TOO_LARGE),
            other => Self::Form(other),
        }
    }
}

impl From<Error> for UploadProblem {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

const FILE_TOO_LARGE: &str = "We did not send your message, because one of the files is larger than 10 MB. Your text is still here. Choose your files again without this file, or make it smaller.";
const TOTAL_TOO_LARGE: &str = "We did not send your message, because the files are larger than 25 MB in total. Your text is still here. Choose your files again, and send some of them with a second message.";
const TOO_MANY_FILES: &str = "We did not send your message, because it has more than 10 files. Your text is still here. Choose your files again, and send some of them with a second message.";

const HOURLY_LIMIT: &str = "We did not send your message, because we cannot accept more files this hour. Your text is still here. Send it without files, or try again in an hour.";

impl UploadForm {
    /// Reads the fields of a form up to its first file. Only the fields in `known` are kept.
    ///
    /// # Errors
    /// The page that says why the form can't be read. The rest of the form has been discarded.
    pub async fn read(request: Request, known: &'static [&'static str]) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        let parts = Parts::new(&head.headers, body).map_err(unreadable_form)?;
        let mut form = Self { parts, known, fields: Vec::new(), first: None, digest: Sha256::new() };
        match form.read_fields().await {
            Ok(()) => Ok(form),
            Err(error) => {
                if error != FormError::CutOff {
                    form.parts.discard_rest().await;
                }
                Err(unreadable_form(error))
            }
        }
    }

    async fn read_fields(&mut self) -> Result<(), FormError> {
        while let Some(part) = self.parts.next().await? {
            if part.file.is_some() {
                self.first = Some(part);
                return Ok(());
            }
            if self.is_foreign(&part) {
                continue;
            }
            if part.name == FILE_FIELD || self.fields.iter().any(|(name, _)| *name == part.name) {
                return Err(FormError::Malformed);
            }
            let mut bytes = Zeroizing::new(Vec::new());
            while let Some(piece) = self.parts.chunk().await? {
                let room = MAX_FIELD_BYTES.saturating_sub(bytes.len());
                bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            }
            // Browsers send line breaks as two characters (CRLF). They are counted and stored as one.
            let text = Zeroizing::new(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
            self.fields.push((part.name, text));
        }
        Ok(())
    }

    /// Returns whether a part is a field that the page doesn't have.
    fn is_foreign(&self, part: &Part) -> bool {
        part.file.is_none() && part.name != FILE_FIELD && !self.known.contains(&&*part.name)
    }

    /// The value of a field. Empty if the form does not have it.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }

    /// Discards the rest of the form and returns its fields. The rest must be read, because a browser shows the response
    /// only after it has sent the form.
    pub async fn refuse(self) -> FormFields {
        self.parts.discard_rest().await;
        FormFields { fields: self.fields, files: Sha256::new() }
    }

    /// Stores the files, if there are any, under `target`.
    ///
    /// # Errors
    /// Why the files were refused, with the fields. The rest of the form has been discarded.
    pub async fn files(
        mut self,
        app: &App,
        target: UploadTarget<'_>,
    ) -> Result<(Vec<PendingFile>, FormFields), (UploadProblem, FormFields)> {
        let mut files = Vec::new();
        match self.store_files(app, target, &mut files).await {
            Ok(()) => Ok((files, FormFields { fields: self.fields, files: self.digest })),
            Err(problem) => {
                let (fields, cut) = (self.fields, matches!(problem, UploadProblem::Form(FormError::CutOff)));
                if let Err(error) = app.db.execute(&DropUploads { files: &files }).await {
                    tracing::warn!(cause = %error, "files of a refused form are left to the retention run");
                }
                if !cut {
                    self.parts.discard_rest().await;
                }
                Err((problem, FormFields { fields, files: Sha256::new() }))
            }
        }
    }

    async fn store_files(
        &mut self,
        app: &App,
        target: UploadTarget<'_>,
        files: &mut Vec<PendingFile>,
    ) -> Result<(), UploadProblem> {
        let (mut next, mut target, mut all) = (self.first.take(), target, 0);
        while let Some(part) = next {
            if self.is_foreign(&part) {
                next = self.parts.next().await?;
                continue;
            }
            let Some(name) = part.file.filter(|_| part.name == FILE_FIELD) else {
                return Err(FormError::Malformed.into());
            };
            let first = self.parts.chunk().await?;
            // A browser sends an empty file field as a file without name and bytes.
            if let Some(first) = first.or_else(|| (!name.is_empty()).then(Bytes::new)) {
                if !app.spam_filter.accepts_files(app.db.clock.now()) {
                    return Err(UploadProblem::TooMuch(HOURLY_LIMIT));
                }
                if files.len() == MAX_FILES {
                    return Err(UploadProblem::TooMuch(TOO_MANY_FILES));
                }
                let n = i64::try_from(files.len()).unwrap_or(i64::MAX);
                self.add_to_digest(name.as_bytes());
                let begin = StartUpload { target, n, name: &sanitize(&name) };
                let file = app.db.execute(&begin).await?.ok_or(UploadProblem::NoConversation)?;
                files.push(file);
                target = UploadTarget::Slot(file.slot);
                all += self.store_file(app, file, first, MAX_MESSAGE_BYTES - all).await?;
            }
            next = self.parts.next().await?;
        }
        Ok(())
    }

    /// Encrypts and stores a file chunk by chunk. Returns its size in bytes.
    async fn store_file(
        &mut self,
        app: &App,
        file: PendingFile,
        first: Bytes,
        left: i64,
    ) -> Result<i64, UploadProblem> {
        let (mut sniffer, mut size, mut n) = (ContentSniffer::default(), 0_i64, 0);
        let mut unsealed = Zeroizing::new(Vec::with_capacity(2 * CHUNK));
        let mut piece = Some(first);
        while let Some(bytes) = piece {
            size = size.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
            if size > MAX_FILE_BYTES {
                return Err(UploadProblem::TooMuch(FILE_TOO_LARGE));
            }
            if size > left {
                return Err(UploadProblem::TooMuch(TOTAL_TOO_LARGE));
            }
            sniffer.push(&bytes);
            self.digest.update(&bytes);
            unsealed.extend_from_slice(&bytes);
            while unsealed.len() >= CHUNK {
                add_chunk(app, &AddChunk { file, n, bytes: &unsealed[..CHUNK] }).await?;
                unsealed.drain(..CHUNK);
                n += 1;
            }
            piece = self.parts.chunk().await?;
        }
        if !unsealed.is_empty() {
            add_chunk(app, &AddChunk { file, n, bytes: &unsealed }).await?;
        }
        let kind = match sniffer.kind() {
            PreviewKind::Image => FileKind::Image,
            PreviewKind::Text => FileKind::Text,
            PreviewKind::Other => FileKind::Other,
        };
        app.db.execute(&FinishUpload { file, size, kind }).await?;
        app.spam_filter.record_file(app.db.clock.now(), size);
        self.add_to_digest(&size.to_be_bytes());
        Ok(size)
    }

    /// Adds bytes to the hash with their length, so that different forms have different hashes.
    fn add_to_digest(&mut self, bytes: &[u8]) {
        self.digest.update((bytes.len() as u64).to_be_bytes());
        self.digest.update(bytes);
    }
}

async fn add_chunk(app: &App, chunk: &AddChunk<'_>) -> Result<(), UploadProblem> {
    if app.db.execute(chunk).await? { Ok(()) } else { Err(UploadProblem::NoConversation) }
}

/// The fields of a form that was read to its end.
pub struct FormFields {
    fields: Vec<(String, Zeroizing<String>)>,
    files: Sha256,
}

impl FormFields {
    /// Returns a hash of some fields and of the names and bytes of all files.
    pub fn digest(&self, fields: &[&str]) -> [u8; 32] {
        let mut digest = self.files.clone();
        for name in fields {
            digest.update((self.field(name).len() as u64).to_be_bytes());
            digest.update(self.field(name));
        }
        digest.finalize().into()
    }

    /// The value of a field. Empty if the form does not have it.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }
}

/// The page for a form that can't be read.
pub(crate) fn unreadable_form(error: FormError) -> Response {
    let (status, text) = match error {
        FormError::Malformed => (
            StatusCode::BAD_REQUEST,
            "The form was incomplete, so we did not send your message. Go back and send it again.",
        ),
        FormError::CutOff => (
            StatusCode::REQUEST_TIMEOUT,
            "We did not receive your whole message, so we did not send it. Go back and send it again.",
        ),
        FormError::TooLong => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "The form is too long, so we did not send your message. Go back and send less text or smaller files.",
        ),
    };
    (status, templates::message_page("Message not sent", text)).into_response()
}

impl UploadProblem {
    /// Returns the text to show above the form, or the page to show instead of the form.
    pub(crate) fn text_or_page(self) -> Result<&'static str, Box<Response>> {
        match self {
            Self::TooMuch(text) => Ok(text),
            Self::Form(error) => Err(Box::new(unreadable_form(error))),
            Self::NoConversation => Err(Box::new(unreadable_form(FormError::Malformed))),
            Self::Error(error) => Err(Box::new(PageError::from(error).into_response())),
        }
    }
}
