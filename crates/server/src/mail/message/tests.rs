use super::*;
use crate::mail::letters::{Kind, NewAddress, PageLink};
use mail_parser::{HeaderValue as Read, MessageParser};
use std::time::Duration;

const LINK: &str = "https://licence.example.com/licence/open/R5z8-q_1&k";
const CAUSE: &str = "act-01J9";

/// Every letter of the closed list, written to a vendor whose name tries to be more than a name.
fn words(kind: Kind, vendor: &str) -> Words {
    let (link, minutes, cause) = (LINK, 60, CAUSE);
    match kind {
        Kind::PageLink => PageLink { vendor, link, minutes, cause }.words(),
        Kind::NewAddress => NewAddress { vendor, link, minutes, cause }.words(),
    }
    .unwrap()
}

fn wrap(words: &Words, to: &str, vendor: &str) -> Result<Wrapped, Unwrappable> {
    let from = "licence@shop.example".parse().unwrap();
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    Letter { words, to, from: &from, vendor, cause: CAUSE, message_id: "m1", date }.wrap()
}

/// Everything that looks like an address of something to fetch or to open.
fn addresses(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | '=');
    let starts =
        text.match_indices("//").map(|(at, _)| text[..at].rfind(ends).map_or(0, |before| before + 1));
    starts.map(|start| text[start..].split(ends).next().unwrap().to_owned()).collect()
}

#[test]
fn every_letter_reads_the_same_for_a_strangers_program() {
    for kind in Kind::ALL {
        let words = words(kind, "Käse & Söhne");
        let wrapped = wrap(&words, "ada@example.com", "Käse & Söhne").unwrap();
        let message = MessageParser::new().parse(&wrapped.raw).unwrap();
        assert_eq!(message.subject(), Some(words.subject.as_str()));
        assert!(words.subject.contains("Käse & Söhne"));
        assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), words.text.trim_end());
        assert_eq!(message.body_html(0).unwrap().replace("\r\n", "\n").trim_end(), words.html.trim_end());
        assert_eq!(
            (message.text_body_count(), message.html_body_count(), message.attachment_count()),
            (1, 1, 0)
        );
        let from = message.from().unwrap().first().unwrap();
        assert_eq!((from.name(), from.address()), (Some("Käse & Söhne"), Some("licence@shop.example")));
        assert_eq!(message.to().unwrap().first().unwrap().address(), Some("ada@example.com"));
        assert_eq!(message.message_id(), Some("m1@shop.example"));
        assert_eq!(message.date().unwrap().to_timestamp(), 1_800_000_000);
    }
}

#[test]
fn every_letter_holds_no_address_but_the_persons_own_link() {
    for kind in Kind::ALL {
        let words = words(kind, "Example Software");
        assert_eq!(addresses(&words.text), [LINK]);
        let escaped = LINK.replace('&', "&#38;");
        assert_eq!(addresses(&words.html), [escaped.as_str(), escaped.as_str()]);
        let html = words.html.to_lowercase();
        for loads in [
            "<img",
            "<link",
            "<script",
            "<iframe",
            "<form",
            "<style",
            "src=",
            "url(",
            "@import",
            "background",
        ] {
            assert!(!html.contains(loads), "{} loads by {loads}", kind.name());
        }
    }
}

#[test]
fn the_search_for_addresses_finds_planted_ones() {
    let planted = "<img src=//a.example/x> see http://b.example and (https://c.example)";
    assert_eq!(addresses(planted), ["//a.example/x", "http://b.example", "https://c.example"]);
}

#[test]
fn every_letter_says_why_it_came() {
    for kind in Kind::ALL {
        let words = words(kind, "Example Software");
        for text in [words.text.replace('\n', " "), words.html.replace('\n', " ")] {
            assert!(text.contains("Why this letter came") && text.contains(CAUSE), "{}", kind.name());
            assert!(text.contains("60 minutes"), "{}", kind.name());
        }
        let wrapped = wrap(&words, "ada@example.com", "Example Software").unwrap();
        let message = MessageParser::new().parse(&wrapped.raw).unwrap();
        let value = |name: &'static str| match message.header(name) {
            Some(Read::Text(text)) => Some(text.clone().into_owned()),
            _ => None,
        };
        assert_eq!(value("Scruple-Cause").as_deref(), Some(CAUSE));
        assert_eq!(value("Auto-Submitted").as_deref(), Some("auto-replied"));
        assert_eq!(value("X-Auto-Response-Suppress").as_deref(), Some("All"));
        assert!(message.header("List-Unsubscribe").is_none(), "its reader asked for it");
        assert!(wrapped.envelope.from.is_none(), "an automatic letter bounces to nobody");
    }
}

#[test]
fn lines_of_plain_text_fit_whatever_the_vendors_name() {
    for kind in Kind::ALL {
        for vendor in ["X", "A Company With a Rather Long Name for a Small Vendor of Software GmbH & Co. KG"]
        {
            let words = words(kind, vendor);
            assert!(words.text.lines().all(|line| line.chars().count() <= 78), "{}", words.text);
            let raw = wrap(&words, "ada@example.com", vendor).unwrap().raw;
            assert!(raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998 && line.is_ascii()));
        }
    }
}

#[test]
fn a_name_can_neither_begin_a_header_nor_become_markup() {
    let vendor = "Evil\r\nBcc: list@example.com\r\n<b onclick=x>";
    for kind in Kind::ALL {
        let words = words(kind, vendor);
        assert!(!words.html.contains("<b onclick"));
        let wrapped = wrap(&words, "ada@example.com", vendor).unwrap();
        let message = MessageParser::new().parse(&wrapped.raw).unwrap();
        assert!(message.bcc().is_none());
        assert!(message.subject().unwrap().contains("Bcc: list@example.com"), "it stays in the subject");
    }
}

#[test]
fn a_letter_has_one_recipient_and_a_list_is_none() {
    let words = words(Kind::PageLink, "X");
    for wrong in [
        "",
        "ada",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "<a@example.com>",
        "a@",
    ] {
        assert_eq!(wrap(&words, wrong, "X").err(), Some(Unwrappable::Recipient), "{wrong:?}");
    }
}

#[test]
fn a_domain_of_any_script_goes_over_the_wire_in_ascii() {
    let words = words(Kind::PageLink, "X");
    let wrapped = wrap(&words, " Ada@Bücher.example ", "X").unwrap();
    assert_eq!(wrapped.envelope.to.to_string(), "Ada@xn--bcher-kva.example");
    assert!(wrapped.raw.is_ascii());
}

#[test]
fn an_id_that_could_break_a_header_is_refused() {
    let words = words(Kind::PageLink, "X");
    let from = "licence@shop.example".parse().unwrap();
    for wrong in ["", "a b", "a\r\nBcc: x", "ä", "a@b"] {
        let letter = Letter {
            words: &words,
            to: "a@example.com",
            from: &from,
            vendor: "X",
            cause: wrong,
            message_id: "m",
            date: SystemTime::UNIX_EPOCH,
        };
        assert_eq!(letter.wrap().err(), Some(Unwrappable::Id), "{wrong:?}");
    }
}
