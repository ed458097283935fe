mod surprises;

use super::*;
use crate::settings::{After, Login, Security};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

fn mailbox(password: &str) -> Imap {
    Imap {
        host: "localhost".to_owned(),
        port: 143,
        security: Security::Plain,
        login: Login { name: "help".to_owned(), password: password.to_owned().into() },
        folder: "Help \"desk\"".to_owned(),
        after: After::Delete,
        ca: None,
    }
}

/// A server with a script of commands and responses. `TAG` in a response is the tag of the command.
struct Scripted(BufReader<DuplexStream>);

impl Scripted {
    async fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    async fn expect_command(&mut self, command: &str) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        let (tag, command_received) = line.trim_end().split_once(' ').unwrap_or(("", line.trim_end()));
        assert_eq!(command_received, command);
        tag.to_owned()
    }

    async fn respond(&mut self, command: &str, response: &str) {
        let tag = self.expect_command(command).await;
        self.send(&response.replace("TAG", &tag)).await;
    }

    async fn log_in(&mut self, can: &str) {
        self.send("* OK ready, and {7}\r\n").await;
        self.respond("CAPABILITY", &format!("* CAPABILITY IMAP4rev1 {can}\r\nTAG OK\r\n")).await;
        self.respond("LOGIN \"help\" \"geheim\"", "TAG OK in\r\n").await;
        self.respond("CAPABILITY", &format!("* CAPABILITY IMAP4rev1 {can}\r\nTAG OK\r\n")).await;
        let selected = "* 3 EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 77] fine\r\n\
                        TAG OK [READ-WRITE] selected\r\n";
        self.respond("SELECT \"Help \\\"desk\\\"\"", selected).await;
    }
}

fn pair() -> (Box<dyn Stream>, Scripted) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    (Box::new(ours), Scripted(BufReader::new(theirs)))
}

/// Opens a session with a server that then follows a script.
async fn session<F>(can: &'static str, script: impl FnOnce(Scripted) -> F) -> Session
where
    F: Future<Output = ()> + Send + 'static,
{
    let (stream, mut server) = pair();
    let (send_server, server_ready) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        server.log_in(can).await;
        send_server.send(server).ok().unwrap();
    });
    let session = Session::start(stream, &mailbox("geheim")).await.unwrap();
    tokio::spawn(script(server_ready.await.unwrap()));
    session
}

#[tokio::test]
async fn messages_are_listed_and_read_among_unrelated_responses() {
    let mut session = session("IDLE MOVE UIDPLUS", |mut server| async move {
        server.respond("NOOP", "* 4 EXISTS\r\nTAG OK\r\n").await;
        server.respond("UID SEARCH ALL", "* SEARCH 9 4\r\n* SEARCH 4 12\r\nTAG OK\r\n").await;
        let size = "* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (RFC822.SIZE 11 UID 4)\r\nTAG OK\r\n";
        server.respond("UID FETCH 4 (UID RFC822.SIZE)", size).await;
        let body = "* 9 EXPUNGE\r\n* 2 FETCH (UID 4 BODY[] {11}\r\nA: b\r\n\r\n)*) FLAGS (\\Seen ($x {1})) X NIL)\r\n\
                    * 2 FETCH (UID 4 FLAGS ())\r\nTAG OK\r\n";
        server.respond("UID FETCH 4 (UID BODY.PEEK[])", body).await;
        server.respond("UID FETCH 9 (UID BODY.PEEK[])", "TAG OK\r\n").await;
        let quoted = "* 2 FETCH (BODY[] \"A: \\\"\\\\\" UID 12)\r\nTAG OK\r\n";
        server.respond("UID FETCH 12 (UID BODY.PEEK[])", quoted).await;
    })
    .await;
    assert_eq!(session.validity, 77);
    assert_eq!(session.messages().await, Ok(vec![4, 9, 12]));
    assert_eq!(session.size(4).await, Ok(Some(11)));
    let Ok(Some(Body::Whole(raw))) = session.body(4).await else { panic!("no body") };
    assert_eq!(raw, b"A: b\r\n\r\n)*)");
    assert!(matches!(session.body(9).await, Ok(None)), "it no longer exists");
    let Ok(Some(Body::Whole(raw))) = session.body(12).await else { panic!("no body") };
    assert_eq!(raw, b"A: \"\\");
}

