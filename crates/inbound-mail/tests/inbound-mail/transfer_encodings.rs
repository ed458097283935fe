//! Transfer encodings (RFC 2045), damaged ones outnumbering good ones; encoded words, parameters, and format=flowed.

use data_encoding::BASE64_MIME;
use proptest::prelude::*;

use crate::fixtures::{email, email_of_bytes, multipart};

fn decoded(encoding: &str, body: &str) -> String {
    email(&format!("Content-Transfer-Encoding: {encoding}"), body).text.to_string()
}

#[test]
fn base64_is_read_up_to_its_last_whole_byte() {
    for (body, text) in [
        ("aGVsbG8=", "hello"),
        ("aGVsbG8", "hello"),
        ("aGVs\r\nbG8=", "hello"),
        ("a G V s b G 8 =", "hello"),
        ("aGVsbG", "hell"),
        ("aGVsb", "hel"),
        ("aGVs*b~G.8=", "hello"),
        ("aGVsbG8==aGVsbG8=", "hellohello"),
        ("aGVsbG8=aGk=", "hellohi"),
        ("8J+Yig==", "😊"),
        ("8J-Yig==", "😊"),
        ("w7_Dvw==", "ÿÿ"),
        ("w7/Dvw==", "ÿÿ"),
        ("====", ""),
        ("!!!!", ""),
        ("a", ""),
        ("", ""),
    ] {
        for name in ["base64", "BASE64", " Base64 "] {
            assert_eq!(decoded(name, body).trim_end(), text, "{name}: {body:?}");
        }
    }
}

#[test]
fn quoted_printable_joins_soft_line_breaks() {
    for (body, text) in [
        ("Gr=C3=BC=C3=9Fe", "Grüße"),
        ("one=\r\n two", "one two"),
        ("one=\n two", "one two"),
        ("one =20\r\ntwo", "one\ntwo"),
        ("a=3Db", "a=b"),
        ("=3D=3D=3D", "==="),
        ("https://x.example/?a=3D1&b=3D2", "https://x.example/?a=1&b=2"),
    ] {
        assert_eq!(decoded("quoted-printable", body), text, "{body:?}");
    }
    for broken in ["100=25 =", "=zz", "a=G1b", "50=% off"] {
        let text = decoded("quoted-printable", broken);
        assert!(!text.is_empty(), "{broken:?} lost all its text");
    }
}

#[test]
fn an_unknown_encoding_changes_nothing() {
    for encoding in ["7bit", "8bit", "binary", "x-uuencode", "base-64", "base64; x=y", "quoted printable", ""]
    {
        assert_eq!(decoded(encoding, "aGVsbG8= =C3=BC"), "aGVsbG8= =C3=BC", "{encoding}");
    }
}

#[test]
fn the_charset_is_that_of_the_part() {
    let text = |charset: &str, bytes: &[u8]| {
        email_of_bytes(&format!("Content-Type: text/plain{charset}"), bytes).text.to_string()
    };
    for (charset, bytes, expected) in [
        ("", &b"Gr\xfc\xdfe"[..], "Grüße"),
        ("", "Grüße".as_bytes(), "Grüße"),
        ("; charset='iso-8859-1'", b"Gr\xfc\xdfe", "Grüße"),
        ("; charset=\" ISO-8859-1 \"", b"Gr\xfc\xdfe", "Grüße"),
        ("; CharSet=LATIN1", b"Gr\xfc\xdfe", "Grüße"),
        ("; charset=utf8", "Grüße".as_bytes(), "Grüße"),
        ("; charset=utf-8", b"Gr\xfc\xdfe", "Grüße"),
        ("; charset=us-ascii", b"10 \x80", "10 €"),
        ("; charset=iso-8859-1; charset=utf-8", b"\xfc", "ü"),
        ("; charset*=us-ascii'en'iso-8859-1", b"\xfc", "ü"),
        ("; charset=../../etc", b"\xfc", "ü"),
        ("; x-charset=koi8-r", b"\xcb", "Ë"),
    ] {
        assert_eq!(text(charset, bytes), expected, "{charset}");
    }
}

