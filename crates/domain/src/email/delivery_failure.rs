//! Why an e-mail was not sent. The outbox and the conversation of a reply store the reason by its name.

use std::borrow::Cow;

/// Why an e-mail was not sent, without an address and without words of the mail server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryFailure {
    /// The mail server replied with this code.
    Reply(u16),
    /// The mail server cannot be reached, closed the connection, or does not use SMTP.
    Unreachable,
    /// The mail server took too long.
    TimedOut,
    /// There is no trusted TLS connection to the mail server.
    NoTls,
    /// The mail server lacks STARTTLS, or a supported authentication mechanism.
    MissingCapability,
    /// The mail server supports only ASCII addresses.
    NotAscii,
    /// The recipient's address is not valid.
    InvalidRecipient,
    /// `mail.from` cannot be used as the sender.
    InvalidSender,
    /// `mail.reply` is not an address.
    InvalidReplyAddress,
    /// The id of the cause or of the message has symbols that are not allowed in a header.
    InvalidId,
    /// The message cannot be built.
    Unbuildable,
    /// The template cannot be rendered.
    Template,
    /// It is a reply without its message.
    MissingMessage,
    /// It expired before a mail server accepted it.
    Expired,
    /// It was cancelled, because its message or its recipient no longer exists.
    Cancelled,
    /// Its content does not open.
    Unreadable,
}

impl DeliveryFailure {
    /// All failures but the replies.
    const WITHOUT_CODE: [Self; 15] = [
        Self::Unreachable,
        Self::TimedOut,
        Self::NoTls,
        Self::MissingCapability,
        Self::NotAscii,
        Self::InvalidRecipient,
        Self::InvalidSender,
        Self::InvalidReplyAddress,
        Self::InvalidId,
        Self::Unbuildable,
        Self::Template,
        Self::MissingMessage,
        Self::Expired,
        Self::Cancelled,
        Self::Unreadable,
    ];

    /// Its stored name: `smtp-550`, or a word.
    pub(crate) fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Reply(code) => return Cow::Owned(format!("smtp-{code}")),
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::NoTls => "no-tls",
            Self::MissingCapability => "missing-capability",
            Self::NotAscii => "not-ascii",
            Self::InvalidRecipient => "invalid-recipient",
            Self::InvalidSender => "invalid-sender",
            Self::InvalidReplyAddress => "invalid-reply-address",
            Self::InvalidId => "invalid-id",
            Self::Unbuildable => "unbuildable",
            Self::Template => "template",
            Self::MissingMessage => "missing-message",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Unreadable => "unreadable",
        })
    }

    /// The failure with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name.strip_prefix("smtp-") {
            Some(code) => code.parse().ok().map(Self::Reply),
            None => Self::WITHOUT_CODE.into_iter().find(|failure| failure.name() == name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_name_gives_the_failure_back() {
        let replies = [421, 550].map(DeliveryFailure::Reply);
        for failure in DeliveryFailure::WITHOUT_CODE.into_iter().chain(replies) {
            assert_eq!(DeliveryFailure::from_name(&failure.name()), Some(failure));
        }
        for unknown in ["", "smtp-", "smtp-x", "smtp-99999", "waiting", "Expired"] {
            assert_eq!(DeliveryFailure::from_name(unknown), None, "{unknown}");
        }
    }
}
