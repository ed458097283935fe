//! The dialogue with a mail server, step by step: each class of reply, authentication and encryption.

use crate::scripted_smtp::{listening, mail, outcome, scripted, serve_script, test_email};
use domain::email::DeliveryFailure;
use mail::message::ComposedEmail;
use mail::settings::{Login, MailConfig, Security};
use mail::smtp::{SendError, SmtpClient, SmtpErrorClass};
use message_catalogue::English as _;

/// The reply to QUIT.
const BYE: &str = "221 bye";

/// The replies of a server that accepts an e-mail: greeting, EHLO, MAIL, RCPT, DATA, and the text.
const ACCEPTING: [&str; 6] = ["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken"];

/// A server that accepts each step until this one, which it answers with `reply`.
fn failing_at(step: usize, reply: &str) -> Vec<&str> {
    [&ACCEPTING[..step], &[reply, BYE]].concat()
}

/// The configuration for a server that needs a name and a password.
fn with_login(port: u16, security: Security) -> MailConfig {
    let mut config = mail(port, security);
    let login = Login { name: "licence".into(), password: "geheim".to_owned().into() };
    config.smtp.as_mut().expect("it is set").login = Some(login);
    config
}

/// Sends one e-mail to a scripted server. Returns the outcome and what the server received.
async fn dialogue(
    lines: &[&str],
    config: impl FnOnce(u16) -> MailConfig,
    email: &ComposedEmail,
) -> (Result<u16, SendError>, Vec<String>) {
    let (port, server) = scripted(&[lines, &[BYE]].concat()).await;
    let client = SmtpClient::new(&config(port)).expect("it is configured");
    let sent = client.send(email).await.map(|reply| reply.code);
    client.close().await;
    drop(client);
    (sent, server.await.expect("it ends"))
}

fn has_no_email(received: &[String]) -> bool {
    !received.iter().any(|line| line.starts_with("MAIL") || line.starts_with("RCPT") || line == "DATA")
}

