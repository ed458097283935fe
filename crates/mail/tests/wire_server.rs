//! Letters through a real mail server. `scripts/smtp-server` starts one; `SCRUPLE_TEST_SMTP` names its folder. Without
//! it these tests say so and pass, unless `SCRUPLE_TEST_REQUIRE=1` makes its absence a failure.

use lettre::message::Mailbox;
use mail::letters::PageLink;
use mail::message::{Email, Wrapped};
use mail::settings::{Login, MailConfig, Security, Smtp};
use mail::wire::{Class, Receipt, SendError, SmtpClient};
use mail_parser::MessageParser;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// The mail server's folder.
struct Server(PathBuf);

#[allow(clippy::print_stdout, reason = "a test that didn't look must say so")]
fn server() -> Option<Server> {
    let folder = std::env::var_os("SCRUPLE_TEST_SMTP").map(|folder| Server(folder.into()));
    if folder.is_none() {
        let required = std::env::var_os("SCRUPLE_TEST_REQUIRE").is_some_and(|value| value == "1");
        assert!(!required, "SCRUPLE_TEST_SMTP is not set: start a server with scripts/smtp-server");
        println!("skipped: SCRUPLE_TEST_SMTP is not set");
    }
    folder
}

impl Server {
    fn says(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("the server wrote it at its start").trim().to_owned()
    }

    fn wire(&self, security: Security, password: Option<&str>) -> SmtpClient {
        let encrypted = security != Security::Plain;
        let ca = encrypted.then(|| self.says("ca.pem").into_bytes());
        let login = password.map(|text| Login { name: self.says("name"), password: text.to_owned().into() });
        let port = self.says("port").parse().expect("it is a port");
        self.mail(Smtp { host: "localhost".to_owned(), port, security, login, ca })
    }

    fn mail(&self, smtp: Smtp) -> SmtpClient {
        SmtpClient::new(&MailConfig { from: Some(from()), smtp: Some(smtp), ..MailConfig::default() })
            .expect("it is configured")
    }

    /// The letter as it arrived. The server delivers after it has answered, so this waits, for a minute at most.
    async fn arrived(&self, id: &str) -> String {
        let folder = PathBuf::from(self.says("maildir")).join("new");
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            for entry in fs::read_dir(&folder).expect("the server made it").flatten() {
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                if text.contains(id) {
                    return text;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{id} did not arrive");
    }
}

fn from() -> Mailbox {
    "licence@shop.example".parse().expect("it is an address")
}

/// A letter with an id that no earlier run has used.
fn letter(to: &str, test: &str) -> (String, Wrapped) {
    let now = SystemTime::now();
    let nanos = now.duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970").as_nanos();
    let id = format!("{test}-{}-{nanos}", std::process::id());
    let link = "https://licence.example.com/licence/open";
    let page = PageLink { vendor: "Käse & Söhne", link, minutes: 60, cause: "act-7" };
    let words = page.words().expect("it renders");
    let letter = Email {
        words: &words,
        to,
        from: &from(),
        vendor: "Käse",
        cause: "act-7",
        message_id: &id,
        date: now,
        place: None,
    };
    let wrapped = letter.wrap().expect("it is a letter");
    (id, wrapped)
}

#[tokio::test]
async fn a_letter_arrives_over_starttls_with_a_name_and_a_password() {
    let Some(server) = server() else { return };
    let wire = server.wire(Security::StartTls, Some(&server.says("password")));
    let (id, letter) = letter("ada@example.com", "starttls");
    assert_eq!(wire.send(&letter).await, Ok(Receipt { code: 250 }));
    let arrived = server.arrived(&id).await;
    assert!(arrived.starts_with("Return-path: <>\n"), "an automatic letter bounces to nobody:\n{arrived}");
    let sent = MessageParser::new().parse(&letter.raw).unwrap();
    let read = MessageParser::new().parse(arrived.as_bytes()).unwrap();
    assert_eq!(read.subject(), sent.subject());
    assert_eq!(
        read.body_text(0).unwrap().replace('\r', "").trim(),
        sent.body_text(0).unwrap().replace('\r', "").trim()
    );
    assert_eq!(read.header_raw("Scruple-Cause").map(str::trim), Some("act-7"));
    let way = read.header_raw("Received").unwrap();
    assert!(way.contains("esmtpsa"), "encrypted and logged in: {way}");
}

#[tokio::test]
async fn a_letter_arrives_in_plain_on_the_same_machine() {
    let Some(server) = server() else { return };
    let wire = server.wire(Security::Plain, None);
    let (id, letter) = letter("ada@example.com", "plain");
    assert_eq!(wire.send(&letter).await, Ok(Receipt { code: 250 }));
    server.arrived(&id).await;
}

#[tokio::test]
async fn letters_one_after_another_share_a_connection() {
    let Some(server) = server() else { return };
    let wire = server.wire(Security::StartTls, None);
    let mut ids = Vec::new();
    for number in 0..5 {
        let (id, letter) = letter("ada@example.com", &format!("reuse{number}"));
        assert_eq!(wire.send(&letter).await, Ok(Receipt { code: 250 }));
        ids.push(id);
    }
    let mut connections = BTreeSet::new();
    for id in &ids {
        let arrived = server.arrived(id).await;
        let queued = arrived.lines().find_map(|line| line.trim().strip_prefix("id ")).unwrap();
        // Exim's ids are time, process and number; each connection has its process.
        connections.insert(queued.split('-').nth(1).unwrap().to_owned());
    }
    assert_eq!(connections.len(), 1, "{connections:?}");
}

#[tokio::test]
async fn a_refused_recipient_is_told_apart_by_whether_it_is_for_good() {
    let Some(server) = server() else { return };
    let wire = server.wire(Security::StartTls, None);
    let (_, later) = letter("temporary@example.com", "later");
    assert_eq!(wire.send(&later).await, Err(SendError::Temporary(Class::Reply(451))));
    let (_, never) = letter("permanent@example.com", "never");
    assert_eq!(wire.send(&never).await, Err(SendError::Permanent(Class::Reply(550))));
    let (_, good) = letter("ada@example.com", "after");
    assert_eq!(wire.send(&good).await, Ok(Receipt { code: 250 }), "the wire goes on");
}

#[tokio::test]
async fn a_wrong_password_is_no_verdict_on_the_letter() {
    let Some(server) = server() else { return };
    let (_, letter) = letter("ada@example.com", "password");
    let sent = server.wire(Security::StartTls, Some("wrong")).send(&letter).await;
    assert_eq!(sent, Err(SendError::Temporary(Class::Reply(535))));
}

#[tokio::test]
async fn a_server_that_no_trusted_authority_knows_gets_no_letter() {
    let Some(server) = server() else { return };
    let (_, letter) = letter("ada@example.com", "authority");
    let port = server.says("port").parse().unwrap();
    let public =
        Smtp { host: "localhost".to_owned(), port, security: Security::StartTls, login: None, ca: None };
    assert_eq!(server.mail(public).send(&letter).await, Err(SendError::Temporary(Class::Tls)));
}
