//! A visit: what is left of a request once it has been classified.

use std::borrow::Cow;

use crate::{agent::Agent, request::Kind};

/// One visit, in memory only, until it has been counted. It can't be printed, compared or written down, and nothing in it
/// belongs to one person: each word comes from a short list or was cleaned of whatever looks like a secret.
///
/// Where a word is empty, nobody said, or what was said is none of the words that are counted.
pub struct Visit<'a> {
    pub(crate) kind: Kind,
    /// Of the site's own clock, 0 to 23.
    pub(crate) hour: u8,
    /// Cleaned; the file of a download, the name of an event.
    pub(crate) subject: Cow<'a, str>,
    pub(crate) entry: bool,
    /// A named source or a host; None when it isn't known whether there was one. Empty: came directly.
    pub(crate) referrer: Option<Cow<'a, str>>,
    pub(crate) campaign: Option<String>,
    pub(crate) country: &'static str,
    pub(crate) language: Language,
    pub(crate) agent: Agent,
    pub(crate) screen: &'static str,
}

/// Two or three letters, or nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language(pub(crate) [u8; 3]);

impl Language {
    pub(crate) fn word(&self) -> &str {
        let length = self.0.iter().position(|&letter| letter == 0).unwrap_or(self.0.len());
        std::str::from_utf8(&self.0[..length]).unwrap_or("")
    }
}

impl Visit<'_> {
    /// What happened.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The cleaned path of the page or file, or the name of the event.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether the person came to the site with this view.
    pub fn is_entry(&self) -> bool {
        self.entry
    }

    /// A named source or a host; empty for a direct visit, None when nobody knows.
    pub fn referrer(&self) -> Option<&str> {
        self.referrer.as_deref()
    }

    /// Source, medium and name of a campaign, as one label.
    pub fn campaign(&self) -> Option<&str> {
        self.campaign.as_deref()
    }

    /// ISO 3166 code of the country to which the address was delegated.
    pub fn country(&self) -> &'static str {
        self.country
    }

    /// Primary tag of the first language.
    pub fn language(&self) -> &str {
        self.language.word()
    }

    /// Family of the browser.
    pub fn browser(&self) -> &'static str {
        self.agent.browser
    }

    /// Family of the operating system.
    pub fn system(&self) -> &'static str {
        self.agent.system
    }

    /// Class of the screen's width.
    pub fn screen(&self) -> &'static str {
        self.screen
    }
}
