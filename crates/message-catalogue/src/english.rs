//! The sentences in English, in files by what returns them.

pub mod doctor;
mod prove;
