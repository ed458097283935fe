//! The text and the headers of e-mails, with names and subjects that people really have.

use lettre::message::Mailbox;
use mail::emails::{EmailText, MagicLinkEmail, StaffReplyEmail};
use mail::message::{ComposeError, ComposedEmail, Email};
use mail_parser::MessageParser;
use std::time::{Duration, SystemTime};

const LINK: &str = "https://licence.example.com/licence/open/R5z8";

fn magic_link(vendor: &str) -> EmailText {
    MagicLinkEmail { vendor, link: LINK, minutes: 60, cause: "7" }.render().expect("it renders")
}

fn reply<'a>(subject: &'a str, text: &'a str, quoted: &'a str) -> StaffReplyEmail<'a> {
    StaffReplyEmail {
        vendor: "Käse",
        subject,
        text,
        quoted,
        wrote_on: "2026-11-20",
        by_mail: true,
        accepts_replies: true,
        link: LINK,
        cause: "7",
    }
}

/// Composes an e-mail with a sender and the two ids.
fn composed(
    text: &EmailText,
    from: &str,
    cause: &str,
    message_id: &str,
) -> Result<ComposedEmail, ComposeError> {
    let from: Mailbox = from.parse().expect("an address");
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_164_800);
    let to = "ada@example.com";
    Email { text, to, from: &from, vendor: "Käse & Söhne", cause, message_id, date, threading: None }
        .compose()
}

fn raw(text: &EmailText, from: &str) -> Vec<u8> {
    composed(text, from, "7", "m1").expect("it can be composed").raw
}

/// The names of the headers, in their order.
fn header_names(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8(raw.to_vec()).expect("ASCII");
    let head = text.split("\r\n\r\n").next().expect("a head").to_owned();
    let lines = head.lines().filter(|line| !line.starts_with([' ', '\t']));
    lines.map(|line| line.split_once(':').expect("a header").0.to_owned()).collect()
}

#[test]
fn an_e_mail_has_these_headers_and_none_that_names_program_or_machine() {
    let common = ["From", "To", "Subject", "Date", "Scruple-Cause", "Message-ID"];
    let automatic = ["Auto-Submitted", "X-Auto-Response-Suppress"];
    let plain = ["MIME-Version", "Content-Transfer-Encoding", "Content-Type"];
    let sorted = |parts: &[&[&str]]| {
        let mut names: Vec<String> = parts.concat().iter().map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    let mut of_link = header_names(&raw(&magic_link("Käse"), "licence@shop.example"));
    of_link.sort();
    assert_eq!(of_link, sorted(&[&common, &automatic, &["MIME-Version", "Content-Type"]]));
    let text = reply("key", "Here it is.", "").render().expect("it renders");
    let mut of_reply = header_names(&raw(&text, "licence@shop.example"));
    of_reply.sort();
    assert_eq!(of_reply, sorted(&[&common, &plain]));
}

#[test]
fn date_and_message_id_are_those_of_the_sender() {
    let raw = raw(&magic_link("Käse"), "Licence <licence@Bücher.example>");
    let text = String::from_utf8(raw).expect("ASCII");
    assert!(text.contains("\r\nDate: Thu, 29 Feb 2024 00:00:00 +0000\r\n"), "{text}");
    assert!(text.contains("\r\nMessage-ID: <m1@xn--bcher-kva.example>\r\n"), "{text}");
}

#[test]
fn names_and_subjects_in_any_script_arrive_as_they_were() {
    let long = "Ein Hersteller mit einem sehr langen Namen ".repeat(8);
    for name in [
        "Plain",
        "Comma, Inc.",
        "Käse & Söhne",
        "株式会社ランタン",
        "شركة الفانوس",
        "Emoji 😀 and é",
        "\"Quoted\" <x@evil.example>",
        "Back\\slash; semi",
        long.trim_end(),
    ] {
        let mut text = magic_link(name);
        text.subject = name.to_owned();
        let from = Mailbox::new(Some(name.to_owned()), "licence@shop.example".parse().expect("an address"));
        let date = SystemTime::UNIX_EPOCH;
        let (cause, message_id, to) = ("7", "m1", "ada@example.com");
        let email =
            Email { text: &text, to, from: &from, vendor: "X", cause, message_id, date, threading: None };
        let raw = email.compose().expect("it can be composed").raw;
        assert!(raw.is_ascii() && raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998), "{name}");
        let message = MessageParser::new().parse(&raw).expect("a message");
        let sender = message.from().and_then(|from| from.first()).expect("a sender");
        assert_eq!((sender.name(), sender.address()), (Some(name), Some("licence@shop.example")));
        assert_eq!(message.subject(), Some(name));
        assert_eq!(message.to().map(|to| to.iter().count()), Some(1), "{name}");
    }
}

