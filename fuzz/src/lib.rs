//! What a stranger can send, and what must hold whatever he sends: one function for each reader, called by `cargo fuzz`
//! with inputs of its making, and by `tests/replay.rs` with the corpus and seeded mutations of it.

mod address;
mod archived;
mod code;
mod day_tally;
mod html;
mod key_text;
mod keyring_node;
mod log_line;
mod mail;
mod memory;
pub mod mutation;
mod notice;

pub use address::address;
pub use archived::archived;
pub use code::code;
pub use day_tally::day_tally;
pub use html::html;
pub use key_text::key_text;
pub use keyring_node::keyring_node;
pub use log_line::log_line;
pub use mail::mail;
pub use notice::notice;
