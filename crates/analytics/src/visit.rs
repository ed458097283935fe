//! A classified visit: what is left of a request.

use std::borrow::Cow;

use crate::{request::VisitKind, user_agent::UserAgent};

/// One visit, in memory only, until it is counted. It can't be printed, compared or serialized. Nothing in it
/// identifies a person: each value comes from a short list or was cleaned of text that looks sensitive.
///
/// An empty value was not sent, or is none of the values that are counted.
pub struct Visit<'a> {
    pub(crate) kind: VisitKind,
    /// Hour in the site's time zone, 0 to 23.
    pub(crate) hour: u8,
    /// Cleaned path of the page or file, or the name of the event.
    pub(crate) subject: Cow<'a, str>,
    pub(crate) entry: bool,
    /// A named source or a host; empty for a direct visit, None when unknown.
    pub(crate) referrer: Option<Cow<'a, str>>,
    pub(crate) campaign: Option<String>,
    pub(crate) country: &'static str,
    pub(crate) language: Language,
    pub(crate) user_agent: UserAgent,
    pub(crate) screen: &'static str,
}

/// Two or three letters, or empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language(pub(crate) [u8; 3]);

impl Language {
    pub(crate) fn as_str(&self) -> &str {
        let length = self.0.iter().position(|&letter| letter == 0).unwrap_or(self.0.len());
        std::str::from_utf8(&self.0[..length]).unwrap_or("")
    }
}

impl Visit<'_> {
    /// The kind of the visit.
    pub fn kind(&self) -> VisitKind {
        self.kind
    }

    /// The cleaned path of the page or file, or the name of the event.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether the visitor entered the site with this view.
    pub(crate) fn is_entry(&self) -> bool {
        self.entry
    }

    /// A named source or a host; empty for a direct visit, None when unknown.
    pub fn referrer(&self) -> Option<&str> {
        self.referrer.as_deref()
    }

    /// Source, medium and name of a campaign as one label.
    pub fn campaign(&self) -> Option<&str> {
        self.campaign.as_deref()
    }

    /// ISO 3166 code of the country to which the address is delegated.
    pub fn country(&self) -> &'static str {
        self.country
    }

    /// Primary tag of the preferred language.
    pub fn language(&self) -> &str {
        self.language.as_str()
    }

    /// Family of the browser.
    pub fn browser(&self) -> &'static str {
        self.user_agent.browser
    }

    /// Family of the operating system.
    pub fn system(&self) -> &'static str {
        self.user_agent.system
    }

    /// Class of the screen's width.
    pub fn screen(&self) -> &'static str {
        self.screen
    }
}
