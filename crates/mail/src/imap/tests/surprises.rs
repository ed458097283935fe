//! A server that refuses, disconnects or sends more than it was asked for.

use super::*;
use domain::compliance::doctor::MailboxFault;
use message_catalogue::English as _;

/// Reads the body of message 4, which the server answers with this text.
async fn body_of(response: impl Into<String>) -> Result<Option<Vec<u8>>, ImapError> {
    let response = response.into();
    let mut session = session("", |mut server| async move {
        server.respond("UID FETCH 4 (UID BODY.PEEK[])", &response).await;
    })
    .await;
    session.body(4).await.map(|body| match body {
        Some(Body::Whole(bytes)) => Some(bytes),
        Some(Body::TooLarge) => panic!("too large"),
        None => None,
    })
}

#[tokio::test]
async fn a_body_is_read_in_every_notation_of_the_protocol() {
    for (response, body) in [
        ("* 2 FETCH (UID 4 BODY[] {5}\r\na\r\nbc)\r\nTAG OK\r\n", Some("a\r\nbc")),
        ("* 2 FETCH (BODY[] {1}\r\nx UID 4)\r\nTAG OK\r\n", Some("x")),
        ("* 2 fetch (uid 4 body[] {1}\r\nx)\r\nTAG ok\r\n", Some("x")),
        ("* 2 FETCH (UID 4 BODY[] {0}\r\n)\r\nTAG OK\r\n", Some("")),
        ("* 2 FETCH (UID 4 BODY[] \"\")\r\nTAG OK\r\n", Some("")),
        ("* 2 FETCH (UID 4 BODY[] \"a (b) {3}\")\r\nTAG OK\r\n", Some("a (b) {3}")),
        // The body holds what would end the response, and a completion.
        ("* 2 FETCH (UID 4 BODY[] {12}\r\n)\r\ns5 OK x\r\n)\r\nTAG OK\r\n", Some(")\r\ns5 OK x\r\n")),
        // Another part before it, and flags after it.
        ("* 2 FETCH (UID 4 BODY[HEADER] {1}\r\nh BODY[] {1}\r\nx FLAGS (\\Seen))\r\nTAG OK\r\n", Some("x")),
        ("* 2 FETCH (UID 4 ENVELOPE (\"s\" NIL (NIL (\"x\"))) BODY[] {1}\r\nx)\r\nTAG OK\r\n", Some("x")),
        // The last of two answers counts, and flags alone don't.
        ("* 2 FETCH (UID 4 BODY[] {1}\r\nx)\r\n* 2 FETCH (UID 4 FLAGS ())\r\nTAG OK\r\n", Some("x")),
        ("* 2 FETCH (UID 5 BODY[] {1}\r\nx)\r\nTAG OK\r\n", None),
        ("* 2 FETCH (BODY[] {1}\r\nx)\r\nTAG OK\r\n", None),
        ("* 2 FETCH (UID 4 BODY[] NIL)\r\nTAG OK\r\n", None),
        ("* 2 FETCH (UID 4294967296 BODY[] {1}\r\nx)\r\nTAG OK\r\n", None),
        ("* OK [PARSE] no {1}\r\n* 7 EXPUNGE\r\nTAG OK\r\n", None),
        ("TAG OK\r\n", None),
    ] {
        let read = body_of(response).await.unwrap_or_else(|error| panic!("{error:?}: {response}"));
        assert_eq!(read.as_deref(), body.map(str::as_bytes), "{response}");
    }
}

#[tokio::test]
async fn a_refused_or_broken_answer_is_an_error() {
    for (response, error) in [
        ("TAG NO later\r\n", ImapError::Refused),
        ("TAG BAD what\r\n", ImapError::Refused),
        ("TAG PREAUTH\r\n", ImapError::Refused),
        ("TAG\r\n", ImapError::Refused),
        ("* BYE overloaded\r\n", ImapError::Connection),
        ("* 2 FETCH (UID 4 BODY[] {9}\r\nshort", ImapError::Connection),
        ("* 2 FETCH (UID 4 BODY[] {9999999}\r\nshort", ImapError::Connection),
        ("* 2 FETCH (UID 4 BODY[] {1}\r\nx)\r\n", ImapError::Connection),
        ("* 2 FETCH (UID 4 BODY[] {1}\r\nx)\r\n* BYE\r\nTAG OK\r\n", ImapError::Connection),
        ("another OK\r\n", ImapError::Connection),
        ("", ImapError::Connection),
    ] {
        assert_eq!(body_of(response).await, Err(error), "{response}");
    }
}

#[tokio::test]
async fn the_literals_of_one_response_are_no_larger_than_one_message() {
    let mut session = session("", |mut server| async move {
        let tag = server.expect_command("UID FETCH 4 (UID BODY.PEEK[])").await;
        server.send(&format!("* 2 FETCH (UID 4 BODY[TEXT] {{{MAX_MESSAGE_BYTES}}}\r\n")).await;
        tokio::io::copy(&mut tokio::io::repeat(b'x').take(MAX_MESSAGE_BYTES), server.0.get_mut())
            .await
            .unwrap();
        server.send(&format!(" BODY[] {{1}}\r\ny)\r\n{tag} OK\r\n")).await;
        server.respond("NOOP", "TAG OK\r\n").await;
        server.respond("UID SEARCH ALL", "* SEARCH 4\r\nTAG OK\r\n").await;
    })
    .await;
    assert!(matches!(session.body(4).await, Ok(Some(Body::TooLarge))), "the second is skipped");
    assert_eq!(session.messages().await, Ok(vec![4]), "the session continues after it");
}

