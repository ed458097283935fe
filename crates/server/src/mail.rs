//! Mail: letters as text, the message around them, and the wire to the mail server.
//!
//! [`letters`] is the closed list: one folder each with subject, text and HTML. [`message`] wraps one for its single
//! recipient. [`wire`] is the only thing that knows the mail server.

pub mod letters;
pub mod message;
pub mod wire;
