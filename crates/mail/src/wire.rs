//! The wire to the mail server: the only thing that knows it.
//!
//! Encrypted unless the server is on this machine; limited in time; a connection is kept for the next letter. What goes
//! wrong is named by its class and the server's code alone: servers repeat addresses in their sentences.

use super::message::{Envelope, Wrapped, on_the_wire};
use crate::settings::{MailConfig, Security, Smtp};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Code, Response};
use lettre::{address, transport::smtp::Error};
use std::error::Error as _;
use std::fmt;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// For reaching one address of the mail server.
const CONNECT: Duration = Duration::from_secs(30);

/// For a whole letter, however slowly the server drips.
const LETTER: Duration = Duration::from_secs(180);

/// A connection that has waited longer for the next letter is given up.
const IDLE: Duration = Duration::from_secs(30);

/// The way to the mail server.
pub struct SmtpClient {
    host: String,
    port: u16,
    hello: ClientId,
    tls: Option<TlsParameters>,
    security: Security,
    login: Option<Credentials>,
    limit: Duration,
    /// The connection of the last letter. Only a whole talk puts one here: after a time-out or a stop midway the next
    /// letter would read the answers to the last one.
    idle: Mutex<Option<(AsyncSmtpConnection, Instant)>>,
}

/// The mail server took the letter over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// What it answered: 250, or another of its class.
    pub code: u16,
}

/// Why there is no wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpConfigError {
    /// `mail.smtp` and `mail.from` aren't set: letters wait.
    NotConfigured,
    /// The domain of `mail.from` is none.
    Sender,
    /// `mail.smtp_ca_file` holds a certificate that can't be read.
    Authority,
    /// TLS can't be set up for that host.
    Tls,
}

/// Why a letter didn't leave, and whether another try can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// Later it may go.
    Temporary(Class),
    /// It will never go: this letter, to this recipient.
    Permanent(Class),
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The server answered with this code.
    Reply(u16),
    /// The server couldn't be reached, hung up, or speaks no SMTP.
    Connection,
    /// It took too long.
    TimedOut,
    /// No trusted encryption with it.
    Tls,
    /// It lacks what we need: STARTTLS or a known way to log in.
    Capability,
    /// It carries only ASCII addresses, and this one isn't.
    NotAscii,
}

impl SmtpClient {
    /// The way that the configuration names. Nothing is connected yet.
    ///
    /// # Errors
    /// See [`SmtpConfigError`].
    pub fn new(mail: &MailConfig) -> Result<Self, SmtpConfigError> {
        let (Some(smtp), Some(from)) = (&mail.smtp, &mail.from) else {
            return Err(SmtpConfigError::NotConfigured);
        };
        let sender = on_the_wire(&from.email).map_err(|_| SmtpConfigError::Sender)?;
        let login = smtp.login.as_ref();
        Ok(Self {
            host: smtp.host.clone(),
            port: smtp.port,
            hello: ClientId::Domain(sender.domain().to_owned()),
            tls: if smtp.security == Security::Plain { None } else { Some(trust(smtp)?) },
            security: smtp.security,
            login: login.map(|login| Credentials::new(login.name.clone(), login.password.to_string())),
            limit: LETTER,
            idle: Mutex::new(None),
        })
    }

    /// The same with another time limit for a whole letter.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Gives a letter to the mail server. Letters that leave at once each have a connection.
    ///
    /// # Errors
    /// See [`SendError`]. After a time-out or a hang-up the server may have taken the letter all the same.
    pub async fn send(&self, letter: &Wrapped) -> Result<Receipt, SendError> {
        let Envelope { from, to } = &letter.envelope;
        let envelope = address::Envelope::new(from.clone(), vec![to.clone()])
            .map_err(|_| SendError::Permanent(Class::NotAscii))?;
        match tokio::time::timeout(self.limit, self.deliver(&envelope, &letter.raw)).await {
            Ok(Ok(response)) => Ok(Receipt { code: response.code().into() }),
            Ok(Err(error)) => Err(classified(&error)),
            Err(_) => Err(SendError::Temporary(Class::TimedOut)),
        }
    }

    async fn deliver(&self, envelope: &address::Envelope, raw: &[u8]) -> Result<Response, Error> {
        let mut connection = match self.waiting().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let response = connection.send(envelope, raw).await?;
        *self.idle.lock().await = Some((connection, Instant::now()));
        Ok(response)
    }

    /// The connection of the last letter, if it still answers.
    async fn waiting(&self) -> Option<AsyncSmtpConnection> {
        let (mut connection, since) = self.idle.lock().await.take()?;
        (since.elapsed() < IDLE && connection.test_connected().await).then_some(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = self.tls.clone().filter(|_| self.security == Security::Tls);
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &self.hello, at_once, None).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.security == Security::StartTls) {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    /// Hangs up politely.
    pub async fn close(&self) {
        if let Some((mut connection, _)) = self.idle.lock().await.take() {
            connection.abort().await;
        }
    }
}

/// Whom to believe that the server is the named one: the public authorities, or the one private one.
fn trust(smtp: &Smtp) -> Result<TlsParameters, SmtpConfigError> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(pem) = &smtp.ca {
        let authority = Certificate::from_pem(pem).map_err(|_| SmtpConfigError::Authority)?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    builder.build().map_err(|_| SmtpConfigError::Tls)
}

fn classified(error: &Error) -> SendError {
    if let Some(code) = error.status() {
        return of_reply(code);
    }
    let class = match error {
        error if error.is_timeout() => Class::TimedOut,
        error if error.is_tls() || failed_handshake(error) => Class::Tls,
        error if error.is_client() && lacks_smtputf8(error) => return SendError::Permanent(Class::NotAscii),
        error if error.is_client() => Class::Capability,
        _ => Class::Connection,
    };
    SendError::Temporary(class)
}

/// A certificate that no trusted authority signed shows as wrong input, inside a broken connection.
fn failed_handshake(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The library tells this apart by its words alone. Should they change, the letter is tried again in vain, not lost.
fn lacks_smtputf8(error: &Error) -> bool {
    error.source().is_some_and(|cause| cause.to_string().contains("SMTPUTF8"))
}

/// A refusal of ourselves (RFC 4954: not logged in, wrong password, ...) or of a command is for the operator to mend,
/// and no verdict on the letter or its recipient.
fn of_reply(code: Code) -> SendError {
    let class = Class::Reply(code.into());
    match u16::from(code) {
        500..=504 | 530 | 534 | 535 | 538 => SendError::Temporary(class),
        500.. => SendError::Permanent(class),
        _ => SendError::Temporary(class),
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(code) => write!(f, "the mail server answered {code}"),
            Self::Connection => f.write_str("the mail server can't be reached, hung up, or speaks no SMTP"),
            Self::TimedOut => f.write_str("the mail server took too long"),
            Self::Tls => f.write_str("no trusted encryption with the mail server"),
            Self::Capability => f.write_str("the mail server lacks STARTTLS or a known way to log in"),
            Self::NotAscii => f.write_str("the mail server carries only ASCII addresses"),
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Temporary(class) => write!(f, "not yet sent: {class}"),
            Self::Permanent(class) => write!(f, "can't be sent: {class}"),
        }
    }
}

impl fmt::Display for SmtpConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConfigured => "mail.smtp and mail.from aren't set: letters wait",
            Self::Sender => "mail.from has no domain that a mail server would know",
            Self::Authority => "mail.smtp_ca_file holds a certificate that can't be read",
            Self::Tls => "TLS can't be set up for the host of mail.smtp",
        })
    }
}

impl std::error::Error for SendError {}
impl std::error::Error for SmtpConfigError {}
