//! A form with files comes in: first its fields, then its files, each piece sealed while the next is on its way. Who
//! sends it must send it in that order, as every browser does; so a door knows whether it will take the files before
//! the first of their bytes is written.

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::conversations::upload::{AddPiece, BeginFile, Coming, DropFiles, FinishFile, Place};
use domain::conversations::{MOST_BYTES, MOST_FILE_BYTES, MOST_FILES};
use sha2::{Digest as _, Sha256};
use store::{CHUNK, Error, FileKind};
use zeroize::Zeroizing;

use crate::app::App;
use crate::files::{Kind, Sniff, safe};
use crate::handlers::multipart::{Broken, Part, Parts};
use crate::handlers::refusal::Refusal;
use crate::templates;

/// Bytes of one field that are kept, if only to be shown again with the word that they are too many.
const FIELD: usize = 450_000;
/// The name of all fields with files.
const FILES: &str = "files";

/// A form whose fields are read, and whose files may follow.
pub struct UploadForm {
    parts: Parts,
    fields: Vec<(String, Zeroizing<String>)>,
    /// The head of the first file, if there is one.
    first: Option<Part>,
    /// Of names and bytes of all files so far.
    digest: Sha256,
}

/// Why files were not taken. None of them is left then.
pub enum Problem {
    /// The form is no form, or broke off.
    Broken(Broken),
    /// They are too large or too many: what to do about it.
    TooMuch(&'static str),
    /// The thread for which they came isn't there.
    NoThread,
    /// Database or keyring.
    Away(Error),
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::TooLong => Self::TooMuch(TOGETHER),
            other => Self::Broken(other),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Away(error)
    }
}

const ONE: &str = "Nothing was sent: one of the files is larger than 10 MB. Your text is still here. Choose your files again without it, or a smaller form of it.";
const TOGETHER: &str = "Nothing was sent: the files are larger than 25 MB together. Your text is still here. Choose your files again, and send some of them with a second message.";
const COUNT: &str = "Nothing was sent: these are more than 10 files. Your text is still here. Choose your files again, and send some of them with a second message.";

const FULL: &str = "Nothing was sent: more files came within this hour than can be taken. Your text is still here. Send it without files, or try again in an hour.";

