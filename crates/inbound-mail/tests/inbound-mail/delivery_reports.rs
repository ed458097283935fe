//! Delivery reports (RFC 3464), and what servers write that know no such report: hard, soft, or no bounce at all.

use inbound_mail::{
    AutomatedSender::{Bounce, Complaint, DeliveryReceipt, FeedbackReport, NoReplyAddress, ReadReceipt},
    IncomingEmail, SenderClass,
};

use crate::fixtures::{TOKEN, email, joined, raw_email};

const HARD: SenderClass = SenderClass::Automated(Bounce { hard: true });
const SOFT: SenderClass = SenderClass::Automated(Bounce { hard: false });

/// A multipart/report of this type with these parts.
fn report(kind: &str, parts: &[&str]) -> IncomingEmail {
    let headers = format!("Content-Type: multipart/report; report-type={kind}; boundary=b");
    email(&headers, &joined("b", parts))
}

/// The class of a delivery status whose recipients have these fields.
fn status(recipients: &str) -> SenderClass {
    let part = format!(
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n{recipients}"
    );
    report("delivery-status", &["\r\nA report.", &part]).sender_class
}

#[test]
fn a_recipient_who_failed_for_good_makes_a_hard_bounce() {
    for recipient in [
        "Action: failed\r\nStatus: 5.1.1",
        "Action: FAILED\r\nStatus: 5.0.0",
        "Action: failed (no such mailbox)\r\nStatus: 5.2.2 (full)",
        "Action:\r\n failed\r\nStatus:\r\n 5.1.1",
        "Status: 5.1.1\r\nAction: failed",
        "Status: 5.1.1",
        "Action: failed\r\nStatus: 5",
        "Action: failed\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown",
        "Action: failed\r\nDiagnostic-Code: smtp; 550",
        "Action: failed\r\nStatus: x\r\nDiagnostic-Code: smtp; <jo@example.com>: 5.7.1 refused",
    ] {
        assert_eq!(status(recipient), HARD, "{recipient}");
    }
}

#[test]
fn a_recipient_who_may_still_be_reached_makes_a_soft_bounce() {
    for recipient in [
        "Action: failed\r\nStatus: 4.4.7",
        "Action: delayed\r\nStatus: 4.4.1",
        "Action: delayed\r\nStatus: 5.1.1",
        "Action: delivered-not\r\nStatus: 2.0.0\r\n\r\nAction: failed\r\nStatus: 4.0.0",
        "Action: failed\r\nStatus: 2.0.0\r\nDiagnostic-Code: smtp; 550 gone",
        "Action: failed\r\nStatus: 4.0.0\r\nDiagnostic-Code: smtp; 550 gone",
        "Action: failed\r\nDiagnostic-Code: smtp; 450 4.2.1 busy",
        "Action: failed\r\nDiagnostic-Code: smtp; 520",
        "Action: failed\r\nDiagnostic-Code: smtp; 5501 or 55 or 5.1 or 5.1.1.1 or 5.1.1000",
        "Action: failed",
    ] {
        assert_eq!(status(recipient), SOFT, "{recipient}");
    }
}

#[test]
fn a_report_of_success_is_a_receipt_only_if_no_recipient_failed() {
    let (failed, delayed) = ("Action: failed\r\nStatus: 5.1.1", "Action: delayed\r\nStatus: 4.4.1");
    for success in ["delivered", "relayed", "expanded", "Delivered (to a list)"] {
        let reached = format!("Action: {success}\r\nStatus: 2.1.5");
        let receipt = SenderClass::Automated(DeliveryReceipt);
        assert_eq!(status(&reached), receipt, "{success}");
        assert_eq!(status(&format!("{reached}\r\n\r\n{reached}")), receipt, "{success}");
        assert_eq!(status(&format!("{reached}\r\n\r\n{failed}")), HARD, "{success}");
        assert_eq!(status(&format!("{failed}\r\n\r\n{reached}")), HARD, "{success}");
        assert_eq!(status(&format!("{reached}\r\n\r\n{delayed}")), SOFT, "{success}");
    }
    assert_eq!(status(&format!("{delayed}\r\n\r\n{failed}")), HARD);
}

