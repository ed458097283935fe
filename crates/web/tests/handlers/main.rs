//! The doors from outside: what each answers, to whom, and how often.
#![allow(clippy::unwrap_used, reason = "what a test is made of is there, or the test fails")]

mod answers;
mod contact;
mod contact_files;
mod count;
mod erasure;
mod figures;
mod http;
mod kit;
mod limits;
mod links;
mod multipart;
mod rights;
mod statistics;
