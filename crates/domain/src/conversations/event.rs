//! What the program records in a conversation. A message stores its event by a name, so that it can be shown in any
//! language.

use inbound_mail::{AutomatedSender, OmittedPart};
use serde::{Serialize, Serializer};

use crate::email::DeliveryFailure;

/// What the program records in a message, beside or instead of the text of its author.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConversationEvent {
    /// An automated sender wrote.
    Automated(AutomatedSender),
    /// A reply of staff was not sent.
    Unsent(DeliveryFailure),
    /// The author erased the message.
    ErasedByAuthor,
}

const SENDERS: [AutomatedSender; 15] = [
    AutomatedSender::Bounce { hard: true },
    AutomatedSender::Bounce { hard: false },
    AutomatedSender::Complaint,
    AutomatedSender::Vacation,
    AutomatedSender::List,
    AutomatedSender::Loop,
    AutomatedSender::ReadReceipt,
    AutomatedSender::DeliveryReceipt,
    AutomatedSender::FeedbackReport,
    AutomatedSender::Calendar,
    AutomatedSender::Automatic,
    AutomatedSender::Bulk,
    AutomatedSender::NullReturnPath,
    AutomatedSender::NoReplyAddress,
    AutomatedSender::Unreadable,
];

/// The stored name of an automated sender.
fn sender_name(sender: AutomatedSender) -> &'static str {
    match sender {
        AutomatedSender::Bounce { hard: true } => "bounce",
        AutomatedSender::Bounce { hard: false } => "delay",
        AutomatedSender::Complaint => "complaint",
        AutomatedSender::Vacation => "vacation",
        AutomatedSender::List => "list",
        AutomatedSender::Loop => "loop",
        AutomatedSender::ReadReceipt => "read-receipt",
        AutomatedSender::DeliveryReceipt => "delivery-receipt",
        AutomatedSender::FeedbackReport => "feedback-report",
        AutomatedSender::Calendar => "calendar",
        AutomatedSender::Automatic => "automatic",
        AutomatedSender::Bulk => "bulk",
        AutomatedSender::NullReturnPath => "null-return-path",
        AutomatedSender::NoReplyAddress => "no-reply-address",
        AutomatedSender::Unreadable => "unreadable",
    }
}

const PARTS: [OmittedPart; 6] = [
    OmittedPart::Tnef,
    OmittedPart::TooLarge,
    OmittedPart::TooMany,
    OmittedPart::TooLong,
    OmittedPart::Encrypted,
    OmittedPart::Unreadable,
];

/// The stored name of a part of an e-mail that is not kept.
fn part_name(part: OmittedPart) -> &'static str {
    match part {
        OmittedPart::Tnef => "tnef",
        OmittedPart::TooLarge => "too-large",
        OmittedPart::TooMany => "too-many",
        OmittedPart::TooLong => "too-long",
        OmittedPart::Encrypted => "encrypted",
        OmittedPart::Unreadable => "unreadable",
    }
}

const ERASED: &str = "erased-by-author";

impl ConversationEvent {
    fn name(self) -> String {
        match self {
            Self::Automated(sender) => sender_name(sender).to_owned(),
            Self::Unsent(failure) => format!("unsent:{}", failure.name()),
            Self::ErasedByAuthor => ERASED.to_owned(),
        }
    }

    /// The event with this name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name.strip_prefix("unsent:") {
            Some(failure) => DeliveryFailure::from_name(failure).map(Self::Unsent),
            None if name == ERASED => Some(Self::ErasedByAuthor),
            None => SENDERS.into_iter().find(|sender| sender_name(*sender) == name).map(Self::Automated),
        }
    }
}

/// Serialised as its name.
impl Serialize for ConversationEvent {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.name())
    }
}

/// Serialises omitted parts as their names.
pub(super) fn serialize_parts<S: Serializer>(parts: &[OmittedPart], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(parts.iter().map(|part| part_name(*part)))
}

/// The omitted part with this name.
pub(super) fn part_from_name(name: &str) -> Option<OmittedPart> {
    PARTS.into_iter().find(|part| part_name(*part) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_name_gives_the_event_back() {
        let automated = SENDERS.map(ConversationEvent::Automated);
        let others = [
            ConversationEvent::Unsent(DeliveryFailure::Reply(550)),
            ConversationEvent::Unsent(DeliveryFailure::Expired),
            ConversationEvent::ErasedByAuthor,
        ];
        for event in automated.into_iter().chain(others) {
            assert_eq!(ConversationEvent::from_name(&event.name()), Some(event));
        }
        for unknown in ["", "unsent:", "unsent:nothing", "Bounce", "an e-mail bounced"] {
            assert_eq!(ConversationEvent::from_name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_stored_name_gives_the_omitted_part_back() {
        for part in PARTS {
            assert_eq!(part_from_name(part_name(part)), Some(part));
        }
        assert_eq!(part_from_name("files that are too large"), None);
    }
}
