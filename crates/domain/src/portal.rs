//! The portal, a customer's own pages: magic link, personal data, change of address.

pub mod address_change;
pub mod magic_link;
pub mod personal_data;