#[test]
fn encoded_words_are_decoded_only_where_they_are_whole() {
    let subject = |value: &str| email(&format!("Subject: {value}"), "x").subject.to_string();
    for (value, expected) in [
        ("=?iso-8859-1?Q?a=E9?=", "aé"),
        ("=?ISO-8859-1?B?6Q==?=", "é"),
        ("=?utf-8*de?q?=C3=BC?=", "ü"),
        ("=?utf-8?q?a_b=5Fc?=", "a b_c"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?q?abc", "=?utf-8?q?abc"),
        ("=?utf-8?q", "=?utf-8?q"),
        ("=?", "=?"),
        ("=?=", "=?="),
        ("1 = 2? =", "1 = 2? ="),
    ] {
        assert_eq!(subject(value), expected, "{value:?}");
    }
}

#[test]
fn a_file_name_is_read_from_every_form_of_a_parameter() {
    let name = |header: &str| multipart("mixed", [format!("{header}\r\n\r\nx")]).files[0].name.to_string();
    for (header, expected) in [
        ("Content-Disposition: attachment; filename=a.txt; size=3", "a.txt"),
        ("Content-Disposition: attachment;\r\n\tfilename=\"a;b.txt\"", "a;b.txt"),
        ("Content-Disposition: attachment; filename=\"a\\\"b.txt\"", "a\"b.txt"),
        ("Content-Disposition: attachment; FileName=\"a.txt\"", "a.txt"),
        ("Content-Disposition: attachment; filename*=iso-8859-1'de'%FC.txt", "ü.txt"),
        ("Content-Disposition: attachment; filename*0=a; filename*1=b.txt", "ab.txt"),
        ("Content-Disposition: attachment; filename*1=b.txt; filename*0=a", "ab.txt"),
        ("Content-Disposition: attachment; filename=\"=?utf-8?b?w7wudHh0?=\"", "ü.txt"),
        ("Content-Type: a/b; name=c.bin\r\nContent-Disposition: attachment; filename=d.bin", "d.bin"),
        ("Content-Type: a/b; name=c.bin\r\nContent-Disposition: attachment; filename=\"\"", "c.bin"),
        ("Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fpasswd", "passwd"),
        ("Content-Disposition: attachment; filename*=utf-8''a%00b", "ab"),
        ("Content-Disposition: attachment; filename*=utf-8''%E2%80%8B", "file-1.txt"),
        ("Content-Disposition: attachment; filename", "file-1.txt"),
        ("Content-Disposition: attachment; filename=", "file-1.txt"),
    ] {
        assert_eq!(name(header), expected, "{header}");
    }
}

#[test]
fn flowed_lines_keep_their_depth_and_their_signature() {
    let flowed = |parameters: &str, text: &str| {
        let read = email(&format!("Content-Type: text/plain; format={parameters}"), text);
        format!("{}\n{}", *read.text, *read.quoted).replace(" \n", "\n").trim_end().to_owned()
    };
    for (text, expected) in [
        ("a \r\nb \r\nc", "a b c"),
        ("a\r\nb", "a\nb"),
        (" a\r\n  b", "a\n b"),
        ("a \r\n\r\nb", "a\nb"),
        ("a \r\n b", "a b"),
        ("x\r\n> a \r\n>b", "x\n> a b"),
        ("x\r\n> a \r\n>> b", "x\n> a\n>> b"),
        ("x\r\n>> a \r\n> b", "x\n>> a\n> b"),
        ("x\r\n> a \r\nb", "x\n> a\nb"),
    ] {
        assert_eq!(flowed("flowed", text), expected, "{text:?}");
        assert_eq!(flowed("Flowed; delsp=no", text), expected, "{text:?}");
    }
    assert_eq!(flowed("flowed; delsp=YES", "a \r\nb"), "ab");
    assert_eq!(flowed("fixed", "a \r\nb"), "a\nb");
    let signed = email("Content-Type: text/plain; format=flowed", "a \r\n-- \r\nJo \r\nDoe");
    assert!(*signed.text == "a" && *signed.signature == "--\nJo Doe", "{}", *signed.signature);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_file_survives_its_transfer(bytes in proptest::collection::vec(any::<u8>(), 1..400)) {
        let binary = "Content-Type: a/b; name=f\r\nContent-Transfer-Encoding:";
        let quoted: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        let folded: Vec<_> = quoted.as_bytes().chunks(75).map(|line| String::from_utf8_lossy(line)).collect();
        let read = multipart("mixed", [
            format!("{binary} base64\r\n\r\n{}", BASE64_MIME.encode(&bytes)),
            format!("{binary} quoted-printable\r\n\r\n{}", folded.join("=\r\n")),
        ]);
        let tnef = bytes.starts_with(&[0x78, 0x9f, 0x3e, 0x22]);
        prop_assume!(!tnef);
        prop_assert_eq!(&*read.files[0].bytes, &bytes);
        prop_assert_eq!(&*read.files[1].bytes, &bytes);
    }

    #[test]
    fn any_text_survives_its_charset(text in "[a-zA-Z0-9äöüßéñ €.,]{1,80}") {
        let utf8 = email("Content-Type: text/plain; charset=utf-8", &format!("x{text}x"));
        prop_assert_eq!(&*utf8.text, &format!("x{text}x"));
        let word: String = text.bytes().map(|byte| format!("={byte:02X}")).collect();
        let subject = email(&format!("Subject: =?utf-8?q?x{word}x?="), "x").subject;
        let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).collect();
        prop_assert_eq!(subject.replace(' ', ""), format!("x{}x", words.concat()));
    }
}
