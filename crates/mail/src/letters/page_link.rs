//! The link to one's own page: recovery of a key, renewal, what is held, erasure.

use super::{Kind, Words};
use askama::Template;

/// Caused by the form on `/licence`, for an address that is known.
pub struct PageLink<'a> {
    /// The vendor's name.
    pub vendor: &'a str,
    /// The link to press: once, and not for long.
    pub link: &'a str,
    /// For how many minutes the link works.
    pub minutes: u32,
    /// The id of the act that caused the letter; names nobody.
    pub cause: &'a str,
}

impl PageLink<'_> {
    /// The letter's words.
    ///
    /// # Errors
    /// Only a template that can't be rendered.
    pub fn words(&self) -> Result<Words, askama::Error> {
        Words::new(Kind::PageLink, &Subject { letter: self }, &Text { letter: self }, &Html { letter: self })
    }
}

#[derive(Template)]
#[template(path = "letters/page-link/subject.txt")]
struct Subject<'a> {
    letter: &'a PageLink<'a>,
}

#[derive(Template)]
#[template(path = "letters/page-link/body.txt")]
struct Text<'a> {
    letter: &'a PageLink<'a>,
}

#[derive(Template)]
#[template(path = "letters/page-link/body.html")]
struct Html<'a> {
    letter: &'a PageLink<'a>,
}
