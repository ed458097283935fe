//! The connection to the server: TLS, lines and literals, each with a size limit.

use super::error::ImapError;
use super::response::{Body, ImapResponse};
use crate::settings::{Imap, Security};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// The time limit for a response to a command, and for connecting.
pub(super) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(120);

/// The maximum size of a message, in bytes.
pub const MAX_MESSAGE_BYTES: u64 = 40 << 20;

/// The maximum size of a response without its literals, in bytes: the UIDs of half a million messages.
const MAX_RESPONSE_BYTES: usize = 4 << 20;

/// A byte stream, plain or encrypted.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Whether `connect` reads the greeting already, before encryption starts.
pub(crate) fn greeting_is_read(imap: &Imap) -> bool {
    imap.security == Security::StartTls
}

/// Connects to the server, with encryption as configured.
pub(super) async fn connect(imap: &Imap) -> Result<Box<dyn Stream>, ImapError> {
    let stream =
        TcpStream::connect((imap.host.as_str(), imap.port)).await.map_err(|_| ImapError::Connection)?;
    match imap.security {
        Security::Plain => Ok(Box::new(stream)),
        Security::Tls => encrypted(stream, imap).await,
        Security::StartTls => {
            let mut plain = ImapStream::new(Box::new(stream));
            plain.response().await?.is_greeting().then_some(()).ok_or(ImapError::Protocol)?;
            let tag = plain.next_tag();
            plain.send(&format!("{tag} STARTTLS\r\n")).await?;
            let agreed = loop {
                if let Some(agreed) = plain.response().await?.completes(&tag) {
                    break agreed;
                }
            };
            agreed.then_some(()).ok_or(ImapError::Capability)?;
            // Data sent before encryption must not be read as if it came after it (CVE-2011-0411).
            let stream = plain.into_inner()?;
            encrypted(stream, imap).await
        }
    }
}

async fn encrypted<S: Stream + 'static>(stream: S, imap: &Imap) -> Result<Box<dyn Stream>, ImapError> {
    let mut trusted = RootCertStore::empty();
    match &imap.ca {
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| ImapError::Authority)?;
                trusted.add(certificate).map_err(|_| ImapError::Authority)?;
            }
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| ImapError::Tls)?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let name = ServerName::try_from(imap.host.clone()).map_err(|_| ImapError::Tls)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    Ok(Box::new(stream.map_err(|_| ImapError::Tls)?))
}

/// Sends commands and reads responses.
pub(super) struct ImapStream {
    stream: BufReader<Box<dyn Stream>>,
    commands: u32,
    /// The response that is partly read. Reading can be cancelled and continued.
    partial: Partial,
}

#[derive(Default)]
struct Partial {
    text: Vec<u8>,
    literals: Vec<Body>,
}

impl Partial {
    /// Bytes of the literals so far, at most [`MAX_MESSAGE_BYTES`].
    fn kept(&self) -> u64 {
        let size = |body: &Body| match body {
            Body::Whole(bytes) => bytes.len() as u64,
            Body::TooLarge => 0,
        };
        self.literals.iter().map(size).sum()
    }
}

impl ImapStream {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream: BufReader::with_capacity(16 * 1024, stream), commands: 0, partial: Partial::default() }
    }

    /// Returns the stream if everything received has been read.
    fn into_inner(self) -> Result<Box<dyn Stream>, ImapError> {
        let nothing = self.stream.buffer().is_empty() && self.partial.text.is_empty();
        nothing.then(|| self.stream.into_inner()).ok_or(ImapError::Protocol)
    }

    /// The tag of the next command.
    pub(crate) fn next_tag(&mut self) -> String {
        self.commands += 1;
        format!("s{}", self.commands)
    }

    pub(super) async fn send(&mut self, text: &str) -> Result<(), ImapError> {
        let stream = self.stream.get_mut();
        let sent = async {
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await
        };
        match tokio::time::timeout(RESPONSE_TIMEOUT, sent).await {
            Err(_) => Err(ImapError::TimedOut),
            Ok(sent) => sent.map_err(|_| ImapError::Connection),
        }
    }

    /// Reads the next response. All its literals together have the size of one message at most; the others are skipped.
    pub(super) async fn response(&mut self) -> Result<ImapResponse, ImapError> {
        loop {
            self.line().await?;
            match literal(&self.partial.text) {
                None => break,
                Some(size) => {
                    let body = self.literal(size, MAX_MESSAGE_BYTES - self.partial.kept()).await?;
                    self.partial.literals.push(body);
                }
            }
        }
        let Partial { text, literals } = std::mem::take(&mut self.partial);
        Ok(ImapResponse::new(text, literals))
    }

    /// Reads to the end of a line. If it is cancelled, the next call continues.
    async fn line(&mut self) -> Result<(), ImapError> {
        loop {
            let bytes = self.stream.fill_buf().await.map_err(|_| ImapError::Connection)?;
            if bytes.is_empty() {
                return Err(ImapError::Connection);
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let read = end.map_or(bytes.len(), |at| at + 1);
            self.partial.text.extend_from_slice(&bytes[..read]);
            self.stream.consume(read);
            if self.partial.text.len() > MAX_RESPONSE_BYTES {
                return Err(ImapError::Protocol);
            }
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Reads a literal, or skips it if it has more bytes than `most`.
    async fn literal(&mut self, size: u64, most: u64) -> Result<Body, ImapError> {
        let mut from = (&mut self.stream).take(size);
        if size > most {
            let past = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
            return if past.is_ok_and(|past| past == size) {
                Ok(Body::TooLarge)
            } else {
                Err(ImapError::Connection)
            };
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).map_err(|_| ImapError::Protocol)?);
        let read = from.read_to_end(&mut bytes).await.map_err(|_| ImapError::Connection)?;
        if read as u64 == size { Ok(Body::Whole(bytes)) } else { Err(ImapError::Connection) }
    }
}

/// The size of the literal that follows. Only FETCH responses have literals here; another text can end in `{7}`.
fn literal(text: &[u8]) -> Option<u64> {
    let line = text.strip_suffix(b"\r\n").or_else(|| text.strip_suffix(b"\n"))?;
    let number = line.strip_suffix(b"}")?;
    let at = number.iter().rposition(|byte| *byte == b'{')?;
    let head = text.get(..64.min(text.len()))?.split(|byte| *byte == b' ');
    let is_fetch = head.clone().next() == Some(b"*")
        && head.clone().nth(1).is_some_and(|n| n.iter().all(u8::is_ascii_digit))
        && head.clone().nth(2).is_some_and(|word| word.eq_ignore_ascii_case(b"FETCH"));
    let digits = &number[at + 1..];
    let fits = is_fetch && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    fits.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}
