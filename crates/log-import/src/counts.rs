//! Counts how the lines of a log were classified.

use analytics::log::LineError;

/// Maximum number of skipped lines that are listed by number.
const MAX_LISTED: usize = 10;

/// Numbers of lines by their classification. They hold nothing of the lines' content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All lines.
    pub read: u64,
    /// Page views, downloads and missing pages of people.
    pub counted: u64,
    /// Requests of bots.
    pub bots: u64,
    /// Requests of visitors who opted out.
    pub opted_out: u64,
    /// Assets, redirects, errors, prefetched pages, and methods other than GET.
    pub not_pages: u64,
    /// Requests for other hosts.
    pub other_hosts: u64,
    /// Requests on days that are published already.
    pub late: u64,
    /// Empty lines.
    pub blank: u64,
    /// Lines that can't be parsed, or whose time is in the future.
    pub skipped: u64,
    /// The first of these: the line's number, and the reason.
    pub first_skipped: Vec<(u64, SkipReason)>,
}

/// Why a line was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// It can't be parsed.
    Unparsable(LineError),
    /// Its time is in the future.
    InFuture,
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unparsable(reason) => reason.fmt(f),
            Self::InFuture => f.write_str("the line's time is in the future"),
        }
    }
}

impl Counts {
    /// Counts a skipped line.
    pub fn skip(&mut self, line: u64, reason: SkipReason) {
        self.skipped += 1;
        self.first_skipped.push((line, reason));
        self.keep_first();
    }

    /// Moves lines from counted to late, because their day was closed before they were sealed.
    pub(crate) fn move_to_late(&mut self, counted: UnsealedCounts) {
        self.counted -= counted.visits;
        self.bots -= counted.bots;
        self.late += counted.visits + counted.bots;
    }

    /// Adds another worker's counts.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.counted += other.counted;
        self.bots += other.bots;
        self.opted_out += other.opted_out;
        self.not_pages += other.not_pages;
        self.other_hosts += other.other_hosts;
        self.late += other.late;
        self.blank += other.blank;
        self.skipped += other.skipped;
        self.first_skipped.extend(other.first_skipped);
        self.keep_first();
    }

    fn keep_first(&mut self) {
        if self.first_skipped.len() > MAX_LISTED {
            self.first_skipped.sort_unstable_by_key(|(line, _)| *line);
            self.first_skipped.truncate(MAX_LISTED);
        }
    }

    /// Whether any line was a line of a log.
    pub fn is_log(&self) -> bool {
        self.read > self.blank + self.skipped
    }

    /// Whether there were lines, but none of a log.
    pub(crate) fn is_not_a_log(&self) -> bool {
        self.skipped > 0 && !self.is_log()
    }
}

/// Lines that are in a tally but not sealed yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnsealedCounts {
    pub visits: u64,
    /// Requests of bots.
    pub bots: u64,
}
