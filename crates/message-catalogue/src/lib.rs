//! The message catalogue: the sentences for the enums that operations return. Pages and e-mails have templates instead.
//!
//! An operation returns data, such as [`domain::compliance::prove::Violation`]. This crate turns each variant into the
//! words that people read. Every `match` is exhaustive, so a variant without a sentence does not compile.
//!
//! A second language is a second trait beside [`English`], in a folder of its own.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod english;

/// A value that has a sentence or a phrase in English.
pub trait English {
    /// Returns the words. A sentence starts in lower case and has no full stop, because it stands in lines and lists.
    fn english(&self) -> String;
}
