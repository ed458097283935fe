//! The proof and the doctor: each promise broken on purpose, and found at its place.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contact;
mod doctor;
mod journal;
mod keeping;
mod letters;
mod orders;
mod persons;
mod shop;
mod visits;
#[path = "../count/web.rs"]
mod web;
mod whole;
