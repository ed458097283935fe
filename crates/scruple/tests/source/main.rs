//! Tests of the sources and documents: no import circles, a glossary whose terms occur in the code, true documents.
#![allow(clippy::unwrap_used, reason = "what a test is made of is there, or the test fails")]

mod circles;
mod console;
#[path = "../browser/demo_process.rs"]
mod demo_process;
mod documents;
mod glossary;
mod sources;
