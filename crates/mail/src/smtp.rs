//! The SMTP client.
//!
//! The connection is encrypted unless the server is on this machine, has a time limit, and is kept for the next e-mail.
//! An error names only its class and the server's reply code, because servers repeat addresses in their replies.

use super::message::{ComposedEmail, Envelope, ascii_domain};
use crate::settings::{MailConfig, Security, Smtp};
use domain::email::DeliveryFailure;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Code, Response};
use lettre::{address, transport::smtp::Error};
use std::error::Error as _;
use std::fmt;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// The time limit for connecting to one address of the mail server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit for a whole e-mail, for a slow server too.
const SEND_TIMEOUT: Duration = Duration::from_secs(180);

/// The time after which an idle connection is not used again.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A client of the mail server.
pub struct SmtpClient {
    host: String,
    port: u16,
    hello: ClientId,
    tls: Option<TlsParameters>,
    security: Security,
    login: Option<Credentials>,
    timeout: Duration,
    /// The connection of the last e-mail. Only a completed exchange keeps its connection: after a time-out the next e-mail
    /// would read the replies to the last one.
    idle: Mutex<Option<(AsyncSmtpConnection, Instant)>>,
}

/// The mail server accepted the e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpReply {
    /// The reply code: 250, or another of its class.
    pub code: u16,
}

/// Why there is no client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpConfigError {
    /// `mail.smtp` and `mail.from` are not set: e-mails wait in the outbox.
    NotConfigured,
    /// The domain of `mail.from` is not valid.
    Sender,
    /// `mail.smtp_ca_file` has a certificate that cannot be read.
    Authority,
    /// TLS cannot be set up for the host.
    Tls,
}

/// Why an e-mail was not sent, and whether a retry can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// A retry can succeed.
    Temporary(SmtpErrorClass),
    /// A retry cannot succeed for this e-mail and this recipient.
    Permanent(SmtpErrorClass),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpErrorClass {
    /// The server replied with this code.
    Reply(u16),
    /// The server cannot be reached, closed the connection, or does not use SMTP.
    Connection,
    /// The time limit was exceeded.
    TimedOut,
    /// There is no trusted TLS connection.
    Tls,
    /// The server lacks STARTTLS, or a supported authentication mechanism.
    Capability,
    /// The server supports only ASCII addresses, and this address is not ASCII.
    NotAscii,
}

impl SendError {
    /// The same error, after which a retry can succeed.
    const fn as_temporary(self) -> Self {
        match self {
            Self::Temporary(class) | Self::Permanent(class) => Self::Temporary(class),
        }
    }
}

impl SmtpClient {
    /// Creates a client from the configuration, without connecting.
    ///
    /// # Errors
    /// See [`SmtpConfigError`].
    pub fn new(mail: &MailConfig) -> Result<Self, SmtpConfigError> {
        let (Some(smtp), Some(from)) = (&mail.smtp, &mail.from) else {
            return Err(SmtpConfigError::NotConfigured);
        };
        let sender = ascii_domain(&from.email).map_err(|_| SmtpConfigError::Sender)?;
        let login = smtp.login.as_ref();
        Ok(Self {
            host: smtp.host.clone(),
            port: smtp.port,
            hello: ClientId::Domain(sender.domain().to_owned()),
            tls: if smtp.security == Security::Plain { None } else { Some(tls_parameters(smtp)?) },
            security: smtp.security,
            login: login.map(|login| Credentials::new(login.name.clone(), login.password.to_string())),
            timeout: SEND_TIMEOUT,
            idle: Mutex::new(None),
        })
    }