impl UploadForm {
    /// Reads the fields of a form, of which only those in `known` are kept, up to its first file.
    ///
    /// # Errors
    /// The page that says why it can't be read. What was left of the form has been thrown away.
    pub async fn read(request: Request, known: &[&str]) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        let parts = Parts::new(&head.headers, body).map_err(unreadable)?;
        let mut intake = Self { parts, fields: Vec::new(), first: None, digest: Sha256::new() };
        match intake.read_fields(known).await {
            Ok(()) => Ok(intake),
            Err(broken) => {
                if broken != Broken::Cut {
                    intake.parts.drain().await;
                }
                Err(unreadable(broken))
            }
        }
    }

    async fn read_fields(&mut self, known: &[&str]) -> Result<(), Broken> {
        while let Some(part) = self.parts.next().await? {
            if part.file.is_some() {
                self.first = Some(part);
                return Ok(());
            }
            if !known.contains(&&*part.name) {
                continue;
            }
            if self.fields.iter().any(|(name, _)| *name == part.name) {
                return Err(Broken::Garbled);
            }
            let mut bytes = Zeroizing::new(Vec::new());
            while let Some(piece) = self.parts.piece().await? {
                let room = FIELD.saturating_sub(bytes.len());
                bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            }
            // Browsers send line ends as two symbols; they are counted and kept as one.
            let text = Zeroizing::new(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
            self.fields.push((part.name, text));
        }
        Ok(())
    }

    /// A field, as typed; empty if it didn't come.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }

    /// Throws away what is left of the form, so that a browser that still sends gets to hear the answer, and returns
    /// its fields.
    pub async fn refuse(self) -> Typed {
        self.parts.drain().await;
        Typed { fields: self.fields, files: Sha256::new() }
    }

    /// Takes the files, if there are any, under `place`.
    ///
    /// # Errors
    /// Why they were not taken, with the fields; what was left of the form has been thrown away.
    pub async fn files(
        mut self,
        app: &App,
        place: Place<'_>,
    ) -> Result<(Vec<Coming>, Typed), (Problem, Typed)> {
        let mut files = Vec::new();
        match self.take_files(app, place, &mut files).await {
            Ok(()) => Ok((files, Typed { fields: self.fields, files: self.digest })),
            Err(problem) => {
                let (fields, cut) = (self.fields, matches!(problem, Problem::Broken(Broken::Cut)));
                if let Err(error) = app.db.write(&DropFiles { files: &files }).await {
                    tracing::warn!(cause = %error, "files that were not sent are left to the sweep");
                }
                if !cut {
                    self.parts.drain().await;
                }
                Err((problem, Typed { fields, files: Sha256::new() }))
            }
        }
    }

    async fn take_files(
        &mut self,
        app: &App,
        place: Place<'_>,
        files: &mut Vec<Coming>,
    ) -> Result<(), Problem> {
        let (mut next, mut place, mut all) = (self.first.take(), place, 0);
        while let Some(part) = next {
            let Some(name) = part.file.filter(|_| part.name == FILES) else {
                return Err(Broken::Garbled.into());
            };
            let first = self.parts.piece().await?;
            // A field in which nothing was chosen comes as a file without name and bytes.
            if let Some(first) = first.or_else(|| (!name.is_empty()).then(Bytes::new)) {
                if !app.guard.takes_files(app.db.clock.now()) {
                    return Err(Problem::TooMuch(FULL));
                }
                if files.len() == MOST_FILES {
                    return Err(Problem::TooMuch(COUNT));
                }
                let n = i64::try_from(files.len()).unwrap_or(i64::MAX);
                self.see(name.as_bytes());
                let begin = BeginFile { place, n, name: &safe(&name) };
                let file = app.db.write(&begin).await?.ok_or(Problem::NoThread)?;
                files.push(file);
                place = Place::Slot(file.slot);
                all += self.take_file(app, file, first, MOST_BYTES - all).await?;
            }
            next = self.parts.next().await?;
        }
        Ok(())
    }

    /// Seals a file piece by piece and returns its bytes.
    async fn take_file(&mut self, app: &App, file: Coming, first: Bytes, left: i64) -> Result<i64, Problem> {
        let (mut sniff, mut size, mut n) = (Sniff::default(), 0_i64, 0);
        let mut held = Zeroizing::new(Vec::with_capacity(2 * CHUNK));
        let mut piece = Some(first);
        while let Some(bytes) = piece {
            size = size.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
            if size > MOST_FILE_BYTES {
                return Err(Problem::TooMuch(ONE));
            }
            if size > left {
                return Err(Problem::TooMuch(TOGETHER));
            }
            sniff.see(&bytes);
            self.digest.update(&bytes);
            held.extend_from_slice(&bytes);
            while held.len() >= CHUNK {
                add(app, &AddPiece { file, n, bytes: &held[..CHUNK] }).await?;
                held.drain(..CHUNK);
                n += 1;
            }
            piece = self.parts.piece().await?;
        }
        if !held.is_empty() {
            add(app, &AddPiece { file, n, bytes: &held }).await?;
        }
        let kind = match sniff.kind() {
            Kind::Image => FileKind::Image,
            Kind::Text => FileKind::Text,
            Kind::Other => FileKind::Other,
        };
        app.db.write(&FinishFile { file, size, kind }).await?;
        app.guard.took(app.db.clock.now(), size);
        self.see(&size.to_be_bytes());
        Ok(size)
    }

    /// What has no length of its own gets one, so that no two forms say the same.
    fn see(&mut self, bytes: &[u8]) {
        self.digest.update((bytes.len() as u64).to_be_bytes());
        self.digest.update(bytes);
    }
}

async fn add(app: &App, piece: &AddPiece<'_>) -> Result<(), Problem> {
    if app.db.write(piece).await? { Ok(()) } else { Err(Problem::NoThread) }
}

/// The fields of a form that was read to its end.
pub struct Typed {
    fields: Vec<(String, Zeroizing<String>)>,
    files: Sha256,
}

impl Typed {
    /// A hash of some of the fields and of all files, their names included.
    pub fn digest(&self, fields: &[&str]) -> [u8; 32] {
        let mut digest = self.files.clone();
        for name in fields {
            digest.update((self.field(name).len() as u64).to_be_bytes());
            digest.update(self.field(name));
        }
        digest.finalize().into()
    }

    /// A field, as typed; empty if it didn't come.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }
}

/// What whoever sent a form that can't be read is told.
pub fn unreadable(broken: Broken) -> Response {
    let (status, says) = match broken {
        Broken::Garbled => (
            StatusCode::BAD_REQUEST,
            "This form came incomplete, so nothing was sent. Please go back and send it again.",
        ),
        Broken::Cut => (
            StatusCode::REQUEST_TIMEOUT,
            "Your message didn’t come through to its end, so nothing was sent. Please go back and send it again.",
        ),
        Broken::TooLong => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is longer than any message may be, so nothing was sent. Please go back and send less of it.",
        ),
    };
    (status, templates::say("Nothing was sent", says)).into_response()
}

impl Problem {
    /// The answer where what was typed need not, or can't, be shown again; else the words for it.
    pub fn answer(self) -> Result<&'static str, Box<Response>> {
        match self {
            Self::TooMuch(says) => Ok(says),
            Self::Broken(broken) => Err(Box::new(unreadable(broken))),
            Self::NoThread => Err(Box::new(unreadable(Broken::Garbled))),
            Self::Away(error) => Err(Box::new(Refusal::from(error).into_response())),
        }
    }
}
