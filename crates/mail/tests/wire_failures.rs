//! What becomes of a letter when the mail server fails: a real one can't be made to fail at will, so these are told
//! line by line what to say.

use lettre::message::Mailbox;
use mail::message::{Envelope, Wrapped};
use mail::settings::{MailConfig, Security, Smtp};
use mail::wire::{Class, SendError, SmtpClient, SmtpConfigError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const FROM: &str = "licence@shop.example";

fn mail(port: u16, security: Security) -> MailConfig {
    let from: Mailbox = FROM.parse().expect("it is an address");
    let smtp = Smtp { host: "127.0.0.1".to_owned(), port, security, login: None, ca: None };
    MailConfig { from: Some(from), smtp: Some(smtp), ..MailConfig::default() }
}

fn letter(to: &str) -> Wrapped {
    let to = to.parse().expect("it is an address");
    Wrapped { envelope: Envelope { from: None, to }, raw: b"Subject: x\r\n\r\nhello\r\n".to_vec() }
}

/// Talks to the next one who connects: says the first line, and after each line heard the next. An empty one hangs up;
/// once the lines are used up it only listens, until the other hangs up. Gives back what it heard.
async fn talk(listener: &TcpListener, lines: &[&str]) -> Vec<String> {
    let (stream, _) = listener.accept().await.expect("the wire connects");
    let mut stream = BufReader::new(stream);
    let mut heard = Vec::new();
    for line in lines {
        if line.is_empty() || stream.write_all(format!("{line}\r\n").as_bytes()).await.is_err() {
            return heard;
        }
        // The letter's text is one thing said, up to its dot.
        loop {
            let mut said = String::new();
            if stream.read_line(&mut said).await.unwrap_or(0) == 0 {
                return heard;
            }
            heard.push(said.trim_end().to_owned());
            if !line.starts_with("354") || heard.last().is_some_and(|said| said == ".") {
                break;
            }
        }
    }
    let mut said = String::new();
    while stream.read_line(&mut said).await.unwrap_or(0) > 0 {
        heard.push(std::mem::take(&mut said));
    }
    heard
}

async fn listening() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port)
}

async fn scripted(lines: &'static [&'static str]) -> (u16, JoinHandle<Vec<String>>) {
    let (listener, port) = listening().await;
    (port, tokio::spawn(async move { talk(&listener, lines).await }))
}

async fn outcome(lines: &'static [&'static str]) -> Result<u16, SendError> {
    let (port, _talk) = scripted(lines).await;
    let wire = SmtpClient::new(&mail(port, Security::Plain)).expect("it is configured");
    wire.send(&letter("ada@example.com")).await.map(|receipt| receipt.code)
}

const TEMPORARY: fn(u16) -> Result<u16, SendError> = |code| Err(SendError::Temporary(Class::Reply(code)));
const PERMANENT: fn(u16) -> Result<u16, SendError> = |code| Err(SendError::Permanent(Class::Reply(code)));
const NO_CONNECTION: Result<u16, SendError> = Err(SendError::Temporary(Class::Connection));

#[tokio::test]
async fn an_automatic_letter_is_taken_with_a_null_return_path() {
    let (port, talk) = scripted(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken", ""]).await;
    let wire = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    assert_eq!(wire.send(&letter("ada@example.com")).await.unwrap().code, 250);
    wire.close().await;
    drop(wire);
    let heard = talk.await.unwrap();
    assert_eq!(heard[..4], ["EHLO shop.example", "MAIL FROM:<>", "RCPT TO:<ada@example.com>", "DATA"]);
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again() {
    assert_eq!(outcome(&["421 busy"]).await, TEMPORARY(421));
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "451 later", "221 bye"]).await, TEMPORARY(451));
    assert_eq!(
        outcome(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "452 full", "221 bye"]).await,
        TEMPORARY(452)
    );
}

#[tokio::test]
async fn a_refusal_for_good_is_given_up() {
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "550 nobody", "221 bye"]).await, PERMANENT(550));
    assert_eq!(
        outcome(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "554 no", "221 bye"]).await,
        PERMANENT(554)
    );
}

#[tokio::test]
async fn a_refusal_of_ourselves_is_no_verdict_on_the_letter() {
    assert_eq!(outcome(&["220 hi", "250 hi", "530 who are you", "221 bye"]).await, TEMPORARY(530));
    assert_eq!(outcome(&["220 hi", "250 hi", "503 order", "221 bye"]).await, TEMPORARY(503));
}

