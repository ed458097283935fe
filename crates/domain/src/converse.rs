//! Conversations: people are answered, nameless ones too (`contact.*`, `mail.solicited`).
//!
//! A conversation is a thread under a slot of its own; forgetting the slot erases it. Who wrote is known by a code,
//! by a proved address, by an open page, or not at all. Mail that comes in causes no letter: only a member of staff
//! who answers does, within 30 days of the act that they answer.

mod act;
mod answer;
mod begin;
mod body;
pub mod canned;
pub mod code;
mod files;
pub mod finding;
mod flat;
mod goes;
mod mail_token;
mod name;
pub mod panel;
pub mod queue;
pub mod read;
pub mod staff;
mod take;
mod tie;
pub mod upload;
pub(crate) mod way_out;

pub(crate) use act::wrote_about;
pub use answer::{Answer, Answered};
pub use begin::{Begin, BeginOnce, Begun, BegunOnce};
pub(crate) use body::{Body, Contact, clean, contact_of};
pub(crate) use goes::is_stopped;
pub use goes::{Goes, MOST_DAYS};
pub use mail_token::{read_token, token};
pub use name::name;
pub use take::{TakeMail, Taken};
pub use tie::{GiveAddress, Given, Tie, Tied, Untie, Which};
pub use way_out::{CloseByLetter, EraseByCode, EraseByLetter, letter_is_open};
pub(crate) use way_out::{forget, forget_quietly};

/// Characters of a message; a page of print has 3,000.
pub const LONGEST_MESSAGE: usize = 100_000;
/// Characters of a subject, a name, a tag, the name of a file.
pub const LONGEST_LINE: usize = 500;
/// Files of one message, and bytes of all of them.
pub const MOST_FILES: usize = 10;
/// Bytes of all files of one message.
pub const MOST_BYTES: i64 = 25 * 1024 * 1024;
/// Bytes of one file.
pub const MOST_FILE_BYTES: i64 = 10 * 1024 * 1024;

/// The case under which staff open a thread's values.
pub(crate) fn case(id: i64) -> String {
    format!("thread {}", crate::issue::number(id))
}

/// The thread or licence of a number as it is shown, however it is typed.
#[must_use]
pub fn read_number(typed: &str) -> Option<i64> {
    let serial: licence::Serial = typed.trim().parse().ok()?;
    i64::try_from(serial.bits()).ok().filter(|n| *n > 0)
}
