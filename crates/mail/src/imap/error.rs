//! Errors of the IMAP client.

use domain::compliance::doctor::MailboxFault;

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

impl From<ImapError> for MailboxFault {
    fn from(error: ImapError) -> Self {
        match error {
            ImapError::Connection => Self::Unreachable,
            ImapError::TimedOut => Self::TimedOut,
            ImapError::Tls => Self::NoTls,
            ImapError::Authority => Self::Authority,
            ImapError::Capability => Self::MissingCapability,
            ImapError::Login => Self::Login,
            ImapError::Folder => Self::Folder,
            ImapError::Protocol => Self::Protocol,
            ImapError::Refused => Self::RefusedCommand,
        }
    }
}