#[tokio::test]
async fn a_message_is_moved_and_deleted_with_the_capabilities_of_the_server() {
    let mut knows = session("MOVE UIDPLUS", |mut server| async move {
        server.respond("UID MOVE 4 \"Done\"", "TAG NO [TRYCREATE] no such folder\r\n").await;
        server.respond("CREATE \"Done\"", "TAG OK\r\n").await;
        server.respond("UID MOVE 4 \"Done\"", "TAG OK\r\n").await;
        server.respond("UID STORE 5 +FLAGS.SILENT (\\Deleted)", "TAG OK\r\n").await;
        server.respond("UID EXPUNGE 5", "TAG OK\r\n").await;
    })
    .await;
    assert_eq!(knows.move_to(4, "Done").await, Ok(true));
    assert_eq!(knows.delete(5).await, Ok(true));
    let mut plain = session("", |mut server| async move {
        server.respond("UID COPY 4 \"Done\"", "TAG OK\r\n").await;
        server.respond("UID STORE 4 +FLAGS.SILENT (\\Deleted)", "TAG OK\r\n").await;
        server.respond("EXPUNGE", "* 1 EXPUNGE\r\nTAG OK\r\n").await;
        server.respond("UID STORE 5 +FLAGS.SILENT (\\Deleted)", "TAG NO never\r\n").await;
        server.respond("EXPUNGE", "TAG OK\r\n").await;
    })
    .await;
    assert_eq!(plain.move_to(4, "Done").await, Ok(true));
    assert_eq!(plain.delete(5).await, Ok(false));
}

