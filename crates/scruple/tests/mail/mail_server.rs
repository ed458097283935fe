//! The scratch mail house: how tests hand mail in, and what they find in people's mailboxes.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::conversations::staff::{ReplyToConversation, StaffView, ViewAsStaff};
use mail_parser::MessageParser;
use store::{Actor, Queue};

use super::kit::{Beside, Shop, skipped, until, wait};

/// Held by whoever kills Dovecot; read by whoever counts on it.
static ALIVE: RwLock<()> = RwLock::new(());

/// The folder of the mail house.
pub struct TestMailServer(PathBuf);

/// By which port a message is handed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The house vouches for its From.
    Verified,
    /// It doesn't.
    Open,
}

/// A message as it lies in somebody's mailbox.
pub struct Found {
    pub text: String,
}

impl Found {
    pub fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::default().parse(self.text.as_bytes()).expect("a message");
        message.header_raw(name).map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub fn words(&self) -> String {
        let message = MessageParser::default().parse(self.text.as_bytes()).expect("a message");
        message.body_text(0).expect("plain text").replace("\r\n", "\n")
    }
}

impl TestMailServer {
    /// The one that was started for the tests; without it the test says so and passes, unless one is required.
    pub fn started() -> Option<Self> {
        let folder = std::env::var_os("SCRUPLE_TEST_MAIL").map(|folder| Self(folder.into()));
        if folder.is_none() {
            let required = std::env::var_os("SCRUPLE_TEST_REQUIRE").is_some_and(|value| value == "1");
            assert!(!required, "SCRUPLE_TEST_MAIL is not set: start the servers with scripts/mail-server");
            skipped("SCRUPLE_TEST_MAIL is not set");
        }
        folder
    }

    /// As long as this is held, nobody kills Dovecot.
    pub fn alive() -> RwLockReadGuard<'static, ()> {
        ALIVE.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// As long as this is held, nobody else counts on Dovecot.
    pub fn alone() -> RwLockWriteGuard<'static, ()> {
        ALIVE.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn says(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("written at its start").trim().to_owned()
    }

    /// A shop that answers as this address, and takes its mail over IMAP.
    pub fn shop(&self, address: &str) -> Shop {
        let imap = format!("imaps://{}@localhost:{}/INBOX", address.replace('@', "%40"), self.says("imaps"));
        self.sends(address).with("SCRUPLE_MAIL_IMAP", &imap)
    }

    /// The same without TLS from the start, and from the port that announces neither IDLE nor MOVE nor UIDPLUS.
    pub fn old_shop(&self, address: &str) -> Shop {
        let imap = format!("imap://{}@127.0.0.2:{}/INBOX", address.replace('@', "%40"), self.says("old"));
        self.sends(address).with("SCRUPLE_MAIL_IMAP", &imap)
    }

