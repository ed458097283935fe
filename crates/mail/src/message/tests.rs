use super::*;
use crate::letters::{Kind, NewAddress, PageLink, StaffReply};
use mail_parser::{HeaderValue as Read, MessageParser, MimeHeaders as _};
use std::time::Duration;

const LINK: &str = "https://licence.example.com/licence/open/R5z8-q_1&k";
const CAUSE: &str = "act-01J9";

/// Every letter of the closed list, written to a vendor whose name tries to be more than a name.
fn words(kind: Kind, vendor: &str) -> Words {
    let (link, minutes, cause) = (LINK, 60, CAUSE);
    match kind {
        Kind::PageLink => PageLink { vendor, link, minutes, cause }.words(),
        Kind::NewAddress => NewAddress { vendor, link, minutes, cause }.words(),
        Kind::StaffReply => reply(vendor, vendor, "Erase <nothing>.", "I can't\n\n> open it").words(),
    }
    .unwrap()
}

fn reply<'a>(vendor: &'a str, subject: &'a str, text: &'a str, quoted: &'a str) -> StaffReply<'a> {
    let (wrote_on, by_mail, takes_answers, link, cause) = ("2026-11-20", true, true, LINK, CAUSE);
    StaffReply { vendor, subject, text, quoted, wrote_on, by_mail, takes_answers, link, cause }
}

fn wrap(words: &Words, to: &str, vendor: &str) -> Result<Wrapped, Unwrappable> {
    let from = "licence@shop.example".parse().unwrap();
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    Email { words, to, from: &from, vendor, cause: CAUSE, message_id: "m1", date, place: None }.wrap()
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
        match &words.html {
            Some(html) => {
                assert_eq!(message.body_html(0).unwrap().replace("\r\n", "\n").trim_end(), html.trim_end());
            }
            None => assert!(message.parts.len() == 1 && message.is_content_type("text", "plain")),
        }
        assert_eq!((message.text_body_count(), message.attachment_count()), (1, 0));
        assert!(message.cc().is_none() && message.bcc().is_none(), "a letter has one recipient");
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
        let Some(html) = &words.html else { continue };
        let escaped = LINK.replace('&', "&#38;");
        assert_eq!(addresses(html), [escaped.as_str(), escaped.as_str()]);
        let html = html.to_lowercase();
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
        for text in std::iter::once(&words.text).chain(&words.html).map(|text| text.replace('\n', " ")) {
            assert!(text.contains("Why this letter came") && text.contains(CAUSE), "{}", kind.name());
            assert_eq!(text.contains("60 minutes"), is_automatic(kind), "{}", kind.name());
        }
        let wrapped = wrap(&words, "ada@example.com", "Example Software").unwrap();
        let message = MessageParser::new().parse(&wrapped.raw).unwrap();
        let value = |name: &'static str| match message.header(name) {
            Some(Read::Text(text)) => Some(text.clone().into_owned()),
            _ => None,
        };
        assert_eq!(value("Scruple-Cause").as_deref(), Some(CAUSE));
        let automatic = is_automatic(kind);
        assert_eq!(value("Auto-Submitted").as_deref(), automatic.then_some("auto-replied"));
        assert_eq!(value("X-Auto-Response-Suppress").as_deref(), automatic.then_some("All"));
        assert!(message.header("List-Unsubscribe").is_none(), "its reader asked for it");
        assert_eq!(wrapped.envelope.from.is_none(), automatic, "an automatic letter bounces to nobody");
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
        assert!(words.html.as_ref().is_none_or(|html| !html.contains("<b onclick")));
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
        let letter = Email {
            words: &words,
            to: "a@example.com",
            from: &from,
            vendor: "X",
            cause: wrong,
            message_id: "m",
            date: SystemTime::UNIX_EPOCH,
            place: None,
        };
        assert_eq!(letter.wrap().err(), Some(Unwrappable::Id), "{wrong:?}");
    }
}

