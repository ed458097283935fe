//! E-mail: composing, sending (SMTP) and receiving (IMAP).
//!
//! [`emails`] is the closed list of e-mails that Scruple sends, with their texts. [`message`] composes the MIME message
//! for the one recipient. [`smtp`] sends it. E-mail comes in through [`mailbox`], which uses [`imap`], or on standard
//! input; both call [`receive`].
#![deny(unreachable_pub)]

pub mod delivery;
pub mod emails;
pub mod imap;
pub mod mailbox;
pub mod message;
pub mod receive;
pub mod settings;
pub mod smtp;
