//! Charsets, transfer encodings, file names and line formats of real mail programs.

use inbound_mail::{AttachmentKind, LocalIdentity, OmittedPart, parse_email};

use crate::fixtures::{email, email_of_bytes};

fn text_of(charset: &str, bytes: &[u8]) -> String {
    email_of_bytes(&format!("Content-Type: text/plain; charset={charset}"), bytes).text.to_string()
}

#[test]
fn every_common_charset_is_decoded() {
    let vectors: [(&str, &[u8], &str); 22] = [
        ("utf-8", "Grüße €".as_bytes(), "Grüße €"),
        ("\"UTF-8\"", "ключ".as_bytes(), "ключ"),
        ("iso-8859-1", b"Gr\xfc\xdfe", "Grüße"),
        ("iso-8859-15", b"10 \xa4", "10 €"),
        ("iso-8859-2", b"\xb3\xf3d\xbc", "łódź"),
        ("windows-1250", b"\xb3\xf3d\x9f", "łódź"),
        ("windows-1251", b"\xea\xeb\xfe\xf7", "ключ"),
        ("windows-1252", b"\x93x\x94 \x80", "“x” €"),
        ("windows-1253", b"\xea\xeb\xe5\xe9", "κλει"),
        ("windows-1254", b"\xfe\xfd", "şı"),
        ("windows-1255", b"\xee\xf4", "מפ"),
        ("windows-1256", b"\xe3\xdd", "مف"),
        ("koi8-r", b"\xcb\xcc\xc0\xde", "ключ"),
        ("koi8-u", b"\xa6", "і"),
        ("ISO-2022-JP", b"\x1b$B80\x1b(B", "鍵"),
        ("shift_jis", b"\x8c\xae", "鍵"),
        ("euc-jp", b"\xb8\xb0", "鍵"),
        ("gb2312", b"\xc3\xdc\xd4\xbf", "密钥"),
        ("GB18030", b"\xc3\xdc\xd4\xbf\x95\x32\x82\x36", "密钥𠀀"),
        ("big5", b"\xc6_", "鑰"),
        ("euc-kr", b"\xc5\xb0", "키"),
        ("utf-7", b"Gr+APwA3w-e", "Grüße"),
    ];
    for (charset, bytes, text) in vectors {
        assert_eq!(text_of(charset, bytes), text, "{charset}");
    }
    let utf16: Vec<u8> = "Grüße".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(text_of("utf-16le", &utf16), "Grüße");
}

#[test]
fn a_wrong_or_unknown_charset_loses_no_readable_text() {
    assert_eq!(text_of("us-ascii", "Grüße".as_bytes()), "Grüße");
    assert_eq!(text_of("us-ascii", b"Gr\xfc\xdfe"), "Grüße");
    assert_eq!(text_of("x-unknown", "Grüße".as_bytes()), "Grüße");
    assert_eq!(text_of("x-unknown", b"Gr\xfc\xdfe"), "Grüße");
    assert_eq!(text_of("", b"plain"), "plain");
    assert!(text_of("utf-8", b"ok \xff\xfe ok").starts_with("ok"));
    assert!(text_of("iso-2022-jp", b"\x1b$B8").len() < 20);
}

#[test]
fn broken_transfer_encodings_are_decoded_as_far_as_possible() {
    let base64 = |text| email("Content-Transfer-Encoding: base64", text).text.to_string();
    assert_eq!(base64("aGVsbG8gd29ybGQ="), "hello world");
    assert_eq!(base64("aGVs\r\nbG8g!!\r\n*d29ybGQ"), "hello world");
    assert_eq!(base64("aGVsbG8=\r\nIHdvcmxk"), "hello world");
    let quoted = |text| email("Content-Transfer-Encoding: Quoted-Printable", text).text.to_string();
    assert_eq!(quoted("a=3Db=\r\nc"), "a=bc");
    assert_eq!(quoted("100=25 =zz ok"), "100=25 =zz ok", "broken: kept as it came");
    assert_eq!(email("Content-Transfer-Encoding: x-odd", "as it is").text.to_string(), "as it is");
}

