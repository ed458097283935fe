//! What staff do with threads. Whoever opens one names themselves, and the thread is the case.

mod change;
mod merge;
mod redact;
mod reply;
pub(super) mod show;
mod update;

pub use change::{
    AddNote, AddNoteOutcome, AssignConversation, EraseConversation, ReleaseConversation,
    SetConversationState, SnoozeConversation, TagConversation,
};
pub use merge::MergeConversations;
pub use redact::RedactMessage;
pub use reply::{NewerMessage, ReplyOutcome, ReplyToConversation};
pub use show::{OpenFileForStaff, StaffMessageView, StaffView, ViewAsStaff};
pub use update::UpdateConversation;

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChangeOutcome {
    /// It is done.
    Done,
    /// It can't be done, and why; for staff.
    Refused(String),
    /// There is no such thread.
    NoConversation,
}

impl ChangeOutcome {
    fn refused(why: &str) -> Self {
        Self::Refused(why.to_owned())
    }
}
