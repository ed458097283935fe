//! The headers of a message: where they end, how lines are joined, and who the author is. Hostile ones outnumber good ones.

use inbound_mail::{LocalIdentity, parse_email};

use crate::fixtures::{email, own, raw_email};

fn subject(headers: &str) -> String {
    email(headers, "x").subject.to_string()
}

#[test]
fn a_header_continues_in_lines_that_begin_with_a_blank() {
    for (headers, expected) in [
        ("Subject: one\r\n two", "one two"),
        ("Subject: one\r\n\ttwo\r\n  three", "one two three"),
        ("Subject:\r\n one", "one"),
        ("Subject: one\n two", "one two"),
        ("Subject:one", "one"),
        ("Subject : one", "one"),
        ("SUBJECT: one", "one"),
        ("Subject: one\r\nSubject: two", "one"),
        ("Subject:", ""),
        ("X: y\r\n Subject: hidden", ""),
        ("X-Subject: no", ""),
        ("Subjects: no", ""),
        ("Sub ject: no\r\nSubject: one", "one"),
        ("not a header\r\nSubject: one", "one"),
        (": no name\r\nSubject: one", "one"),
        ("Sübject: no\r\nSubject: one", "one"),
        ("From jo@example.com Mon Mar  2 10:00:00 2026\r\nSubject: one", "one"),
    ] {
        assert_eq!(subject(headers), expected, "{headers}");
    }
}

#[test]
fn headers_end_at_the_first_blank_line() {
    for (raw, text) in [
        ("From: a@b.example\r\n\r\nSubject: no\r\n\r\nhello", "Subject: no\n\nhello"),
        ("From: a@b.example\n\nSubject: no", "Subject: no"),
        ("From: a@b.example\r\n \r\nSubject: no", "Subject: no"),
        ("From: a@b.example\r\n\t \r\nSubject: no", "Subject: no"),
        ("\r\n\r\nFrom: a@b.example\r\n\r\nhello", "hello"),
        ("From: a@b.example", ""),
        ("From: a@b.example\r\n", ""),
        ("no header at all\r\n\r\nhello", "no header at all\n\nhello"),
        ("hello", "hello"),
        ("", ""),
    ] {
        let incoming = parse_email(raw.as_bytes(), &own());
        assert!(*incoming.text == text && incoming.subject.is_empty(), "{raw:?} gave {:?}", *incoming.text);
    }
}

#[test]
fn a_header_holds_no_second_header() {
    for (value, expected) in [
        ("=?utf-8?q?a=0D=0ABcc:_eve@example.net?=", "a Bcc: eve@example.net"),
        ("=?utf-8?b?YQ0KQmNjOiBldmU=?=", "a Bcc: eve"),
        ("a\rBcc: eve", "a Bcc: eve"),
        ("a\u{0}b", "a b"),
        ("a\u{2028}b\u{85}c", "a b c"),
        ("a\u{202e}b\u{2066}c", "a b c"),
        ("=?utf-8?q?=E2=80=AEtxt?=", "txt"),
        ("  many \t  blanks  ", "many blanks"),
    ] {
        assert_eq!(subject(&format!("Subject: {value}")), expected, "{value:?}");
    }
}

#[test]
fn the_author_is_the_one_address_with_its_name() {
    for (from, address, name) in [
        ("jo@example.com", "jo@example.com", ""),
        ("<jo@example.com>", "jo@example.com", ""),
        ("Jo Doe <jo@example.com>", "jo@example.com", "Jo Doe"),
        ("\"Doe, Jo\" <jo@example.com>", "jo@example.com", "Doe, Jo"),
        ("\"Jo \\\"JD\\\" Doe\" <jo@example.com>", "jo@example.com", "Jo \"JD\" Doe"),
        ("jo@example.com (Jo Doe)", "jo@example.com", "Jo Doe"),
        ("Jo\r\n <jo@example.com>", "jo@example.com", "Jo"),
        ("JO@Example.COM", "JO@Example.COM", ""),
        ("jo+keys@example.com", "jo+keys@example.com", ""),
        ("o'neill!#$%&*/=?^_`{|}~-@example.com", "o'neill!#$%&*/=?^_`{|}~-@example.com", ""),
        ("jo@[192.0.2.1]", "jo@[192.0.2.1]", ""),
        ("jö@exämple.de", "jö@exämple.de", ""),
        ("\"eve@example.net\" <jo@example.com>", "jo@example.com", "eve@example.net"),
        ("=?utf-8?q?J=0D=0A=C3=B6?= <jo@example.com>", "jo@example.com", "J ö"),
    ] {
        let found = raw_email(&format!("From: {from}"), "x").from;
        let found = found.map(|author| (author.address.to_string(), author.name.to_string()));
        assert_eq!(found, Some((address.to_owned(), name.to_owned())), "{from}");
    }
}

#[test]
fn an_ambiguous_or_broken_author_is_none() {
    for from in [
        "",
        "Jo Doe",
        "jo",
        "@example.com",
        "jo@",
        "<jo@>",
        "\"jo@example.com\"",
        "(jo@example.com)",
        "jo @ example . com, eve@example.net",
        "jo@example.com eve@example.net",
        "jo@example.com; eve@example.net",
        "<jo@example.com>, <eve@example.net>",
        "<jo@example.com, eve@example.net>",
        "<jo@example.com:eve@example.net>",
        "jo@example.com@example.net",
        "jo\\@example.com",
        "=?utf-8?q?jo=40example=2Ecom=2C_eve?=@example.net",
        "=?utf-8?q?jo=40example=2Ecom?=, <eve@example.net>",
        "\"a b\"@example.com",
        "\"a@b\"@example.com",
        "jo@exam\u{a0}ple.com",
        "undisclosed:;",
        "team: jo@example.com, eve@example.net;",
    ] {
        let found = raw_email(&format!("From: {from}"), "x").from;
        assert!(found.is_none(), "{from}: {}", *found.unwrap().address);
    }
    assert!(raw_email("Sender: jo@example.com\r\nReply-To: jo@example.com", "x").from.is_none());
}

