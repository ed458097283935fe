//! Why a notice can't be read: for the answer 400.

use std::fmt;

use crate::form::{MAX_BODY, MAX_FIELDS, MAX_VALUE};

/// What is wrong with a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The body is longer than [`MAX_BODY`].
    BodyTooLong,
    /// More than [`MAX_FIELDS`] fields.
    TooManyFields,
    /// A value is longer than [`MAX_VALUE`].
    TooLong,
    /// Not UTF-8.
    NotUtf8,
    /// Holds a control character other than tab and newline.
    ControlCharacter,
    /// The field stands there twice: which one would count?
    Twice,
    /// Absent or empty where it is needed.
    Missing,
    /// Not made of digits only, or of more than 20.
    NotDigits,
    /// Not a whole number from 1 to 65535.
    NotAQuantity,
    /// Not an amount of money.
    NotAnAmount,
    /// Neither of the two date formats.
    NotADate,
    /// Neither 0 nor 1.
    NotZeroOrOne,
    /// Not an address to which a letter could go.
    NotAnAddress,
    /// Begins with a digit: then nobody could tell where the order number before it ends, for both are signed as one
    /// text.
    BeginsWithDigit,
    /// Doesn't belong to the `IPN_TYPE_ID`.
    Contradicts,
}

/// A notice that can't be read or contradicts itself. It names the field, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    field: Option<&'static str>,
    fault: Fault,
}

impl Unreadable {
    pub(crate) const fn whole(fault: Fault) -> Self {
        Self { field: None, fault }
    }

    /// `field` None: one whose name we don't know. That name may itself hold anything, so it isn't repeated.
    pub(crate) const fn at(field: Option<&'static str>, fault: Fault) -> Self {
        Self { field, fault }
    }

    /// The field, None when it is the body as a whole or a field that we don't know.
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }

    /// What is wrong.
    pub const fn fault(&self) -> Fault {
        self.fault
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Fault::BodyTooLong => return write!(f, "the body is longer than {MAX_BODY} bytes"),
            Fault::TooManyFields => return write!(f, "more than {MAX_FIELDS} fields"),
            _ => write!(f, "{}: ", self.field.unwrap_or("an unknown field"))?,
        }
        match self.fault {
            Fault::BodyTooLong | Fault::TooManyFields => Ok(()),
            Fault::TooLong => write!(f, "longer than {MAX_VALUE} bytes"),
            Fault::NotUtf8 => f.write_str("not UTF-8"),
            Fault::ControlCharacter => f.write_str("holds a control character"),
            Fault::Twice => f.write_str("stands there twice"),
            Fault::Missing => f.write_str("missing"),
            Fault::NotDigits => f.write_str("not 1 to 20 digits"),
            Fault::NotAQuantity => f.write_str("not a whole number from 1 to 65535"),
            Fault::NotAnAmount => f.write_str("not an amount"),
            Fault::NotADate => f.write_str("not a date in either of the provider's formats"),
            Fault::NotZeroOrOne => f.write_str("neither 0 nor 1"),
            Fault::NotAnAddress => f.write_str("not an e-mail address"),
            Fault::BeginsWithDigit => f.write_str("begins with a digit"),
            Fault::Contradicts => f.write_str("doesn't belong to this IPN_TYPE_ID"),
        }
    }
}

impl std::error::Error for Unreadable {}