#[test]
fn the_name_of_the_sender_is_the_configured_one_or_the_vendors() {
    for (from, name) in
        [("licence@shop.example", "Käse & Söhne"), ("Licences <licence@shop.example>", "Licences")]
    {
        let raw = raw(&magic_link("Käse"), from);
        let message = MessageParser::new().parse(&raw).expect("a message");
        assert_eq!(message.from().and_then(|from| from.first()?.name()), Some(name), "{from}");
    }
}

#[test]
fn an_id_has_one_to_64_symbols_that_cannot_end_a_header() {
    let text = magic_link("X");
    let of = |cause: &str, message_id: &str| composed(&text, "a@shop.example", cause, message_id).err();
    let most = "x".repeat(64);
    for good in ["7", "a-b_c.D9", most.as_str()] {
        assert_eq!((of(good, "m"), of("7", good)), (None, None), "{good}");
    }
    let more = "x".repeat(65);
    for bad in ["", " ", "a b", "a@b", "<a>", "a\r\nBcc: x@y.example", "ä", "a:b", more.as_str()] {
        assert_eq!(of(bad, "m"), Some(ComposeError::Id), "{bad}");
        assert_eq!(of("7", bad), Some(ComposeError::Id), "{bad}");
    }
}

#[test]
fn a_reply_keeps_the_subject_of_the_person_once() {
    for (subject, expected) in [
        ("", "Reply from Käse"),
        ("My key", "Re: My key"),
        ("Re: My key", "Re: My key"),
        ("RE: My key", "RE: My key"),
        ("re:My key", "re:My key"),
        ("Regarding my key", "Re: Regarding my key"),
        ("Re My key", "Re: Re My key"),
        ("AW: My key", "Re: AW: My key"),
        ("Ré: x", "Re: Ré: x"),
        ("x€", "Re: x€"),
        ("€", "Re: €"),
    ] {
        let text = reply(subject, "Here it is.", "").render().expect("it renders");
        assert_eq!(text.subject, expected, "{subject}");
        assert!(text.html.is_none());
    }
}

#[test]
fn the_end_of_a_reply_says_why_it_came_and_how_to_go_on() {
    for (by_mail, accepts_replies, wrote_on, says, lacks) in [
        (true, true, "2026-11-20", "wrote to Käse on 2026-11-20 by e-mail, and", "contact page"),
        (false, true, "2026-11-20", "wrote to Käse on 2026-11-20 on the contact page, and", "by e-mail"),
        (true, true, "", "wrote to Käse by e-mail, and", " on "),
        (false, false, "", "wrote to Käse on the contact page, and", "reply to this e-mail"),
        (
            true,
            false,
            "2026-11-20",
            "To close the conversation and erase it, open this link:",
            "reply to this e-mail",
        ),
        (true, true, "2026-11-20", "To continue the conversation, reply to this e-mail.", "contact page"),
    ] {
        let email = StaffReplyEmail { by_mail, accepts_replies, wrote_on, ..reply("", "Here it is.", "") };
        let text = email.render().expect("it renders").text;
        let (body, end) = text.split_once("\n-- \n").expect("the separator of the signature");
        let end = end.replace('\n', " ");
        assert_eq!(body.trim(), "Here it is.");
        assert!(end.contains(says) && !end.contains(lacks), "{end}");
        assert!(end.contains(LINK) && end.contains("Request 7."));
    }
}

#[test]
fn a_quotation_keeps_its_lines_and_levels() {
    for (quoted, expected) in [
        ("One\nTwo", "> One\n> Two\n"),
        ("One\n\nTwo\n", "> One\n>\n> Two\n"),
        ("> deeper\nmine", ">> deeper\n> mine\n"),
        (">> deepest", ">>> deepest\n"),
        ("  indented", "> indented\n"),
        ("-- \nAda", "> --\n> Ada\n"),
        ("From here", "> From here\n"),
    ] {
        let text = reply("", "Here it is.", quoted).render().expect("it renders").text;
        let (_, quotation) = text.split_once("You wrote on 2026-11-20:\n").expect("a quotation");
        assert!(quotation.starts_with(expected), "{quoted}: {quotation}");
    }
    let long = "word ".repeat(60);
    let text = reply("", "Here it is.", &long).render().expect("it renders").text;
    let quoted: Vec<&str> = text.lines().filter(|line| line.starts_with("> ")).collect();
    assert!(quoted.len() == 4 && quoted.iter().all(|line| line.chars().count() <= 78), "{quoted:?}");
    assert_eq!(quoted.iter().map(|line| line.matches("word").count()).sum::<usize>(), 60);
    let none = reply("", "Here it is.", "").render().expect("it renders").text;
    assert!(!none.contains("You wrote on"));
}
