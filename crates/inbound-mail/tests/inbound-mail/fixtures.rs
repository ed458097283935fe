//! The mailbox to which the tests' e-mails come, and messages made of their pieces.

use inbound_mail::{IncomingEmail, LocalIdentity, parse_email};

/// A conversation's token.
pub const TOKEN: &str = "0123456789abcdefghjkmnpq";

/// The installation that receives the tests' e-mails.
pub fn own() -> LocalIdentity {
    LocalIdentity {
        reply: Some(("support".into(), "desk.example.org".into())),
        addresses: vec!["support@desk.example.org".into(), "hello@desk.example.org".into()],
        authserv_id: Some("mx.desk.example.org".into()),
    }
}

/// Parses a message with these headers, which include From. Lines end as SMTP transfers them.
pub fn raw_email(headers: &str, body: &str) -> IncomingEmail {
    parse_email(format!("{headers}\r\n\r\n{body}").as_bytes(), &own())
}

/// Parses a message from jo@example.com with further headers, perhaps none.
pub fn email(headers: &str, body: &str) -> IncomingEmail {
    let gap = if headers.is_empty() { "" } else { "\r\n" };
    raw_email(&format!("From: jo@example.com{gap}{headers}"), body)
}

/// Parses a message from jo@example.com whose body may be in any charset.
pub fn email_of_bytes(headers: &str, body: &[u8]) -> IncomingEmail {
    let head = format!("From: jo@example.com\r\n{headers}\r\n\r\n");
    parse_email(&[head.as_bytes(), body].concat(), &own())
}

/// Parses a multipart of this subtype. Each part is written with its headers, a blank line and its content.
pub fn multipart<P: AsRef<str>>(subtype: &str, parts: impl IntoIterator<Item = P>) -> IncomingEmail {
    email(&format!("Content-Type: multipart/{subtype}; boundary=b"), &joined("b", parts))
}

/// The body of a multipart with this boundary.
pub fn joined<P: AsRef<str>>(boundary: &str, parts: impl IntoIterator<Item = P>) -> String {
    let parts = parts.into_iter().map(|part| format!("--{boundary}\r\n{}\r\n", part.as_ref()));
    format!("{}--{boundary}--\r\n", parts.collect::<String>())
}
