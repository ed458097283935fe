//! What the proof finds in visitor statistics.

use store::FiguresKey;

/// What contradicts a promise about visitors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// A column or table about visits is unknown to this proof.
    UnknownColumn {
        /// The column, as `table.column`.
        column: String,
    },
    /// The first table of figures with a number of too few people.
    FirstSmallTable(FiguresKey),
    /// A response of the visitor statistics sets a cookie.
    Cookie {
        /// Method and path of the request.
        request: String,
    },
}

/// A fault of rows of visitor statistics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A row belongs to no site.
    RowWithoutSite,
    /// Figures are of a day that is not closed.
    FiguresOfOpenDay,
    /// A label looks like an address or a whole user agent.
    IdentifyingLabel,
    /// A closed day has a key.
    ClosedDayWithKey,
    /// Unpublished counts are of a closed day.
    TallyOfClosedDay,
    /// Unpublished counts have another key slot than their day.
    TallyOfOtherSlot,
    /// A day should have closed two days ago.
    OverdueDay,
    /// The key slot of a closed day is not forgotten.
    SlotNotForgotten,
    /// A table of figures has a number of too few people.
    TooFewPeople,
    /// A day stores a time finer than an hour.
    FineTime,
    LabelNotHour,
    /// A week, month or year is not the sum of its days.
    WrongRollup,
    /// The public figures of a day exceed those for staff.
    PublicBeyondStaff,
}

/// What was checked of visitor statistics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// The rows of visitor statistics.
    Figures {
        /// Websites.
        sites: i64,
        /// Days counted and published.
        closed: i64,
        /// Open days.
        open: i64,
        /// Tables of figures.
        tables: i64,
        /// Labels in the tables.
        labels: i64,
    },
    /// Weeks, months and years were compared with the sum of their days.
    Rollups {
        /// Weeks, months and years.
        rollups: u64,
    },
    /// The tables of visitor statistics, none with a row for a visit or a visitor.
    Tables {
        /// Their names.
        tables: &'static [&'static str],
    },
    /// Closed days were checked to have no key and no unpublished counts.
    ClosedDays {
        /// Closed days.
        closed: i64,
        /// Sealed values of open days.
        sealed: u64,
    },
    /// Nothing is published yet.
    NothingPublished,
    /// The disclosure thresholds were changed, so older figures have no common threshold.
    ThresholdsChanged,
    /// Published numbers were compared with the disclosure thresholds.
    Published {
        /// People behind each number for staff.
        staff: u64,
        /// People behind each number for the public.
        public: u64,
        numbers: u64,
        /// Tables of figures.
        tables: u64,
    },
    /// No response of the routes of visitor statistics sets a cookie.
    WithoutCookies {
        /// Requests that were made.
        requests: usize,
    },
}