    fn sends(&self, address: &str) -> Shop {
        let shop = Shop::new();
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        let password = shop.folder().join("imap-password");
        let kept = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&password);
        kept.and_then(|mut file| file.write_all(self.says("password").as_bytes())).expect("a file");
        shop.with("SCRUPLE_MAIL_SMTP", &format!("smtp://127.0.0.1:{}", self.says("port")))
            .with("SCRUPLE_MAIL_FROM", &format!("Test Software <{address}>"))
            .with("SCRUPLE_MAIL_REPLY", address)
            .with("SCRUPLE_MAIL_AUTHSERV", &self.says("authserv"))
            .with("SCRUPLE_MAIL_IMAP_PASSWORD_FILE", &text(&password))
            .with("SCRUPLE_MAIL_IMAP_CA_FILE", &text(&self.0.join("ca.pem")))
    }

    /// Hands messages in, each with its envelope's sender and recipient, over one connection.
    pub fn hand_in<'a>(&self, door: Door, mails: impl IntoIterator<Item = (&'a str, &'a str, String)>) {
        let port = self.says(if door == Door::Verified { "verified" } else { "port" });
        let stream =
            TcpStream::connect(("127.0.0.1", port.parse::<u16>().expect("a port"))).expect("Postfix");
        let mut answers = BufReader::new(stream.try_clone().expect("a socket"));
        let mut talk = SampleConversation { stream, answers: &mut answers };
        talk.hear("220");
        talk.say("EHLO buyers.example", "250");
        for (from, to, text) in mails {
            talk.say(&format!("MAIL FROM:<{from}>"), "250");
            talk.say(&format!("RCPT TO:<{to}>"), "250");
            talk.say("DATA", "354");
            let text = text.replace("\r\n", "\n").replace("\n.", "\n..").replace('\n', "\r\n");
            talk.say(&format!("{text}\r\n."), "250");
        }
        talk.say("QUIT", "221");
    }

    pub fn mailbox(&self, address: &str) -> PathBuf {
        self.0.join("mail").join(address.to_lowercase())
    }

    /// What lies in somebody's inbox.
    pub fn found(&self, address: &str) -> Vec<Found> {
        self.found_in(&self.mailbox(address))
    }

    /// What lies in a folder of a mailbox.
    pub fn found_in(&self, folder: &Path) -> Vec<Found> {
        let files = ["new", "cur"].into_iter().filter_map(|part| fs::read_dir(folder.join(part)).ok());
        // A file may be renamed or gone between the two looks.
        let texts = files.flatten().flatten().filter_map(|file| fs::read(file.path()).ok());
        texts.map(|bytes| Found { text: String::from_utf8_lossy(&bytes).into_owned() }).collect()
    }

    /// Tells `scripts/mail-server` what to do.
    pub fn told(&self, what: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mail-server");
        let done = Command::new(script).arg(what).arg(&self.0).status().expect("the script");
        assert!(done.success(), "mail-server {what}");
    }
}

struct SampleConversation<'a> {
    stream: TcpStream,
    answers: &'a mut BufReader<TcpStream>,
}

impl SampleConversation<'_> {
    fn say(&mut self, line: &str, expected: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).expect("Postfix listens");
        self.hear(expected);
    }

    fn hear(&mut self, expected: &str) {
        loop {
            let mut line = String::new();
            self.answers.read_line(&mut line).expect("an answer");
            assert!(line.starts_with(expected), "{line}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return;
            }
        }
    }
}

/// A plain message.
pub fn message(from: &str, to: &str, subject: &str, id: &str, more: &str, text: &str) -> String {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nDate: Sat, 21 Nov 2026 10:00:00 \
         +0000\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

/// The desk of a shop, as staff see it.
pub trait Desk {
    /// The numbers of all threads that wait for staff.
    fn open(&self) -> Vec<i64>;
    /// A thread.
    fn thread(&self, id: i64) -> StaffView;
    /// Answers it, quoting.
    fn reply(&self, id: i64, text: &str) -> domain::conversations::staff::ReplyOutcome;
    /// The one thread, as soon as it is there.
    fn one(&self) -> i64 {
        until("a thread", || self.open().first().copied())
    }
}

fn staff() -> Actor {
    Actor::Staff("ada".to_owned())
}

impl Desk for Beside {
    fn open(&self) -> Vec<i64> {
        let threads = wait(async { self.db.read().await?.queue(&Queue::Open, i64::MAX, 100_000).await });
        threads.expect("the database answers").into_iter().map(|thread| thread.id).collect()
    }

    fn thread(&self, id: i64) -> StaffView {
        let seen = wait(self.db.execute(&ViewAsStaff { id, actor: &staff() }))
            .unwrap_or_else(|error| panic!("{error}"));
        seen.expect("the thread is there")
    }

    fn reply(&self, id: i64, text: &str) -> domain::conversations::staff::ReplyOutcome {
        let (actor, settings) = (staff(), &self.settings);
        let reply = ReplyToConversation {
            id,
            text,
            quote: true,
            seen: None,
            force: true,
            close: false,
            actor: &actor,
            settings,
        };
        wait(self.db.execute(&reply)).unwrap_or_else(|error| panic!("{error}"))
    }
}
