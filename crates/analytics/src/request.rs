//! One visit as a browser or a log line reports it. A request lives as long as the call that classifies it.

use core::net::IpAddr;

/// What kind of visit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VisitKind {
    /// A page was shown.
    View,
    /// A named event happened on a page.
    Event,
    /// A file was downloaded.
    Download,
    /// A missing page was requested (404).
    Missing,
}

impl VisitKind {
    /// Parses the kind as the counting script sends it: `view`, `event`, `download`, `404`. None for anything else.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "" | "view" => Some(Self::View),
            "event" => Some(Self::Event),
            "download" => Some(Self::Download),
            "404" => Some(Self::Missing),
            _ => None,
        }
    }
}

/// The input of the classifier. It has no `Debug`, because address and user agent must not reach a log.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The client's address, as the outermost trusted server sees it.
    pub address: IpAddr,
    /// `User-Agent`, whole; empty when it was missing.
    pub user_agent: &'a str,
    /// `Accept-Language`, whole; empty when it was missing (most logs lack it).
    pub languages: &'a str,
    /// The page: a URL or a path, with query and fragment. For a download the URL of the file.
    pub page: &'a str,
    /// The previous page's URL. `Some("")` when there was none, `None` when it is unknown (a counting image without
    /// script). A view with an unknown referrer counts neither as entry nor for a referrer.
    pub referrer: Option<&'a str>,
    /// Width of the screen in CSS pixels.
    pub width: Option<u32>,
    /// The header `DNT`.
    pub dnt: &'a str,
    /// The header `Sec-GPC`.
    pub gpc: &'a str,
    /// The header `Sec-Purpose`, `Purpose` or `X-Moz`, whichever is present.
    pub purpose: &'a str,
    /// The kind of the visit.
    pub kind: VisitKind,
    /// The name of an event; ignored otherwise.
    pub name: &'a str,
}

impl<'a> Request<'a> {
    /// A view of `page` from `address`, all other fields empty.
    pub const fn view(address: IpAddr, page: &'a str) -> Self {
        Self {
            address,
            user_agent: "",
            languages: "",
            page,
            referrer: Some(""),
            width: None,
            dnt: "",
            gpc: "",
            purpose: "",
            kind: VisitKind::View,
            name: "",
        }
    }

    /// Whether the visitor opted out: Do Not Track (`DNT`) or Global Privacy Control (`Sec-GPC`).
    pub fn has_opted_out(&self) -> bool {
        self.dnt.trim() == "1" || self.gpc.trim() == "1"
    }

    /// Whether the browser prefetched the page. The visitor may never see it.
    pub fn is_prefetch(&self) -> bool {
        ["prefetch", "prerender", "preview"].iter().any(|word| {
            self.purpose.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        })
    }
}
