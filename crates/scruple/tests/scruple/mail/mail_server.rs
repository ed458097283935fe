//! The mail server of the tests: submits messages and reads mailboxes.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::conversations::staff::{ReplyToConversation, StaffView, ViewAsStaff};
use mail_parser::MessageParser;
use store::{Actor, ConversationId, Queue};

use super::kit::{OpenStore, Shop, block_on, wait_until};

/// The folder of the mail server.
pub struct TestMailServer(PathBuf);

/// The port through which a message is submitted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SubmissionPort {
    /// The server adds `dmarc=pass`.
    Verified,
    /// The server adds `dmarc=fail`.
    Open,
}

/// A message in a mailbox.
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
    /// Returns the server that was started for the tests.
    pub fn started() -> Self {
        let folder = std::env::var_os("SCRUPLE_TEST_MAIL");
        Self(folder.expect("SCRUPLE_TEST_MAIL is not set: start the servers with scripts/mail-server").into())
    }

    /// While the file is open, no other test kills Dovecot, in this process or another.
    pub fn share_dovecot(&self) -> File {
        let lock = self.dovecot_lock();
        lock.lock_shared().expect("a lock");
        lock
    }

    /// While the file is open, no other test uses Dovecot.
    pub fn own_dovecot(&self) -> File {
        let lock = self.dovecot_lock();
        lock.lock().expect("a lock");
        lock
    }

    fn dovecot_lock(&self) -> File {
        File::create(self.0.join("dovecot.lock")).expect("a writable folder")
    }

    pub fn setting(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("written at its start").trim().to_owned()
    }

    /// Creates a shop that sends from this address and receives over IMAP.
    pub fn shop(&self, address: &str) -> Shop {
        let imap =
            format!("imaps://{}@localhost:{}/INBOX", address.replace('@', "%40"), self.setting("imaps"));
        self.configured_shop(address).with("SCRUPLE_MAIL_IMAP", &imap)
    }

    /// Creates the same shop with STARTTLS, and an IMAP port without IDLE, MOVE and UIDPLUS.
    pub fn shop_without_idle(&self, address: &str) -> Shop {
        let imap = format!("imap://{}@127.0.0.2:{}/INBOX", address.replace('@', "%40"), self.setting("old"));
        self.configured_shop(address).with("SCRUPLE_MAIL_IMAP", &imap)
    }

    fn configured_shop(&self, address: &str) -> Shop {
        let shop = Shop::new();
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        let password = shop.folder().join("imap-password");
        let kept = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&password);
        kept.and_then(|mut file| file.write_all(self.setting("password").as_bytes())).expect("a file");
        shop.with("SCRUPLE_MAIL_SMTP", &format!("smtp://127.0.0.1:{}", self.setting("port")))
            .with("SCRUPLE_MAIL_FROM", &format!("Test Software <{address}>"))
            .with("SCRUPLE_MAIL_REPLY", address)
            .with("SCRUPLE_MAIL_AUTHSERV", &self.setting("authserv"))
            .with("SCRUPLE_MAIL_IMAP_PASSWORD_FILE", &text(&password))
            .with("SCRUPLE_MAIL_IMAP_CA_FILE", &text(&self.0.join("ca.pem")))
    }

    /// Submits messages over one connection, each with the sender and recipient of its envelope.
    pub fn submit<'a>(
        &self,
        via: SubmissionPort,
        mails: impl IntoIterator<Item = (&'a str, &'a str, String)>,
    ) {
        let port = self.setting(if via == SubmissionPort::Verified { "verified" } else { "port" });
        let stream =
            TcpStream::connect(("127.0.0.1", port.parse::<u16>().expect("a port"))).expect("Postfix");
        let mut answers = BufReader::new(stream.try_clone().expect("a socket"));
        let mut dialogue = SmtpDialogue { stream, answers: &mut answers };
        dialogue.expect_reply("220");
        dialogue.command("EHLO buyers.example", "250");
        for (from, to, text) in mails {
            dialogue.command(&format!("MAIL FROM:<{from}>"), "250");
            dialogue.command(&format!("RCPT TO:<{to}>"), "250");
            dialogue.command("DATA", "354");
            let text = text.replace("\r\n", "\n").replace("\n.", "\n..").replace('\n', "\r\n");
            dialogue.command(&format!("{text}\r\n."), "250");
        }
        dialogue.command("QUIT", "221");
    }

    pub fn mailbox(&self, address: &str) -> PathBuf {
        self.0.join("mail").join(address.to_lowercase())
    }

    /// Returns the messages in the inbox of an address.
    pub fn found(&self, address: &str) -> Vec<Found> {
        self.found_in(&self.mailbox(address))
    }

    /// Returns the messages in a folder.
    pub fn found_in(&self, folder: &Path) -> Vec<Found> {
        let files = ["new", "cur"].into_iter().filter_map(|part| fs::read_dir(folder.join(part)).ok());
        // A file may be renamed or deleted after the folder was listed.
        let texts = files.flatten().flatten().filter_map(|file| fs::read(file.path()).ok());
        texts.map(|bytes| Found { text: String::from_utf8_lossy(&bytes).into_owned() }).collect()
    }

    /// Runs a command of `scripts/mail-server`.
    pub fn control(&self, what: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mail-server");
        let done = Command::new(script).arg(what).arg(&self.0).status().expect("the script");
        assert!(done.success(), "mail-server {what}");
    }
}

struct SmtpDialogue<'a> {
    stream: TcpStream,
    answers: &'a mut BufReader<TcpStream>,
}

impl SmtpDialogue<'_> {
    fn command(&mut self, line: &str, expected: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).expect("Postfix listens");
        self.expect_reply(expected);
    }

    fn expect_reply(&mut self, expected: &str) {
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

/// Composes a plain message.
pub fn message(from: &str, to: &str, subject: &str, id: &str, more: &str, text: &str) -> String {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nDate: Sat, 21 Nov 2026 10:00:00 \
         +0000\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

/// What staff do with the conversations of a shop.
pub trait StaffInbox {
    /// Returns the numbers of all open conversations.
    fn open(&self) -> Vec<ConversationId>;
    /// Returns a conversation as staff see it.
    fn conversation(&self, id: ConversationId) -> StaffView;
    /// Replies with a quotation.
    fn reply(&self, id: ConversationId, text: &str) -> domain::conversations::staff::ReplyOutcome;
    /// Waits for the first conversation, and returns its number.
    fn only_conversation(&self) -> ConversationId {
        wait_until("a conversation", || self.open().first().copied())
    }
}

fn staff() -> Actor {
    Actor::Staff("ada".to_owned())
}

impl StaffInbox for OpenStore {
    fn open(&self) -> Vec<ConversationId> {
        let conversations =
            block_on(async { self.db.read().await?.queue(&Queue::Open, i64::MAX, 100_000).await });
        conversations.expect("the database answers").into_iter().map(|conversation| conversation.id).collect()
    }

    fn conversation(&self, id: ConversationId) -> StaffView {
        let seen = block_on(self.db.execute(&ViewAsStaff { id, actor: &staff() }))
            .unwrap_or_else(|error| panic!("{error}"));
        seen.expect("the conversation is there")
    }

    fn reply(&self, id: ConversationId, text: &str) -> domain::conversations::staff::ReplyOutcome {
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
        block_on(self.db.execute(&reply)).unwrap_or_else(|error| panic!("{error}"))
    }
}