#[test]
fn the_first_hundred_recipients_of_a_report_count() {
    let waiting = "Action: delayed\r\nStatus: 4.4.1\r\n\r\n";
    let failed = "Action: failed\r\nStatus: 5.1.1\r\n";
    assert_eq!(status(&format!("{}{failed}", waiting.repeat(99))), HARD);
    assert_eq!(status(&format!("{}{failed}", waiting.repeat(100))), SOFT);
}

#[test]
fn a_status_that_a_person_forwards_is_no_bounce() {
    let part = "Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n";
    let body = joined("b", ["\r\nWhat does this mean?", part]);
    let mixed = "Content-Type: multipart/mixed; boundary=b";
    assert_eq!(email(mixed, &body).sender_class, SenderClass::Person);
    assert_eq!(email(&format!("{mixed}\r\nAuto-Submitted: auto-replied"), &body).sender_class, HARD);
    assert_eq!(email(&format!("{mixed}\r\nReturn-Path: <>"), &body).sender_class, HARD);
    let daemon = format!("From: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n{mixed}");
    assert_eq!(raw_email(&daemon, &body).sender_class, HARD);
}

/// The class of a text that a mail server wrote in its own words.
fn words(subject: &str, text: &str) -> SenderClass {
    raw_email(&format!("From: <MAILER-DAEMON@mx.example>\r\nSubject: {subject}"), text).sender_class
}

#[test]
fn a_server_without_a_report_is_judged_by_its_words() {
    for text in [
        "550 5.1.1 <jo@example.com>",
        "The server said: 550",
        "error (#5.1.1)",
        "said: 521-it takes no mail",
        "status=5.7.1.",
        "User unknown",
        "The account is disabled",
        "Empfänger unbekannt",
        "Cette adresse n'existe pas",
    ] {
        assert_eq!(words("Undelivered Mail Returned to Sender", text), HARD, "{text}");
    }
    for text in [
        "We did our best.",
        "450 4.2.1 user unknown",
        "452 user unknown, 4.2.2",
        "550 5.1.1, but it will be retried",
        "The mailbox is full: 552 5.2.2",
        "It failed 560 times",
        "See page 5.1 or 10.5.1.1",
        "port 5500, 5.1.1.1 and v5.1.1",
        "Wird weiter versucht: 550",
    ] {
        assert_eq!(words("Undelivered Mail Returned to Sender", text), SOFT, "{text}");
    }
    assert_eq!(
        words("Warning: message delayed", "550 5.1.1 user unknown"),
        SOFT,
        "the subject says that it waits"
    );
}

#[test]
fn words_of_failure_need_a_server_or_the_subject_and_the_text() {
    let written = |subject: &str, text: &str| email(&format!("Subject: {subject}"), text).sender_class;
    assert_eq!(written("Undeliverable: your order", "It could not be delivered: user unknown"), HARD);
    assert_eq!(written("[**Undeliverable: your order", "It could not be delivered: user unknown"), HARD);
    assert_eq!(written("Undeliverable: your order", "Where is it?"), SenderClass::Person);
    assert_eq!(written("My order", "It could not be delivered: user unknown"), SenderClass::Person);
    assert_eq!(written("Is it undeliverable?", "It could not be delivered"), SenderClass::Person);
    assert_eq!(words("A notice", "It could not be delivered: user unknown"), HARD);
    assert_eq!(words("Undeliverable", "A notice"), SOFT);
    assert_eq!(words("A notice", "A notice"), SenderClass::Automated(NoReplyAddress));
    for header in ["X-Failed-Recipients: jo@example.com", "X-MS-Exchange-Message-Is-Ndr:"] {
        assert_eq!(email(header, "550 5.1.1").sender_class, HARD, "{header}");
        assert_eq!(email(header, "hello").sender_class, SOFT, "{header}");
    }
    assert_eq!(
        report("delivery-status", &["\r\n550 5.1.1"]).sender_class,
        HARD,
        "a report without its parts"
    );
}

