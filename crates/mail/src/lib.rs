//! Mail: letters as text, the message around them, and the wire to the mail server.
//!
//! [`letters`] is the closed list: one folder each with subject, text and HTML. [`message`] wraps one for its single
//! recipient. [`wire`] is the only thing that knows the mail server.
//!
//! Mail comes in by [`mailbox`], which speaks [`imap`], or on standard input; [`take`] is where both ways meet.

pub mod delivery;
pub mod imap;
pub mod letters;
pub mod mailbox;
pub mod message;
pub mod settings;
pub mod take;
pub mod wire;
