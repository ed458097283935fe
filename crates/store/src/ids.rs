//! Numbers of rows as types, so that no number is taken for that of another table.

use std::fmt::{self, Display, Formatter};

use licence::Serial;
use serde::{Serialize, Serializer};
use sqlx::any::{AnyTypeInfo, AnyValueRef};
use sqlx::error::BoxDynError;
use sqlx::{Any, Decode, Type};

use crate::batch_insert::Cell;
use crate::columns::{self, IntoColumn};

macro_rules! row_numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(i64);

        impl $name {
            #[must_use]
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number in the column.
            #[must_use]
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl From<$name> for i64 {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl From<$name> for Cell {
            fn from(number: $name) -> Self {
                Self::Number(number.0)
            }
        }

        impl IntoColumn for $name {
            type Column = i64;

            fn into_column(self) -> i64 {
                self.0
            }
        }

        /// The column holds 0 for none.
        impl IntoColumn for Option<$name> {
            type Column = i64;

            fn into_column(self) -> i64 {
                self.map_or(0, $name::number)
            }
        }

        impl Type<Any> for $name {
            fn type_info() -> AnyTypeInfo {
                <i64 as Type<Any>>::type_info()
            }
        }

        impl<'r> Decode<'r, Any> for $name {
            fn decode(value: AnyValueRef<'r>) -> Result<Self, BoxDynError> {
                <i64 as Decode<Any>>::decode(value).map(Self)
            }
        })*
    };
}

row_numbers! {
    /// Number of a term among the terms of its licence, from 1.
    TermNumber;
    /// Number of an order item.
    OrderId;
    /// Number of a conversation, random, of 40 bits. People read and type it in the form of a licence's number.
    ConversationId;
}

impl TermNumber {
    /// The number of a licence's first term.
    pub const FIRST: Self = Self(1);

    /// The number of the term after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Eight symbols in two groups, such as `ABCD-EFGH`.
impl Display for ConversationId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match columns::serial_of(self.0) {
            Some(number) => number.fmt(f),
            // A damaged row must not end the program.
            None => self.0.fmt(f),
        }
    }
}

/// The number, as in the column.
impl Serialize for ConversationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl From<Serial> for ConversationId {
    fn from(number: Serial) -> Self {
        Self(number.into_column())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_conversation_is_written_like_that_of_a_licence() {
        assert_eq!(ConversationId::new(0x4432_14C7).to_string(), "0123-4567");
        assert_eq!(ConversationId::from(Serial::from_bytes([255; 5])).to_string(), "ZZZZ-ZZZZ");
    }

    #[test]
    fn a_damaged_number_of_a_conversation_is_written_as_it_is() {
        for damaged in [-1, 1 << 40, i64::MIN, i64::MAX] {
            assert_eq!(ConversationId::new(damaged).to_string(), damaged.to_string());
        }
    }
}
