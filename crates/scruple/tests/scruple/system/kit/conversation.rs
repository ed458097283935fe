//! A conversation over plain HTTP, as a browser without scripts and cookies sends it: forms and an access code.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};

use domain::conversations::access_code::{ParsedCode, parse_code};

use super::http::{Answer, Connection, FORM, form};

const MARK: &str = "----Form7MA4YWxk";

/// A file of a form: its name and its bytes.
pub type File<'a> = (&'a str, &'a [u8]);

/// Returns an IP address that no other request of this run has, so that no rate limit is reached.
pub fn origin() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!("198.18.{high}.{low}")
}

/// Returns the body of a form with files.
pub fn with_files(fields: &[(&str, &str)], files: &[File<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--{MARK}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
    }
    for (name, bytes) in files {
        let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"");
        body.extend_from_slice(format!("--{MARK}\r\n{head}\r\nContent-Type: x/y\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{MARK}--\r\n").as_bytes());
    body
}

/// Returns the text between two others.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// Posts a form with files, with further headers.
pub fn post_files(
    connection: &mut Connection,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let (kind, origin) = (format!("multipart/form-data; boundary={MARK}"), origin());
    let mut all = vec![("content-type", &*kind)];
    if !headers.iter().any(|(name, _)| *name == "x-forwarded-for") {
        all.push(("x-forwarded-for", &origin));
    }
    all.extend_from_slice(headers);
    connection.request("POST", path, &all, body)
}

/// Returns the time of issue of a new form, from its hidden field.
pub fn issued_at(connection: &mut Connection) -> io::Result<String> {
    let page = connection.request("GET", "/contact", &[], b"")?.text();
    Ok(between(&page, "name=\"issued_at\" value=\"", "\"").expect("the hidden field").to_owned())
}

/// Starts a conversation on the contact page, and returns its access code.
pub fn start(connection: &mut Connection, fields: &[(&str, &str)], files: &[File<'_>]) -> io::Result<String> {
    let time = issued_at(connection)?;
    let fields = [&[("issued_at", &*time)], fields].concat();
    let sent = post_files(connection, "/contact", &[], &with_files(&fields, files))?;
    Ok(code(&sent))
}

/// Returns the access code on the page that shows it once.
pub fn code(sent: &Answer) -> String {
    assert_eq!(sent.status, 200, "{}", sent.text());
    let page = sent.text();
    between(&page, "<p class=\"code large\" tabindex=\"0\">", "<").expect("a code").to_owned()
}

/// Returns the hash of an access code, which the database stores.
pub fn token_hash(code: &str) -> [u8; 32] {
    match parse_code(code) {
        ParsedCode::Code(hash) => hash,
        ParsedCode::WrongCheckSymbol | ParsedCode::NotACode => panic!("the page showed no code"),
    }
}

/// Writes again with an access code.
pub fn answer(connection: &mut Connection, code: &str, message: &str) -> io::Result<Answer> {
    let body = with_files(&[("code", code), ("message", message)], &[]);
    post_files(connection, "/conversation/answer", &[], &body)
}

/// Posts a form with an access code.
pub fn with_code(
    connection: &mut Connection,
    path: &str,
    code: &str,
    fields: &[(&str, &str)],
) -> io::Result<Answer> {
    let fields = [&[("code", code)], fields].concat();
    connection.request("POST", path, &[FORM, ("x-forwarded-for", &origin())], &form(&fields))
}

/// Erases the conversation of an access code at once.
pub fn erase(connection: &mut Connection, code: &str) -> io::Result<Answer> {
    with_code(connection, "/conversation/erase", code, &[("confirm", "yes")])
}

/// Returns the page of an access code, or `None` if no conversation has it (any more).
pub fn view(to: SocketAddr, code: &str) -> Option<String> {
    let mut connection = Connection::open(to).expect("it listens");
    let page = with_code(&mut connection, "/conversation", code, &[]).expect("an answer");
    match page.status {
        200 => Some(page.text()),
        404 => None,
        other => panic!("{other}: {}", page.text()),
    }
}
