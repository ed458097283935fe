//! The sentences in English, in files by what returns them.

mod conversations;
pub mod doctor;
mod licensing;
mod numbers;
mod prove;
mod statistics;
