//! Conversations: people are answered, nameless ones too (`contact.*`, `mail.solicited`).
//!
//! A conversation is a thread under a slot of its own; forgetting the slot erases it. Who wrote is known by a code,
//! by a proved address, by an open page, or not at all. Mail that comes in causes no letter: only a member of staff
//! who answers does, within 30 days of the act that they answer.

mod answer;
mod body;
pub mod canned_responses;
pub(crate) mod close_and_erase;
pub mod code;
mod codename;
pub mod customer_context;
mod customer_link;
mod files;
mod mail_token;
pub mod queue;
mod receive_mail;
mod reply_route;
pub mod search_documents;
pub mod staff;
mod start;
mod suppression;
pub mod upload;
pub mod view;
mod zeroizing_json;

pub use answer::{Answer, Answered};
pub(crate) use body::{Body, Contact, clean, contact_of};
pub use close_and_erase::{CloseByLetter, EraseByCode, EraseByLetter, letter_is_open};
pub(crate) use close_and_erase::{forget, forget_quietly};
pub use codename::name;
pub use customer_link::{GiveAddress, Given, Tie, Tied, Untie, Which};
pub use mail_token::{read_token, token};
pub use receive_mail::{ReceiveMail, Taken};
pub(crate) use reply_route::is_stopped;
pub use reply_route::{MOST_DAYS, ReplyRoute};
pub use start::{Begin, BeginOnce, BegunOnce, Started};
pub(crate) use suppression::wrote_about;

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
    format!("thread {}", crate::licensing::issue::number(id))
}

/// The thread or licence of a number as it is shown, however it is typed.
#[must_use]
pub fn read_number(typed: &str) -> Option<i64> {
    let serial: licence::Serial = typed.trim().parse().ok()?;
    i64::try_from(serial.bits()).ok().filter(|n| *n > 0)
}
