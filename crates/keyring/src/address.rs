//! E-mail addresses in two forms: as written, for sending, and canonical, for the blind index.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Maximum octets of an address (RFC 5321, 4.5.3.1.3, without the brackets).
const MAX_LENGTH: usize = 254;
/// Maximum octets of the local part (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL_LENGTH: usize = 64;

/// An e-mail address, wiped from memory when dropped. It has no `Debug` and no `Display`.
pub struct Address {
    as_written: Zeroizing<String>,
    canonical: Zeroizing<String>,
}

/// Why a text is not an e-mail address. The error never holds the text.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressError {
    /// There is no @, or nothing before or after the last one.
    #[error("an e-mail address needs text before and after an @")]
    NoAt,
    /// The text is longer than SMTP allows.
    #[error("an e-mail address has at most 254 characters, and 64 before the @")]
    TooLong,
    /// The text contains white space, control characters or invisible characters.
    #[error("an e-mail address cannot contain spaces or control characters")]
    Blank,
    /// The part after the @ is not a domain name.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

impl Address {
    /// Parses an address as a person typed it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        // NFC can triple the length of a text, so refuse long texts before normalising them.
        let text = text.trim();
        if text.len() > 4 * MAX_LENGTH {
            return Err(AddressError::TooLong);
        }
        let text: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || is_invisible(c)) {
            return Err(AddressError::Blank);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::NoAt);
        }
        let domain = Zeroizing::new(self::domain(domain)?);
        if local.len() > MAX_LOCAL_LENGTH || local.len() + 1 + domain.len() > MAX_LENGTH {
            return Err(AddressError::TooLong);
        }
        // Keep tags after + and dots: without them, addresses of different people would become equal.
        let lower = Zeroizing::new(local.to_lowercase());
        let canonical: Zeroizing<String> = Zeroizing::new(lower.nfc().collect());
        Ok(Self {
            as_written: Zeroizing::new(format!("{local}@{}", &*domain)),
            canonical: Zeroizing::new(format!("{}@{}", &*canonical, &*domain)),
        })
    }

    /// The form for sending: the local part as written, the domain in ASCII.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.as_written
    }

    /// The form for look-up: the local part in lower case, the domain in ASCII.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

/// Converts the domain to ASCII and lower case, without a trailing dot (UTS 46 with the rules for host names).
fn domain(text: &str) -> Result<String, AddressError> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let ascii = idna::domain_to_ascii_strict(text).map_err(|_| AddressError::Domain)?;
    // UTS 46 converts other full stops into dots, so a trailing dot may appear only now.
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
    if ascii.is_empty() || ascii.split('.').any(str::is_empty) {
        return Err(AddressError::Domain);
    }
    Ok(ascii.to_owned())
}

/// Invisible characters: zero-width characters, direction marks, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<String, AddressError> {
        Address::parse(text).map(|a| a.canonical().to_owned())
    }

    #[test]
    fn spellings_of_one_address_have_one_canonical_form() {
        for text in ["anna@example.org", " Anna@Example.ORG. ", "ANNA@EXAMPLE.ORG\n"] {
            assert_eq!(canonical(text).unwrap(), "anna@example.org");
        }
        assert_eq!(canonical("Zoe\u{308}@x.org"), canonical("zo\u{eb}@x.org"));
        assert_eq!(canonical("a@B\u{fc}cher.example").unwrap(), "a@xn--bcher-kva.example");
        assert_eq!(canonical("a@example\u{3002}org").unwrap(), "a@example.org");
    }

    #[test]
    fn the_local_part_keeps_its_case_for_sending() {
        assert_eq!(
            Address::parse("Anna.M+Shop@Example.org").unwrap().as_written(),
            "Anna.M+Shop@example.org"
        );
    }

    #[test]
    fn different_people_stay_different() {
        let all = ["anna@x.org", "an.na@x.org", "anna+shop@x.org", "anna@y.org", "\"anna\"@x.org"];
        let all: std::collections::BTreeSet<_> = all.iter().map(|text| canonical(text).unwrap()).collect();
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn the_last_at_sign_separates_local_part_and_domain() {
        assert_eq!(canonical("\"a@b\"@x.org").unwrap(), "\"a@b\"@x.org");
    }

    #[test]
    fn a_text_that_is_not_an_address_is_refused_with_the_reason() {
        let long = format!("{}@x.org", "a".repeat(65));
        let longer = format!("{}@{}x.org", "a".repeat(64), "abcdefghi.".repeat(19));
        for (text, reason) in [
            ("", AddressError::NoAt),
            ("anna", AddressError::NoAt),
            ("@x.org", AddressError::NoAt),
            ("anna@", AddressError::NoAt),
            ("an na@x.org", AddressError::Blank),
            ("anna\r\nBcc: b@x.org", AddressError::Blank),
            ("an\u{200b}na@x.org", AddressError::Blank),
            ("anna@x..org", AddressError::Domain),
            ("anna@.org", AddressError::Domain),
            ("anna@x_y.org", AddressError::Domain),
            (&long, AddressError::TooLong),
            (&longer, AddressError::TooLong),
            (&"a".repeat(5000), AddressError::TooLong),
        ] {
            assert_eq!(canonical(text), Err(reason), "{reason:?}");
        }
    }
}
