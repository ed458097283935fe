//! What the sources themselves must be like: no import circles, a glossary that leads into the code, true documents.
#![allow(clippy::unwrap_used, reason = "what a test is made of is there, or the test fails")]

mod circles;
mod console;
mod documents;
mod glossary;
#[path = "../browser/shop.rs"]
mod shop;
mod sources;
