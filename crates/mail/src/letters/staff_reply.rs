//! The answer of a member of staff, in plain text alone.

use super::{Kind, WIDTH, Words, folded_to};
use askama::Template;

/// Caused by a person who wrote, by mail or on the contact page with an address.
pub struct StaffReply<'a> {
    /// The vendor's name.
    pub vendor: &'a str,
    /// What the conversation is about; may be empty.
    pub subject: &'a str,
    /// What staff say.
    pub text: &'a str,
    /// What is quoted of the message that is answered; may be empty.
    pub quoted: &'a str,
    /// The day of that message, `YYYY-MM-DD`; may be empty.
    pub wrote_on: &'a str,
    /// It came by mail, and not on the contact page.
    pub by_mail: bool,
    /// An answer to this letter comes back into the conversation.
    pub takes_answers: bool,
    /// The link that closes the conversation and erases it.
    pub link: &'a str,
    /// The id of the act that caused the letter; names nobody.
    pub cause: &'a str,
}

impl StaffReply<'_> {
    /// The letter's words.
    ///
    /// # Errors
    /// Only a template that can't be rendered.
    pub fn words(&self) -> Result<Words, askama::Error> {
        Words::plain(Kind::StaffReply, &Subject { letter: self }, &Text { letter: self })
    }

    fn is_answered(&self) -> bool {
        self.subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"))
    }

    /// Each line behind its mark, a long one in pieces. A blank follows the mark only where none did: that keeps deeper
    /// quotations together (RFC 3676, 4.5).
    fn quotation(&self) -> String {
        let lines = folded_to(self.quoted.trim(), WIDTH - 2);
        let marked = lines.lines().map(|line| match line.trim_end() {
            "" => ">\n".to_owned(),
            deeper if deeper.starts_with('>') => format!(">{deeper}\n"),
            line => format!("> {line}\n"),
        });
        marked.collect()
    }
}

#[derive(Template)]
#[template(path = "letters/staff-reply/subject.txt")]
struct Subject<'a> {
    letter: &'a StaffReply<'a>,
}

#[derive(Template)]
#[template(path = "letters/staff-reply/body.txt")]
struct Text<'a> {
    letter: &'a StaffReply<'a>,
}
