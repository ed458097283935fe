//! The proof of payments.

use domain::compliance::prove::findings::payment_data::{Fault, Observation, Violation};

use crate::English;

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::UnencryptedCheckout { page } => format!("the checkout {page} is not encrypted"),
        }
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::CardNumber { column } => format!("{column}: values that look like card numbers"),
            Self::SealedCardNumber { column } => {
                format!("{column}: sealed values that look like card numbers")
            }
            Self::MoreThanFourDigits => {
                "orders.payment: values that hold more than the kind and four digits".to_owned()
            }
        }
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Searched { clear, sealed } => {
                format!("values searched for card numbers: {clear} in clear, {sealed} sealed")
            }
            Self::Checkout { page } => format!("buyers pay at {page}"),
            Self::DemoCheckout { page } => format!("checkout of the demo on this machine: {page}"),
            Self::Payments { payments } => {
                format!("payments checked for more than a kind and four digits: {payments}")
            }
        }
    }
}