#[tokio::test]
async fn a_message_of_the_greatest_size_is_read() {
    let mut session = session("", |mut server| async move {
        let tag = server.expect_command("UID FETCH 4 (UID BODY.PEEK[])").await;
        server.send(&format!("* 2 FETCH (UID 4 BODY[] {{{MAX_MESSAGE_BYTES}}}\r\n")).await;
        tokio::io::copy(&mut tokio::io::repeat(b'x').take(MAX_MESSAGE_BYTES), server.0.get_mut())
            .await
            .unwrap();
        server.send(&format!(")\r\n{tag} OK\r\n")).await;
    })
    .await;
    let Ok(Some(Body::Whole(body))) = session.body(4).await else { panic!("no body") };
    assert_eq!(body.len() as u64, MAX_MESSAGE_BYTES);
}

#[tokio::test]
async fn a_search_result_may_be_empty_unsorted_split_or_of_the_next_version() {
    for (response, found) in [
        ("TAG OK\r\n", vec![]),
        ("* SEARCH\r\nTAG OK\r\n", vec![]),
        ("* SEARCH 3 1 2\r\nTAG OK\r\n", vec![1, 2, 3]),
        ("* SEARCH 3 3\r\n* SEARCH 1 3\r\nTAG OK\r\n", vec![1, 3]),
        ("* search 7\r\nTAG OK\r\n", vec![7]),
        ("* SEARCH 5 (MODSEQ 917)\r\nTAG OK\r\n", vec![5]),
        ("* SEARCH -1 x 99999999999 4294967295\r\nTAG OK\r\n", vec![u32::MAX]),
        ("* 3 EXISTS\r\n* SEARCH 8\r\n* 1 RECENT\r\nTAG OK\r\n", vec![8]),
    ] {
        let mut session = session("", |mut server| async move {
            server.respond("NOOP", "TAG OK\r\n").await;
            server.respond("UID SEARCH ALL", response).await;
        })
        .await;
        assert_eq!(session.messages().await, Ok(found), "{response}");
    }
}

#[tokio::test]
async fn a_message_that_arrives_during_a_search_is_not_waited_for() {
    let mut session = session("IDLE", |mut server| async move {
        server.respond("NOOP", "* 5 EXISTS\r\nTAG OK\r\n").await;
        server.respond("UID SEARCH ALL", "* SEARCH 1\r\n* 6 EXISTS\r\nTAG OK\r\n").await;
        let tag = server.expect_command("IDLE").await;
        server.send("+ idling\r\n").await;
        let mut done = String::new();
        server.0.read_line(&mut done).await.unwrap();
        server.send(&format!("{tag} OK\r\n")).await;
    })
    .await;
    assert_eq!(session.messages().await, Ok(vec![1]));
    // No clock is paused here: a wait would not end in time.
    assert_eq!(session.wait(Duration::from_secs(86_400)).await, Ok(()));
}

#[tokio::test]
async fn a_server_that_refuses_to_wait_or_disconnects_meanwhile_is_an_error() {
    for (response, error) in [
        ("TAG NO not now\r\n", ImapError::Refused),
        ("TAG BAD what\r\n", ImapError::Refused),
        ("* BYE\r\n", ImapError::Connection),
        ("+ idling\r\n* BYE\r\n", ImapError::Connection),
        ("+ idling\r\n", ImapError::Connection),
        ("* 0 EXISTS\r\n", ImapError::Connection),
    ] {
        let mut session = session("IDLE", |mut server| async move {
            server.respond("IDLE", response).await;
            server.0.get_mut().shutdown().await.unwrap();
        })
        .await;
        session.has_new = false;
        assert_eq!(session.wait(Duration::from_secs(86_400)).await, Err(error), "{response}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_left_after_two_minutes() {
    let mut session = session("", |mut server| async move {
        server.expect_command("NOOP").await;
        std::future::pending::<()>().await;
    })
    .await;
    let began = tokio::time::Instant::now();
    assert_eq!(session.messages().await, Err(ImapError::TimedOut));
    assert_eq!(began.elapsed(), RESPONSE_TIMEOUT);
    let (stream, _silent) = pair();
    assert_eq!(Session::start(stream, &mailbox("geheim")).await.err(), Some(ImapError::TimedOut));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_a_refusal_and_no_error() {
    let mut session = session("MOVE", |mut server| async move {
        server.respond("UID MOVE 4 \"a \\\"b\\\" \\\\c\"", "TAG NO\r\n").await;
        server.respond("CREATE \"a \\\"b\\\" \\\\c\"", "TAG NO [CANNOT]\r\n").await;
        server.respond("UID MOVE 4 \"a \\\"b\\\" \\\\c\"", "TAG NO\r\n").await;
    })
    .await;
    assert_eq!(session.move_to(4, "a \"b\" \\c").await, Ok(false));
}

#[test]
fn an_error_says_what_to_look_at_and_nothing_of_the_server() {
    for (error, words) in [
        (ImapError::Connection, "the mailbox cannot be reached, or closed the connection"),
        (ImapError::TimedOut, "the mailbox took too long"),
        (ImapError::Tls, "no trusted TLS connection to the mailbox"),
        (ImapError::Authority, "mail.imap_ca_file has a certificate that cannot be read"),
        (ImapError::Capability, "the mailbox lacks STARTTLS, or login with a password"),
        (ImapError::Login, "the mailbox refuses the name or the password"),
        (ImapError::Folder, "the folder of the mailbox does not exist, or is read-only"),
        (ImapError::Protocol, "the mailbox does not speak IMAP"),
        (ImapError::Refused, "the mailbox refused a command"),
    ] {
        assert_eq!(MailboxFault::from(error).english(), words);
    }
}
