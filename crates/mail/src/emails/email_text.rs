//! The text of an e-mail: subject, plain text and HTML.

use askama::Template;
use domain::email::EmailKind;

/// The text of an e-mail. No `Debug`: its link is a credential.
pub struct EmailText {
    /// The kind of e-mail.
    pub kind: EmailKind,
    /// The subject, on one line.
    pub subject: String,
    /// Plain text, with lines of at most 78 characters except for a long link.
    pub text: String,
    /// The same as HTML, which loads nothing from the network. A reply of staff has none.
    pub html: Option<String>,
}

impl EmailText {
    /// Renders an e-mail with plain text and HTML.
    pub(super) fn new(
        kind: EmailKind,
        subject: &impl Template,
        text: &impl Template,
        html: &impl Template,
    ) -> Result<Self, askama::Error> {
        Ok(Self { html: Some(html.render()?), ..Self::plain(kind, subject, text)? })
    }

    /// Renders an e-mail in plain text alone.
    pub(super) fn plain(
        kind: EmailKind,
        subject: &impl Template,
        text: &impl Template,
    ) -> Result<Self, askama::Error> {
        let subject = subject.render()?.trim().to_owned();
        Ok(Self { kind, subject, text: wrap_lines(&text.render()?, MAX_LINE), html: None })
    }
}

/// The maximum length of a line (RFC 5322 recommends 78 characters).
pub(super) const MAX_LINE: usize = 78;

/// Wraps lines at a width. A longer word, such as a link, stays whole on its own line.
pub(super) fn wrap_lines(text: &str, max_width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        let mut width = 0;
        for (n, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if n > 0 {
                // Spaces at the start of a line are its indentation.
                let fits = width == 0 || width + 1 + length <= max_width;
                wrapped.push(if fits { ' ' } else { '\n' });
                width = if fits { width + 1 } else { 0 };
            }
            wrapped.push_str(word);
            width += length;
        }
        wrapped.push('\n');
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_and_links_stay_whole() {
        let link = format!("https://example.com/{}", "x".repeat(80));
        let text = format!("{}\n\n{link}\n-- \nshort", "word ".repeat(40).trim_end());
        let wrapped = wrap_lines(&text, MAX_LINE);
        assert!(wrapped.lines().all(|line| line.chars().count() <= MAX_LINE || line == link));
        assert_eq!(wrapped.replace('\n', " ").split_whitespace().count(), 43);
        assert!(wrapped.ends_with("\n-- \nshort\n"), "the signature separator keeps its space");
    }
}
