//! Makes signed notifications as the provider would, for tests, for the demo and for the command line.

mod draft;
mod purchase;
mod shop;

pub use draft::Draft;
pub use purchase::{Party, Purchase, Subscription};
pub use shop::Shop;

use crate::{kind::NotificationKind, personal::Secret};

/// Signs notifications with one validation key.
#[derive(Clone)]
pub struct Simulator {
    key: Secret,
}

impl Simulator {
    /// A simulator with the key with which the receiver verifies.
    pub const fn new(key: Secret) -> Self {
        Self { key }
    }

    /// A notification of that kind with all the fields that the provider sends with it. Each has a plausible
    /// value, also the fields that a receiver must not keep.
    pub fn notification(&self, kind: NotificationKind) -> Draft {
        Draft::new(self.key.clone(), kind)
    }
}
