//! What arrived by mail, read.
//!
//! [`read`] takes the bytes of one message, whatever they are, and says who wrote, whether our own server vouches for
//! that, whether a machine did, which threads it names, and what it says: as text without what was quoted, and as HTML
//! that loads nothing. [`code`] reads what a nameless person comes back with. It does no I/O, asks nobody, keeps nothing, and logs nothing.
//!
//! ```
//! let raw = b"From: Erika <erika@example.org>\r\nSubject: Key\r\n\r\nWhere is my key?\r\n";
//! let incoming = inbound_mail::read(raw, &inbound_mail::Own::default());
//! assert_eq!(*incoming.text, "Where is my key?");
//! assert!(incoming.nature == inbound_mail::SenderClass::Person && !incoming.verified);
//! ```

mod body;
pub mod code;
mod decode;
mod fingerprint;
mod fold;
mod headers;
mod html;
mod ids;
mod incoming;
mod nature;
mod own;
mod phrase;
mod read;
mod verified;

pub use fold::{Folded, fold};
pub use html::{safe_html, text_of_html};
pub use incoming::{File, FileKind, Incoming, Machine, Refused, SenderClass, Writer};
pub use own::Own;
pub use phrase::{is_stop, is_thanks};
pub use read::read;
