//! Keys: signed, verified offline, and compared with the vectors for other implementations.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod example;
mod properties;
mod signing;
mod vectors;
