//! Errors of the IMAP client.

use std::fmt;

/// Why the mailbox cannot be read. Contains no text of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImapError {
    /// The mailbox cannot be reached, or closed the connection.
    Connection,
    /// The time limit was exceeded.
    TimedOut,
    /// There is no trusted TLS connection.
    Tls,
    /// `mail.imap_ca_file` has a certificate that cannot be read.
    Authority,
    /// The server lacks STARTTLS, or login with a password.
    Capability,
    /// The server refuses the name or the password.
    Login,
    /// The folder does not exist, or is read-only.
    Folder,
    /// The server does not speak IMAP.
    Protocol,
    /// The server refused a command.
    Refused,
}

impl fmt::Display for ImapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the mailbox cannot be reached, or closed the connection",
            Self::TimedOut => "the mailbox took too long",
            Self::Tls => "no trusted TLS connection to the mailbox",
            Self::Authority => "mail.imap_ca_file has a certificate that cannot be read",
            Self::Capability => "the mailbox lacks STARTTLS, or login with a password",
            Self::Login => "the mailbox refuses the name or the password",
            Self::Folder => "the folder of the mailbox does not exist, or is read-only",
            Self::Protocol => "the mailbox does not speak IMAP",
            Self::Refused => "the mailbox refused a command",
        })
    }
}

impl std::error::Error for ImapError {}
