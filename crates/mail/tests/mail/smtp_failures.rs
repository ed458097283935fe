//! How a failing mail server is handled. These servers are scripted line by line, because a real one cannot be made to
//! fail at will.

use crate::scripted_smtp::{listening, mail, outcome, scripted, serve_script, test_email};
use mail::settings::{MailConfig, Security};
use mail::smtp::{SendError, SmtpClient, SmtpConfigError, SmtpErrorClass};
use std::time::Duration;

const TEMPORARY: fn(u16) -> Result<u16, SendError> =
    |code| Err(SendError::Temporary(SmtpErrorClass::Reply(code)));
const PERMANENT: fn(u16) -> Result<u16, SendError> =
    |code| Err(SendError::Permanent(SmtpErrorClass::Reply(code)));
const NO_CONNECTION: Result<u16, SendError> = Err(SendError::Temporary(SmtpErrorClass::Connection));

#[tokio::test]
async fn an_automatic_e_mail_is_accepted_with_a_null_return_path() {
    let (port, server) = scripted(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken", ""]).await;
    let client = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    assert_eq!(client.send(&test_email("ada@example.com")).await.unwrap().code, 250);
    client.close().await;
    drop(client);
    let received = server.await.unwrap();
    assert_eq!(received[..4], ["EHLO shop.example", "MAIL FROM:<>", "RCPT TO:<ada@example.com>", "DATA"]);
}

#[tokio::test]
async fn a_temporary_refusal_is_retried() {
    assert_eq!(outcome(&["421 busy"]).await, TEMPORARY(421));
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "451 later", "221 bye"]).await, TEMPORARY(451));
    assert_eq!(
        outcome(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "452 full", "221 bye"]).await,
        TEMPORARY(452)
    );
}

#[tokio::test]
async fn a_permanent_refusal_is_not_retried() {
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "550 nobody", "221 bye"]).await, PERMANENT(550));
    assert_eq!(
        outcome(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "554 no", "221 bye"]).await,
        PERMANENT(554)
    );
}

#[tokio::test]
async fn a_refused_login_is_temporary_for_the_e_mail() {
    assert_eq!(outcome(&["220 hi", "250 hi", "530 who are you", "221 bye"]).await, TEMPORARY(530));
    assert_eq!(outcome(&["220 hi", "250 hi", "503 order", "221 bye"]).await, TEMPORARY(503));
}

#[tokio::test]
async fn a_closed_connection_is_retried() {
    assert_eq!(outcome(&[""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", ""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", "250 hi", ""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "250 ok", ""]).await, NO_CONNECTION);
    assert_eq!(outcome(&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", ""]).await, NO_CONNECTION);
}

#[tokio::test]
async fn an_unreachable_server_is_retried() {
    let (free, port) = listening().await;
    drop(free);
    let client = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    let error = client.send(&test_email("ada@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(SmtpErrorClass::Connection));
}

#[tokio::test]
async fn a_silent_server_exceeds_the_time_limit() {
    let (port, _server) = scripted(&["220 hi", "250 hi", "250 ok"]).await;
    let client =
        SmtpClient::new(&mail(port, Security::Plain)).unwrap().with_timeout(Duration::from_millis(50));
    let error = client.send(&test_email("ada@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(SmtpErrorClass::TimedOut));
}

#[tokio::test]
async fn a_server_without_smtp_gets_no_e_mail() {
    assert_eq!(outcome(&["HTTP/1.1 400 Bad Request"]).await, NO_CONNECTION);
}

#[tokio::test]
async fn no_e_mail_is_sent_without_the_configured_encryption() {
    let (port, server) = scripted(&["220 hi", "250 hi", "221 bye", ""]).await;
    let client = SmtpClient::new(&mail(port, Security::StartTls)).unwrap();
    let error = client.send(&test_email("ada@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(SmtpErrorClass::Capability));
    let received = server.await.unwrap();
    assert!(
        received.iter().all(|line_received| line_received.starts_with("EHLO") || line_received == "QUIT"),
        "{received:?}"
    );
}

#[tokio::test]
async fn an_address_that_the_server_does_not_support_is_not_retried() {
    let (port, _server) = scripted(&["220 hi", "250 hi", "221 bye"]).await;
    let client = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    let error = client.send(&test_email("dörte@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Permanent(SmtpErrorClass::NotAscii));
}

#[tokio::test]
async fn a_configuration_error_is_never_a_permanent_error_of_the_recipient() {
    let (port, _server) = scripted(&["220 hi", "250 hi", "221 bye"]).await;
    let client = SmtpClient::new(&mail(port, Security::StartTls)).unwrap();
    let error = client.send(&test_email("dörte@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Temporary(SmtpErrorClass::Capability), "it was STARTTLS that lacked");
}

#[tokio::test]
async fn after_a_cancelled_send_the_next_e_mail_uses_a_new_connection() {
    let (listener, port) = listening().await;
    let taken = ["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken"];
    let then_silent = [&taken[..], &["250 still here", "250 ok"]].concat();
    let server = tokio::spawn(async move {
        serve_script(&listener, &then_silent).await;
        serve_script(&listener, &["220 hi", "250 hi", "250 ok", "550 nobody", ""]).await
    });
    let client = SmtpClient::new(&mail(port, Security::Plain)).unwrap();
    assert_eq!(client.send(&test_email("ada@example.com")).await.unwrap().code, 250);
    let client = client.with_timeout(Duration::from_millis(50));
    assert_eq!(
        client.send(&test_email("bob@example.com")).await,
        Err(SendError::Temporary(SmtpErrorClass::TimedOut))
    );
    let client = client.with_timeout(Duration::from_secs(60));
    let third = client.send(&test_email("eve@example.com")).await.map(|reply| reply.code);
    assert_eq!(third, PERMANENT(550), "over a connection of its own");
    let received = server.await.unwrap();
    assert_eq!(received[1..3], ["MAIL FROM:<>", "RCPT TO:<eve@example.com>"]);
}

#[tokio::test]
async fn no_error_repeats_text_of_the_server() {
    let lines = &["220 hi", "250 hi", "250 ok", "550 ada@example.com is unknown here", "221 bye"];
    let error = outcome(lines).await.unwrap_err();
    assert_eq!(error, SendError::Permanent(SmtpErrorClass::Reply(550)));
    assert!(!format!("{error:?}").contains("ada"));
}

#[tokio::test]
async fn without_a_mail_server_there_is_no_client() {
    let nothing = MailConfig::default();
    assert_eq!(SmtpClient::new(&nothing).err(), Some(SmtpConfigError::NotConfigured));
    let mut odd = mail(25, Security::StartTls);
    odd.smtp.as_mut().unwrap().ca =
        Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec());
    assert!(matches!(SmtpClient::new(&odd).err(), Some(SmtpConfigError::Authority | SmtpConfigError::Tls)));
}
