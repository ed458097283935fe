//! Erasure: why a receipt is not genuine.

use domain::erasure::receipt::{HEAD, ReceiptFault};

use crate::English;

impl English for ReceiptFault {
    fn english(&self) -> String {
        match self {
            Self::Unreadable => {
                format!("this is not a receipt: it must begin with \"{HEAD}\" and end with its signature")
            }
            Self::UnknownKey(id) => {
                format!("key {id}, which signed the receipt, is not in the public-key file")
            }
            Self::Forged => {
                "the signature does not match: the receipt was changed, or another vendor issued it"
                    .to_owned()
            }
        }
    }
}
