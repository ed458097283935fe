//! Multiparts (RFC 2046): where parts begin and end, what is shown, what is an attachment, and how deep it goes.

use inbound_mail::{AttachmentKind, IncomingEmail, OmittedPart};

use crate::fixtures::{email, joined, multipart};

fn mixed(body: &str) -> String {
    email("Content-Type: multipart/mixed; boundary=b", body).text.to_string()
}

#[test]
fn a_part_begins_and_ends_at_its_boundary_alone() {
    for (body, text) in [
        ("--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "one\n\ntwo"),
        ("--b\n\none\n--b\n\ntwo\n--b--\n", "one\n\ntwo"),
        ("preamble\r\n--b\r\n\r\none\r\n--b--\r\nepilogue", "one"),
        ("--b  \r\n\r\none\r\n--b-- \r\n", "one"),
        ("--b\r\n\r\none\r\n--b--late\r\n\r\ntwo\r\n--b--", "one"),
        ("--b\r\n\r\none", "one"),
        ("--b\r\n\r\none\r\n--b", "one"),
        ("--b\r\n\r\n--bb\r\none\r\n--b--", "--bb\none"),
        ("--b\r\n\r\n --b\r\none\r\n--b--", " --b\none"),
        ("--b\r\n\r\n-- b\r\n--B\r\none\r\n--b--", "-- b\n--B\none"),
        ("--b\r\n\r\none --b\r\ntwo\r\n--b--", "one --b\ntwo"),
        ("--b--\r\n\r\nnothing began", "--b--\n\nnothing began"),
        ("no boundary", "no boundary"),
        ("--b\r\nSubject: of the part\r\n\r\none\r\n--b--", "one"),
        ("--b\r\none without a blank line\r\n--b--", "one without a blank line"),
    ] {
        assert_eq!(mixed(body), text, "{body:?}");
    }
}

#[test]
fn a_boundary_is_what_the_header_says() {
    for (parameter, boundary) in [
        ("boundary=\"a b\"", "a b"),
        ("boundary=\"=_(x)+y/z?\"", "=_(x)+y/z?"),
        ("BOUNDARY=c", "c"),
        ("charset=utf-8; boundary=d; x=y", "d"),
        ("\r\n boundary=e", "e"),
        ("boundary=\"trailing \"", "trailing"),
    ] {
        let read =
            email(&format!("Content-Type: multipart/mixed; {parameter}"), &joined(boundary, ["\r\nread"]));
        assert_eq!(*read.text, "read", "{parameter}");
    }
    for missing in ["multipart/mixed", "multipart/mixed; boundary=", "multipart/mixed; boundary=\"\""] {
        let kept = email(&format!("Content-Type: {missing}"), "--b\r\n\r\nx\r\n--b--");
        assert!(kept.text.is_empty() && kept.files.len() == 1, "{missing}: the content is kept as a file");
    }
    let no_multipart = email("Content-Type: text/plain; boundary=b", "--b\r\n\r\nx\r\n--b--");
    assert_eq!(*no_multipart.text, "--b\n\nx\n--b--");
}

/// A message of multiparts, each the only part of the one around it.
fn nested(levels: usize, inside: &str) -> IncomingEmail {
    let body = (0..levels).rev().fold(format!("\r\n{inside}"), |content, level| {
        let head = format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n");
        if level == 0 {
            joined("b0", [content])
        } else {
            format!("{head}{}", joined(&format!("b{level}"), [content]))
        }
    });
    email("Content-Type: multipart/mixed; boundary=b0", &body)
}

#[test]
fn twenty_levels_and_four_hundred_parts_are_read() {
    let deep = nested(20, "at the bottom");
    assert!(*deep.text == "at the bottom" && deep.refused.is_empty());
    let deeper = nested(21, "at the bottom");
    assert!(deeper.text.is_empty() && deeper.refused == [OmittedPart::TooMany]);
    // The message itself is the first part.
    let parts = |count: usize| multipart("mixed", (0..count).map(|n| format!("\r\npart {n}.")));
    let many = parts(399);
    assert!(many.text.ends_with("part 398.") && many.refused.is_empty());
    let more = parts(400);
    assert!(more.text.ends_with("part 398.") && more.refused == [OmittedPart::TooMany]);
    let most = parts(1_000);
    assert!(
        most.text.ends_with("part 398.") && most.refused == [OmittedPart::TooMany],
        "a reason is told once"
    );
}

#[test]
fn a_part_is_text_or_a_file_by_type_disposition_and_name() {
    let shown =
        |headers: &str| multipart("mixed", ["\r\nhi".to_owned(), format!("{headers}\r\n\r\ncontent")]);
    for headers in [
        "Content-Type: text/plain",
        "Content-Type: TEXT/Plain; charset=us-ascii",
        "Content-Type: text",
        "Content-Type: text/enriched",
        "Content-Type: nonsense",
        "Content-Disposition: inline",
        "Content-Type: text/plain; name=\" \"",
        "X: y",
    ] {
        let incoming = shown(headers);
        assert!(*incoming.text == "hi\n\ncontent" && incoming.files.is_empty(), "{headers}");
    }
    for headers in [
        "Content-Type: text/plain\r\nContent-Disposition: attachment",
        "Content-Type: text/plain\r\nContent-Disposition: ATTACHMENT",
        "Content-Type: text/plain; name=log.txt",
        "Content-Type: text/html; name=page.html",
        "Content-Disposition: inline; filename=log.txt",
        "Content-Type: text/csv",
        "Content-Type: text/calendar",
        "Content-Type: application/octet-stream",
        "Content-Type: message/rfc822",
        "Content-Type: application/pkcs7-mime; smime-type=signed-data",
    ] {
        let incoming = shown(headers);
        assert!(*incoming.text == "hi" && incoming.files.len() == 1, "{headers}");
        assert_eq!(*incoming.files[0].bytes, b"content", "{headers}");
    }
}

#[test]
fn a_detached_signature_is_dropped_and_an_encrypted_part_is_told() {
    for kind in ["application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"]
    {
        let signed =
            multipart("signed", ["\r\nhi".to_owned(), format!("Content-Type: {kind}; name=s\r\n\r\nAAAA")]);
        assert!(*signed.text == "hi" && signed.files.is_empty() && signed.refused.is_empty(), "{kind}");
    }
    for kind in [
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/pkcs7-mime; smime-type=enveloped-data",
        "application/pkcs7-mime; smime-type=authEnveloped-data; name=smime.p7m",
        "application/pgp-encrypted",
    ] {
        let sealed = email(&format!("Content-Type: {kind}"), "AAAA");
        assert!(sealed.files.is_empty() && sealed.refused == [OmittedPart::Encrypted], "{kind}");
    }
    let clear = email("Content-Type: application/pkcs7-mime; smime-type=Signed-Data; name=smime.p7m", "AAAA");
    assert!(clear.files.len() == 1 && clear.refused.is_empty());
}

#[test]
fn a_digest_holds_messages_where_it_states_no_type() {
    let digest =
        multipart("digest", ["\r\nFrom: a@b.example\r\n\r\none", "Content-Type: text/plain\r\n\r\ntwo"]);
    assert_eq!(*digest.text, "two");
    assert!(digest.files.len() == 1 && *digest.files[0].name == "file-1.eml");
    let plain = multipart("mixed", ["\r\nFrom: a@b.example\r\n\r\none"]);
    assert!(plain.files.is_empty() && plain.text.ends_with("one"));
}

#[test]
fn an_alternative_is_shown_once_however_it_is_nested() {
    let html = "Content-Type: text/html\r\n\r\n<p>fine</p>";
    let related = format!(
        "Content-Type: multipart/related; boundary=r\r\n\r\n{}",
        joined("r", [html, "Content-Type: image/png; name=p.png\r\n\r\nx"])
    );
    let both = multipart("alternative", ["Content-Type: text/plain\r\n\r\nplain", &related]);
    assert!(*both.text == "plain" && *both.html == "<p>fine</p>" && both.files.len() == 1);
    let only = multipart("alternative", [&related]);
    assert!(
        *only.text == "fine" && *only.html == "<p>fine</p>",
        "HTML without a text part gives the text too"
    );
    let twice = format!("Content-Type: multipart/alternative; boundary=i\r\n\r\n{}", joined("i", [html]));
    let inner = multipart("alternative", ["Content-Type: text/plain\r\n\r\nplain", &twice]);
    assert_eq!(*inner.text, "plain");
    let two = multipart(
        "mixed",
        [
            format!(
                "Content-Type: multipart/alternative; boundary=x\r\n\r\n{}",
                joined("x", ["\r\none", html])
            ),
            format!("Content-Type: multipart/alternative; boundary=y\r\n\r\n{}", joined("y", [html])),
        ],
    );
    assert_eq!(*two.text, "one\n\nfine");
}

#[test]
fn ten_attachments_of_ten_megabytes_and_twenty_five_in_all_are_kept() {
    const MB: usize = 1024 * 1024;
    let files = |sizes: &[usize]| {
        let parts =
            sizes.iter().map(|size| format!("Content-Type: x/y; name=f\r\n\r\n{}", "x".repeat(*size)));
        let incoming = multipart("mixed", parts);
        let kept: Vec<_> = incoming.files.iter().map(|file| file.bytes.len()).collect();
        (kept, incoming.refused)
    };
    assert_eq!(files(&[1; 10]), (vec![1; 10], vec![]));
    assert_eq!(files(&[1; 11]), (vec![1; 10], vec![OmittedPart::TooMany]));
    assert_eq!(files(&[10 * MB]), (vec![10 * MB], vec![]));
    assert_eq!(files(&[10 * MB + 1, 3]), (vec![3], vec![OmittedPart::TooLarge]));
    assert_eq!(files(&[16 * MB, 3]), (vec![3], vec![OmittedPart::TooLarge]));
    assert_eq!(files(&[10 * MB, 10 * MB, 5 * MB]), (vec![10 * MB, 10 * MB, 5 * MB], vec![]));
    let over = files(&[10 * MB, 10 * MB, 5 * MB + 1, 2]);
    assert_eq!(over, (vec![10 * MB, 10 * MB, 2], vec![OmittedPart::TooLarge]), "a later small file fits");
}

#[test]
fn the_size_of_an_attachment_is_the_decoded_one() {
    const MB: usize = 1024 * 1024;
    // A line of 76 symbols holds 57 bytes; 10 MiB are no whole number of lines.
    let line = format!("{}\r\n", "A".repeat(76));
    let encoded = |lines: usize| {
        let part = "Content-Type: x/y; name=f\r\nContent-Transfer-Encoding: base64\r\n\r\n".to_owned();
        let incoming = multipart("mixed", [part + &line.repeat(lines)]);
        (incoming.files.first().map(|file| file.bytes.len()), incoming.refused)
    };
    let most = 10 * MB / 57;
    assert_eq!(encoded(most), (Some(most * 57), vec![]));
    assert_eq!(encoded(most + 1), (None, vec![OmittedPart::TooLarge]));
}

/// The name and kind of the attachment that a part becomes.
fn attachment(headers: &str, content: &str) -> (String, AttachmentKind) {
    let part = format!("{headers}\r\nContent-Disposition: attachment\r\n\r\n{content}");
    let incoming = multipart("mixed", [part]);
    (incoming.files[0].name.to_string(), incoming.files[0].kind)
}

#[test]
fn an_attachment_without_a_name_gets_one_by_its_type() {
    for (kind, name) in [
        ("message/rfc822", "file-1.eml"),
        ("message/global", "file-1.eml"),
        ("message/delivery-status", "file-1.txt"),
        ("message/disposition-notification", "file-1.txt"),
        ("text/plain", "file-1.txt"),
        ("text/rfc822-headers", "file-1.txt"),
        ("text/calendar", "file-1.ics"),
        ("image/png", "file-1.png"),
        ("image/jpeg", "file-1.jpg"),
        ("image/gif", "file-1.gif"),
        ("application/pdf", "file-1.pdf"),
        ("text/html", "file-1.bin"),
        ("application/x-sh", "file-1.bin"),
    ] {
        assert_eq!(attachment(&format!("Content-Type: {kind}"), "x").0, name, "{kind}");
    }
    let three = multipart("mixed", ["Content-Type: a/b\r\n\r\nx"; 3]);
    let names: Vec<_> = three.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["file-1.bin", "file-2.bin", "file-3.bin"]);
}

