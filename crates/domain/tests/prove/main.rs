//! The proof and the doctor: each promise broken on purpose, and found at its place.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit_log;
mod contact;
mod doctor;
mod emails;
mod licences;
mod persons;
mod schema;
mod shop;
mod visits;
#[path = "../statistics/website.rs"]
mod website;
mod whole;
