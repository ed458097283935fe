//! Sends e-mails through a real mail server. `scripts/mail-server` starts one; `SCRUPLE_TEST_SMTP` names its folder.

use lettre::message::Mailbox;
use mail::emails::MagicLinkEmail;
use mail::message::{ComposedEmail, Email};
use mail::settings::{Login, MailConfig, Security, Smtp};
use mail::smtp::{SendError, SmtpClient, SmtpErrorClass, SmtpReply};
use mail_parser::MessageParser;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// The mail server's folder.
struct Server(PathBuf);

fn server() -> Server {
    let folder = std::env::var_os("SCRUPLE_TEST_SMTP");
    Server(folder.expect("SCRUPLE_TEST_SMTP is not set: start the servers with scripts/mail-server").into())
}

impl Server {
    fn setting(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("the server wrote it at its start").trim().to_owned()
    }

    fn client(&self, security: Security, password: Option<&str>) -> SmtpClient {
        self.client_of(self.port(), security, password)
    }

    fn port(&self) -> u16 {
        self.setting("port").parse().expect("it is a port")
    }

    fn client_of(&self, port: u16, security: Security, password: Option<&str>) -> SmtpClient {
        let encrypted = security != Security::Plain;
        let ca = encrypted.then(|| self.setting("ca.pem").into_bytes());
        let login =
            password.map(|text| Login { name: self.setting("name"), password: text.to_owned().into() });
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

/// A port that forwards to the server, and the number of connections through it so far.
async fn counted_port(server: u16) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            let mut to = TcpStream::connect(("127.0.0.1", server)).await.expect("the server listens");
            tokio::spawn(async move { copy_bidirectional(&mut from, &mut to).await });
        }
    });
    (port, connections)
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
#[ignore = "needs mail servers"]
async fn an_e_mail_arrives_over_starttls_with_a_name_and_a_password() {
    let server = server();
    let client = server.client(Security::StartTls, Some(&server.setting("password")));
    let (id, email) = test_email("ada@example.com", "starttls");
    assert_eq!(client.send(&email).await, Ok(SmtpReply { code: 250 }));
    let delivered = server.delivered(&id).await;
    assert!(
        delivered.starts_with("Return-Path: <>\n"),
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
    assert!(received.contains("ESMTPSA"), "encrypted and authenticated: {received}");
}

#[tokio::test]
#[ignore = "needs mail servers"]
async fn an_e_mail_arrives_in_plain_on_the_same_machine() {
    let server = server();
    let client = server.client(Security::Plain, None);
    let (id, email) = test_email("ada@example.com", "plain");
    assert_eq!(client.send(&email).await, Ok(SmtpReply { code: 250 }));
    server.delivered(&id).await;
}

#[tokio::test]
#[ignore = "needs mail servers"]
async fn consecutive_e_mails_share_a_connection() {
    let server = server();
    let (port, connections) = counted_port(server.port()).await;
    let client = server.client_of(port, Security::StartTls, None);
    for number in 0..5 {
        let (id, email) = test_email("ada@example.com", &format!("reuse{number}"));
        assert_eq!(client.send(&email).await, Ok(SmtpReply { code: 250 }));
        server.delivered(&id).await;
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
#[ignore = "needs mail servers"]
async fn temporary_and_permanent_refusals_of_a_recipient_differ() {
    let server = server();
    let client = server.client(Security::StartTls, None);
    let (_, later) = test_email("temporary@example.com", "later");
    assert_eq!(client.send(&later).await, Err(SendError::Temporary(SmtpErrorClass::Reply(451))));
    let (_, never) = test_email("permanent@example.com", "never");
    assert_eq!(client.send(&never).await, Err(SendError::Permanent(SmtpErrorClass::Reply(550))));
    let (_, good) = test_email("ada@example.com", "after");
    assert_eq!(client.send(&good).await, Ok(SmtpReply { code: 250 }), "the client can be used again");
}

#[tokio::test]
#[ignore = "needs mail servers"]
async fn a_wrong_password_is_a_temporary_error() {
    let server = server();
    let (_, email) = test_email("ada@example.com", "password");
    let sent = server.client(Security::StartTls, Some("wrong")).send(&email).await;
    assert_eq!(sent, Err(SendError::Temporary(SmtpErrorClass::Reply(535))));
}

#[tokio::test]
#[ignore = "needs mail servers"]
async fn a_server_with_an_untrusted_certificate_gets_no_e_mail() {
    let server = server();
    let (_, email) = test_email("ada@example.com", "authority");
    let port = server.port();
    let public =
        Smtp { host: "localhost".to_owned(), port, security: Security::StartTls, login: None, ca: None };
    assert_eq!(server.mail(public).send(&email).await, Err(SendError::Temporary(SmtpErrorClass::Tls)));
}
