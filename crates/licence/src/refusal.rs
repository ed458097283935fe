//! Why a key is refused, as sentences that can be shown to the person who typed it.

use core::{error::Error, fmt};

use crate::{Day, OutOfRange};

/// Why a text is not a key or serial. The error never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Wrong number of symbols; white space and dashes are not counted.
    Length {
        /// The number of symbols found.
        symbols: usize,
        /// The number of symbols expected: 122 in a key, 8 in a serial.
        wanted: usize,
    },
    /// A character that is neither a symbol nor a separator.
    Symbol {
        /// Its position among the symbols, from 1; white space and dashes are not counted.
        position: usize,
    },
    /// The bits left over in the last symbol are not zero: that symbol is mistyped.
    Padding,
    /// The key has an end but no day. No signer writes such a key.
    EndWithoutDay,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { symbols, wanted } => {
                write!(f, "it has {symbols} letters and digits instead of {wanted}")
            }
            Self::Symbol { position } => {
                write!(f, "character {position}, not counting spaces and dashes, is not allowed")
            }
            Self::Padding => f.write_str("its last character is mistyped"),
            Self::EndWithoutDay => f.write_str("it has an end but no end date"),
        }
    }
}

impl Error for Unreadable {}

/// Why a key is refused. The list is closed: a new reason is a new major version of this crate.
///
/// The signature is the only checksum. So a mistyped key that is still readable shows as
/// [`Forged`](Self::Forged). An error in the first two symbols shows as [`UnknownVersion`](Self::UnknownVersion)
/// or [`UnknownSigningKey`](Self::UnknownSigningKey).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The text is not a key.
    Unreadable(Unreadable),
    /// The key has a format that this build does not know (0 to 15; this build knows 1).
    UnknownVersion(u8),
    /// The key is signed with a signing key (0 to 15) that is not among the public keys.
    UnknownSigningKey(u8),
    /// The signature is invalid: the key is mistyped or forged.
    Forged,
    /// The key is genuine, but for another product.
    OtherProduct {
        /// The product that the key is for.
        of_key: u8,
        /// The product of the program.
        wanted: u8,
    },
    /// The key is genuine, but the licence has expired. The day was its last.
    Ended(Day),
    /// The key is genuine, but covers only builds up to a day, and this build is later.
    UpdatesOver {
        /// The last day whose builds are covered.
        until: Day,
        /// The day of this build.
        build: Day,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "this licence key can't be read: {why}"),
            Self::UnknownVersion(version) => {
                write!(
                    f,
                    "this licence key is mistyped, or has a newer format ({version}) than this program knows"
                )
            }
            Self::UnknownSigningKey(id) => {
                write!(
                    f,
                    "this licence key is mistyped, or signed with a key ({id}) that this program doesn't know"
                )
            }
            Self::Forged => f.write_str("this licence key is mistyped or not genuine"),
            Self::OtherProduct { of_key, wanted } => {
                write!(f, "this licence key is for product {of_key}, not for product {wanted}")
            }
            Self::Ended(day) => write!(f, "this licence ended; its last day was {day}"),
            Self::UpdatesOver { until, build } => write!(
                f,
                "this licence covers releases up to {until}, and this release is from {build}; earlier releases continue to work"
            ),
        }
    }
}

impl Error for Refusal {}

impl From<Unreadable> for Refusal {
    fn from(why: Unreadable) -> Self {
        Self::Unreadable(why)
    }
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day => write!(f, "not a day from {} to {}", Day::FIRST, Day::LAST),
            Self::Serial => f.write_str("a serial has at most 40 bits"),
            Self::SigningKey => {
                f.write_str("a signing key has a number from 0 to 15, and signs only under its own number")
            }
            Self::Edition => f.write_str("an edition has a number from 0 to 127"),
        }
    }
}

impl Error for OutOfRange {}
