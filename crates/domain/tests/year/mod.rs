//! A shop's year: its lines, its maker, and the model that says what it ought to come to.
#![allow(dead_code)] // each test file uses its own part of it

pub mod entry;
pub mod generator;
pub mod model;
