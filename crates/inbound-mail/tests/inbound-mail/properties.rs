//! Properties that hold for any bytes.

use std::{fs, path::Path};

use inbound_mail::{html_to_text, parse_email, sanitize_html, strip_quotes};
use proptest::prelude::*;

use crate::fixtures::own;

fn collection() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inbound-mail/mail");
    let mut files: Vec<_> = fs::read_dir(root)
        .unwrap()
        .flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path()))
        .collect();
    files.sort();
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn check_email(raw: &[u8]) {
    let incoming = parse_email(raw, &own());
    assert!(incoming.files.len() <= 10 && incoming.tokens.iter().all(|token| token.len() == 24));
    assert!(incoming.references.len() <= 20);
    let ids = incoming.references.iter().chain([&incoming.message_id]);
    ids.for_each(|id| assert!(id.len() <= 250 && id.bytes().all(|byte| byte.is_ascii_graphic())));
    assert!(!incoming.subject.contains(['\r', '\n']) && incoming.text.len() <= 1 << 20);
    assert!(!incoming.verified || incoming.from.is_some());
    assert!(incoming.fingerprint == parse_email(raw, &own()).fingerprint);
    assert_no_attributes(&incoming.html);
}

/// Asserts that every `<` opens a tag without attributes.
fn assert_no_attributes(html: &str) {
    for tag in html.split('<').skip(1) {
        let name = tag.split_once('>').expect("a tag ends").0;
        assert!(name.trim_start_matches('/').bytes().all(|byte| byte.is_ascii_lowercase()), "<{name}>");
    }
}

fn non_blank(text: &str) -> Vec<String> {
    let mut lines: Vec<_> =
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_parsed(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
        check_email(&raw);
    }

    #[test]
    fn a_damaged_message_is_parsed(which in any::<prop::sample::Index>(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4usize), 1..8)) {
        let messages = collection();
        let mut raw = which.get(&messages).clone();
        for (at, byte, how) in cuts {
            if raw.is_empty() { break; }
            let at = at.index(raw.len());
            match how {
                0 => raw[at] = byte,
                1 => raw.insert(at, byte),
                2 => raw.truncate(at),
                _ => { let tail = raw[at..].to_vec(); raw.extend(tail); }
            }
        }
        check_email(&raw);
    }

    #[test]
    fn any_html_is_sanitized(html in "(<[/!]?(p|b|a|img|div|li|style|script|pre|blockquote)( [a-z]{1,4}=?[\"'x<>:/]{0,6}){0,2}/?>?|[a-z<>&;#\"' \n]{1,6}|&[a-z#0-9]{1,5};){0,40}") {
        assert_no_attributes(&sanitize_html(&html));
        prop_assert!(html_to_text(&html).len() <= 4 * html.len() + 400);
    }

    #[test]
    fn quote_stripping_loses_no_line(text in "(((> ?){0,2}([a-z]{1,6} ?){0,4}|On 1 Jan 2026 x wrote:|-- |--|-----Original Message-----|From: x|Sent: y|To: z|Sent from my x)(\n|\r\n|\n\n)){0,30}") {
        let stripped = strip_quotes(&text);
        let mut all = non_blank(&stripped.new);
        all.extend(non_blank(&stripped.quoted));
        all.extend(non_blank(&stripped.signature));
        all.sort();
        prop_assert_eq!(all, non_blank(&text));
    }
}