    /// Sets another time limit for a whole e-mail.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sends an e-mail. Concurrent e-mails use a connection each.
    ///
    /// # Errors
    /// See [`SendError`]. After a time-out or a closed connection the server may have accepted the e-mail anyway.
    pub async fn send(&self, email: &ComposedEmail) -> Result<SmtpReply, SendError> {
        let Envelope { from, to } = &email.envelope;
        let envelope = address::Envelope::new(from.clone(), vec![to.clone()])
            .map_err(|_| SendError::Permanent(SmtpErrorClass::NotAscii))?;
        match tokio::time::timeout(self.timeout, self.deliver(&envelope, &email.raw)).await {
            Ok(Ok(response)) => Ok(SmtpReply { code: response.code().into() }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(SendError::Temporary(SmtpErrorClass::TimedOut)),
        }
    }

    async fn deliver(&self, envelope: &address::Envelope, raw: &[u8]) -> Result<Response, SendError> {
        let mut connection = match self.idle_connection().await {
            Some(connection) => connection,
            // What a server refuses before it gets the e-mail says nothing about the e-mail or its recipient.
            None => self.connect().await.map_err(|error| classify(&error).as_temporary())?,
        };
        let response = connection.send(envelope, raw).await.map_err(|error| classify(&error))?;
        *self.idle.lock().await = Some((connection, Instant::now()));
        Ok(response)
    }

    /// The idle connection, if it still works.
    async fn idle_connection(&self) -> Option<AsyncSmtpConnection> {
        let (mut connection, since) = self.idle.lock().await.take()?;
        (since.elapsed() < IDLE_TIMEOUT && connection.test_connected().await).then_some(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let immediate_tls = self.tls.clone().filter(|_| self.security == Security::Tls);
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(CONNECT_TIMEOUT),
            &self.hello,
            immediate_tls,
            None,
        )
        .await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.security == Security::StartTls) {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    /// Closes the idle connection.
    pub async fn close(&self) {
        if let Some((mut connection, _)) = self.idle.lock().await.take() {
            connection.abort().await;
        }
    }
}

/// The trusted certificate authorities: the public ones, or the one private authority.
fn tls_parameters(smtp: &Smtp) -> Result<TlsParameters, SmtpConfigError> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(pem) = &smtp.ca {
        let authority = Certificate::from_pem(pem).map_err(|_| SmtpConfigError::Authority)?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    builder.build().map_err(|_| SmtpConfigError::Tls)
}

fn classify(error: &Error) -> SendError {
    if let Some(code) = error.status() {
        return from_reply(code);
    }
    let class = match error {
        error if error.is_timeout() => SmtpErrorClass::TimedOut,
        error if error.is_tls() || is_untrusted_certificate(error) => SmtpErrorClass::Tls,
        error if error.is_client() && lacks_smtputf8(error) => {
            return SendError::Permanent(SmtpErrorClass::NotAscii);
        }
        error if error.is_client() => SmtpErrorClass::Capability,
        _ => SmtpErrorClass::Connection,
    };
    SendError::Temporary(class)
}

/// Detects a certificate that no trusted authority signed: the library reports it as invalid data in a connection error.
fn is_untrusted_certificate(error: &Error) -> bool {
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

/// Detects a missing SMTPUTF8 by the text of the library's error. If that text changes, the e-mail is retried in vain, not
/// lost.
fn lacks_smtputf8(error: &Error) -> bool {
    error.source().is_some_and(|cause| cause.to_string().contains("SMTPUTF8"))
}

/// Classifies a reply code. A refused login (RFC 4954) or command is temporary: the operator must correct it, and it says
/// nothing about the e-mail or its recipient.
fn from_reply(code: Code) -> SendError {
    let class = SmtpErrorClass::Reply(code.into());
    match u16::from(code) {
        500..=504 | 530 | 534 | 535 | 538 => SendError::Temporary(class),
        500.. => SendError::Permanent(class),
        _ => SendError::Temporary(class),
    }
}

impl From<SmtpErrorClass> for DeliveryFailure {
    fn from(class: SmtpErrorClass) -> Self {
        match class {
            SmtpErrorClass::Reply(code) => Self::Reply(code),
            SmtpErrorClass::Connection => Self::Unreachable,
            SmtpErrorClass::TimedOut => Self::TimedOut,
            SmtpErrorClass::Tls => Self::NoTls,
            SmtpErrorClass::Capability => Self::MissingCapability,
            SmtpErrorClass::NotAscii => Self::NotAscii,
        }
    }
}

impl fmt::Display for SmtpConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConfigured => "mail.smtp and mail.from are not set: e-mails wait in the outbox",
            Self::Sender => "the domain of mail.from is not valid",
            Self::Authority => "mail.smtp_ca_file has a certificate that cannot be read",
            Self::Tls => "TLS cannot be set up for the host of mail.smtp",
        })
    }
}

impl std::error::Error for SmtpConfigError {}
