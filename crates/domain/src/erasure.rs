//! Erasure of a person (GDPR Art. 17), and retention: erasure after a set time.

pub mod agreement_channel;
pub mod completion;
pub mod receipt;
pub mod request;
pub mod retention;
