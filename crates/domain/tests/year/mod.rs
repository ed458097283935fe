//! A vendor's year: its entries, their generator, and the model of the expected state.
#![allow(dead_code)] // each test file uses its own part of it

pub mod entry;
pub mod generator;
pub mod model;
