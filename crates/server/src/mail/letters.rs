//! The closed list of letters: one folder each. Each is caused by an act of its one recipient; there is no other
//! reason to write. A link in a letter is its recipient's own, and the only address of any kind in it.

mod new_address;
mod page_link;

pub use new_address::NewAddress;
pub use page_link::PageLink;

use askama::Template;

/// Which letter: the name of its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`PageLink`]
    PageLink,
    /// [`NewAddress`]
    NewAddress,
}

impl Kind {
    /// Every letter there is.
    pub const ALL: [Self; 2] = [Self::PageLink, Self::NewAddress];

    /// The name under which it waits and is recorded.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PageLink => "page-link",
            Self::NewAddress => "new-address",
        }
    }

    /// The letter of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the program writes it, not staff: then it bounces to nobody and asks machines not to answer.
    pub const fn automatic(self) -> bool {
        match self {
            Self::PageLink | Self::NewAddress => true,
        }
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
    /// The same as HTML, which loads nothing from anywhere.
    pub html: String,
}

impl Words {
    fn new(
        kind: Kind,
        subject: &impl Template,
        text: &impl Template,
        html: &impl Template,
    ) -> Result<Self, askama::Error> {
        let subject = subject.render()?.trim().to_owned();
        Ok(Self { kind, subject, text: folded(&text.render()?), html: html.render()? })
    }
}

/// RFC 5322 asks for at most 78 characters. A word that is longer, a link, stays whole on a line of its own.
const WIDTH: usize = 78;

fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        let mut width = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if width > 0 {
                let fits = width + 1 + length <= WIDTH;
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
    fn each_letter_has_a_name_of_its_own() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
        assert_eq!(Kind::named("newsletter"), None);
    }

    #[test]
    fn long_lines_are_folded_and_links_are_not() {
        let link = format!("https://example.com/{}", "x".repeat(80));
        let text = format!("{}\n\n{link}\n-- \nshort", "word ".repeat(40).trim_end());
        let folded = folded(&text);
        assert!(folded.lines().all(|line| line.chars().count() <= WIDTH || line == link));
        assert_eq!(folded.replace('\n', " ").split_whitespace().count(), 43);
        assert!(folded.ends_with("\n-- \nshort\n"), "the line that opens a footer keeps its space");
    }
}
