//! Lines of servers' logs, read as requests.
//!
//! Apache's and nginx's combined format, and JSON as nginx, Apache and Caddy write it, line by line and told apart by the
//! first byte. A line lives as long as its bytes: hand its [`request`](Line::request) to a classifier and let it go.
//!
//! A log says less than a browser: no width of the screen, no language unless it is logged, and every file beside the
//! pages. So only successful `GET` lines of pages and downloads count, and of missing ones those that would be either.

mod combined;
mod json;
mod kind;
mod moment;

use core::net::IpAddr;
use std::borrow::Cow;

use crate::{Kind, Request};

/// Longer lines are refused unread.
pub const LONGEST_LINE: usize = 64 * 1024;

/// One line, taken apart. No `Debug`: it holds address and user agent.
pub struct Line<'a> {
    address: IpAddr,
    time: i64,
    status: u16,
    get: bool,
    target: Cow<'a, str>,
    referrer: Cow<'a, str>,
    agent: Cow<'a, str>,
    host: Cow<'a, str>,
    languages: Cow<'a, str>,
    dnt: Cow<'a, str>,
    gpc: Cow<'a, str>,
    purpose: Cow<'a, str>,
}

/// Why a line can't be read. Says nothing of what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Nothing in it.
    Empty,
    /// Longer than [`LONGEST_LINE`].
    TooLong,
    /// Neither of the formats.
    Malformed,
    /// No address where one belongs (a server that looks up names, or has cut the addresses).
    NoAddress,
    /// No time, or none that can be read.
    NoTime,
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "the line is empty",
            Self::TooLong => "the line is too long",
            Self::Malformed => "the line is in none of the formats",
            Self::NoAddress => "the line has no address",
            Self::NoTime => "the line has no time",
        })
    }
}

impl std::error::Error for Unread {}

impl<'a> Line<'a> {
    /// Takes a line apart, with or without its end.
    ///
    /// # Errors
    /// Says why not; no bytes panic.
    pub fn read(line: &'a [u8]) -> Result<Self, Unread> {
        let line = line.trim_ascii();
        if line.len() > LONGEST_LINE {
            return Err(Unread::TooLong);
        }
        match line.first() {
            None => Err(Unread::Empty),
            Some(b'{') => json::read(line),
            Some(_) => combined::read(line),
        }
    }

    /// When, in seconds since 1970.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// The host that was asked, small and without port, when the log says: one file may hold several sites.
    pub fn host(&self) -> Option<String> {
        let host = self.host.split(':').next().unwrap_or("").to_ascii_lowercase();
        let host = host.strip_prefix("www.").map(str::to_owned).unwrap_or(host);
        (!host.is_empty() && host != "-").then_some(host)
    }

    /// The request, when it is one that counts: None for redirects, errors, assets, and whatever isn't a `GET`.
    pub fn request(&self) -> Option<Request<'_>> {
        let kind = kind::of(self.get, self.status, &self.target)?;
        let dash = |field: &'_ str| field == "-";
        let or_nothing = |field| if dash(field) { "" } else { field };
        Some(Request {
            address: self.address,
            agent: or_nothing(&self.agent),
            languages: or_nothing(&self.languages),
            page: self.page(),
            referrer: (kind == Kind::View).then_some(or_nothing(&self.referrer)),
            width: None,
            dnt: &self.dnt,
            gpc: &self.gpc,
            purpose: &self.purpose,
            kind,
            name: "",
        })
    }

    /// The path and query that were asked for. Some clients ask with the whole URL; whose it is is [`host`](Self::host).
    fn page(&self) -> &str {
        let Some((_, rest)) =
            self.target.split_once("://").filter(|(scheme, _)| !scheme.contains(['/', '?']))
        else {
            return &self.target;
        };
        rest.find('/').map_or("/", |start| &rest[start..])
    }
}

/// Bytes as text: as they are when they are UTF-8, else with replacements.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// An address with or without port, brackets and zone.
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
