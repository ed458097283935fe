//! Conversations: why messages, replies and changes are refused.

use domain::conversations::canned_responses::PLACEHOLDERS;
use domain::conversations::{
    CannedResponseRefusal, ChangeRefusal, MAX_ACTION_AGE_DAYS, MAX_FILES, MAX_MESSAGE_BYTES,
    MAX_MESSAGE_CHARS, MAX_TAGS, MessageRefusal, NoEmailReason, NoteRefusal, ReplyRefusal, ResendRefusal,
};

use crate::English;
use crate::english::numbers::{grouped, megabytes};

const HELD: &str = "the conversation is held as spam or automatic mail; release it first";
const EMPTY_TEXT: &str = "the text is empty";

/// Sentences for the person who writes. They start with a capital, because they stand after a colon on a page.
impl English for MessageRefusal {
    fn english(&self) -> String {
        match self {
            Self::Empty => "Enter a message".to_owned(),
            Self::TooLong => {
                format!("The message must have {} characters or fewer", grouped(MAX_MESSAGE_CHARS))
            }
            Self::TooManyFiles => format!("A message can have up to {MAX_FILES} files"),
            Self::FilesTooLarge => {
                format!("The files of a message must be {} or less in total", megabytes(MAX_MESSAGE_BYTES))
            }
            Self::InvalidAddress => {
                "Enter an e-mail address in the correct format, like name@example.com".to_owned()
            }
            Self::InvalidLicenceNumber => "Enter a licence number with 8 letters and digits".to_owned(),
        }
    }
}

impl English for NoteRefusal {
    fn english(&self) -> String {
        match self {
            Self::EmptyText => EMPTY_TEXT.to_owned(),
        }
    }
}

impl English for ReplyRefusal {
    fn english(&self) -> String {
        match self {
            Self::EmptyText => EMPTY_TEXT.to_owned(),
            Self::NoRoute(reason) => reason.english(),
        }
    }
}

impl English for NoEmailReason {
    fn english(&self) -> String {
        match self {
            Self::Held => HELD.to_owned(),
            Self::NoAddress => "the sender gave no e-mail address".to_owned(),
            Self::Bounced => "an e-mail to this address bounced; the sender must write again first".to_owned(),
            Self::StoppedBySender => "the sender asked for no more e-mails; the sender must write again first (by \
                                      e-mail, if the address was typed on the page)"
                .to_owned(),
            Self::NoPerson => "no person has written; automatic mail gets no answer".to_owned(),
            Self::LastMessageTooOld => format!(
                "the sender's last message is more than {MAX_ACTION_AGE_DAYS} days old; the sender must write again \
                 first"
            ),
            Self::UnprovedAddressLimit => format!(
                "this e-mail address is not proved, and it already got its one e-mail; the owner must answer that \
                 e-mail, or {MAX_ACTION_AGE_DAYS} days must pass after your last reply"
            ),
            Self::StoppedByOwner => "e-mails to this address are stopped, and no verified message from its owner \
                                     arrived since"
                .to_owned(),
            Self::OtherConversationDamaged => "this e-mail address is not proved, and a row of another conversation \
                                               is damaged, so whether the address already got its one e-mail is \
                                               unknown; `scruple prove` names the row"
                .to_owned(),
        }
    }
}

impl English for CannedResponseRefusal {
    fn english(&self) -> String {
        match self {
            Self::InvalidName => "a name must have 1 to 60 lower-case letters, digits and dashes".to_owned(),
            Self::UnknownPlaceholder { placeholder } => {
                format!("{{{placeholder}}} is not a placeholder; use one of: {}", PLACEHOLDERS.join(", "))
            }
            Self::EmptyText => EMPTY_TEXT.to_owned(),
            Self::ContainsAddress => {
                "the text is not encrypted, so it must not contain an e-mail address".to_owned()
            }
        }
    }
}

impl English for ChangeRefusal {
    fn english(&self) -> String {
        match self {
            Self::Held => HELD.to_owned(),
            Self::NotHeld => "the conversation is not held".to_owned(),
            Self::NotOpenOrWaiting => "only an open or waiting conversation can be snoozed".to_owned(),
            Self::SnoozedTooLong => "a conversation can be snoozed for 1 year at most".to_owned(),
            Self::TooManyTags => format!("a conversation can have up to {MAX_TAGS} tags"),
            Self::MergedWithItself => "a conversation cannot be merged with itself".to_owned(),
            Self::OtherPerson => {
                "only conversations of one person can be merged: both linked to the same customer, \
                                  or both with the same proved address"
                    .to_owned()
            }
            Self::NoSuchFile => "the conversation has no such file".to_owned(),
            Self::NoSuchMessage => "the conversation has no such message".to_owned(),
            Self::PassageTooShort => "the passage must have 3 characters or more".to_owned(),
            Self::PassageNotFound => {
                "the passage does not occur exactly like this in the message, its file names, the \
                                      subject or the tags"
                    .to_owned()
            }
            Self::UnrelatedLicence => {
                "the licence belongs neither to the customer nor to this conversation".to_owned()
            }
            Self::Extension(refusal) => refusal.english(),
            Self::Resend(refusal) => refusal.english(),
        }
    }
}

impl English for ResendRefusal {
    fn english(&self) -> String {
        match self {
            Self::NotLinked => {
                "the conversation is not linked to a customer, and only a customer has a portal".to_owned()
            }
            Self::EmailsStopped => {
                "e-mails to this customer are stopped, because the customer asked for it or an \
                                    e-mail bounced; the customer must write first"
                    .to_owned()
            }
            Self::LastMessageTooOld => format!(
                "the customer's last message is more than {MAX_ACTION_AGE_DAYS} days old; the customer must write first"
            ),
            Self::AlreadySent => "the link was already sent after the customer's last message".to_owned(),
            Self::RateLimit => {
                "this address got the maximum number of links for a day; the customer can use one of \
                                them"
                    .to_owned()
            }
        }
    }
}
