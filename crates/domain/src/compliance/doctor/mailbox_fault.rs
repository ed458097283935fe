//! Why the mailbox cannot be read. The fault is stored by its name until the mailbox can be read again.

/// Why the mailbox cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailboxFault {
    /// It cannot be reached, or closed the connection.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// There is no trusted TLS connection.
    NoTls,
    /// `mail.imap_ca_file` has a certificate that cannot be read.
    Authority,
    /// It lacks STARTTLS, or login with a password.
    MissingCapability,
    /// It refuses the name or the password.
    Login,
    /// Its folder does not exist, or is read-only.
    Folder,
    /// It does not speak IMAP.
    Protocol,
    /// It refused a command.
    RefusedCommand,
}

impl MailboxFault {
    const ALL: [Self; 9] = [
        Self::Unreachable,
        Self::TimedOut,
        Self::NoTls,
        Self::Authority,
        Self::MissingCapability,
        Self::Login,
        Self::Folder,
        Self::Protocol,
        Self::RefusedCommand,
    ];

    /// The stored name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::NoTls => "no-tls",
            Self::Authority => "authority",
            Self::MissingCapability => "missing-capability",
            Self::Login => "login",
            Self::Folder => "folder",
            Self::Protocol => "protocol",
            Self::RefusedCommand => "refused-command",
        }
    }

    /// The fault with this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}
