//! E-mail addresses: the spelling that letters go to, and the folding under which they are found.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Octets that an address may have (RFC 5321, 4.5.3.1.3, without the brackets).
const LONGEST: usize = 254;
/// Octets that the part before the @ may have (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// An address, wiped from memory when dropped. It has no `Debug` and no `Display`.
pub struct Address {
    spelled: Zeroizing<String>,
    folded: Zeroizing<String>,
}

/// Why a text is no address. Never holds the text.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotAnAddress {
    /// No @, or nothing before or after the last one.
    #[error("an e-mail address has something before and after an @")]
    NoAt,
    /// Longer than mail allows.
    #[error("an e-mail address has at most 254 characters, and 64 before the @")]
    TooLong,
    /// Blanks or control characters within.
    #[error("an e-mail address has no blanks and no control characters")]
    Blank,
    /// The part after the @ is no domain name.
    #[error("what follows the @ is no domain name")]
    Domain,
}

impl Address {
    /// Reads an address as somebody wrote it.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        // NFC may lengthen a text threefold; nothing is gained by normalising megabytes first.
        let text = text.trim();
        if text.len() > 4 * LONGEST {
            return Err(NotAnAddress::TooLong);
        }
        let text: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || is_invisible(c)) {
            return Err(NotAnAddress::Blank);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress::NoAt)?;
        if local.is_empty() || domain.is_empty() {
            return Err(NotAnAddress::NoAt);
        }
        let domain = Zeroizing::new(self::domain(domain)?);
        if local.len() > LONGEST_LOCAL || local.len() + 1 + domain.len() > LONGEST {
            return Err(NotAnAddress::TooLong);
        }
        // Tags after + and dots stay: to strip them would merge different people.
        let lower = Zeroizing::new(local.to_lowercase());
        let folded: Zeroizing<String> = Zeroizing::new(lower.nfc().collect());
        Ok(Self {
            spelled: Zeroizing::new(format!("{local}@{}", &*domain)),
            folded: Zeroizing::new(format!("{}@{}", &*folded, &*domain)),
        })
    }

    /// To write to: the local part as spelled, the domain in its ASCII form.
    #[must_use]
    pub fn spelled(&self) -> &str {
        &self.spelled
    }

    /// To look up by: the local part folded as well.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// The domain in ASCII and lower case, without trailing dot (UTS 46, with the rules for names of hosts).
fn domain(text: &str) -> Result<String, NotAnAddress> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let ascii = idna::domain_to_ascii_strict(text).map_err(|_| NotAnAddress::Domain)?;
    // UTS 46 turns other full stops into dots, so a trailing one may appear only now.
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
    if ascii.is_empty() || ascii.split('.').any(str::is_empty) {
        return Err(NotAnAddress::Domain);
    }
    Ok(ascii.to_owned())
}

/// Characters that aren't seen: zero-width ones, marks of direction, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Result<String, NotAnAddress> {
        Address::parse(text).map(|a| a.folded().to_owned())
    }

    #[test]
    fn spellings_of_one_address_are_found_under_one_folding() {
        for text in ["anna@example.org", " Anna@Example.ORG. ", "ANNA@EXAMPLE.ORG\n"] {
            assert_eq!(folded(text).unwrap(), "anna@example.org");
        }
        assert_eq!(folded("Zoe\u{308}@x.org"), folded("zo\u{eb}@x.org"));
        assert_eq!(folded("a@B\u{fc}cher.example").unwrap(), "a@xn--bcher-kva.example");
        assert_eq!(folded("a@example\u{3002}org").unwrap(), "a@example.org");
    }

    #[test]
    fn the_spelling_is_kept_for_the_letter() {
        assert_eq!(Address::parse("Anna.M+Shop@Example.org").unwrap().spelled(), "Anna.M+Shop@example.org");
    }

    #[test]
    fn different_people_stay_different() {
        let all = ["anna@x.org", "an.na@x.org", "anna+shop@x.org", "anna@y.org", "\"anna\"@x.org"];
        let all: std::collections::BTreeSet<_> = all.iter().map(|text| folded(text).unwrap()).collect();
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn the_last_at_parts_the_address() {
        assert_eq!(folded("\"a@b\"@x.org").unwrap(), "\"a@b\"@x.org");
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        let long = format!("{}@x.org", "a".repeat(65));
        let longer = format!("{}@{}x.org", "a".repeat(64), "abcdefghi.".repeat(19));
        for (text, why) in [
            ("", NotAnAddress::NoAt),
            ("anna", NotAnAddress::NoAt),
            ("@x.org", NotAnAddress::NoAt),
            ("anna@", NotAnAddress::NoAt),
            ("an na@x.org", NotAnAddress::Blank),
            ("anna\r\nBcc: b@x.org", NotAnAddress::Blank),
            ("an\u{200b}na@x.org", NotAnAddress::Blank),
            ("anna@x..org", NotAnAddress::Domain),
            ("anna@.org", NotAnAddress::Domain),
            ("anna@x_y.org", NotAnAddress::Domain),
            (&long, NotAnAddress::TooLong),
            (&longer, NotAnAddress::TooLong),
            (&"a".repeat(5000), NotAnAddress::TooLong),
        ] {
            assert_eq!(folded(text), Err(why), "{why:?}");
        }
    }
}
