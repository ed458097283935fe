//! The e-mail that verifies a new address: only a person who reads its mail can confirm it.

use super::email_text::EmailText;
use askama::Template;
use domain::email::EmailKind;

/// Caused by a person who entered this address as their new one in the portal, once for each session.
pub struct NewAddressEmail<'a> {
    /// The vendor's name.
    pub vendor: &'a str,
    /// The link, which works once and for a short time.
    pub link: &'a str,
    /// The number of minutes for which the link works.
    pub minutes: u32,
    /// The id of the action that caused the e-mail; it does not identify the person.
    pub cause: &'a str,
}

impl NewAddressEmail<'_> {
    /// Renders the text.
    ///
    /// # Errors
    /// If a template cannot be rendered.
    pub fn render(&self) -> Result<EmailText, askama::Error> {
        EmailText::new(
            EmailKind::NewAddress,
            &Subject { email: self },
            &Text { email: self },
            &Html { email: self },
        )
    }
}

#[derive(Template)]
#[template(path = "emails/new-address/subject.txt")]
struct Subject<'a> {
    email: &'a NewAddressEmail<'a>,
}

#[derive(Template)]
#[template(path = "emails/new-address/body.txt")]
struct Text<'a> {
    email: &'a NewAddressEmail<'a>,
}

#[derive(Template)]
#[template(path = "emails/new-address/body.html")]
struct Html<'a> {
    email: &'a NewAddressEmail<'a>,
}
