//! The confirmation of a new address: only who reads its mail can make it theirs.

use super::{Kind, Words};
use askama::Template;

/// Caused by a person on their own page, who gave this address as their new one: once for each session there.
pub struct NewAddress<'a> {
    /// The vendor's name.
    pub vendor: &'a str,
    /// The link to press: once, and not for long.
    pub link: &'a str,
    /// For how many minutes the link works.
    pub minutes: u32,
    /// The id of the act that caused the letter; names nobody.
    pub cause: &'a str,
}

impl NewAddress<'_> {
    /// The letter's words.
    ///
    /// # Errors
    /// Only a template that can't be rendered.
    pub fn words(&self) -> Result<Words, askama::Error> {
        Words::new(
            Kind::NewAddress,
            &Subject { letter: self },
            &Text { letter: self },
            &Html { letter: self },
        )
    }
}

#[derive(Template)]
#[template(path = "letters/new-address/subject.txt")]
struct Subject<'a> {
    letter: &'a NewAddress<'a>,
}

#[derive(Template)]
#[template(path = "letters/new-address/body.txt")]
struct Text<'a> {
    letter: &'a NewAddress<'a>,
}

#[derive(Template)]
#[template(path = "letters/new-address/body.html")]
struct Html<'a> {
    letter: &'a NewAddress<'a>,
}
