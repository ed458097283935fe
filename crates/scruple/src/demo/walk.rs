//! What a visitor of the demo is invited to do, once for the terminal and the page.

use std::fmt;
use std::path::Path;

use paypro::Purchase;

use super::folder::Folder;
use super::shop::Sold;
use super::visits::SITE;

/// One thing to see.
pub struct Step {
    /// What it is.
    pub title: &'static str,
    /// What happens.
    pub says: String,
    /// A key to copy; empty for none.
    pub key: String,
    /// Where to look: what it is called, and where it is.
    pub links: Vec<(&'static str, String)>,
    /// What to paste into another terminal.
    pub commands: Vec<String>,
}

/// The whole walk.
pub struct Walk {
    /// In the order in which they make sense.
    pub steps: Vec<Step>,
    url: String,
}

/// What the commands are made of.
struct Shell {
    url: String,
    scruple: String,
    public_keys: String,
    log: String,
    key: String,
}

impl Walk {
    /// The walk through a shop at this address, in this folder, where this was sold and a
    /// conversation with this code was begun.
    pub fn new(url: &str, folder: &Folder, sold: &Sold, code: &str) -> Self {
        let binary = std::env::current_exe();
        let binary = binary.map_or_else(|_| "scruple".to_owned(), |path| word(&path));
        let shell = Shell {
            url: url.to_owned(),
            scruple: format!("{binary} --config {}", word(&folder.configuration())),
            public_keys: word(&folder.public_keys()),
            log: word(&folder.log()),
            key: sold.key.clone(),
        };
        let steps = vec![
            shell.notice(sold),
            shell.recovery(),
            shell.support(),
            shell.talk(code),
            shell.renewal(),
            shell.erasure(),
            shell.licence_goes_on(),
            shell.nobody_comes_back(&sold.ada),
            shell.visitors(),
            shell.proof(),
        ];
        Self { steps, url: url.to_owned() }
    }
}

impl Shell {
    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn run(&self, arguments: &str) -> String {
        format!("{} {arguments}", self.scruple)
    }

    fn notice(&self, sold: &Sold) -> Step {
        Step {
            title: "A notice comes in, a key goes out",
            says: format!(
                "{} signed notices were posted to {}. Ada Lovelace had bought Lantern Studio; the provider asked for \
                 her key (type 12), and this was the answer. Asked again, it is the same for ever.",
                sold.notices,
                self.link("/paypro"),
            ),
            key: self.key.clone(),
            links: vec![],
            commands: vec![self.run(&send(12, &sold.ada))],
        }
    }

    fn recovery(&self) -> Step {
        Step {
            title: "Ada has lost her key",
            says: "Type ada@example.com, then any other address: the answer is the same. Only Ada gets a letter; press \
                   the button behind its link."
                .into(),
            key: String::new(),
            links: vec![
                ("The page for licences", self.link("/licence")),
                ("The letters", self.link("/demo/letters")),
            ],
            commands: vec![],
        }
    }

    fn support(&self) -> Step {
        Step {
            title: "Support looks her up, for a reason",
            says: "Her details lie sealed. Whoever opens them names a case, and the journal has it before they see \
                   anything; Ada sees it too, under “What is held”."
                .into(),
            key: String::new(),
            links: vec![],
            commands: vec![
                self.run("--as mary support find --order 1001 --case 'ticket 17: key lost'"),
                self.run("journal show"),
            ],
        }
    }

    fn talk(&self, code: &str) -> Step {
        Step {
            title: "Somebody asks without a name",
            says: "On the contact page nothing but the message is asked for; a code leads back to it. One question is \
                   answered already: open it with its code, answer, give an address, or erase it all."
                .into(),
            key: code.to_owned(),
            links: vec![
                ("The contact page", self.link("/contact")),
                ("The question, answered", self.link(&format!("/thread#{code}"))),
            ],
            commands: vec![],
        }
    }

    fn renewal(&self) -> Step {
        Step {
            title: "She renews with a discount",
            says: "Her year of updates is nearly over, so her page offers a renewal. The link leads to a stand-in of \
                   the provider's checkout; pay there, and her licence has 12 months more, under the same number."
                .into(),
            key: String::new(),
            links: vec![("Her page, once it is open", self.link("/licence/page"))],
            commands: vec![],
        }
    }

