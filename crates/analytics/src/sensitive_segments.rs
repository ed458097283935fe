//! Recognises sensitive segments, text that may identify one person: e-mail addresses, tokens, order and card numbers, identifiers.
//!
//! This is a heuristic that errs on the safe side. A value redacted by mistake costs one row of a table; a token that
//! stays would be in a table for ever. It can't recognise a secret made of ordinary words (`/reset/correct-horse`):
//! [`precedes_sensitive`] covers these.

/// Replaces redacted text.
pub(crate) const REDACTED: &str = "…";

/// Whether the segment after this one is always redacted, because a person typed it (a search term) or a link gave it
/// to one person (a reset token).
pub(crate) fn precedes_sensitive(segment: &str) -> bool {
    let mut lower = [0; 12];
    let Some(lower) = lower.get_mut(..segment.len()) else { return false };
    lower.copy_from_slice(segment.as_bytes());
    lower.make_ascii_lowercase();
    matches!(
        &*lower,
        b"search"
            | b"suche"
            | b"find"
            | b"query"
            | b"q"
            | b"s"
            | b"results"
            | b"recherche"
            | b"buscar"
            | b"busca"
            | b"zoeken"
            | b"cerca"
            | b"haku"
            | b"szukaj"
            | b"ara"
            | b"sok"
            | b"token"
            | b"reset"
            | b"verify"
            | b"verification"
            | b"confirm"
            | b"confirmation"
            | b"activate"
            | b"activation"
            | b"invite"
            | b"invitation"
            | b"unsubscribe"
            | b"session"
            | b"sessions"
            | b"magic"
            | b"auth"
            | b"key"
            | b"code"
            | b"otp"
            | b"share"
            | b"signin"
    )
}

/// Whether a path segment, a host label or a campaign value must not be kept.
pub(crate) fn looks_sensitive(text: &str) -> bool {
    let bytes = text.as_bytes();
    !is_plain_word(bytes)
        && (is_address_or_parameter(bytes) || has_long_number(bytes) || has_long_hex(bytes) || is_token(text))
}

/// A fast path for most segments: a few lower-case letters and dashes, perhaps followed by a number. None of the
/// checks below can match these.
fn is_plain_word(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| matches!(byte, b'a'..=b'z' | b'-')).count();
    match bytes.len() - letters {
        0 => letters < 14,
        1..=6 => bytes.len() < 10 && bytes[letters..].iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// `somebody@somewhere` (but not `@somebody`, a byline), `q=words`, `a&b`.
fn is_address_or_parameter(bytes: &[u8]) -> bool {
    bytes.iter().skip(1).any(|&byte| byte == b'@') || bytes.iter().any(|byte| matches!(byte, b'=' | b'&'))
}

/// Seven digits in a row, except a date without dashes; or ten digits in groups with only separators between them
/// (card numbers, telephone numbers, UUIDs without letters).
fn has_long_number(bytes: &[u8]) -> bool {
    let (mut row, mut grouped, mut start) = (0, 0, 0);
    for (at, byte) in bytes.iter().chain(b"x").enumerate() {
        match byte {
            b'0'..=b'9' => {
                if row == 0 {
                    start = at;
                }
                row += 1;
                grouped += 1;
                if grouped >= 10 {
                    return true;
                }
            }
            b'-' | b' ' | b'.' | b'_' | b'+' | b'/' | b'(' | b')' if at < bytes.len() => {
                if row >= 7 && !is_date(&bytes[start..at]) {
                    return true;
                }
                row = 0;
            }
            _ => {
                if row >= 7 && !is_date(&bytes[start..at]) {
                    return true;
                }
                (row, grouped) = (0, 0);
            }
        }
    }
    false
}

/// `20260115`.
fn is_date(digits: &[u8]) -> bool {
    let value = |part: &[u8]| part.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    digits.len() == 8
        && (1970..2100).contains(&value(&digits[..4]))
        && (1..=12).contains(&value(&digits[4..6]))
        && (1..=31).contains(&value(&digits[6..]))
}

/// Ten or more hexadecimal digits, with or without dashes, of which at least two are digits and two are letters (so
/// neither `facade` nor a year matches); or sixteen that are all letters.
fn has_long_hex(bytes: &[u8]) -> bool {
    let (mut letters, mut numbers) = (0, 0);
    for byte in bytes.iter().chain(b"x") {
        match byte {
            b'0'..=b'9' => numbers += 1,
            b'a'..=b'f' | b'A'..=b'F' => letters += 1,
            b'-' => {}
            _ => {
                if letters + numbers >= 10 && numbers >= 2 && letters >= 2 || letters >= 16 {
                    return true;
                }
                (letters, numbers) = (0, 0);
            }
        }
    }
    false
}

/// Base64, JWT and similar tokens: letters, case and digits change more often than in any word.
fn is_token(text: &str) -> bool {
    let mut changes = 0;
    for part in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let part = part.as_bytes();
        let here = changes_in(part);
        // One part alone: many changes, or a long run without a vowel.
        if part.len() >= 8 && here >= 3 || part.len() >= 14 && longest_without_vowel(part) >= 7 {
            return true;
        }
        // Digits scattered among many letters.
        if part.len() >= 20 && part.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4 {
            return true;
        }
        changes += here;
    }
    text.len() >= 16 && changes >= 5 || text.len() >= 12 && text.starts_with("eyJ")
}