#[test]
fn encoded_words_and_names_are_decoded() {
    let subject = |value: &str| email(&format!("Subject: {value}"), "x").subject.to_string();
    assert_eq!(subject("=?utf-8?q?Gr=C3=BC=C3=9Fe?="), "Grüße");
    assert_eq!(
        subject("=?utf-8?B?R3LDvA==?= =?utf-8?B?w59l?="),
        "Grüße",
        "blanks between encoded words are none"
    );
    assert_eq!(subject("=?utf-8?q?one?=\r\n =?iso-8859-1?q?_tw=F6?= three"), "one twö three");
    assert_eq!(subject("=?x-unknown?q?a?= b"), "a b");
    assert_eq!(subject("a =?utf-8?q?broken"), "a =?utf-8?q?broken");
    assert_eq!(subject("a\tb\r\n c\u{1}d"), "a b c d");
    let from = parse_email(
        "From: =?utf-8?q?J=C3=B6_D?= <jo@example.com>\r\n\r\nx".as_bytes(),
        &LocalIdentity::default(),
    )
    .from
    .unwrap();
    assert!(*from.name == "Jö D" && *from.address == "jo@example.com");
}

fn file(headers: &str, content: &str) -> inbound_mail::Attachment {
    let raw = format!(
        "From: jo@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n{headers}\r\n\r\n{content}\r\n--b--\r\n"
    );
    let mut incoming = parse_email(raw.as_bytes(), &LocalIdentity::default());
    assert_eq!(incoming.files.len(), 1, "{headers}");
    incoming.files.remove(0)
}

#[test]
fn file_names_are_decoded_and_hold_no_path() {
    for (header, name) in [
        ("Content-Disposition: attachment; filename=log.txt", "log.txt"),
        ("Content-Disposition: attachment; filename=\"my log.txt\"", "my log.txt"),
        ("Content-Disposition: attachment; filename*=utf-8''Schl%C3%BCssel.txt", "Schlüssel.txt"),
        (
            "Content-Disposition: attachment; filename*0*=utf-8''Schl%C3%BC; filename*1=ssel.txt",
            "Schlüssel.txt",
        ),
        ("Content-Type: application/pdf; name=\"=?utf-8?q?B=C3=BCrgschaft.pdf?=\"", "Bürgschaft.pdf"),
        ("Content-Disposition: attachment; filename=\"../../etc/passwd\"", "passwd"),
        ("Content-Disposition: attachment; filename=\"C:\\\\windows\\\\x.exe\"", "x.exe"),
        ("Content-Disposition: attachment; filename=\"..\"", "file-1.txt"),
        ("Content-Disposition: attachment; filename=\".bashrc\"", "bashrc"),
        ("Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEtxt.exe", "atxt.exe"),
        ("Content-Type: application/x-odd\r\nContent-Disposition: attachment", "file-1.bin"),
        ("Content-Type: message/rfc822", "file-1.eml"),
    ] {
        assert_eq!(*file(header, "x").name, name, "{header}");
    }
}

#[test]
fn the_kind_of_an_attachment_is_judged_by_its_bytes() {
    let kind = |kind: &str, content: &str| file(&format!("Content-Type: {kind}; name=f"), content).kind;
    assert_eq!(kind("text/plain", "log"), AttachmentKind::Text);
    assert_eq!(kind("text/plain", "\u{0}binary"), AttachmentKind::Other);
    assert_eq!(kind("text/html", "<script>"), AttachmentKind::Other);
    assert_eq!(kind("image/svg+xml", "<svg onload=x>"), AttachmentKind::Other);
    assert_eq!(kind("image/png", "not a picture"), AttachmentKind::Other);
    let png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let headers = "Content-Type: application/octet-stream; name=p\r\nContent-Transfer-Encoding: base64";
    assert_eq!(file(headers, png).kind, AttachmentKind::Image);
}

