//! The payment provider's language
