//! The mail server of the tests: `scripts/mail-server` starts it, `SCRUPLE_TEST_SMTP` names its folder.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use mail_parser::MessageParser;

use super::{Shop, portal, wait_until};

/// Returns an address that no other run has used, because the mail server keeps all e-mails.
pub fn fresh(name: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    format!("{name}.{}@buyers.example", now.as_nanos())
}

/// The mail server's folder.
pub struct MailServer(PathBuf);

/// An e-mail as it arrived.
pub struct Arrived {
    /// The whole message.
    pub text: String,
    /// Its plain text.
    pub words: String,
}

impl Arrived {
    /// Returns the path of its link.
    pub fn link(&self) -> String {
        let link = self.words.split_whitespace().find(|word| word.starts_with("http://")).expect("a link");
        portal::path(link)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::default().parse(self.text.as_bytes()).expect("a message");
        message.header_raw(name).map(|value| value.trim().to_owned())
    }
}

impl MailServer {
    /// Returns the server that was started for the tests.
    pub fn started() -> Self {
        let folder = std::env::var_os("SCRUPLE_TEST_SMTP");
        Self(folder.expect("SCRUPLE_TEST_SMTP is not set: start the servers with scripts/mail-server").into())
    }

    fn setting(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("written at its start").trim().to_owned()
    }

    pub fn port(&self) -> u16 {
        self.setting("port").parse().expect("a port")
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port()))
    }

    /// Configures a shop to send its e-mails here through a port, with TLS and a password.
    pub fn configure(&self, shop: Shop, port: u16) -> Shop {
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        let password = shop.folder().join("smtp-password");
        let kept = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&password);
        kept.and_then(|mut file| file.write_all(self.setting("password").as_bytes())).expect("a file");
        shop.with("SCRUPLE_MAIL_SMTP", &format!("smtp://{}@localhost:{port}", self.setting("name")))
            .with("SCRUPLE_MAIL_FROM", "Test Software <licence@shop.example>")
            .with("SCRUPLE_MAIL_SMTP_CA_FILE", &text(&self.0.join("ca.pem")))
            .with("SCRUPLE_MAIL_PASSWORD_FILE", &text(&password))
    }

    /// Returns all e-mails that arrived for an address.
    pub fn emails_to(&self, address: &str) -> Vec<Arrived> {
        let folder = PathBuf::from(self.setting("maildir")).join("new");
        let envelope = format!("Delivered-To: {address}").to_lowercase();
        let texts = fs::read_dir(folder).expect("made at its start").flatten();
        let texts = texts.map(|entry| fs::read_to_string(entry.path()).unwrap_or_default());
        let ours = texts.filter(|text| text.to_lowercase().contains(&envelope));
        ours.map(|text| {
            let message = MessageParser::default().parse(text.as_bytes()).expect("a message");
            let words = message.body_text(0).expect("plain text").into_owned();
            Arrived { words, text }
        })
        .collect()
    }

    /// Waits for an e-mail to an address.
    pub fn email_to(&self, address: &str) -> Arrived {
        wait_until("an e-mail", || self.emails_to(address).pop())
    }
}
