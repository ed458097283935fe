//! The settings of the mail server and the mailbox, as the configuration gives them.

use lettre::Address;
use lettre::message::Mailbox;
use zeroize::Zeroizing;

/// Everything that the configuration says about e-mail. No `Debug`: it holds passwords.
#[derive(Default)]
pub struct MailConfig {
    /// Who letters are from. Always there when `smtp` is.
    pub from: Option<Mailbox>,
    /// The mail server. Without one, letters wait.
    pub smtp: Option<Smtp>,
    /// The address that takes `+token`: where answers to staff's letters go. Only there when `smtp` is.
    pub reply: Option<Address>,
    /// The mailbox from which mail is taken.
    pub imap: Option<Imap>,
    /// The id with which the vendor's own mail server signs its Authentication-Results. Without it no writer is ever
    /// verified.
    pub authserv: Option<String>,
}

/// How to reach the mail server.
pub struct Smtp {
    /// Name or address of the host, without brackets.
    pub host: String,
    /// The port: by default 587, with TLS from the start 465, to loopback 25.
    pub port: u16,
    /// What protects the way there.
    pub security: Security,
    /// Who we are there, where it asks.
    pub login: Option<Login>,
    /// A private authority (PEM) to trust instead of the public ones.
    pub ca: Option<Vec<u8>>,
}

/// Name and password for the mail server or the mailbox.
pub struct Login {
    /// The name.
    pub name: String,
    /// The password.
    pub password: Zeroizing<String>,
}

/// What protects the way to the mail server or the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS, and no word without it (RFC 3207, RFC 9051).
    StartTls,
    /// Nothing: the same machine.
    Plain,
}

/// How to reach the mailbox.
pub struct Imap {
    /// Name or address of the host, without brackets.
    pub host: String,
    /// The port: by default 143, with TLS from the start 993.
    pub port: u16,
    /// What protects the way there.
    pub security: Security,
    /// Who we are there.
    pub login: Login,
    /// The folder whose mail is taken.
    pub folder: String,
    /// What becomes of a message that was taken.
    pub after: After,
    /// A private authority (PEM) to trust instead of the public ones.
    pub ca: Option<Vec<u8>>,
}

/// What becomes of a message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// It is deleted: a copy left in the mailbox can't be erased with its thread.
    Delete,
    /// It is moved to a folder, where erasing it is the vendor's own work.
    Move(String),
}
