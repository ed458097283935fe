//! Receiving from a mailbox: each message once, whatever the server and the connection do.

use crate::imap_server::{Cut, ImapServer, LOGIN};
use domain::VendorSettings;
use domain::compliance::doctor::{Facts, doctor};
use mail::mailbox::Mailbox;
use mail::settings::{After, Imap, Login, MailConfig, Security};
use message_catalogue::English as _;
use std::time::Duration;
use store::testing::Scratch;

fn settings() -> VendorSettings {
    VendorSettings {
        vendor: "Example Software".into(),
        public_url: "https://licence.example.org".into(),
        horizon_months: 18,
        person_months: 24,
        cooling_days: 0,
        dynamic: None,
        checkout_page: None,
        reply: Some(("help".into(), "example.org".into())),
        conversation_months: 12,
        anonymous_days: 90,
    }
}

fn mailbox(server: &ImapServer, after: After, password: &str) -> Mailbox {
    let imap = Imap {
        host: "127.0.0.1".into(),
        port: server.port,
        security: Security::Plain,
        login: Login { name: "help".into(), password: password.to_owned().into() },
        folder: "INBOX".into(),
        after,
        ca: None,
    };
    let config = MailConfig { imap: Some(imap), ..MailConfig::default() };
    Mailbox::new(config).expect("it is configured")
}

fn message(from: &str, text: &str) -> Vec<u8> {
    format!("From: <{from}@example.com>\r\nTo: help@example.org\r\nSubject: Help\r\n\r\n{text}\r\n").into()
}

async fn scratch() -> Scratch {
    let scratch = Scratch::new().await;
    domain::startup::prepare_store(&scratch.db).await.expect("prepared");
    scratch
}

async fn conversations(scratch: &Scratch) -> i64 {
    scratch.numbers("SELECT COUNT(*) FROM conversation").await[0]
}

/// Receives until `end`. The future is dropped then, as when the program is killed.
async fn receive_until(mailbox: &Mailbox, scratch: &Scratch, end: impl Future<Output = ()>) {
    let settings = settings();
    tokio::select! {
        () = mailbox.watch(&scratch.db, &settings) => {}
        () = end => {}
    }
}

async fn receive_all(server: &ImapServer, scratch: &Scratch, after: After) {
    receive_until(&mailbox(server, after, "geheim"), scratch, server.client_waits()).await;
}

/// How often a command was sent.
fn sent(server: &ImapServer, start: &str) -> usize {
    server.contents().commands.iter().filter(|command| command.starts_with(start)).count()
}

#[tokio::test]
async fn a_connection_cut_at_any_command_loses_no_message_and_repeats_none() {
    let two = |run: &str| [message("ada", run), message("bea", run)];
    let (whole, scratch) = (ImapServer::start(two("whole")).await, scratch().await);
    receive_all(&whole, &scratch, After::Delete).await;
    let commands = whole.contents().commands.len();
    assert!(commands > 12, "{commands} commands");
    let mut received = 2;
    for at in 1..=commands {
        for executed in [false, true] {
            let cut = format!("cut at {at}, executed: {executed}");
            let server = ImapServer::start(two(&cut)).await;
            server.contents().cut = Some(Cut { at, executed });
            receive_until(&mailbox(&server, After::Delete, "geheim"), &scratch, server.is_cut()).await;
            receive_all(&server, &scratch, After::Delete).await;
            received += 2;
            assert_eq!(conversations(&scratch).await, received, "{cut}");
            assert!(server.contents().messages.is_empty(), "{cut}");
        }
    }
}

#[tokio::test]
async fn a_message_that_arrives_while_the_client_waits_is_received_at_once() {
    let (server, scratch) = (ImapServer::start([]).await, scratch().await);
    let arrives = async {
        server.client_waits().await;
        server.deliver(4, message("ada", "It breaks"));
        server.client_waits().await;
    };
    receive_until(&mailbox(&server, After::Delete, "geheim"), &scratch, arrives).await;
    assert_eq!(conversations(&scratch).await, 1);
    assert!(server.contents().messages.is_empty());
}

#[tokio::test]
async fn a_server_without_extensions_is_polled_and_its_messages_are_copied() {
    let (server, scratch) = (ImapServer::start([message("ada", "It breaks")]).await, scratch().await);
    server.contents().capabilities = "";
    let mut polling = mailbox(&server, After::Move("Done".into()), "geheim");
    polling.polling = Duration::ZERO;
    let polled = async {
        while sent(&server, "UID SEARCH") < 2 {
            tokio::task::yield_now().await;
        }
        server.deliver(2, message("bea", "Mine too"));
        while server.contents().folders.values().map(Vec::len).sum::<usize>() < 2
            || !server.contents().messages.is_empty()
        {
            tokio::task::yield_now().await;
        }
    };
    receive_until(&polling, &scratch, polled).await;
    assert_eq!(conversations(&scratch).await, 2);
    assert_eq!(server.contents().folders["Done"].len(), 2);
    assert_eq!((sent(&server, "UID MOVE"), sent(&server, "UID EXPUNGE"), sent(&server, "IDLE")), (0, 0, 0));
    assert_eq!((sent(&server, "CREATE"), sent(&server, "EXPUNGE")), (1, 2));
}

