//! The reply of a member of staff, in plain text alone.

use super::email_text::{EmailText, MAX_LINE, wrap_lines};
use askama::Template;
use domain::email::EmailKind;

/// Caused by a person who wrote by e-mail, or on the contact page with an address.
pub struct StaffReplyEmail<'a> {
    /// The vendor's name.
    pub vendor: &'a str,
    /// The subject of the conversation, which may be empty.
    pub subject: &'a str,
    pub text: &'a str,
    /// The quotation of the message that is answered, which may be empty.
    pub quoted: &'a str,
    /// The day of that message, `YYYY-MM-DD`, which may be empty.
    pub wrote_on: &'a str,
    /// Whether that message came by e-mail, and not from the contact page.
    pub by_mail: bool,
    /// Whether a reply to this e-mail reaches the conversation.
    pub accepts_replies: bool,
    /// The link to close and erase the conversation.
    pub link: &'a str,
    /// The id of the action that caused the e-mail; it does not identify the person.
    pub cause: &'a str,
}

impl StaffReplyEmail<'_> {
    /// Renders the text.
    ///
    /// # Errors
    /// If a template cannot be rendered.
    pub fn render(&self) -> Result<EmailText, askama::Error> {
        EmailText::plain(EmailKind::StaffReply, &Subject { email: self }, &Text { email: self })
    }

    fn is_reply(&self) -> bool {
        self.subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"))
    }

    /// Prefixes each line with `>`, and wraps long lines. A line that is a quotation already gets no space, which keeps
    /// deeper quotations together (RFC 3676, 4.5).
    fn quotation(&self) -> String {
        let lines = wrap_lines(self.quoted.trim(), MAX_LINE - 2);
        let prefixed = lines.lines().map(|line| match line.trim_end() {
            "" => ">\n".to_owned(),
            deeper if deeper.starts_with('>') => format!(">{deeper}\n"),
            line => format!("> {line}\n"),
        });
        prefixed.collect()
    }
}

#[derive(Template)]
#[template(path = "emails/staff-reply/subject.txt")]
struct Subject<'a> {
    email: &'a StaffReplyEmail<'a>,
}

#[derive(Template)]
#[template(path = "emails/staff-reply/body.txt")]
struct Text<'a> {
    email: &'a StaffReplyEmail<'a>,
}