    fn erasure(&self) -> Step {
        Step {
            title: "She has everything erased",
            says: "The page says what becomes impossible for her purchases, gives her the keys first, and asks for a \
                   tick and a word. At the end there is a receipt; save it."
                .into(),
            key: String::new(),
            links: vec![("Erasure, while her page is open", self.link("/licence/erase"))],
            commands: vec![self.run("receipt verify ~/Downloads/erasure-receipt.txt")],
        }
    }

    fn licence_goes_on(&self) -> Step {
        let (key, public_keys) = (&self.key, &self.public_keys);
        Step {
            title: "Her licence goes on working",
            says: "A key holds nothing about her. It verifies with the shop's public keys alone, and her program still \
                   gets the current key for it."
                .into(),
            key: String::new(),
            links: vec![],
            commands: vec![
                self.run(&format!("licence verify {key} --public-key {public_keys}")),
                format!("curl --data-binary {key} {}", self.link("/licence/refresh")),
            ],
        }
    }

    fn nobody_comes_back(&self, ada: &Purchase) -> Step {
        Step {
            title: "Nothing brings her back",
            says: "The provider sends the notice of her order once more. It is taken, and nobody is known afterwards: \
                   support is answered as for a stranger."
                .into(),
            key: String::new(),
            links: vec![("Ask for her page again: no letter comes", self.link("/licence"))],
            commands: vec![
                self.run(&format!("{} --field IS_RESENT=1", send(1, ada))),
                self.run("support find --order 1001 --case 'who was that?'"),
            ],
        }
    }

    fn visitors(&self) -> Step {
        Step {
            title: "Visitors are counted, and nobody is known",
            says: "Here lies the log of a web server, of four made-up weeks. The import counts it, publishes its days, \
                   leaves out what fewer than five people did, and forgets the keys that told visitors apart. Then look \
                   at the page, which everybody may see."
                .into(),
            key: String::new(),
            links: vec![("The statistics", self.link(&format!("/statistics/{SITE}")))],
            commands: vec![
                self.run(&format!("visits import --site {SITE} {}", self.log)),
                self.run("site list"),
            ],
        }
    }

    fn proof(&self) -> Step {
        Step {
            title: "The proof",
            says: "Promise by promise, read from the live database: kept, with figures, or broken, with the place."
                .into(),
            key: String::new(),
            links: vec![],
            commands: vec![self.run("prove"), self.run("journal verify"), self.run("doctor")],
        }
    }
}

/// The arguments that send a notice about a purchase.
fn send(kind: u8, of: &Purchase) -> String {
    let placed = of.placed.long_text();
    format!(
        "paypro send --type {kind} --field ORDER_ID={} --field ORDER_ITEM_ID={} --field PRODUCT_ID={} \
         --field CUSTOMER_EMAIL={} --field ORDER_PLACED_TIME_UTC='{placed}'",
        of.order, of.order_item, of.product, of.buyer.email
    )
}

/// A path as one word of a shell's command.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nThe demo is open: {}/demo (the same walk, as a page)", self.url)?;
        for (n, step) in self.steps.iter().enumerate() {
            writeln!(f, "\n{}. {}", n + 1, step.title)?;
            wrapped(f, &step.says)?;
            if !step.key.is_empty() {
                writeln!(f, "   {}", step.key)?;
            }
            for (name, at) in &step.links {
                writeln!(f, "   {name}: {at}")?;
            }
            for command in &step.commands {
                writeln!(f, "   $ {command}")?;
            }
        }
        write!(f, "\nCtrl-C ends the demo, and everything in it is gone.")
    }
}

/// Lines of at most 100 characters, three in.
fn wrapped(f: &mut fmt::Formatter<'_>, line: &str) -> fmt::Result {
    let mut width = 0;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 100 {
            writeln!(f)?;
            width = 0;
        }
        write!(f, "{}{word}", if width == 0 { "   " } else { " " })?;
        width += if width == 0 { 3 + length } else { 1 + length };
    }
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word_in_a_shell() {
        assert_eq!(word(Path::new("/tmp/scruple-demo-1/scruple.toml")), "/tmp/scruple-demo-1/scruple.toml");
        assert_eq!(word(Path::new("/tmp/it's here")), r"'/tmp/it'\''s here'");
    }
}
