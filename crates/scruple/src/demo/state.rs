//! The state of the demo, in memory.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use super::emails::SentEmails;
use super::provider::Provider;
use super::tour::Tour;

/// The state of the demo.
pub struct Demo {
    /// The simulated payment provider.
    pub provider: Provider,
    /// Decrypts the discounts in checkout links, like the provider.
    pub dynamic: paypro::DynamicKey,
    /// The number of the next order at the checkout.
    pub next_order: AtomicU32,
    /// The e-mails, in the place of a mail server.
    pub emails: Arc<SentEmails>,
    /// The tour; set after the sample orders are placed.
    pub tour: OnceLock<Tour>,
}
