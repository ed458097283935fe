//! Fuzz targets for all parsers of untrusted input: one function for each parser, with the properties that must hold
//! for any input. `cargo fuzz` calls them with its own inputs, and `tests/replay.rs` with the corpus and seeded
//! mutations.

mod access_code;
mod address;
mod archived_table;
mod day_tally;
mod email;
mod html;
mod key_text;
mod keyring_node;
mod log_line;
mod memory_disk;
pub mod mutation;
mod notification;
mod passphrase_file;
mod transfer_file;
mod transfer_request;

pub use access_code::access_code;
pub use address::address;
pub use archived_table::archived_table;
pub use day_tally::day_tally;
pub use email::email;
pub use html::html;
pub use key_text::key_text;
pub use keyring_node::keyring_node;
pub use log_line::log_line;
pub use notification::notification;
pub use passphrase_file::passphrase_file;
pub use transfer_file::transfer_file;
pub use transfer_request::transfer_request;