#[tokio::test]
async fn a_refusal_before_the_e_mail_is_always_temporary() {
    for step in [0, 1] {
        for code in [421, 450, 454, 500, 502, 503, 530, 535, 550, 554, 556] {
            let sent = outcome(&failing_at(step, &format!("{code} no"))).await;
            let expected = Err(SendError::Temporary(SmtpErrorClass::Reply(code)));
            assert_eq!(sent, expected, "{code} at step {step}");
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_e_mail_is_permanent_unless_its_code_says_otherwise() {
    let temporary = [421, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 530, 534, 535, 538];
    let permanent = [510, 511, 521, 541, 550, 551, 552, 553, 554, 555, 556];
    for step in 2..6 {
        for code in temporary {
            let sent = outcome(&failing_at(step, &format!("{code} no"))).await;
            let expected = Err(SendError::Temporary(SmtpErrorClass::Reply(code)));
            assert_eq!(sent, expected, "{code} at step {step}");
        }
        for code in permanent {
            let sent = outcome(&failing_at(step, &format!("{code} no"))).await;
            let expected = Err(SendError::Permanent(SmtpErrorClass::Reply(code)));
            assert_eq!(sent, expected, "{code} at step {step}");
        }
    }
}

#[tokio::test]
async fn a_reply_that_is_none_is_a_lost_connection() {
    let long = format!("250 {}", "x".repeat(100_000));
    for reply in ["hello", "25 ok", "2500 ok", "999 ok", "HTTP/1.1 200 OK", "\u{1}\u{2}", &long] {
        for step in 0..6 {
            let sent = outcome(&failing_at(step, reply)).await;
            let expected = Err(SendError::Temporary(SmtpErrorClass::Connection));
            assert_eq!(sent, expected, "{} bytes at step {step}", reply.len());
        }
    }
}

#[tokio::test]
async fn replies_of_several_lines_are_one_reply() {
    let lines = [
        "220-mail.example\r\n220 ready",
        "250-mail.example\r\n250-SIZE 1000\r\n250 HELP",
        "250-2.1.0\r\n250 ok",
        "250-2.1.5\r\n250 ok",
        "354-go\r\n354 on",
        "250-queued\r\n250 as 7",
    ];
    assert_eq!(outcome(&lines).await, Ok(250));
    let refused = [&lines[..3], &["550-5.1.1 nobody\r\n550 here", BYE]].concat();
    assert_eq!(outcome(&refused).await, Err(SendError::Permanent(SmtpErrorClass::Reply(550))));
}

#[tokio::test]
async fn a_line_that_begins_with_a_dot_arrives_as_it_is() {
    let raw = b"Subject: x\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n".to_vec();
    let email = ComposedEmail { raw, ..test_email("ada@example.com") };
    let (sent, received) = dialogue(&ACCEPTING, |port| mail(port, Security::Plain), &email).await;
    assert_eq!(sent, Ok(250));
    let text: Vec<&str> =
        received.iter().skip_while(|line| *line != "DATA").skip(1).map(String::as_str).collect();
    // Transparency (RFC 5321, 4.5.2): the receiver removes the first dot of a line.
    assert_eq!(text[..8], ["Subject: x", "", "..", "...", "..hidden", "end", "", "."]);
}

#[tokio::test]
async fn name_and_password_are_sent_by_the_first_mechanism_that_the_server_has() {
    let login = |port| with_login(port, Security::Plain);
    for (capability, dialogue_lines, sent_lines) in [
        ("AUTH PLAIN LOGIN", &["235 in"][..], &["AUTH PLAIN AGxpY2VuY2UAZ2VoZWlt"][..]),
        ("AUTH LOGIN PLAIN", &["235 in"], &["AUTH PLAIN AGxpY2VuY2UAZ2VoZWlt"]),
        (
            "AUTH GSSAPI LOGIN",
            &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 in"],
            &["AUTH LOGIN", "bGljZW5jZQ==", "Z2VoZWlt"],
        ),
    ] {
        let hello = format!("250-hi\r\n250 {capability}");
        let lines = [&["220 hi", &hello], dialogue_lines, &ACCEPTING[2..]].concat();
        let (sent, received) = dialogue(&lines, login, &test_email("ada@example.com")).await;
        assert_eq!(sent, Ok(250), "{capability}");
        assert_eq!(received[1..=sent_lines.len()], *sent_lines, "{capability}");
        assert_eq!(received[1 + sent_lines.len()], "MAIL FROM:<>");
    }
}

#[tokio::test]
async fn without_a_login_no_e_mail_is_given_away() {
    let login = |port| with_login(port, Security::Plain);
    let lacking = SmtpErrorClass::Capability;
    for (hello, reply, class) in [
        ("250 hi", "235 in", lacking),
        ("250-hi\r\n250 AUTH GSSAPI CRAM-MD5", "235 in", lacking),
        ("250-hi\r\n250 AUTH PLAIN", "535 no", SmtpErrorClass::Reply(535)),
        ("250-hi\r\n250 AUTH PLAIN", "534 weak", SmtpErrorClass::Reply(534)),
        ("250-hi\r\n250 AUTH PLAIN", "454 later", SmtpErrorClass::Reply(454)),
        ("250-hi\r\n250 AUTH PLAIN", "550 go away", SmtpErrorClass::Reply(550)),
    ] {
        let lines = ["220 hi", hello, reply];
        let (sent, received) = dialogue(&lines, login, &test_email("ada@example.com")).await;
        assert_eq!(sent, Err(SendError::Temporary(class)), "{hello} {reply}");
        assert!(has_no_email(&received), "{received:?}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_ever_gets_no_e_mail() {
    let asking = ["334 VXNlcm5hbWU6"; 30];
    let lines = [&["220 hi", "250-hi\r\n250 AUTH LOGIN"][..], &asking].concat();
    let login = |port| with_login(port, Security::Plain);
    let (sent, received) = dialogue(&lines, login, &test_email("ada@example.com")).await;
    assert!(matches!(sent, Err(SendError::Temporary(_))), "{sent:?}");
    assert!(has_no_email(&received) && received.len() < 20, "{received:?}");
}

#[tokio::test]
async fn without_encryption_neither_password_nor_e_mail_is_sent() {
    let refused = |code| Err(SendError::Temporary(SmtpErrorClass::Reply(code)));
    let starttls = "250-hi\r\n250-STARTTLS\r\n250 AUTH PLAIN";
    for (lines, expected) in [
        (
            &["220 hi", "250-hi\r\n250 AUTH PLAIN"][..],
            Some(Err(SendError::Temporary(SmtpErrorClass::Capability))),
        ),
        (&["220 hi", starttls, "454 not now"], Some(refused(454))),
        (&["220 hi", starttls, "502 unknown"], Some(refused(502))),
        (&["220 hi", starttls, "554 no"], Some(refused(554))),
        // It agrees, and then no TLS comes.
        (&["220 hi", starttls, "220 go", ""], None),
        (&["220 hi", starttls, "220 go", "220 no TLS", ""], None),
    ] {
        let config = |port| with_login(port, Security::StartTls);
        let (sent, received) = dialogue(lines, config, &test_email("ada@example.com")).await;
        match expected {
            Some(expected) => assert_eq!(sent, expected, "{lines:?}"),
            None => assert!(
                matches!(sent, Err(SendError::Temporary(SmtpErrorClass::Tls | SmtpErrorClass::Connection))),
                "{sent:?}"
            ),
        }
        assert!(has_no_email(&received), "{received:?}");
        assert!(!received.iter().any(|line| line.starts_with("AUTH")), "{received:?}");
    }
    // TLS from the first byte, where the server speaks first.
    let config = |port| with_login(port, Security::Tls);
    let (sent, received) = dialogue(&["220 hi", ""], config, &test_email("ada@example.com")).await;
    assert!(matches!(sent, Err(SendError::Temporary(_))), "{sent:?}");
    assert!(has_no_email(&received), "{received:?}");
}

#[tokio::test]
async fn consecutive_e_mails_share_a_connection_until_it_is_closed() {
    let (listener, port) = listening().await;
    let next = ["250 still here", "250 ok", "250 ok", "354 go", "250 taken"];
    let server = tokio::spawn(async move {
        let first = serve_script(&listener, &[&ACCEPTING[..], &next, &next, &[BYE]].concat()).await;
        (first, serve_script(&listener, &[&ACCEPTING[..], &[BYE]].concat()).await)
    });
    let client = SmtpClient::new(&mail(port, Security::Plain)).expect("it is configured");
    for name in ["ada", "bea", "cyd"] {
        client.send(&test_email(&format!("{name}@example.com"))).await.expect("it is taken");
    }
    client.close().await;
    client.send(&test_email("dee@example.com")).await.expect("it is taken");
    client.close().await;
    drop(client);
    let (first, second) = server.await.expect("it ends");
    let of =
        |received: &[String], start: &str| received.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((of(&first, "EHLO"), of(&first, "NOOP"), of(&first, "RCPT")), (1, 2, 3));
    assert_eq!((of(&second, "EHLO"), of(&second, "NOOP"), of(&second, "RCPT")), (1, 0, 1));
}

#[tokio::test]
async fn a_refused_e_mail_closes_its_connection_and_the_next_one_is_sent() {
    let (listener, port) = listening().await;
    let server = tokio::spawn(async move {
        serve_script(&listener, &failing_at(3, "550 nobody")).await;
        serve_script(&listener, &[&ACCEPTING[..], &[BYE]].concat()).await
    });
    let client = SmtpClient::new(&mail(port, Security::Plain)).expect("it is configured");
    let refused = client.send(&test_email("ada@example.com")).await;
    assert_eq!(refused, Err(SendError::Permanent(SmtpErrorClass::Reply(550))));
    client.send(&test_email("bea@example.com")).await.expect("it is taken");
    client.close().await;
    drop(client);
    assert!(server.await.expect("it ends").contains(&"RCPT TO:<bea@example.com>".to_owned()));
}

#[test]
fn an_error_says_what_the_operator_can_look_at() {
    for (class, words) in [
        (SmtpErrorClass::Reply(550), "the mail server replied 550"),
        (
            SmtpErrorClass::Connection,
            "the mail server cannot be reached, closed the connection, or does not use SMTP",
        ),
        (SmtpErrorClass::TimedOut, "the mail server took too long"),
        (SmtpErrorClass::Tls, "no trusted TLS connection to the mail server"),
        (
            SmtpErrorClass::Capability,
            "the mail server lacks STARTTLS or a supported authentication mechanism",
        ),
        (SmtpErrorClass::NotAscii, "the mail server supports only ASCII addresses"),
    ] {
        assert_eq!(DeliveryFailure::from(class).english(), words);
    }
}
