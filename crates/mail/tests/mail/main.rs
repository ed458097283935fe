//! SMTP and IMAP against scripted servers and a real one, and the text of e-mails.

mod composing;
mod imap_server;
mod mailbox;
mod scripted_smtp;
mod smtp_dialogue;
mod smtp_failures;
mod smtp_server;
