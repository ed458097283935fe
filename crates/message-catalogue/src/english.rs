//! The sentences in English, in files by what returns them.

mod conversations;
pub mod doctor;
mod email;
mod erasure;
mod events;
mod licensing;
mod numbers;
mod prove;
mod statistics;
mod tokens;
