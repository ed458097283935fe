//! Sends e-mails through a real mail server. `scripts/smtp-server` starts one; `SCRUPLE_TEST_SMTP` names its folder. Without
//! it these tests say so and pass, unless `SCRUPLE_TEST_REQUIRE=1` makes its absence a failure.

use lettre::message::Mailbox;
use mail::emails::MagicLinkEmail;
use mail::message::{ComposedEmail, Email};
use mail::settings::{Login, MailConfig, Security, Smtp};
use mail::smtp::{SendError, SmtpClient, SmtpErrorClass, SmtpReply};
use mail_parser::MessageParser;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// The mail server's folder.
struct Server(PathBuf);

#[allow(clippy::print_stdout, reason = "a skipped test must be visible")]
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
    fn setting(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("the server wrote it at its start").trim().to_owned()
    }

    fn client(&self, security: Security, password: Option<&str>) -> SmtpClient {
        let encrypted = security != Security::Plain;
        let ca = encrypted.then(|| self.setting("ca.pem").into_bytes());
        let login =
            password.map(|text| Login { name: self.setting("name"), password: text.to_owned().into() });
        let port = self.setting("port").parse().expect("it is a port");
        self.mail(Smtp { host: "localhost".to_owned(), port, security, login, ca })
    }

    fn mail(&self, smtp: Smtp) -> SmtpClient {
        SmtpClient::new(&MailConfig { from: Some(from()), smtp: Some(smtp), ..MailConfig::default() })
            .expect("it is configured")
    }

    /// Waits for the e-mail. The server delivers after it has answered, so this waits, for a minute at most.
    async fn delivered(&self, id: &str) -> String {
        let folder = PathBuf::from(self.setting("maildir")).join("new");
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

/// An e-mail with an id that no earlier run has used.
fn test_email(to: &str, test: &str) -> (String, ComposedEmail) {
    let now = SystemTime::now();
    let nanos = now.duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970").as_nanos();
    let id = format!("{test}-{}-{nanos}", std::process::id());
    let link = "https://licence.example.com/licence/open";
    let page = MagicLinkEmail { vendor: "Käse & Söhne", link, minutes: 60, cause: "act-7" };
    let text = page.render().expect("it renders");
    let email = Email {
        text: &text,
        to,
        from: &from(),
        vendor: "Käse",
        cause: "act-7",
        message_id: &id,
        date: now,
        threading: None,
    };
    let composed = email.compose().expect("it can be composed");
    (id, composed)
}

#[tokio::test]
async fn an_e_mail_arrives_over_starttls_with_a_name_and_a_password() {
    let Some(server) = server() else { return };
    let client = server.client(Security::StartTls, Some(&server.setting("password")));
    let (id, email) = test_email("ada@example.com", "starttls");
    assert_eq!(client.send(&email).await, Ok(SmtpReply { code: 250 }));
    let delivered = server.delivered(&id).await;
    assert!(
        delivered.starts_with("Return-path: <>\n"),
        "an automatic e-mail has an empty return path:\n{delivered}"
    );
    let sent = MessageParser::new().parse(&email.raw).unwrap();
    let read = MessageParser::new().parse(delivered.as_bytes()).unwrap();
    assert_eq!(read.subject(), sent.subject());
    assert_eq!(
        read.body_text(0).unwrap().replace('\r', "").trim(),
        sent.body_text(0).unwrap().replace('\r', "").trim()
    );
    assert_eq!(read.header_raw("Scruple-Cause").map(str::trim), Some("act-7"));
    let received = read.header_raw("Received").unwrap();
    assert!(received.contains("esmtpsa"), "encrypted and authenticated: {received}");
}

#[tokio::test]
async fn an_e_mail_arrives_in_plain_on_the_same_machine() {
    let Some(server) = server() else { return };
    let client = server.client(Security::Plain, None);
    let (id, email) = test_email("ada@example.com", "plain");
    assert_eq!(client.send(&email).await, Ok(SmtpReply { code: 250 }));
    server.delivered(&id).await;
}

#[tokio::test]
async fn consecutive_e_mails_share_a_connection() {
    let Some(server) = server() else { return };
    let client = server.client(Security::StartTls, None);
    let mut ids = Vec::new();
    for number in 0..5 {
        let (id, email) = test_email("ada@example.com", &format!("reuse{number}"));
        assert_eq!(client.send(&email).await, Ok(SmtpReply { code: 250 }));
        ids.push(id);
    }
    let mut connections = BTreeSet::new();
    for id in &ids {
        let delivered = server.delivered(id).await;
        let queued = delivered.lines().find_map(|line| line.trim().strip_prefix("id ")).unwrap();
        // Exim's ids are time, process and number; each connection has its process.
        connections.insert(queued.split('-').nth(1).unwrap().to_owned());
    }
    assert_eq!(connections.len(), 1, "{connections:?}");
}

#[tokio::test]
async fn temporary_and_permanent_refusals_of_a_recipient_differ() {
    let Some(server) = server() else { return };
    let client = server.client(Security::StartTls, None);
    let (_, later) = test_email("temporary@example.com", "later");
    assert_eq!(client.send(&later).await, Err(SendError::Temporary(SmtpErrorClass::Reply(451))));
    let (_, never) = test_email("permanent@example.com", "never");
    assert_eq!(client.send(&never).await, Err(SendError::Permanent(SmtpErrorClass::Reply(550))));
    let (_, good) = test_email("ada@example.com", "after");
    assert_eq!(client.send(&good).await, Ok(SmtpReply { code: 250 }), "the client can be used again");
}

#[tokio::test]
async fn a_wrong_password_is_a_temporary_error() {
    let Some(server) = server() else { return };
    let (_, email) = test_email("ada@example.com", "password");
    let sent = server.client(Security::StartTls, Some("wrong")).send(&email).await;
    assert_eq!(sent, Err(SendError::Temporary(SmtpErrorClass::Reply(535))));
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_gets_no_e_mail() {
    let Some(server) = server() else { return };
    let (_, email) = test_email("ada@example.com", "authority");
    let port = server.setting("port").parse().unwrap();
    let public =
        Smtp { host: "localhost".to_owned(), port, security: Security::StartTls, login: None, ca: None };
    assert_eq!(server.mail(public).send(&email).await, Err(SendError::Temporary(SmtpErrorClass::Tls)));
}
