//! Operations of staff on conversations. Each access names the member of staff and has the conversation as its case.

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

use super::refusal::ChangeRefusal;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeOutcome {
    /// The change was made.
    Done,
    Refused(ChangeRefusal),
    /// The conversation does not exist.
    NoConversation,
}
