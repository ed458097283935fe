//! Checks of the running system: `prove` for the promises, `doctor` for its operation.

pub mod audit_cases;
pub mod doctor;
pub mod prove;