#[test]
fn an_attachment_has_the_last_part_of_its_name_without_tricks() {
    let name = |given: &str| attachment(&format!("Content-Type: a/b; name=\"{given}\""), "x").0;
    for (given, kept) in [
        ("a.txt", "a.txt"),
        ("a/b.txt", "b.txt"),
        ("/etc/passwd", "passwd"),
        ("folder/", "file-1.bin"),
        ("...", "file-1.bin"),
        ("..hidden", "hidden"),
        (". .b", ".b"),
        ("  a b  ", "a b"),
        ("a\u{200b}b\u{ad}c\u{feff}d\u{2060}e", "abcde"),
        ("gpj\u{202e}.exe", "gpj.exe"),
        ("a\u{2028}b", "ab"),
        ("\u{200f}", "file-1.bin"),
        ("a\u{7}b", "ab"),
    ] {
        assert_eq!(name(given), kept, "{given:?}");
    }
    assert_eq!(name(&"ö".repeat(120)), "ö".repeat(120));
    assert_eq!(name(&"ö".repeat(121)), "ö".repeat(120));
}

#[test]
fn an_image_is_recognised_by_its_whole_signature() {
    use AttachmentKind::{Image, Other, Text};
    let kind =
        |declared: &str, content: &str| attachment(&format!("Content-Type: {declared}; name=f"), content).1;
    let encoded = |content: &str| {
        attachment("Content-Type: image/png; name=f\r\nContent-Transfer-Encoding: base64", content).1
    };
    for (content, found) in [
        ("GIF87a", Image),
        ("GIF89a...", Image),
        ("RIFF\u{1}\u{1}\u{1}\u{1}WEBPVP8 ", Image),
        ("GIF88a", Other),
        ("GIF89", Other),
        ("gif89a", Other),
        (" GIF89a", Other),
        ("RIFF\u{1}\u{1}\u{1}\u{1}WAVE", Other),
        ("RIFF\u{1}\u{1}\u{1}\u{1}WEB", Other),
        ("<svg/>", Other),
        ("", Other),
    ] {
        assert_eq!(kind("image/png", content), found, "{content:?}");
    }
    assert_eq!(encoded("iVBORw0KGgo="), Image, "PNG");
    assert_eq!(encoded("iVBORw0KGg=="), Other, "PNG, one byte short");
    assert_eq!(encoded("/9j/"), Image, "JPEG");
    assert_eq!(encoded("/9g="), Other, "JPEG, one byte short");
    for declared in ["text/plain", "text/csv", "text/x-log", "message/delivery-status", "text/rfc822-headers"]
    {
        assert_eq!(kind(declared, "a\tb\u{c}\r\nc"), Text, "{declared}");
        for control in ['\u{0}', '\u{1b}', '\u{8}', '\u{7f}', '\u{85}'] {
            assert_eq!(kind(declared, &format!("a{control}b")), Other, "{declared} {control:?}");
        }
    }
    for declared in ["text/html", "text/calendar", "application/json", "text/plainer"] {
        assert_eq!(kind(declared, "abc"), Other, "{declared}");
    }
}
