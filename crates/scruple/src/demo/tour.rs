//! The tour of the demo: its steps, for the terminal and for the page.

use std::fmt;
use std::path::Path;

use paypro::Purchase;

use super::folder::DemoFolder;
use super::sample_orders::PlacedOrders;
use super::sample_visits::SITE;

/// A step of the tour.
pub struct Step {
    pub title: &'static str,
    /// What happens in this step.
    pub text: String,
    /// A key or a code to copy; empty for none.
    pub key: String,
    /// Links: text and URL.
    pub links: Vec<(&'static str, String)>,
    /// Commands for another terminal.
    pub commands: Vec<String>,
}

pub struct Tour {
    /// The steps in their order.
    pub steps: Vec<Step>,
    url: String,
}

/// The parts of links and commands.
struct Shell {
    url: String,
    scruple: String,
    public_keys: String,
    log: String,
    key: String,
}

impl Tour {
    /// The tour of the store at a URL and in a folder, with its sample orders and the access code of its sample
    /// conversation.
    pub fn new(url: &str, folder: &DemoFolder, orders: &PlacedOrders, code: &str) -> Self {
        let binary = std::env::current_exe();
        let binary = binary.map_or_else(|_| "scruple".to_owned(), |path| shell_word(&path));
        let shell = Shell {
            url: url.to_owned(),
            scruple: format!("{binary} --config {}", shell_word(&folder.configuration())),
            public_keys: shell_word(&folder.public_keys()),
            log: shell_word(&folder.log()),
            key: orders.key.clone(),
        };
        let steps = vec![
            shell.notification(orders),
            shell.magic_link(),
            shell.lookup(),
            shell.conversation(code),
            shell.renewal(),
            shell.erasure(),
            shell.offline_verification(),
            shell.resent_notification(&orders.ada),
            shell.statistics(),
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

    fn notification(&self, orders: &PlacedOrders) -> Step {
        Step {
            title: "A notification comes in, a licence key goes out",
            text: format!(
                "{} signed notifications (webhooks) were posted to {}. Ada Lovelace bought Lantern Studio. The provider \
                 asked for her licence key (type 12), and this was the response. The response to a repeated request is \
                 always the same.",
                orders.notifications,
                self.link("/paypro"),
            ),
            key: self.key.clone(),
            links: vec![],
            commands: vec![self.run(&send(12, &orders.ada))],
        }
    }

    fn magic_link(&self) -> Step {
        Step {
            title: "Ada has lost her licence key",
            text: "Enter ada@example.com, then any other address: the response is the same. Only Ada gets an e-mail with \
                   a link. Open the link and press the button."
                .into(),
            key: String::new(),
            links: vec![
                ("The licence page", self.link("/licence")),
                ("The sent e-mails", self.link("/demo/emails")),
            ],
            commands: vec![],
        }
    }

    fn lookup(&self) -> Step {
        Step {
            title: "Support looks up Ada, with a reason",
            text: "Her details are encrypted. A member of staff who opens them gives a reason. The audit log records the \
                   access before the details are shown. Ada can see it on her page too."
                .into(),
            key: String::new(),
            links: vec![],
            commands: vec![
                self.run("--as mary lookup --order 1001 --case 'ticket 17: key lost'"),
                self.run("audit show"),
            ],
        }
    }

    fn conversation(&self, code: &str) -> Step {
        Step {
            title: "An anonymous question",
            text: "The contact page asks for nothing but the message. An access code leads back to the conversation. One \
                   question has a reply already: open it with its code, then write, add an address, or erase it."
                .into(),
            key: code.to_owned(),
            links: vec![
                ("The contact page", self.link("/contact")),
                ("The question with its reply", self.link(&format!("/conversation#{code}"))),
            ],
            commands: vec![],
        }
    }

    fn renewal(&self) -> Step {
        Step {
            title: "Ada renews with a discount",
            text: "Her year of updates is nearly over, so her page offers a renewal. The link leads to a simulated \
                   checkout of the provider. Pay there, and her licence gets 12 more months, with the same number."
                .into(),
            key: String::new(),
            links: vec![("Ada's page, after her link is opened", self.link("/licence/portal"))],
            commands: vec![],
        }
    }

    fn erasure(&self) -> Step {
        Step {
            title: "Ada asks for the erasure of her data",
            text: "The page lists what becomes impossible for her purchases, shows her licence keys first, and asks for \
                   her agreement. At the end there is a receipt: save it."
                .into(),
            key: String::new(),
            links: vec![("Erasure, while Ada's page is open", self.link("/licence/erase"))],
            commands: vec![self.run("receipt verify ~/Downloads/erasure-receipt.txt")],
        }
    }

    fn offline_verification(&self) -> Step {
        let (key, public_keys) = (&self.key, &self.public_keys);
        Step {
            title: "Ada's licence still works",
            text: "A licence key contains no personal data. It verifies offline with the public keys of the store, and \
                   her program can still refresh it."
                .into(),
            key: String::new(),
            links: vec![],
            commands: vec![
                self.run(&format!("licence verify {key} --public-key {public_keys}")),
                format!("curl --data-binary {key} {}", self.link("/licence/refresh")),
            ],
        }
    }

    fn resent_notification(&self, ada: &Purchase) -> Step {
        Step {
            title: "A repeated notification does not bring her data back",
            text: "The provider sends the notification of her order again. It is accepted, but stores nothing about Ada. A \
                   lookup gives the same answer as for a stranger."
                .into(),
            key: String::new(),
            links: vec![("Ask for Ada's link again: no e-mail is sent", self.link("/licence"))],
            commands: vec![
                self.run(&format!("{} --field IS_RESENT=1", send(1, ada))),
                self.run("lookup --order 1001 --case 'check the erasure'"),
            ],
        }
    }

    fn statistics(&self) -> Step {
        Step {
            title: "Visits are counted, visitors stay anonymous",
            text: "The demo has a generated web server log of four weeks. The import counts its visits, publishes its \
                   days, suppresses figures of fewer than five people (k-anonymity), and destroys the keys that \
                   distinguished visitors. Then open the public statistics."
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
            text: "Each promise is checked on the live database: kept, with evidence, or broken, with the place."
                .into(),
            key: String::new(),
            links: vec![],
            commands: vec![self.run("prove"), self.run("audit verify"), self.run("doctor")],
        }
    }
}

/// The arguments that send a notification about a purchase.
fn send(kind: u8, of: &Purchase) -> String {
    let placed = paypro::date_text::long_text(of.placed);
    format!(
        "paypro send --type {kind} --field ORDER_ID={} --field ORDER_ITEM_ID={} --field PRODUCT_ID={} \
         --field CUSTOMER_EMAIL={} --field ORDER_PLACED_TIME_UTC='{placed}'",
        of.order, of.order_item, of.product, of.buyer.email
    )
}

/// Quotes a path for a shell.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

impl fmt::Display for Tour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nThe demo is running: {}/demo (the same tour, as a page)", self.url)?;
        for (n, step) in self.steps.iter().enumerate() {
            writeln!(f, "\n{}. {}", n + 1, step.title)?;
            wrapped(f, &step.text)?;
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
        write!(f, "\nCtrl-C ends the demo and deletes its data.")
    }
}

/// Writes a text in lines of at most 100 characters, indented by three.
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
    fn a_path_is_quoted_for_a_shell() {
        assert_eq!(
            shell_word(Path::new("/tmp/scruple-demo-1/scruple.toml")),
            "/tmp/scruple-demo-1/scruple.toml"
        );
        assert_eq!(shell_word(Path::new("/tmp/it's here")), r"'/tmp/it'\''s here'");
    }
}