#[tokio::test]
async fn a_received_message_is_moved_to_its_folder() {
    let (server, scratch) = (ImapServer::start([message("ada", "It breaks")]).await, scratch().await);
    receive_all(&server, &scratch, After::Move("Done".into())).await;
    assert_eq!(server.contents().folders["Done"], [message("ada", "It breaks")]);
    assert!(server.contents().messages.is_empty());
    assert_eq!((sent(&server, "UID STORE"), sent(&server, "UID MOVE")), (0, 2), "tried, created, moved");
}

#[tokio::test]
async fn a_message_that_is_too_large_is_moved_unread_and_others_are_received() {
    for (forbidden, folder) in [(&[][..], "Too large"), (&["Too large"], "INBOX.Too large")] {
        let messages = [message("ada", "large"), message("bea", "small")];
        let (server, scratch) = (ImapServer::start(messages).await, scratch().await);
        server.contents().sizes.insert(1, mail::imap::MAX_MESSAGE_BYTES + 1);
        server.contents().forbidden = forbidden.iter().map(|name| (*name).to_owned()).collect();
        receive_all(&server, &scratch, After::Delete).await;
        assert_eq!(server.contents().folders[folder], [message("ada", "large")]);
        assert_eq!((conversations(&scratch).await, server.contents().messages.len()), (1, 0));
        assert_eq!(sent(&server, "UID FETCH 1 (UID BODY"), 0, "it was not fetched");
    }
    // One of the greatest size is received.
    let (server, scratch) = (ImapServer::start([message("ada", "just right")]).await, scratch().await);
    server.contents().sizes.insert(1, mail::imap::MAX_MESSAGE_BYTES);
    receive_all(&server, &scratch, After::Delete).await;
    assert_eq!(conversations(&scratch).await, 1);
}

#[tokio::test]
async fn a_message_that_cannot_be_moved_away_stays_and_holds_up_no_other() {
    let messages = [message("ada", "large"), message("bea", "small")];
    let (server, scratch) = (ImapServer::start(messages).await, scratch().await);
    server.contents().sizes.insert(1, mail::imap::MAX_MESSAGE_BYTES + 1);
    server.contents().forbidden = ["Too large", "INBOX.Too large"].map(str::to_owned).into();
    receive_all(&server, &scratch, After::Delete).await;
    assert_eq!(conversations(&scratch).await, 1);
    assert_eq!(server.contents().messages.keys().collect::<Vec<_>>(), [&1]);
    let facts = Facts { imap_configured: true, ..Facts::default() };
    let advice = doctor(&scratch.db, &settings(), &facts).await;
    assert!(
        advice.iter().any(|advice| advice.english().contains("1 messages in the mailbox cannot be received"))
    );
}

#[tokio::test]
async fn a_copy_of_a_received_message_is_removed_and_not_received_again() {
    let one = message("ada", "It breaks");
    let (server, scratch) = (ImapServer::start([one.clone(), one.clone()]).await, scratch().await);
    receive_all(&server, &scratch, After::Delete).await;
    // The folder was created again, and its numbers mean other messages.
    server.contents().validity = 8;
    server.contents().messages = [(1, one), (2, message("bea", "Mine too"))].into();
    receive_all(&server, &scratch, After::Delete).await;
    assert_eq!(conversations(&scratch).await, 2);
    assert!(server.contents().messages.is_empty());
}

#[tokio::test]
async fn a_refused_login_is_told_to_the_operator_and_nothing_is_received() {
    let (server, scratch) = (ImapServer::start([message("ada", "It breaks")]).await, scratch().await);
    let facts = Facts { imap_configured: true, ..Facts::default() };
    let vendor = settings();
    let told = async {
        let says = "the mailbox refuses the name or the password";
        while !doctor(&scratch.db, &vendor, &facts).await.iter().any(|advice| advice.english().contains(says))
        {
            tokio::task::yield_now().await;
        }
    };
    receive_until(&mailbox(&server, After::Delete, "wrong"), &scratch, told).await;
    assert!(!server.contents().commands.contains(&LOGIN.to_owned()));
    assert_eq!((conversations(&scratch).await, server.contents().messages.len()), (0, 1));
}