/// A reply on its way through a conversation; `id` and `before` come from a stranger's mail.
fn placed(reply_to: Option<&str>, id: &str, before: &[String], previous: i64) -> Wrapped {
    let words = reply("X", "Re: key", "Here it is.", "Where is it?").words().unwrap();
    let (from, reply) = ("licence@shop.example".parse().unwrap(), reply_to.map(|to| to.parse().unwrap()));
    let reply = reply.as_ref();
    let place = Some(Place {
        reply,
        token: "0123456789abcdefghjkmnpq",
        n: 4,
        previous,
        in_reply_to: id,
        references: before,
    });
    let date = SystemTime::UNIX_EPOCH;
    Email {
        words: &words,
        to: "ada@example.com",
        from: &from,
        vendor: "X",
        cause: CAUSE,
        message_id: "m1",
        date,
        place,
    }
    .wrap()
    .unwrap()
}

#[test]
fn a_reply_stands_in_its_conversation_and_brings_answers_and_bounces_back_there() {
    let before = ["a@x", "b@x"].map(str::to_owned);
    let wrapped = placed(Some("Help@Bücher.example"), "b@x", &before, 2);
    let token = "0123456789abcdefghjkmnpq";
    assert_eq!(wrapped.envelope.from.unwrap().to_string(), format!("Help+b-{token}@xn--bcher-kva.example"));
    let message = MessageParser::new().parse(&wrapped.raw).unwrap();
    assert_eq!(message.message_id().unwrap(), format!("r.{token}.4@xn--bcher-kva.example"));
    let answers = message.reply_to().unwrap().first().unwrap().address().unwrap();
    assert_eq!(answers, format!("Help+{token}@xn--bcher-kva.example"));
    assert_eq!(message.in_reply_to().as_text(), Some("b@x"));
    let ours = format!("r.{token}.2@xn--bcher-kva.example");
    let references: Vec<&str> =
        message.references().as_text_list().unwrap().iter().map(AsRef::as_ref).collect();
    assert_eq!(references, ["a@x", &ours, "b@x"]);
    assert_eq!(message.subject(), Some("Re: key"));
    assert!(message.body_text(0).unwrap().contains("> Where is it?"));
    let plain = placed(None, "", &[], 0);
    assert_eq!(plain.envelope.from.unwrap().to_string(), "licence@shop.example");
    let message = MessageParser::new().parse(&plain.raw).unwrap();
    assert!(message.reply_to().is_none() && message.in_reply_to().is_empty());
}

#[test]
fn what_a_stranger_wrote_can_begin_no_header() {
    let evil = "a@x>\r\nBcc: list@example.com\r\nX: <";
    let before = [evil, "", "no-at", "sp ace@x", &"x".repeat(400), "fine@x"].map(str::to_owned);
    let wrapped = placed(Some("help@shop.example"), evil, &before, 0);
    let message = MessageParser::new().parse(&wrapped.raw).unwrap();
    assert!(message.bcc().is_none() && message.header("X").is_none());
    assert!(message.in_reply_to().is_empty(), "an id that can't be repeated is left out");
    for text in ["From: x\r\nBcc: y@example.com", ".\r\nQUIT", "\r\n\r\n--\r\nBcc: y@example.com"] {
        let words = reply("X", text, text, text).words().unwrap();
        let wrapped = wrap(&words, "ada@example.com", "X").unwrap();
        let message = MessageParser::new().parse(&wrapped.raw).unwrap();
        assert!(message.bcc().is_none() && message.parts.len() == 1);
    }
}

#[test]
fn many_and_long_references_stay_within_what_a_line_may_hold() {
    let before: Vec<String> = (0..60).map(|n| format!("{}{n}@example.com", "x".repeat(230))).collect();
    let wrapped = placed(Some("help@shop.example"), "last@x", &before, 1);
    assert!(wrapped.raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998 && line.is_ascii()));
    let message = MessageParser::new().parse(&wrapped.raw).unwrap();
    let references = message.references().as_text_list().unwrap();
    assert_eq!((references.len(), references.last().unwrap().as_ref()), (20, "last@x"));
}
