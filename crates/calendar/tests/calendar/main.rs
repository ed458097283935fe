//! Days, moments and time zones, against tables that Python has calculated.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod days;
mod tables;
mod timestamps;
mod zones;
