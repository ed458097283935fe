use super::*;
use crate::emails::{EmailKind, MagicLinkEmail, NewAddressEmail, StaffReplyEmail};
use mail_parser::{HeaderValue as Read, MessageParser, MimeHeaders as _};
use std::time::Duration;

const LINK: &str = "https://licence.example.com/licence/open/R5z8-q_1&k";
const CAUSE: &str = "act-01J9";

/// Renders an e-mail of the closed list, for a vendor name that may be hostile.
fn text(kind: EmailKind, vendor: &str) -> EmailText {
    let (link, minutes, cause) = (LINK, 60, CAUSE);
    match kind {
        EmailKind::MagicLink => MagicLinkEmail { vendor, link, minutes, cause }.render(),
        EmailKind::NewAddress => NewAddressEmail { vendor, link, minutes, cause }.render(),
        EmailKind::StaffReply => reply(vendor, vendor, "Erase <nothing>.", "I can't\n\n> open it").render(),
    }
    .unwrap()
}

fn reply<'a>(vendor: &'a str, subject: &'a str, text: &'a str, quoted: &'a str) -> StaffReplyEmail<'a> {
    let (wrote_on, by_mail, accepts_replies, link, cause) = ("2026-11-20", true, true, LINK, CAUSE);
    StaffReplyEmail { vendor, subject, text, quoted, wrote_on, by_mail, accepts_replies, link, cause }
}

fn compose(text: &EmailText, to: &str, vendor: &str) -> Result<ComposedEmail, ComposeError> {
    let from = "licence@shop.example".parse().unwrap();
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    Email { text, to, from: &from, vendor, cause: CAUSE, message_id: "m1", date, threading: None }.compose()
}

/// Finds everything that looks like a URL.
fn urls(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | '=');
    let starts =
        text.match_indices("//").map(|(at, _)| text[..at].rfind(ends).map_or(0, |before| before + 1));
    starts.map(|start| text[start..].split(ends).next().unwrap().to_owned()).collect()
}

#[test]
fn another_mail_parser_reads_every_e_mail_the_same() {
    for kind in EmailKind::ALL {
        let text = text(kind, "Käse & Söhne");
        let composed = compose(&text, "ada@example.com", "Käse & Söhne").unwrap();
        let message = MessageParser::new().parse(&composed.raw).unwrap();
        assert_eq!(message.subject(), Some(text.subject.as_str()));
        assert!(text.subject.contains("Käse & Söhne"));
        assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), text.text.trim_end());
        match &text.html {
            Some(html) => {
                assert_eq!(message.body_html(0).unwrap().replace("\r\n", "\n").trim_end(), html.trim_end());
            }
            None => assert!(message.parts.len() == 1 && message.is_content_type("text", "plain")),
        }
        assert_eq!((message.text_body_count(), message.attachment_count()), (1, 0));
        assert!(message.cc().is_none() && message.bcc().is_none(), "an e-mail has one recipient");
        let from = message.from().unwrap().first().unwrap();
        assert_eq!((from.name(), from.address()), (Some("Käse & Söhne"), Some("licence@shop.example")));
        assert_eq!(message.to().unwrap().first().unwrap().address(), Some("ada@example.com"));
        assert_eq!(message.message_id(), Some("m1@shop.example"));
        assert_eq!(message.date().unwrap().to_timestamp(), 1_800_000_000);
    }
}

#[test]
fn every_e_mail_has_no_url_but_the_personal_link() {
    for kind in EmailKind::ALL {
        let text = text(kind, "Example Software");
        assert_eq!(urls(&text.text), [LINK]);
        let Some(html) = &text.html else { continue };
        let escaped = LINK.replace('&', "&#38;");
        assert_eq!(urls(html), [escaped.as_str(), escaped.as_str()]);
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
fn the_search_for_urls_finds_planted_ones() {
    let planted = "<img src=//a.example/x> see http://b.example and (https://c.example)";
    assert_eq!(urls(planted), ["//a.example/x", "http://b.example", "https://c.example"]);
}

#[test]
fn every_e_mail_says_why_it_was_sent() {
    for kind in EmailKind::ALL {
        let text = text(kind, "Example Software");
        for body in std::iter::once(&text.text).chain(&text.html).map(|body| body.replace('\n', " ")) {
            assert!(body.contains("Why you got this e-mail") && body.contains(CAUSE), "{}", kind.name());
            assert_eq!(body.contains("60 minutes"), is_automatic(kind), "{}", kind.name());
        }
        let composed = compose(&text, "ada@example.com", "Example Software").unwrap();
        let message = MessageParser::new().parse(&composed.raw).unwrap();
        let value = |name: &'static str| match message.header(name) {
            Some(Read::Text(text)) => Some(text.clone().into_owned()),
            _ => None,
        };
        assert_eq!(value("Scruple-Cause").as_deref(), Some(CAUSE));
        let automatic = is_automatic(kind);
        assert_eq!(value("Auto-Submitted").as_deref(), automatic.then_some("auto-replied"));
        assert_eq!(value("X-Auto-Response-Suppress").as_deref(), automatic.then_some("All"));
        assert!(message.header("List-Unsubscribe").is_none(), "the recipient asked for it");
        assert_eq!(
            composed.envelope.from.is_none(),
            automatic,
            "an automatic e-mail has an empty return path"
        );
    }
}

#[test]
fn lines_of_plain_text_are_short_for_every_vendor_name() {
    for kind in EmailKind::ALL {
        for vendor in ["X", "A Company With a Rather Long Name for a Small Vendor of Software GmbH & Co. KG"]
        {
            let text = text(kind, vendor);
            assert!(text.text.lines().all(|line| line.chars().count() <= 78), "{}", text.text);
            let raw = compose(&text, "ada@example.com", vendor).unwrap().raw;
            assert!(raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998 && line.is_ascii()));
        }
    }
}

