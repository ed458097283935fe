//! What a request or a line of a log says of one visit. It lives as long as the call that classifies it.

use core::net::IpAddr;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A page was shown.
    View,
    /// Something with a name happened on a page.
    Event,
    /// A file was fetched.
    Download,
    /// A page that doesn't exist was asked for.
    Missing,
}

impl Kind {
    /// As the wire writes it: `view`, `event`, `download`, `404`. None for anything else.
    pub fn of_wire(name: &str) -> Option<Self> {
        match name {
            "" | "view" => Some(Self::View),
            "event" => Some(Self::Event),
            "download" => Some(Self::Download),
            "404" => Some(Self::Missing),
            _ => None,
        }
    }
}

/// Everything that is looked at. No `Debug`: address and user agent must not reach a log.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Where it came from, as seen by the outermost server that is trusted.
    pub address: IpAddr,
    /// `User-Agent`, whole; empty when there was none.
    pub agent: &'a str,
    /// `Accept-Language`, whole; empty when there was none (logs have none).
    pub languages: &'a str,
    /// The page: a URL or a path, with query and fragment if it has them. For a download the file's.
    pub page: &'a str,
    /// The page before: a URL. `Some("")` when it is known that there was none, `None` when nobody knows (an image
    /// without script): such a view counts neither as entry nor for a referrer.
    pub referrer: Option<&'a str>,
    /// Width of the screen in CSS pixels.
    pub width: Option<u32>,
    /// The header `DNT`.
    pub dnt: &'a str,
    /// The header `Sec-GPC`.
    pub gpc: &'a str,
    /// `Sec-Purpose`, `Purpose` or `X-Moz`, whichever is there.
    pub purpose: &'a str,
    /// What happened.
    pub kind: Kind,
    /// The name of an event; of no meaning otherwise.
    pub name: &'a str,
}

impl<'a> Request<'a> {
    /// A view of `page` from `address` that says nothing else.
    pub const fn view(address: IpAddr, page: &'a str) -> Self {
        Self {
            address,
            agent: "",
            languages: "",
            page,
            referrer: Some(""),
            width: None,
            dnt: "",
            gpc: "",
            purpose: "",
            kind: Kind::View,
            name: "",
        }
    }

    /// Whether the person asked not to be counted: Do Not Track or Global Privacy Control.
    pub fn objects(&self) -> bool {
        self.dnt.trim() == "1" || self.gpc.trim() == "1"
    }

    /// Whether a browser fetched the page ahead of its person, who may never see it.
    pub fn ahead(&self) -> bool {
        ["prefetch", "prerender", "preview"].iter().any(|word| {
            self.purpose.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        })
    }
}
