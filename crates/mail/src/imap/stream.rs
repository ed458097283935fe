//! Bytes from and to the server: encryption, lines, and the literals between them, each bounded.

use super::Fault;
use super::answer::{Answer, Body};
use crate::settings::{Imap, Security};
use std::sync::Arc;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// No message that we take is larger, in bytes.
pub const LARGEST: u64 = 40 << 20;

/// No answer is longer, in bytes, its literals aside: the numbers of half a million messages.
const LONGEST: usize = 4 << 20;

/// A way for bytes, plain or encrypted.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Whether the greeting is heard before the encryption begins.
pub fn is_encrypting(imap: &Imap) -> bool {
    imap.security == Security::StartTls
}

/// Reaches the server, encrypted as configured.
pub async fn connect(imap: &Imap) -> Result<Box<dyn Stream>, Fault> {
    let stream = TcpStream::connect((imap.host.as_str(), imap.port)).await.map_err(|_| Fault::Connection)?;
    match imap.security {
        Security::Plain => Ok(Box::new(stream)),
        Security::Tls => encrypted(stream, imap).await,
        Security::StartTls => {
            let mut talk = Talk::over(Box::new(stream));
            talk.answer().await?.greets().then_some(()).ok_or(Fault::Protocol)?;
            let tag = talk.begin();
            talk.say(&format!("{tag} STARTTLS\r\n")).await?;
            let agreed = loop {
                if let Some(agreed) = talk.answer().await?.ends(&tag) {
                    break agreed;
                }
            };
            agreed.then_some(()).ok_or(Fault::Capability)?;
            // What was sent before the encryption began must not be read as if it came after (CVE-2011-0411).
            let stream = talk.bare()?;
            encrypted(stream, imap).await
        }
    }
}

async fn encrypted<S: Stream + 'static>(stream: S, imap: &Imap) -> Result<Box<dyn Stream>, Fault> {
    let mut trusted = RootCertStore::empty();
    match &imap.ca {
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| Fault::Authority)?;
                trusted.add(certificate).map_err(|_| Fault::Authority)?;
            }
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Fault::Tls)?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let name = ServerName::try_from(imap.host.clone()).map_err(|_| Fault::Tls)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    Ok(Box::new(stream.map_err(|_| Fault::Tls)?))
}

/// Commands out, answers in.
pub struct Talk {
    stream: BufReader<Box<dyn Stream>>,
    commands: u32,
    /// The answer of which a part is read: waiting for the rest may be given up and taken up again.
    half: Half,
}

#[derive(Default)]
struct Half {
    text: Vec<u8>,
    literals: Vec<Body>,
}

impl Talk {
    pub fn over(stream: Box<dyn Stream>) -> Self {
        Self { stream: BufReader::with_capacity(16 * 1024, stream), commands: 0, half: Half::default() }
    }

    /// The stream, when all that came has been read.
    fn bare(self) -> Result<Box<dyn Stream>, Fault> {
        let nothing = self.stream.buffer().is_empty() && self.half.text.is_empty();
        nothing.then(|| self.stream.into_inner()).ok_or(Fault::Protocol)
    }

    /// The tag of the next command.
    pub fn begin(&mut self) -> String {
        self.commands += 1;
        format!("s{}", self.commands)
    }

    pub async fn say(&mut self, text: &str) -> Result<(), Fault> {
        let stream = self.stream.get_mut();
        let said = async {
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await
        };
        match tokio::time::timeout(super::ANSWER, said).await {
            Err(_) => Err(Fault::TimedOut),
            Ok(said) => said.map_err(|_| Fault::Connection),
        }
    }

    /// The next answer, whole.
    pub async fn answer(&mut self) -> Result<Answer, Fault> {
        loop {
            self.line().await?;
            match literal(&self.half.text) {
                None => break,
                Some(size) => {
                    let body = self.literal(size).await?;
                    self.half.literals.push(body);
                }
            }
        }
        let Half { text, literals } = std::mem::take(&mut self.half);
        Ok(Answer::new(text, literals))
    }

    /// Reads to a line's end. Given up midway, what was read stays and the next call goes on behind it.
    async fn line(&mut self) -> Result<(), Fault> {
        loop {
            let bytes = self.stream.fill_buf().await.map_err(|_| Fault::Connection)?;
            if bytes.is_empty() {
                return Err(Fault::Connection);
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let read = end.map_or(bytes.len(), |at| at + 1);
            self.half.text.extend_from_slice(&bytes[..read]);
            self.stream.consume(read);
            if self.half.text.len() > LONGEST {
                return Err(Fault::Protocol);
            }
            if end.is_some() {
                return Ok(());
            }
        }
    }

    async fn literal(&mut self, size: u64) -> Result<Body, Fault> {
        let mut from = (&mut self.stream).take(size);
        if size > LARGEST {
            let past = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
            return if past.is_ok_and(|past| past == size) {
                Ok(Body::TooLarge)
            } else {
                Err(Fault::Connection)
            };
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).map_err(|_| Fault::Protocol)?);
        let read = from.read_to_end(&mut bytes).await.map_err(|_| Fault::Connection)?;
        if read as u64 == size { Ok(Body::Whole(bytes)) } else { Err(Fault::Connection) }
    }
}

/// The size of the literal that follows. Only messages come in literals here; elsewhere `{7}` may end a sentence.
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
