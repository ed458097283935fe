//! E-mails as they arrive: senders, authentication results, encodings, quotes, HTML, and limits.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authentication;
mod automated_signs;
mod delivery_reports;
mod encodings;
mod fixtures;
mod headers;
mod html;
mod html_tables;
mod mime_structure;
mod properties;
mod quote_stripping;
mod quotes_of_mail_programs;
mod resource_limits;
mod sender_class;
mod transfer_encodings;
