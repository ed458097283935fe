//! What the proof finds in e-mails and the actions that caused them.

use store::EmailStage;

use crate::email::EmailKind;

/// What contradicts the promise about e-mails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// An e-mail has no valid cause.
    Cause {
        /// Whether it was sent or waits.
        stage: EmailStage,
        /// Its audit entry if it was sent, its row of the outbox if it waits.
        id: i64,
        /// What is wrong with the cause.
        fault: CauseFault,
    },
}

/// What is wrong with the cause of an e-mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CauseFault {
    /// The e-mail's kind is not in the closed list.
    UnknownKind,
    /// The e-mail has no cause.
    Missing,
    /// The cause is not an action of a person.
    NotAction,
    /// The cause is an action that does not allow this e-mail.
    DisallowedAction,
    /// The cause is an action of another person.
    OtherPerson,
    /// The cause is an action without a message of that person.
    WithoutMessage,
    /// The cause is an action that was too old.
    TooOld,
}

/// A fault of e-mails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Further e-mails without a valid cause, which are not named one by one.
    FurtherWithoutCause,
    /// One action caused several e-mails of a kind.
    Repeated {
        /// Audit entry of the action.
        cause: i64,
        /// Kind of the e-mails.
        kind: String,
    },
}

/// What was checked of e-mails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// Each e-mail was compared with the action that caused it.
    Checked {
        /// Whether they were sent or wait.
        stage: EmailStage,
        /// E-mails.
        emails: u64,
    },
    /// The closed list of e-mails.
    ClosedList(&'static [EmailKind]),
}
