//! Parses inbound e-mail (RFC 5322, MIME) without I/O.
//!
//! [`parse_email`] takes the bytes of one message, well-formed or not. It returns:
//!
//! - the author, and whether our own server's DMARC result confirms the author's domain,
//! - the sender class: a person or an automated sender (bounce, auto-reply, mailing list, loop),
//! - the tokens of the conversations that the message names,
//! - the text without quotes and signature (quote stripping), and sanitized HTML that loads nothing.
//!
//! [`access_code`] parses the access code of an anonymous conversation, and [`crockford`] reads and writes its symbols. The
//! crate keeps nothing and logs nothing.
//!
//! ```
//! let raw = b"From: Erika <erika@example.org>\r\nSubject: Key\r\n\r\nWhere is my key?\r\n";
//! let incoming = inbound_mail::parse_email(raw, &inbound_mail::LocalIdentity::default());
//! assert_eq!(*incoming.text, "Where is my key?");
//! assert!(incoming.sender_class == inbound_mail::SenderClass::Person && !incoming.verified);
//! ```
#![deny(missing_docs)]
#![deny(unreachable_pub)]

pub mod access_code;
mod authentication_results;
mod body;
pub mod crockford;
mod decode;
mod fingerprint;
mod headers;
mod html;
mod incoming_email;
mod keywords;
mod local_identity;
mod message_ids;
mod parse;
mod quote_stripping;
mod sender_class;

pub use html::{html_to_text, sanitize_html};
pub use incoming_email::{
    Attachment, AttachmentKind, Author, AutomatedSender, IncomingEmail, OmittedPart, SenderClass,
};
pub use keywords::{is_stop, is_thanks};
pub use local_identity::LocalIdentity;
pub use parse::parse_email;
pub use quote_stripping::{StrippedText, strip_quotes};