#[test]
fn an_address_and_a_name_have_a_longest_form() {
    let address = |length: usize| format!("{}@example.com", "j".repeat(length - "@example.com".len()));
    let author = |from: String| raw_email(&format!("From: {from}"), "x").from;
    assert_eq!(author(address(254)).unwrap().address.len(), 254);
    assert!(author(address(255)).is_none());
    let name = author(format!("\"{}\" <jo@example.com>", "ö".repeat(201))).unwrap().name.to_string();
    assert_eq!(name, "ö".repeat(200));
    assert_eq!(subject(&format!("Subject: {}", "ö".repeat(500))), "ö".repeat(500));
    assert_eq!(subject(&format!("Subject: {}", "ö".repeat(501))), "ö".repeat(500));
}

#[test]
fn headers_are_read_up_to_their_limits() {
    let many = |others: usize| format!("{}Subject: last", "X: y\r\n".repeat(others));
    // From is the first of all.
    assert_eq!(subject(&many(998)), "last");
    assert_eq!(subject(&many(999)), "");
    let id = |length: usize| {
        let long = format!("Message-ID: <{}@x.example>", "i".repeat(length - "@x.example".len()));
        email(&long, "x").message_id.len()
    };
    assert_eq!((id(250), id(251)), (250, 0));
    assert_eq!(email("Message-ID: <a@b>", "x").message_id, "a@b");
    assert_eq!(email("Message-ID: a@b", "x").message_id, "a@b", "brackets may be missing");
    assert_eq!(email("Message-ID: <@>", "x").message_id, "", "shorter than the shortest");
    let cut = format!("References: {}<late@x.example>", " ".repeat(32 * 1024));
    assert!(email(&cut, "x").references.is_empty(), "a header is read up to 32 KiB");
    let far = format!("{}Subject: far", format!("X: {}\r\n", "y".repeat(32 * 1024)).repeat(17));
    let incoming = email(&far, "hello");
    assert!(
        incoming.subject.is_empty() && incoming.text.ends_with("hello"),
        "headers are read up to 512 KiB"
    );
}

#[test]
fn twenty_tokens_and_twenty_references_are_kept() {
    let token = |n: usize| format!("{n:024}");
    let to = |count: usize| {
        let addresses: Vec<_> =
            (0..count).map(|n| format!("support+{}@desk.example.org", token(n))).collect();
        email(&format!("To: {}", addresses.join(",\r\n ")), "x").tokens
    };
    assert_eq!(to(21), (0..20).map(token).collect::<Vec<_>>());
    let references = |count: usize| {
        let ids: String = (0..count).map(|n| format!(" <{n}@x.example>")).collect();
        email(&format!("References:{ids}"), "x").references
    };
    let id = |n: usize| format!("{n}@x.example");
    assert_eq!(references(20), (0..20).map(id).collect::<Vec<_>>());
    let kept: Vec<_> = std::iter::once(0).chain(2..21).map(id).collect();
    assert_eq!(references(21), kept, "the first and the newest");
    let answered =
        email("References: <1@x.example> <1@x.example>\r\nIn-Reply-To: <2@x.example> <1@x.example>", "x");
    assert_eq!(answered.references, ["1@x.example", "2@x.example"]);
}

#[test]
fn a_fingerprint_is_the_same_on_every_route() {
    let of = |raw: &str| parse_email(raw.as_bytes(), &LocalIdentity::default()).fingerprint;
    let sent = "Message-ID: <1@x.example>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nFrom: jo@example.com\r\n\
                Subject: my key\r\n\r\nhello\r\n\r\nJo\r\n";
    for (same, how) in [
        (sent.replace("\r\n", "\n"), "line breaks"),
        (format!("Received: by mx.example\r\nReturn-Path: <jo@example.com>\r\n{sent}"), "trace headers"),
        (format!("Authentication-Results: mx.example; none\r\n{sent}"), "results"),
        (sent.replace("my key", "my\r\n key"), "folding"),
        (sent.replace("my key", "my  key "), "blanks in a header"),
        (sent.replace("hello", "hello \t"), "blanks at the end of a line"),
        (format!("{sent}\r\n \r\n"), "blank lines at the end"),
        (
            sent.replace("From: jo@example.com\r\n", "")
                .replace("\r\n\r\nh", "\r\nFrom: jo@example.com\r\n\r\nh"),
            "order",
        ),
        (sent.replace("Subject", "SUBJECT"), "case of a name"),
    ] {
        assert!(of(sent) == of(&same), "{how} changed it");
    }
    let others = [
        sent.replace("<1@", "<2@"),
        sent.replace("10:00:00", "10:00:01"),
        sent.replace("jo@", "eve@"),
        sent.replace("my key", "your key"),
        sent.replace("my key", "mykey"),
        sent.replace("hello", "hallo"),
        sent.replace("hello", " hello"),
        sent.replace("hello\r\n\r\n", "hello\r\n"),
        sent.replace("Subject: my key\r\n\r\n", "Subject:\r\n\r\nmy key"),
        sent.replace("Subject: my key", "Subject: my").replace("hello", "key hello"),
        sent.replace("Date: Mon", "X: Mon").replace("Subject: my", "Subject: Mon my"),
    ];
    let mut all: Vec<_> = others.iter().map(|other| of(other)).chain([of(sent)]).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), others.len() + 1, "another message has another fingerprint");
}