/// Counts the changes between letters and digits, plus single lower-case letters between capitals (`aBcD`), which
/// camel case doesn't have.
fn changes_in(part: &[u8]) -> usize {
    let kinds = part.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    let cases = part
        .windows(3)
        .filter(|three| {
            three[0].is_ascii_uppercase() && three[1].is_ascii_lowercase() && three[2].is_ascii_uppercase()
        })
        .count();
    kinds + cases
}

fn longest_without_vowel(part: &[u8]) -> usize {
    part.split(|byte| b"aeiouyAEIOUY".contains(byte)).map(<[u8]>::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        has_long_hex, has_long_number, is_address_or_parameter, is_plain_word, is_token, looks_sensitive,
        precedes_sensitive,
    };

    proptest! {
        #[test]
        fn a_plain_word_would_pass_every_check(word in "[a-z-]{0,14}[0-9]{0,7}|[a-f0-9-]{0,16}|[ -~]{0,10}") {
            let bytes = word.as_bytes();
            prop_assume!(is_plain_word(bytes));
            prop_assert!(!is_address_or_parameter(bytes) && !has_long_number(bytes));
            prop_assert!(!has_long_hex(bytes) && !is_token(&word));
        }
    }

    #[test]
    fn sensitive_markers_match_in_any_letter_case() {
        assert!(["search", "Reset", "VERIFICATION", "q"].into_iter().all(precedes_sensitive));
        assert!(
            !["", "docs", "verifications", "searches", "unsubscribed", "söken"]
                .into_iter()
                .any(precedes_sensitive)
        );
    }

    #[test]
    fn text_of_one_person_looks_sensitive() {
        let secrets = [
            "alice@example.org",
            "550e8400-e29b-41d4-a716-446655440000",
            "5d41402abc4b2a76b9719d911017c592",
            "4111-1111-1111-1111",
            "4111111111111111",
            "+49 170 1234567",
            "12345678901",
            "1234567",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "dGhpcyBpcyBhIHNlY3JldA",
            "aB3dE5gH",
            "q=my+illness",
            "a=1",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "e48f2a1b9c",
            "qwrtzpsdfghjklmnb",
            "AKIAIOSFODNN7EXAMPLE1234",
            "01HV5Z6QK4M2N8P3R7T9W1X5Y0",
        ];
        for secret in secrets {
            assert!(looks_sensitive(secret), "{secret}");
        }
    }

    #[test]
    fn public_text_does_not_look_sensitive() {
        let words = [
            "",
            "docs",
            "getting-started",
            "GettingStartedGuide",
            "how-to-install-scruple-on-debian-12",
            "index.html",
            "2026-01-15",
            "20260115",
            "2026-01-15-version-8-2-released",
            "v1.2.3-rc1",
            "x86_64-linux-gnu",
            "sha256sum",
            "facade",
            "setup-8.2.0.exe",
            "python3",
            "@alice",
            "windows-11",
            "release_notes",
            "Angstschweiss",
            "a.b.c",
            "Datenschutzerklaerung",
            "ubuntu-22.04-python3-gcc13",
            "öffnungszeiten",
            "日本語",
        ];
        for word in words {
            assert!(!looks_sensitive(word), "{word}");
        }
    }
}
