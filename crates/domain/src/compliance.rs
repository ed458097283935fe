//! What shows that the promises are kept: `prove` and `doctor`.

pub mod doctor;
pub mod prove;
