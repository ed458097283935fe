//! What staff do with threads. Whoever opens one names themselves, and the thread is the case.

mod change;
mod merge;
mod redact;
mod reply;
pub(super) mod show;

pub use change::{Assign, Erase, Note, Noted, Release, SetState, Snooze, Tag};
pub use merge::Merge;
pub use redact::Redact;
pub use reply::{Newer, Replied, Reply};
pub use show::{FileOf, Seen, SeenMessage, Show};

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It is done.
    Done,
    /// It can't be done, and why; for staff.
    Refused(String),
    /// There is no such thread.
    NoThread,
}

impl Changed {
    fn refused(why: &str) -> Self {
        Self::Refused(why.to_owned())
    }
}
