//! The claims of a key, and their twelve bytes.

use crate::{Day, Refusal, Serial, Unreadable};

/// The version of the key format that this crate writes and reads.
pub(crate) const VERSION: u8 = 1;
/// The highest number of a signing key; also the mask of its bits.
pub(crate) const HIGHEST_SIGNING_KEY: u8 = 15;
/// Flag in the byte of the edition: the day is the end of the licence, not of its updates.
const ENDS: u8 = 0x80;
/// Length of the claims in a key, in bytes.
pub const CLAIMS_LENGTH: usize = 12;

/// A number that does not fit into a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfRange {
    /// The date does not exist, or is not between [`Day::FIRST`] and [`Day::LAST`].
    Day,
    /// The serial has more than 40 bits.
    Serial,
    /// The number of a signing key is above 15, or differs from the number of the key that signs.
    SigningKey,
    /// The number of an edition is above 127.
    Edition,
}

/// How long a licence runs, and which builds it covers. The day in a variant is the last day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// Never ends and covers every build.
    Forever,
    /// Never ends, and covers builds up to this day, included.
    UpdatesUntil(Day),
    /// Ends after this day (a subscription or a trial); until then it covers every build.
    Ends(Day),
}

/// The content of a key. Nothing in it is about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// The number of the signing key, 0 to 15.
    pub signing_key: u8,
    /// The product.
    pub product: u8,
    /// The edition of the product, 0 to 127.
    pub edition: u8,
    /// How long the licence runs and which builds it covers.
    pub term: Term,
    /// The number of seats; 0 is no limit.
    pub seats: u16,
    /// The number of the licence.
    pub serial: Serial,
}

impl Claims {
    /// The 12 bytes that are signed, highest bits first: version 4 bits, signing key 4, product 8, end flag 1,
    /// edition 7, seats 16, day 16 (0 is no limit), serial 40.
    ///
    /// # Errors
    /// When a number is too large for its field.
    #[cfg(feature = "sign")]
    pub fn to_bytes(self) -> Result<[u8; CLAIMS_LENGTH], OutOfRange> {
        if self.signing_key > HIGHEST_SIGNING_KEY {
            return Err(OutOfRange::SigningKey);
        }
        if self.edition & ENDS != 0 {
            return Err(OutOfRange::Edition);
        }
        let (flag, day) = match self.term {
            Term::Forever => (0, 0),
            Term::UpdatesUntil(day) => (0, day.number()),
            Term::Ends(day) => (ENDS, day.number()),
        };
        let first = VERSION << 4 | self.signing_key;
        let ([s1, s2], [d1, d2]) = (self.seats.to_be_bytes(), day.to_be_bytes());
        let [n1, n2, n3, n4, n5] = self.serial.to_bytes();
        Ok([first, self.product, flag | self.edition, s1, s2, d1, d2, n1, n2, n3, n4, n5])
    }

    /// Reads claims from the 12 bytes that are signed. Without the signature they prove nothing.
    ///
    /// # Errors
    /// When the version is unknown, or an end has no day.
    pub fn from_bytes(bytes: [u8; CLAIMS_LENGTH]) -> Result<Self, Refusal> {
        let [first, product, edition, s1, s2, d1, d2, n1, n2, n3, n4, n5] = bytes;
        if first >> 4 != VERSION {
            return Err(Refusal::UnknownVersion(first >> 4));
        }
        let term = match (edition & ENDS != 0, Day::from_number(u16::from_be_bytes([d1, d2]))) {
            (true, Some(day)) => Term::Ends(day),
            (true, None) => return Err(Unreadable::EndWithoutDay.into()),
            (false, Some(day)) => Term::UpdatesUntil(day),
            (false, None) => Term::Forever,
        };
        Ok(Self {
            signing_key: first & HIGHEST_SIGNING_KEY,
            product,
            edition: edition & !ENDS,
            term,
            seats: u16::from_be_bytes([s1, s2]),
            serial: Serial::from_bytes([n1, n2, n3, n4, n5]),
        })
    }
}

#[cfg(all(test, feature = "sign"))]
mod tests {
    use super::*;

    const CLAIMS: Claims = Claims {
        signing_key: 0xA,
        product: 0xBC,
        edition: 0x5D,
        term: Term::Forever,
        seats: 0x1234,
        serial: Serial::from_bytes([1, 2, 3, 4, 5]),
    };

    #[test]
    fn every_field_has_its_position_in_the_format() {
        let day = Day::from_number(0x5678).unwrap();
        let forever = [0x1A, 0xBC, 0x5D, 0x12, 0x34, 0, 0, 1, 2, 3, 4, 5];
        let updates = [0x1A, 0xBC, 0x5D, 0x12, 0x34, 0x56, 0x78, 1, 2, 3, 4, 5];
        let ends = [0x1A, 0xBC, 0xDD, 0x12, 0x34, 0x56, 0x78, 1, 2, 3, 4, 5];
        for (term, bytes) in
            [(Term::Forever, forever), (Term::UpdatesUntil(day), updates), (Term::Ends(day), ends)]
        {
            let claims = Claims { term, ..CLAIMS };
            assert_eq!(claims.to_bytes(), Ok(bytes));
            assert_eq!(Claims::from_bytes(bytes), Ok(claims));
        }
    }

    #[test]
    fn a_number_too_large_is_refused_and_never_truncated() {
        assert_eq!(Claims { signing_key: 16, ..CLAIMS }.to_bytes(), Err(OutOfRange::SigningKey));
        assert_eq!(Claims { edition: 128, ..CLAIMS }.to_bytes(), Err(OutOfRange::Edition));
    }
}
