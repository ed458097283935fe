//! What became of the lines of a log, as numbers.

use analytics::log::Unread;

/// How many lines whose reading failed are told apart by their number.
const TOLD: usize = 10;

/// What became of lines. Nothing of what stands in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub read: u64,
    /// Views, downloads and missing pages of people.
    pub counted: u64,
    /// Of machines.
    pub bots: u64,
    /// Of people who asked not to be counted.
    pub objected: u64,
    /// Files that come along with pages, redirects, errors, what was fetched ahead or sent.
    pub beside: u64,
    /// Of other hosts.
    pub elsewhere: u64,
    /// Of days that were published already.
    pub late: u64,
    /// With nothing in them.
    pub blank: u64,
    /// That can't be read.
    pub unread: u64,
    /// The first of these: the line's number, and why.
    pub first_unread: Vec<(u64, Why)>,
}

/// Why a line can't be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It can't be read.
    Unread(Unread),
    /// Its time is still to come.
    ToCome,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unread(why) => why.fmt(f),
            Self::ToCome => f.write_str("the line's time is still to come"),
        }
    }
}

impl Counts {
    /// A line that can't be counted.
    pub fn unread(&mut self, line: u64, why: Why) {
        self.unread += 1;
        self.first_unread.push((line, why));
        self.keep_first();
    }

    /// Lines that were thought to be counted, and came too late after all.
    pub fn too_late(&mut self, counted: Fresh) {
        self.counted -= counted.visits;
        self.bots -= counted.bots;
        self.late += counted.visits + counted.bots;
    }

    /// Takes in what another worker saw.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.counted += other.counted;
        self.bots += other.bots;
        self.objected += other.objected;
        self.beside += other.beside;
        self.elsewhere += other.elsewhere;
        self.late += other.late;
        self.blank += other.blank;
        self.unread += other.unread;
        self.first_unread.extend(other.first_unread);
        self.keep_first();
    }

    fn keep_first(&mut self) {
        if self.first_unread.len() > TOLD {
            self.first_unread.sort_unstable_by_key(|(line, _)| *line);
            self.first_unread.truncate(TOLD);
        }
    }

    /// Whether any of the lines was one of a log.
    pub fn is_log(&self) -> bool {
        self.read > self.blank + self.unread
    }

    /// Whether there were lines, and none of them one of a log.
    pub fn is_no_log(&self) -> bool {
        self.unread > 0 && !self.is_log()
    }
}

/// Lines that are in a tally, and not sealed yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// Of people.
    pub visits: u64,
    /// Of machines.
    pub bots: u64,
}
