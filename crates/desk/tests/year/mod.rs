//! A shop's year: its lines, its maker, and the model that says what it ought to come to.

pub mod line;
pub mod making;
pub mod model;