#[tokio::test]
async fn a_hang_up_at_any_moment_is_tried_again() {
    assert_eq!(outcome(&[""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", ""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", "250 hi", ""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "250 ok", ""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", ""]).await, NO_CONNECTION);
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let (free, port) = listening().await;
    drop(free);
    let wire = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    let error = wire.send(&letter("ada@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(Class::Connection));
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_in_the_end() {
    let (port, _talk) = scripted(&["220 hi", "250 hi", "250 ok"]).await;
    let wire = SmtpClient::new(&mail(port, Security::Plain)).unwrap().within(Duration::from_millis(50));
    let error = wire.send(&letter("ada@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(Class::TimedOut));
}

#[tokio::test]
async fn what_is_no_mail_server_gets_no_letter() {
    assert_eq!(outcome(&["HTTP/1.1 400 Bad Request"]).await, NO_CONNECTION);
}

#[tokio::test]
async fn no_letter_leaves_without_the_encryption_that_is_asked_for() {
    let (port, talk) = scripted(&["220 hi", "250 hi", "221 bye", ""]).await;
    let wire = SmtpClient::new(&mail(port, Security::StartTls)).unwrap();
    let error = wire.send(&letter("ada@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(Class::Capability));
    let heard = talk.await.unwrap();
    assert!(heard.iter().all(|said| said.starts_with("EHLO") || said == "QUIT"), "{heard:?}");
}

#[tokio::test]
async fn an_address_that_the_server_cannot_carry_is_given_up() {
    let (port, _talk) = scripted(&["220 hi", "250 hi", "221 bye"]).await;
    let wire = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    let error = wire.send(&letter("dörte@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Permanent(Class::NotAscii));
}

#[tokio::test]
async fn what_the_operator_has_to_mend_is_never_blamed_on_the_address() {
    let (port, _talk) = scripted(&["220 hi", "250 hi", "221 bye"]).await;
    let wire = SmtpClient::new(&mail(port, Security::StartTls)).unwrap();
    let error = wire.send(&letter("dörte@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(Class::Capability), "it was STARTTLS that lacked");
}

#[tokio::test]
async fn after_a_stop_midway_the_next_letter_reads_no_answer_meant_for_the_last() {
    let (listener, port) = listening().await;
    let taken = ["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken"];
    let then_silent = [&taken[..], &["250 still here", "250 ok"]].concat();
    let server = tokio::spawn(async move {
        talk(&listener, &then_silent).await;
        talk(&listener, &["220 hi", "250 hi", "250 ok", "550 nobody", ""]).await
    });
    let wire = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    assert_eq!(wire.send(&letter("ada@example.com")).await.unwrap().code, 250);
    let wire = wire.within(Duration::from_millis(50));
    assert_eq!(wire.send(&letter("bob@example.com")).await, Err(SendError::Temporary(Class::TimedOut)));
    let wire = wire.within(Duration::from_secs(60));
    let third = wire.send(&letter("eve@example.com")).await.map(|receipt| receipt.code);
    assert_eq!(third, PERMANENT(550), "over a connection of its own");
    let heard = server.await.unwrap();
    assert_eq!(heard[1..3], ["MAIL FROM:<>", "RCPT TO:<eve@example.com>"]);
}

#[tokio::test]
async fn no_error_repeats_what_the_server_said() {
    let lines = &["220 hi", "250 hi", "250 ok", "550 ada@example.com is unknown here", "221 bye"];
    let error = outcome(lines).await.unwrap_err();
    assert_eq!(error.to_string(), "can't be sent: the mail server answered 550");
    assert!(!format!("{error:?}").contains("ada"));
}

#[tokio::test]
async fn without_a_mail_server_there_is_no_wire() {
    let nothing = MailConfig::default();
    assert_eq!(SmtpClient::new(&nothing).err(), Some(SmtpConfigError::NotConfigured));
    let mut odd = mail(25, Security::StartTls);
    odd.smtp.as_mut().unwrap().ca =
        Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec());
    assert!(matches!(SmtpClient::new(&odd).err(), Some(SmtpConfigError::Authority | SmtpConfigError::Tls)));
}
