//! Days, months, moments and time zones, for all crates but `licence`. Only this crate uses the calendar library (jiff).
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(unreachable_pub)]

mod day;
mod time_zone;
mod timestamp;

pub use day::{Day, DayError};
pub use time_zone::{CachedTimeZone, TimeZone};
pub use timestamp::Timestamp;
