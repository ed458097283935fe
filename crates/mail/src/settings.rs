//! The settings of the mail server and the mailbox.

use lettre::Address;
use lettre::message::Mailbox;
use zeroize::Zeroizing;

/// The configuration of e-mail. No `Debug`, because it contains passwords.
#[derive(Default)]
pub struct MailConfig {
    /// The sender of e-mails. Always set if `smtp` is set.
    pub from: Option<Mailbox>,
    /// The mail server. Without one, e-mails wait in the outbox.
    pub smtp: Option<Smtp>,
    /// The address for replies to e-mails of staff; it must accept `+token` (subaddressing). Only set if `smtp` is set.
    pub reply: Option<Address>,
    /// The mailbox from which e-mail is received.
    pub imap: Option<Imap>,
    /// The authserv-id of the vendor's own mail server in Authentication-Results (RFC 8601). Without it no sender is
    /// verified.
    pub authserv: Option<String>,
}

/// How to reach the mail server.
pub struct Smtp {
    /// The name or address of the host, without brackets.
    pub host: String,
    /// The port: by default 587, with TLS from the start 465, to loopback 25.
    pub port: u16,
    /// The encryption of the connection.
    pub security: Security,
    /// Name and password, if the server needs them.
    pub login: Option<Login>,
    /// A private certificate authority (PEM) to trust instead of the public ones.
    pub ca: Option<Vec<u8>>,
}

/// Name and password for the mail server or the mailbox.
pub struct Login {
    pub name: String,
    pub password: Zeroizing<String>,
}

/// The encryption of the connection to the mail server or the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS; nothing is sent without it (RFC 3207, RFC 9051).
    StartTls,
    /// No encryption: the server is on this machine.
    Plain,
}

/// How to reach the mailbox.
pub struct Imap {
    /// The name or address of the host, without brackets.
    pub host: String,
    /// The port: by default 143, with TLS from the start 993.
    pub port: u16,
    /// The encryption of the connection.
    pub security: Security,
    /// Name and password.
    pub login: Login,
    /// The folder whose messages are received.
    pub folder: String,
    /// What happens to a message that was received.
    pub after: After,
    /// A private certificate authority (PEM) to trust instead of the public ones.
    pub ca: Option<Vec<u8>>,
}

/// What happens to a message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// It is deleted, because a copy in the mailbox cannot be erased with its conversation.
    Delete,
    /// It is moved to a folder. The vendor must erase it there.
    Move(String),
}
