//! The closed list of letters: one folder each. Each is caused by an act of its one recipient; there is no other
//! reason to write. A link in a letter is its recipient's own, and the only address of any kind in it.
//!
//! The list itself is the desk's ([`Kind`]), which knows the acts; here are the words.

mod new_address;
mod page_link;
mod staff_reply;

pub use domain::email::Kind;
pub use new_address::NewAddress;
pub use page_link::PageLink;
pub use staff_reply::StaffReply;

use askama::Template;

/// Whether the program writes it, not staff: then it bounces to nobody and asks machines not to answer.
#[must_use]
pub const fn is_automatic(kind: Kind) -> bool {
    match kind {
        Kind::PageLink | Kind::NewAddress => true,
        Kind::StaffReply => false,
    }
}

/// A letter's words, ready to be wrapped. No `Debug`: the link in them is a key to a person's page.
pub struct Words {
    /// Which letter they are.
    pub kind: Kind,
    /// One line.
    pub subject: String,
    /// Plain text, lines of at most 78 characters but for a long link.
    pub text: String,
    /// The same as HTML, which loads nothing from anywhere; a letter of staff has none.
    pub html: Option<String>,
}

impl Words {
    fn new(
        kind: Kind,
        subject: &impl Template,
        text: &impl Template,
        html: &impl Template,
    ) -> Result<Self, askama::Error> {
        Ok(Self { html: Some(html.render()?), ..Self::plain(kind, subject, text)? })
    }

    fn plain(kind: Kind, subject: &impl Template, text: &impl Template) -> Result<Self, askama::Error> {
        let subject = subject.render()?.trim().to_owned();
        Ok(Self { kind, subject, text: folded_to(&text.render()?, WIDTH), html: None })
    }
}

/// RFC 5322 asks for at most 78 characters. A word that is longer, a link, stays whole on a line of its own.
const WIDTH: usize = 78;

fn folded_to(text: &str, width_of_line: usize) -> String {
    let mut folded = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        let mut width = 0;
        for (n, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if n > 0 {
                // Blanks that begin a line are its indentation.
                let fits = width == 0 || width + 1 + length <= width_of_line;
                folded.push(if fits { ' ' } else { '\n' });
                width = if fits { width + 1 } else { 0 };
            }
            folded.push_str(word);
            width += length;
        }
        folded.push('\n');
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_links_are_not() {
        let link = format!("https://example.com/{}", "x".repeat(80));
        let text = format!("{}\n\n{link}\n-- \nshort", "word ".repeat(40).trim_end());
        let folded = folded_to(&text, WIDTH);
        assert!(folded.lines().all(|line| line.chars().count() <= WIDTH || line == link));
        assert_eq!(folded.replace('\n', " ").split_whitespace().count(), 43);
        assert!(folded.ends_with("\n-- \nshort\n"), "the line that opens a footer keeps its space");
    }
}