#[test]
fn only_a_feedback_report_of_a_wish_to_get_less_mail_is_a_complaint() {
    let feedback = |kind: &str| {
        let part =
            format!("Content-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\n");
        report("feedback-report", &["\r\nA report.", &part]).sender_class
    };
    for kind in ["abuse", "ABUSE", "fraud", "virus", "opt-out", "other", "x-new"] {
        assert_eq!(feedback(kind), SenderClass::Automated(Complaint), "{kind}");
    }
    assert_eq!(feedback("not-spam"), SenderClass::Automated(FeedbackReport));
    assert_eq!(feedback("Not-Spam"), SenderClass::Automated(FeedbackReport));
    let receipt = "Content-Type: message/disposition-notification\r\n\r\nDisposition: manual; displayed\r\n";
    for kind in ["disposition-notification", "x-lost"] {
        let found = report(kind, &["\r\nRead.", receipt]).sender_class;
        assert_eq!(found, SenderClass::Automated(ReadReceipt), "{kind}");
    }
    assert_eq!(
        report("disposition-notification", &["\r\nRead."]).sender_class,
        SenderClass::Automated(ReadReceipt)
    );
}

#[test]
fn a_bounce_names_the_conversation_of_the_email_that_it_returns() {
    let failed = "Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n";
    let id = format!("Message-ID: <r.{TOKEN}.3@desk.example.org>");
    for kind in [
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global-headers",
        "text/rfc822",
    ] {
        for header in [
            &id,
            &format!("References: <a@b.example> <r.{TOKEN}.1@desk.example.org>"),
            &format!("In-Reply-To: <r.{TOKEN}.1@desk.example.org>"),
            &format!("Reply-To: support+{TOKEN}@desk.example.org"),
            &format!("From: Acme <support+{TOKEN}@desk.example.org>"),
            &format!("Sender: support+{TOKEN}@desk.example.org"),
            &format!("Return-Path: <support+b-{TOKEN}@desk.example.org>"),
        ] {
            let part = format!("Content-Type: {kind}\r\n\r\n{header}\r\nSubject: key\r\n");
            let found = report("delivery-status", &["\r\nA report.", failed, &part]);
            assert!(found.sender_class == HARD && found.tokens == [TOKEN], "{kind}: {header}");
        }
    }
    let in_words = raw_email(
        "From: <MAILER-DAEMON@mx.example>\r\nSubject: failure notice",
        &format!("550 gone\r\n\r\n--- Below is a copy:\r\nMessage-ID: <r.{TOKEN}.3@desk.example.org>\r\n"),
    );
    assert!(in_words.sender_class == HARD && in_words.tokens == [TOKEN]);
}

#[test]
fn another_message_does_not_name_a_conversation_by_what_it_holds() {
    let returned =
        format!("Content-Type: message/rfc822\r\n\r\nMessage-ID: <r.{TOKEN}.3@desk.example.org>\r\n\r\nx");
    let forwarded =
        email("Content-Type: multipart/mixed; boundary=b", &joined("b", ["\r\nSee below.", &returned]));
    assert!(forwarded.sender_class == SenderClass::Person && forwarded.tokens.is_empty());
    let absent = email(
        "Auto-Submitted: auto-replied\r\nContent-Type: multipart/mixed; boundary=b",
        &joined("b", ["\r\nI am away.", &returned]),
    );
    assert!(absent.sender_class != SenderClass::Person && absent.tokens.is_empty());
    let failed = "Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n";
    for header in [
        format!("Message-ID: <r.{TOKEN}.3@example.net>"),
        format!("To: support+{TOKEN}@desk.example.org"),
        format!("Subject: r.{TOKEN}.3@desk.example.org"),
        format!("Reply-To: support+{TOKEN}@example.net"),
    ] {
        let part = format!("Content-Type: message/rfc822\r\n\r\n{header}\r\n\r\nx");
        let found = report("delivery-status", &["\r\nA report.", failed, &part]);
        assert!(found.sender_class == HARD && found.tokens.is_empty(), "{header}");
    }
}
