//! The proof of e-mails.

use domain::compliance::prove::findings::emails::{CauseFault, Fault, Observation, Violation};
use domain::email::EmailKind;
use store::EmailStage;

use crate::English;

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::Cause { stage: EmailStage::Sent, id, fault } => {
                format!("audit entry {id}: {}", fault.english())
            }
            Self::Cause { stage: EmailStage::Queued, id, fault } => {
                format!("outbox row {id}: {}", fault.english())
            }
        }
    }
}

impl English for CauseFault {
    fn english(&self) -> String {
        match self {
            Self::UnknownKind => "the e-mail's kind is not in the closed list",
            Self::Missing => "the e-mail has no cause",
            Self::NotAction => "its cause is not an action of a person",
            Self::DisallowedAction => "its cause is an action that does not allow this e-mail",
            Self::OtherPerson => "its cause is an action of another person",
            Self::WithoutMessage => "its cause is an action without a message of that person",
            Self::TooOld => "its cause is an action that was too old",
        }
        .to_owned()
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::FurtherWithoutCause => "more e-mails without a valid cause".to_owned(),
            Self::Repeated { cause, kind } => {
                format!("audit entry {cause}: e-mails of the kind {kind} caused by this one action")
            }
        }
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Checked { stage: EmailStage::Sent, emails } => {
                format!("e-mails sent, each checked against the action that caused it: {emails}")
            }
            Self::Checked { stage: EmailStage::Queued, emails } => {
                format!("e-mails in the outbox, each checked against the action that caused it: {emails}")
            }
            Self::ClosedList(kinds) => {
                let kinds: Vec<&str> = kinds.iter().copied().map(EmailKind::name).collect();
                format!("the closed list of e-mails: {}", kinds.join(", "))
            }
        }
    }
}