#[tokio::test]
async fn waiting_ends_at_once_for_a_new_message() {
    let mut session = session("IDLE", |mut server| async move {
        let tag = server.expect_command("IDLE").await;
        server.send("+ idling\r\n* OK Still here\r\n* 2 EXI").await;
        tokio::task::yield_now().await;
        server.send("STS\r\n").await;
        let mut done = String::new();
        server.0.read_line(&mut done).await.unwrap();
        assert_eq!(done, "DONE\r\n");
        server.send(&format!("{tag} OK\r\n")).await;
    })
    .await;
    // Ignore the messages that SELECT reported.
    session.has_new = false;
    assert_eq!(session.wait(Duration::from_secs(600)).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_after_its_limit_and_a_split_response_is_completed() {
    let mut session = session("IDLE", |mut server| async move {
        let tag = server.expect_command("IDLE").await;
        server.send("+ idling\r\n* OK Still").await;
        let mut done = String::new();
        server.0.read_line(&mut done).await.unwrap();
        server.send(&format!(" here\r\n{tag} OK\r\n")).await;
    })
    .await;
    session.has_new = false;
    assert_eq!(session.wait(Duration::from_secs(600)).await, Ok(()));
}

#[tokio::test]
async fn a_password_with_any_characters_is_sent_complete() {
    let (stream, mut server) = pair();
    let server_task = tokio::spawn(async move {
        server.send("* OK\r\n").await;
        server.respond("CAPABILITY", "TAG OK\r\n").await;
        let tag = server.expect_command("LOGIN \"help\" {9}").await;
        server.send("+ go on\r\n").await;
        let mut password = [0; 11];
        server.0.read_exact(&mut password).await.unwrap();
        server.send(&format!("{tag} NO [AUTHENTICATIONFAILED] help geh\r\n")).await;
        password
    });
    let refused = Session::start(stream, &mailbox("geh\"\\ïm?")).await.err();
    assert_eq!(refused, Some(ImapError::Login));
    assert_eq!(server_task.await.unwrap(), *"geh\"\\ïm?\r\n".as_bytes());
}

#[tokio::test]
async fn each_protocol_violation_has_its_error() {
    let opened = |text: &'static str| async move {
        let (stream, mut server) = pair();
        server.send(text).await;
        server.0.get_mut().shutdown().await.unwrap();
        Session::start(stream, &mailbox("geheim")).await.err()
    };
    assert_eq!(opened("220 smtp.example ESMTP\r\n").await, Some(ImapError::Protocol));
    assert_eq!(opened("* BYE too many\r\n").await, Some(ImapError::Protocol));
    assert_eq!(opened("").await, Some(ImapError::Connection));
    assert_eq!(opened("* OK\r\n* CAPABILITY LOGINDISABLED\r\ns1 OK\r\n").await, Some(ImapError::Capability));
    assert_eq!(opened("* OK\r\ns1 OK\r\ns2 OK\r\ns3 OK\r\ns4 NO\r\n").await, Some(ImapError::Folder));
    assert_eq!(
        opened("* OK\r\ns1 OK\r\ns2 OK\r\ns3 OK\r\ns4 OK [READ-ONLY] x\r\n").await,
        Some(ImapError::Folder)
    );
    assert_eq!(opened("* OK\r\ns1 OK\r\ns2 OK\r\ns3 OK\r\ns4 BAD\r\n").await, Some(ImapError::Folder));
    assert_eq!(opened("* OK\r\ns1 OK\r\n* BYE\r\n").await, Some(ImapError::Connection));
}

#[tokio::test]
async fn an_endless_response_and_a_message_that_is_too_large_take_no_memory() {
    let (stream, mut server) = pair();
    let endless = tokio::spawn(async move {
        let line = "x".repeat(1 << 16);
        // The client closes the connection in the middle.
        while server.0.get_mut().write_all(line.as_bytes()).await.is_ok() {}
    });
    assert_eq!(Session::start(stream, &mailbox("geheim")).await.err(), Some(ImapError::Protocol));
    endless.await.unwrap();
    let mut session = session("", |mut server| async move {
        let tag = server.expect_command("UID FETCH 4 (UID BODY.PEEK[])").await;
        let size = MAX_MESSAGE_BYTES + 1;
        server.send(&format!("* 2 FETCH (UID 4 BODY[] {{{size}}}\r\n")).await;
        tokio::io::copy(&mut tokio::io::repeat(b'x').take(size), server.0.get_mut()).await.unwrap();
        server.send(&format!(")\r\n{tag} OK\r\n")).await;
        server.respond("NOOP", "TAG OK\r\n").await;
        server.respond("UID SEARCH ALL", "* SEARCH\r\nTAG OK\r\n").await;
    })
    .await;
    assert!(matches!(session.body(4).await, Ok(Some(Body::TooLarge))));
    assert_eq!(session.messages().await, Ok(vec![]), "the session continues after it");
}

#[test]
fn an_unterminated_list_and_a_deep_list_are_ignored() {
    for text in
        ["* 1 FETCH (UID 4", "* 1 FETCH (UID 4 X \"", "* 1 FETCH (UID 4 BODY[", "* 1 FETCH", "* 1 FETCH ("]
    {
        let fetched = ImapResponse::new(text.as_bytes().to_vec(), Vec::new()).fetched();
        let uid = fetched.and_then(|fetched| fetched.uid);
        assert!(uid.is_none() || uid == Some(4), "{text}");
    }
    let deep = format!("* 1 FETCH (UID 4 X {}", "(".repeat(100_000));
    let fetched = ImapResponse::new(deep.into_bytes(), Vec::new()).fetched();
    assert_eq!(fetched.and_then(|fetched| fetched.uid), Some(4));
}