#[test]
fn a_name_cannot_inject_a_header_or_markup() {
    let vendor = "Evil\r\nBcc: list@example.com\r\n<b onclick=x>";
    for kind in EmailKind::ALL {
        let text = text(kind, vendor);
        assert!(text.html.as_ref().is_none_or(|html| !html.contains("<b onclick")));
        let composed = compose(&text, "ada@example.com", vendor).unwrap();
        let message = MessageParser::new().parse(&composed.raw).unwrap();
        assert!(message.bcc().is_none());
        assert!(message.subject().unwrap().contains("Bcc: list@example.com"), "it stays in the subject");
    }
}

#[test]
fn an_e_mail_has_one_recipient_and_no_list() {
    let text = text(EmailKind::MagicLink, "X");
    for wrong in [
        "",
        "ada",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "<a@example.com>",
        "a@",
    ] {
        assert_eq!(compose(&text, wrong, "X").err(), Some(ComposeError::Recipient), "{wrong:?}");
    }
}

#[test]
fn an_internationalised_domain_is_sent_in_ascii() {
    let text = text(EmailKind::MagicLink, "X");
    let composed = compose(&text, " Ada@Bücher.example ", "X").unwrap();
    assert_eq!(composed.envelope.to.to_string(), "Ada@xn--bcher-kva.example");
    assert!(composed.raw.is_ascii());
}

#[test]
fn an_id_that_could_inject_a_header_is_refused() {
    let text = text(EmailKind::MagicLink, "X");
    let from = "licence@shop.example".parse().unwrap();
    for wrong in ["", "a b", "a\r\nBcc: x", "ä", "a@b"] {
        let email = Email {
            text: &text,
            to: "a@example.com",
            from: &from,
            vendor: "X",
            cause: wrong,
            message_id: "m",
            date: SystemTime::UNIX_EPOCH,
            threading: None,
        };
        assert_eq!(email.compose().err(), Some(ComposeError::Id), "{wrong:?}");
    }
}

/// Composes a reply in a conversation; `id` and `before` come from a person's message.
fn threaded(reply_to: Option<&str>, id: &str, before: &[String], previous: i64) -> ComposedEmail {
    let text = reply("X", "Re: key", "Here it is.", "Where is it?").render().unwrap();
    let (from, reply_to) = ("licence@shop.example".parse().unwrap(), reply_to.map(|to| to.parse().unwrap()));
    let reply_to = reply_to.as_ref();
    let threading = Some(Threading {
        reply_to,
        token: "0123456789abcdefghjkmnpq",
        n: 4,
        previous,
        in_reply_to: id,
        references: before,
    });
    let date = SystemTime::UNIX_EPOCH;
    Email {
        text: &text,
        to: "ada@example.com",
        from: &from,
        vendor: "X",
        cause: CAUSE,
        message_id: "m1",
        date,
        threading,
    }
    .compose()
    .unwrap()
}

#[test]
fn a_reply_has_threading_headers_and_a_return_path_of_its_conversation() {
    let before = ["a@x", "b@x"].map(str::to_owned);
    let composed = threaded(Some("Help@Bücher.example"), "b@x", &before, 2);
    let token = "0123456789abcdefghjkmnpq";
    assert_eq!(composed.envelope.from.unwrap().to_string(), format!("Help+b-{token}@xn--bcher-kva.example"));
    let message = MessageParser::new().parse(&composed.raw).unwrap();
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
    let plain = threaded(None, "", &[], 0);
    assert_eq!(plain.envelope.from.unwrap().to_string(), "licence@shop.example");
    let message = MessageParser::new().parse(&plain.raw).unwrap();
    assert!(message.reply_to().is_none() && message.in_reply_to().is_empty());
}

#[test]
fn text_of_a_person_cannot_inject_a_header() {
    let evil = "a@x>\r\nBcc: list@example.com\r\nX: <";
    let before = [evil, "", "no-at", "sp ace@x", &"x".repeat(400), "fine@x"].map(str::to_owned);
    let composed = threaded(Some("help@shop.example"), evil, &before, 0);
    let message = MessageParser::new().parse(&composed.raw).unwrap();
    assert!(message.bcc().is_none() && message.header("X").is_none());
    assert!(message.in_reply_to().is_empty(), "an id that is not safe to repeat is left out");
    for text in ["From: x\r\nBcc: y@example.com", ".\r\nQUIT", "\r\n\r\n--\r\nBcc: y@example.com"] {
        let text = reply("X", text, text, text).render().unwrap();
        let composed = compose(&text, "ada@example.com", "X").unwrap();
        let message = MessageParser::new().parse(&composed.raw).unwrap();
        assert!(message.bcc().is_none() && message.parts.len() == 1);
    }
}

#[test]
fn many_and_long_references_stay_within_the_line_limit() {
    let before: Vec<String> = (0..60).map(|n| format!("{}{n}@example.com", "x".repeat(230))).collect();
    let composed = threaded(Some("help@shop.example"), "last@x", &before, 1);
    assert!(composed.raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998 && line.is_ascii()));
    let message = MessageParser::new().parse(&composed.raw).unwrap();
    let references = message.references().as_text_list().unwrap();
    assert_eq!((references.len(), references.last().unwrap().as_ref()), (20, "last@x"));
}
