//! A customer's own pages: magic link, personal data, change of address.

pub mod address;
pub mod magic_link;
pub mod personal_data;
