//! E-mail: why one was not sent, and why the mailbox cannot be read.

use domain::compliance::doctor::MailboxFault;
use domain::email::DeliveryFailure;

use crate::English;

impl English for DeliveryFailure {
    fn english(&self) -> String {
        match self {
            Self::Reply(code) => return format!("the mail server replied {code}"),
            Self::Unreachable => {
                "the mail server cannot be reached, closed the connection, or does not use SMTP"
            }
            Self::TimedOut => "the mail server took too long",
            Self::NoTls => "no trusted TLS connection to the mail server",
            Self::MissingCapability => {
                "the mail server lacks STARTTLS or a supported authentication mechanism"
            }
            Self::NotAscii => "the mail server supports only ASCII addresses",
            Self::InvalidRecipient => "the recipient's address is not valid",
            Self::InvalidSender => "mail.from cannot be used as the sender",
            Self::InvalidReplyAddress => "mail.reply is not an address",
            Self::InvalidId => {
                "the id of the cause or of the message has symbols that are not allowed in a header"
            }
            Self::Unbuildable => "the message cannot be built",
            Self::Template => "its template cannot be rendered",
            Self::MissingMessage => "a reply without its message",
            Self::Expired => "it expired before a mail server accepted it",
            Self::Cancelled => "cancelled",
            Self::Unreadable => "unreadable",
        }
        .to_owned()
    }
}

impl English for MailboxFault {
    fn english(&self) -> String {
        match self {
            Self::Unreachable => "the mailbox cannot be reached, or closed the connection",
            Self::TimedOut => "the mailbox took too long",
            Self::NoTls => "no trusted TLS connection to the mailbox",
            Self::Authority => "mail.imap_ca_file has a certificate that cannot be read",
            Self::MissingCapability => "the mailbox lacks STARTTLS, or login with a password",
            Self::Login => "the mailbox refuses the name or the password",
            Self::Folder => "the folder of the mailbox does not exist, or is read-only",
            Self::Protocol => "the mailbox does not speak IMAP",
            Self::RefusedCommand => "the mailbox refused a command",
        }
        .to_owned()
    }
}
