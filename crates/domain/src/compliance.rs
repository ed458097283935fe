//! What shows that the promises are kept: `prove` and `doctor`.

pub mod audit_cases;
pub mod doctor;
pub mod prove;
