//! What the program records in conversations.

use domain::conversations::ConversationEvent;
use inbound_mail::{AutomatedSender, OmittedPart};

use crate::English;

impl English for ConversationEvent {
    fn english(&self) -> String {
        match self {
            Self::Automated(sender) => sender.english(),
            Self::Unsent(failure) => format!("an e-mail could not be sent: {}", failure.english()),
            Self::ErasedByAuthor => "Erased by the person who wrote on the contact page.".to_owned(),
        }
    }
}

impl English for AutomatedSender {
    fn english(&self) -> String {
        match self {
            Self::Bounce { hard: true } => "an e-mail bounced",
            Self::Bounce { hard: false } => "an e-mail is delayed",
            Self::Complaint => "an e-mail was reported as spam",
            Self::Vacation => "automatic out-of-office reply",
            Self::List => "mailing list",
            Self::Loop => "mail loop with our own or another support system",
            Self::ReadReceipt => "read receipt",
            Self::DeliveryReceipt => "delivery receipt",
            Self::FeedbackReport => "feedback report",
            Self::Calendar => "calendar",
            Self::Automatic => "automatic",
            Self::Bulk => "bulk",
            Self::NullReturnPath => "null return path",
            Self::NoReplyAddress => "no reply address",
            Self::Unreadable => "unreadable",
        }
        .to_owned()
    }
}

impl English for OmittedPart {
    fn english(&self) -> String {
        match self {
            Self::Tnef => "attachments in Microsoft's TNEF format (winmail.dat)",
            Self::TooLarge => "files that are too large",
            Self::TooMany => "too many files or parts",
            Self::TooLong => "text beyond the size limit",
            Self::Encrypted => "an encrypted part",
            Self::Unreadable => "a part that could not be read",
        }
        .to_owned()
    }
}
