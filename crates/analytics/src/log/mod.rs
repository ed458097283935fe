//! Parses web server logs into requests.
//!
//! It reads Apache's and nginx's combined format, and JSON as nginx, Apache and Caddy write it. The first byte of each
//! line tells which. A line borrows its bytes: pass its [`request`](LogLine::request) to a classifier and drop it.
//!
//! A log holds less than a browser sends: no screen width, usually no language, and every file beside the pages. So
//! only successful `GET` lines of pages and downloads count, and missing pages that would be one of these.

mod combined;
mod json;
mod timestamp;
mod visit_kind;

use core::net::IpAddr;
use std::borrow::Cow;

use calendar::Timestamp;

use crate::{Request, VisitKind};

/// Longer lines are refused unread.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// One parsed line. It has no `Debug`, because it holds address and user agent.
pub struct LogLine<'a> {
    address: IpAddr,
    time: Timestamp,
    status: u16,
    get: bool,
    target: Cow<'a, str>,
    referrer: Cow<'a, str>,
    user_agent: Cow<'a, str>,
    host: Cow<'a, str>,
    languages: Cow<'a, str>,
    dnt: Cow<'a, str>,
    gpc: Cow<'a, str>,
    purpose: Cow<'a, str>,
}

/// Why a line can't be parsed. It holds nothing of the line's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// The line is empty.
    Empty,
    /// Longer than [`MAX_LINE_BYTES`].
    TooLong,
    /// It is in none of the formats.
    Malformed,
    /// It has no client address (the server logs host names, or has removed the addresses).
    NoAddress,
    /// It has no readable time.
    NoTime,
}

impl std::fmt::Display for LineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "the line is empty",
            Self::TooLong => "the line is too long",
            Self::Malformed => "the line is in none of the known formats",
            Self::NoAddress => "the line has no client address",
            Self::NoTime => "the line has no time",
        })
    }
}

impl std::error::Error for LineError {}

impl<'a> LogLine<'a> {
    /// Parses a line, with or without its line break.
    ///
    /// # Errors
    /// Tells why the line can't be parsed. No input panics.
    pub fn parse(line: &'a [u8]) -> Result<Self, LineError> {
        let line = line.trim_ascii();
        if line.len() > MAX_LINE_BYTES {
            return Err(LineError::TooLong);
        }
        match line.first() {
            None => Err(LineError::Empty),
            Some(b'{') => json::read(line),
            Some(_) => combined::read(line),
        }
    }

    /// Time of the request.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The requested host (lower case, without `www.` and port) when the line names it: one file may hold several
    /// sites.
    pub fn host(&self) -> Option<String> {
        let host = self.host.split(':').next().unwrap_or("").to_ascii_lowercase();
        let host = host.strip_prefix("www.").map(str::to_owned).unwrap_or(host);
        (!host.is_empty() && host != "-").then_some(host)
    }

    /// The request, if it counts: None for redirects, errors, assets and methods other than `GET`.
    pub fn request(&self) -> Option<Request<'_>> {
        let kind = visit_kind::classify(self.get, self.status, &self.target)?;
        let dash = |field: &'_ str| field == "-";
        let dash_to_empty = |field| if dash(field) { "" } else { field };
        Some(Request {
            address: self.address,
            user_agent: dash_to_empty(&self.user_agent),
            languages: dash_to_empty(&self.languages),
            page: self.page(),
            referrer: (kind == VisitKind::View).then_some(dash_to_empty(&self.referrer)),
            width: None,
            dnt: &self.dnt,
            gpc: &self.gpc,
            purpose: &self.purpose,
            kind,
            name: "",
        })
    }

    /// The requested path and query. Some clients request a whole URL; [`host`](Self::host) then names its host.
    fn page(&self) -> &str {
        let Some((_, rest)) =
            self.target.split_once("://").filter(|(scheme, _)| !scheme.contains(['/', '?']))
        else {
            return &self.target;
        };
        rest.find('/').map_or("/", |start| &rest[start..])
    }
}

/// Bytes as text, with replacement characters where they are not UTF-8.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Parses an address with or without port, brackets and zone.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(inner) = text.strip_prefix('[') {
        return inner.split([']', '%']).next()?.parse().ok();
    }
    if let Some((address, _)) = text.split_once('%') {
        return address.parse().ok();
    }
    text.rsplit_once(':').filter(|(four, _)| four.contains('.')).and_then(|(four, _)| four.parse().ok())
}
