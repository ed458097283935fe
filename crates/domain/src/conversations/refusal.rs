//! Why operations on conversations are refused. The crate `message-catalogue` has the sentence for each reason.

use super::reply_route::NoEmailReason;
use crate::licensing::manual_licensing::ExtensionRefusal;

/// Why a message of the contact page or of a conversation's page is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageRefusal {
    /// There is neither text nor file.
    Empty,
    /// The text has more than [`MAX_MESSAGE_CHARS`](super::MAX_MESSAGE_CHARS) characters.
    TooLong,
    /// There are more than [`MAX_FILES`](super::MAX_FILES) files.
    TooManyFiles,
    /// The files have more than [`MAX_MESSAGE_BYTES`](super::MAX_MESSAGE_BYTES) in total.
    FilesTooLarge,
    /// No e-mail can be sent to the address.
    InvalidAddress,
    /// The text is not the number of a licence.
    InvalidLicenceNumber,
}

/// Why a note is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoteRefusal {
    EmptyText,
}

/// Why a reply is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplyRefusal {
    EmptyText,
    /// No e-mail can be sent, and no one would read the reply on the web page.
    NoRoute(NoEmailReason),
}

/// Why a canned response is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CannedResponseRefusal {
    /// The name is empty, too long, or has other characters than letters, digits and dashes.
    InvalidName,
    /// The text has a placeholder that is not one of [`PLACEHOLDERS`](super::canned_responses::PLACEHOLDERS).
    UnknownPlaceholder {
        /// The word between the braces.
        placeholder: String,
    },
    EmptyText,
    /// The text, which is not encrypted, contains an e-mail address.
    ContainsAddress,
}

/// Why a change of a conversation is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeRefusal {
    /// The conversation is held as spam or automatic mail.
    Held,
    /// The conversation is not held.
    NotHeld,
    /// Only an open or waiting conversation can be snoozed.
    NotOpenOrWaiting,
    /// The snooze is longer than a year.
    SnoozedTooLong,
    /// There are more than [`MAX_TAGS`](super::MAX_TAGS) tags.
    TooManyTags,
    /// A conversation cannot be merged with itself.
    MergedWithItself,
    /// The conversations are not proved to be of one person.
    OtherPerson,
    /// The conversation has no such file.
    NoSuchFile,
    /// The conversation has no such message.
    NoSuchMessage,
    /// The passage has fewer than 3 characters.
    PassageTooShort,
    /// The passage does not occur.
    PassageNotFound,
    /// The licence belongs neither to the customer nor to the conversation.
    UnrelatedLicence,
    /// The licence cannot be extended.
    Extension(ExtensionRefusal),
    /// No link to the portal can be sent.
    Resend(ResendRefusal),
}

/// Why a customer gets no link to their portal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResendRefusal {
    /// The conversation is not linked to a customer.
    NotLinked,
    /// E-mails to the customer are stopped.
    EmailsStopped,
    /// The customer's last message is too old to cause an e-mail.
    LastMessageTooOld,
    /// The link was already sent after the customer's last message.
    AlreadySent,
    /// The address got the maximum number of links.
    RateLimit,
}
