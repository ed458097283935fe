//! Erasure of a person, and retention: what is erased after a set time.

pub mod completion;
pub mod intent;
pub mod receipt;
pub mod retention;
