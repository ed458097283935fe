//! Days, months and time zones, for all crates but `licence`. Only this crate uses the calendar library (jiff).
#![forbid(unsafe_code)]

mod day;
mod time_zone;

pub use day::{Day, DayError};
pub use time_zone::{CachedTimeZone, TimeZone};
