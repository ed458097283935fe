//! What the proof finds in payments and in the search for card numbers.

/// What contradicts a promise about payments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// Buyers would pay on a page without encryption.
    UnencryptedCheckout {
        /// Address of the checkout.
        page: String,
    },
}

/// A fault of stored values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// An unencrypted value looks like a card number.
    CardNumber {
        /// The column, as `table.column`.
        column: String,
    },
    /// An opened value looks like a card number.
    SealedCardNumber {
        /// The column, as `table.column`.
        column: String,
    },
    /// A payment holds more than the kind and four digits.
    MoreThanFourDigits,
}

/// What was checked of payments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// Values were searched for card numbers.
    Searched {
        /// Unencrypted values.
        clear: u64,
        /// Opened values.
        sealed: u64,
    },
    /// Buyers pay at an encrypted page.
    Checkout {
        /// Address of the checkout.
        page: String,
    },
    /// The checkout is that of the demo, on this machine.
    DemoCheckout {
        /// Address of the checkout.
        page: String,
    },
    /// Payments were checked for more than a kind and four digits.
    Payments { payments: u64 },
}
