//! Why a notification cannot be read: for the HTTP status 400.

use std::fmt;

use crate::limits::{MAX_BODY, MAX_FIELDS, MAX_VALUE};

/// What is wrong with a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseFault {
    /// The body is longer than [`MAX_BODY`].
    BodyTooLong,
    /// There are more than [`MAX_FIELDS`] fields.
    TooManyFields,
    /// A value is longer than [`MAX_VALUE`].
    TooLong,
    /// Not UTF-8.
    NotUtf8,
    /// The value contains a control character other than tab and newline.
    ControlCharacter,
    /// The field appears twice, so its value is ambiguous.
    Twice,
    /// The field is absent or empty where it is needed.
    Missing,
    /// The value is not 1 to 20 digits.
    NotDigits,
    /// Not a whole number from 1 to 65535.
    NotAQuantity,
    /// Not an amount of money.
    NotAnAmount,
    /// Neither of the two date formats.
    NotADate,
    /// Neither 0 nor 1.
    NotZeroOrOne,
    /// The value is not an e-mail address.
    NotAnEmailAddress,
    /// The value begins with a digit. The order number before it would then have no clear end, because both are
    /// signed as one text.
    BeginsWithDigit,
    /// The value does not belong to the `IPN_TYPE_ID`.
    Contradicts,
}

/// A notification that cannot be read or contradicts itself. The error names the field, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    field: Option<&'static str>,
    fault: ParseFault,
}

impl ParseError {
    pub(crate) const fn whole(fault: ParseFault) -> Self {
        Self { field: None, fault }
    }

    /// `field` is `None` for an unknown name. That name may contain anything, so the error does not repeat it.
    pub(crate) const fn at(field: Option<&'static str>, fault: ParseFault) -> Self {
        Self { field, fault }
    }

    /// The field; `None` for the body as a whole or an unknown field.
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }

    /// What is wrong.
    pub const fn fault(&self) -> ParseFault {
        self.fault
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            ParseFault::BodyTooLong => return write!(f, "the body is longer than {MAX_BODY} bytes"),
            ParseFault::TooManyFields => return write!(f, "more than {MAX_FIELDS} fields"),
            _ => write!(f, "{}: ", self.field.unwrap_or("an unknown field"))?,
        }
        match self.fault {
            ParseFault::BodyTooLong | ParseFault::TooManyFields => Ok(()),
            ParseFault::TooLong => write!(f, "longer than {MAX_VALUE} bytes"),
            ParseFault::NotUtf8 => f.write_str("not UTF-8"),
            ParseFault::ControlCharacter => f.write_str("contains a control character"),
            ParseFault::Twice => f.write_str("appears twice"),
            ParseFault::Missing => f.write_str("missing"),
            ParseFault::NotDigits => f.write_str("not 1 to 20 digits"),
            ParseFault::NotAQuantity => f.write_str("not a whole number from 1 to 65535"),
            ParseFault::NotAnAmount => f.write_str("not an amount"),
            ParseFault::NotADate => f.write_str("not a date in either of the provider's formats"),
            ParseFault::NotZeroOrOne => f.write_str("neither 0 nor 1"),
            ParseFault::NotAnEmailAddress => f.write_str("not an e-mail address"),
            ParseFault::BeginsWithDigit => f.write_str("begins with a digit"),
            ParseFault::Contradicts => f.write_str("doesn't belong to this IPN_TYPE_ID"),
        }
    }
}

impl std::error::Error for ParseError {}
