//! The serial number of a licence.

use core::{fmt, str::FromStr};

use crate::{OutOfRange, Unreadable, crockford};

/// The serial number of a licence: 40 random bits. It is part of the key, and people give it to support.
///
/// It is written as eight symbols in two groups (`ABCD-EFGH`), and parsed as tolerantly as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(u64);

impl Serial {
    /// The serial with this number, below 2^40.
    ///
    /// # Errors
    /// [`OutOfRange::Serial`] from 2^40 on.
    pub const fn from_bits(bits: u64) -> Result<Self, OutOfRange> {
        if bits >> 40 == 0 { Ok(Self(bits)) } else { Err(OutOfRange::Serial) }
    }

    /// The serial as a number below 2^40.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The serial of five bytes, the highest first. Five random bytes make a new serial.
    pub const fn from_bytes([a, b, c, d, e]: [u8; 5]) -> Self {
        Self(u64::from_be_bytes([0, 0, 0, a, b, c, d, e]))
    }

    /// Five bytes, the highest first.
    pub const fn to_bytes(self) -> [u8; 5] {
        let [_, _, _, a, b, c, d, e] = self.0.to_be_bytes();
        [a, b, c, d, e]
    }
}

/// Writes eight symbols in two groups of four.
impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crockford::write(&self.to_bytes(), 4, f)
    }
}

/// Parses eight symbols, as tolerantly as a key.
impl FromStr for Serial {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        crockford::read(text).map(Self::from_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_serial_is_eight_symbols_in_two_groups() {
        assert_eq!(Serial::from_bits(0).unwrap().to_string(), "0000-0000");
        assert_eq!(Serial::from_bits((1 << 40) - 1).unwrap().to_string(), "ZZZZ-ZZZZ");
        assert_eq!(Serial::from_bits(1 << 40), Err(OutOfRange::Serial));
    }

    #[test]
    fn a_serial_is_read_in_any_spelling() {
        let serial = Serial::from_bits(0x00_4432_14C7).unwrap();
        assert_eq!(serial.to_string(), "0123-4567");
        for spelling in ["01234567", "ol23 4567", " 0 1 2 3 – 4 5 6 7 ", "OI234567"] {
            assert_eq!(spelling.parse(), Ok(serial), "{spelling}");
        }
        assert_eq!("0123-456".parse::<Serial>(), Err(Unreadable::Length { symbols: 7, wanted: 8 }));
        assert_eq!("0123-456U".parse::<Serial>(), Err(Unreadable::Symbol { position: 8 }));
    }
}
