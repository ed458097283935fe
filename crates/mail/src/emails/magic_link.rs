//! The magic link to a customer's portal: licence keys, renewal, personal data, erasure.

use super::email_text::EmailText;
use askama::Template;
use domain::email::EmailKind;

/// Caused by the form on `/licence`, for the address of a customer.
pub struct MagicLinkEmail<'a> {
    /// The vendor's name.
    pub vendor: &'a str,
    /// The link, which works once and for a short time.
    pub link: &'a str,
    /// The number of minutes for which the link works.
    pub minutes: u32,
    /// The id of the action that caused the e-mail; it does not identify the person.
    pub cause: &'a str,
}

impl MagicLinkEmail<'_> {
    /// Renders the text.
    ///
    /// # Errors
    /// If a template cannot be rendered.
    pub fn render(&self) -> Result<EmailText, askama::Error> {
        EmailText::new(
            EmailKind::MagicLink,
            &Subject { email: self },
            &Text { email: self },
            &Html { email: self },
        )
    }
}

#[derive(Template)]
#[template(path = "emails/magic-link/subject.txt")]
struct Subject<'a> {
    email: &'a MagicLinkEmail<'a>,
}

#[derive(Template)]
#[template(path = "emails/magic-link/body.txt")]
struct Text<'a> {
    email: &'a MagicLinkEmail<'a>,
}

#[derive(Template)]
#[template(path = "emails/magic-link/body.html")]
struct Html<'a> {
    email: &'a MagicLinkEmail<'a>,
}
