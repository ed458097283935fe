//! Makes signed notices as the provider would: for tests, for a demonstration, for the command line.

mod draft;
mod purchase;
mod shop;

pub use draft::Draft;
pub use purchase::{Party, Purchase, Subscription};
pub use shop::Shop;

use crate::{kind::Kind, personal::Secret};

/// Signs notices with one validation key.
#[derive(Clone)]
pub struct Simulator {
    key: Secret,
}

impl Simulator {
    /// With the key that the receiver verifies with.
    pub const fn new(key: Secret) -> Self {
        Self { key }
    }

    /// A notice of that kind with all the fields the provider sends with it, every one filled with something plausible:
    /// also those that a receiver must not keep.
    pub fn notice(&self, kind: Kind) -> Draft {
        Draft::new(self.key.clone(), kind)
    }
}
