//! Time and size limits of visitor statistics.

/// Seconds between two seals of a node that counts.
pub const SEAL_SECONDS: i64 = 5;
/// Seconds after the end of a day during which late visits still count for it.
pub const LATE_SECONDS: i64 = 60;
/// Seconds after the end of a day before the day may close: time for late visits and the last seals.
pub const GRACE_SECONDS: i64 = 90;
/// Seconds of silence after which a node that did not set `last` counts as crashed.
pub const QUIET_SECONDS: i64 = 120;
/// Maximum number of sites: each open day takes memory.
pub const MAX_SITES: usize = 100;
/// Maximum number of hosts of one site.
pub const MAX_HOSTS: usize = 20;
/// Maximum characters of a note.
pub const MAX_NOTE_CHARS: usize = 200;
/// Maximum number of days of which a series shows single hours.
pub const MAX_HOURLY_DAYS: i64 = 62;