#[test]
fn omitted_parts_are_reported_with_their_reason() {
    let refused = |headers: &str, content: &str| {
        let raw = format!("From: jo@example.com\r\n{headers}\r\n\r\n{content}");
        let incoming = parse_email(raw.as_bytes(), &LocalIdentity::default());
        (incoming.refused.clone(), incoming.files.len())
    };
    let tnef = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64";
    assert_eq!(refused(tnef, "eJ8+IgAA"), (vec![OmittedPart::Tnef], 0));
    let disguised =
        "Content-Type: application/octet-stream; name=winmail.dat\r\nContent-Transfer-Encoding: base64";
    assert_eq!(refused(disguised, "eJ8+IgAA"), (vec![OmittedPart::Tnef], 0));
    let pgp = "Content-Type: multipart/encrypted; boundary=b";
    assert_eq!(refused(pgp, "--b\r\n\r\nx\r\n--b--"), (vec![OmittedPart::Encrypted], 0));
    assert_eq!(
        refused("Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "x"),
        (vec![OmittedPart::Encrypted], 0)
    );
    let many: String =
        (0..12).map(|n| format!("--b\r\nContent-Type: image/gif; name={n}\r\n\r\nGIF89a\r\n")).collect();
    assert_eq!(refused("Content-Type: multipart/mixed; boundary=b", &many), (vec![OmittedPart::TooMany], 10));
    let large =
        format!("--b\r\nContent-Type: x/y; name=l\r\n\r\n{}\r\n--b--", "x".repeat(10 * 1024 * 1024 + 1));
    assert_eq!(
        refused("Content-Type: multipart/mixed; boundary=b", &large),
        (vec![OmittedPart::TooLarge], 0)
    );
}

#[test]
fn flowed_lines_are_joined_and_quotes_stay_quotes() {
    let flowed = |delsp: &str, text: &str| {
        email(&format!("Content-Type: text/plain; format=flowed{delsp}"), text).text.to_string()
    };
    assert_eq!(flowed("", "one \r\ntwo\r\nthree"), "one two\nthree");
    assert_eq!(flowed("; delsp=yes", "日 \r\n本\r\n"), "日本");
    assert_eq!(flowed("", " stuffed\r\n From here"), "stuffed\nFrom here");
    assert_eq!(
        flowed("", "> a \r\n> b\r\n>> c\r\nanswer \r\n> d\r\nmore\r\n"),
        "> a b\n>> c\nanswer\n> d\nmore"
    );
}

#[test]
fn alternative_text_and_html_are_both_kept_and_neither_twice() {
    let both = email(
        "Content-Type: multipart/alternative; boundary=b",
        "--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>fine</p>\r\n--b--",
    );
    assert!(*both.text == "plain" && *both.html == "<p>fine</p>");
    let only = email("Content-Type: text/html", "<p>one</p><p>two &amp; three</p>");
    assert_eq!(*only.text, "one\n\ntwo & three");
    let footer = email(
        "Content-Type: multipart/mixed; boundary=b",
        "--b\r\n\r\nsaid\r\n--b\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--b--",
    );
    assert!(*footer.text == "said\n\nfooter" && footer.html.is_empty());
    let html_then_footer = email(
        "Content-Type: multipart/mixed; boundary=b",
        "--b\r\nContent-Type: text/html\r\n\r\n<p>said</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nfooter <b>\r\n--b--",
    );
    assert_eq!(
        *html_then_footer.text, "said\n\nfooter <b>",
        "what only HTML says is not lost behind a footer"
    );
    assert_eq!(*html_then_footer.html, "<p>said</p><hr>footer &lt;b&gt;");
    let blank_text = email(
        "Content-Type: multipart/alternative; boundary=b",
        "--b\r\nContent-Type: text/plain\r\n\r\n \r\n--b\r\nContent-Type: text/html\r\n\r\n<p>only here</p>\r\n--b--",
    );
    assert_eq!(*blank_text.text, "only here");
    let named = email("Content-Type: text/plain; name=body.txt", "a whole message with a name");
    assert!(*named.text == "a whole message with a name" && named.files.is_empty());
}

#[test]
fn control_characters_and_bidi_overrides_are_removed() {
    let sent = email("Subject: a\u{202e}b \u{1b}[2J", "one\u{1b}[2J\u{7}\rtwo\u{202e}x\tz\u{0}");
    assert_eq!(*sent.text, "one[2J\ntwox\tz");
    assert_eq!(*sent.subject, "a b [2J");
}
