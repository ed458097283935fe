//! Statistical disclosure control (k-anonymity by cell suppression and rounding) at the close of a day: decides what
//! is published and kept.
//!
//! # The rule
//!
//! Each audience has a threshold: k = 5 for the site's own staff, k = 10 for the public. For each audience and each
//! cell of each dimension, with n visitors and w views on that day:
//!
//! 1. n < k: the cell is suppressed. Neither its value nor any number that it alone decides appears anywhere.
//! 2. n >= k: the cell is published as n and w, each rounded down to a multiple of k.
//! 3. A dimension's total is the cell of its whole population. It is counted separately, not summed up, and follows 1
//!    and 2.
//!    A page shows as "other" the total's views less those of the rows: computed from published numbers, never stored.
//! 4. The public's k is a multiple of the staff's k, so the public tables reveal nothing that the staff's don't.
//! 5. Weeks, months and years are sums (and means) of an audience's published days. **A suppressed cell does not come
//!    back in them.** A cell that has k visitors only over a week looks the same as one that fewer than k visitors, or
//!    the same visitor, saw each day. Telling these apart would need a key that outlives the day, and no such key may
//!    exist. With at most k - 1 visitors a day, even k - 1 people in all explain any sum, so no threshold is safe.
//! 6. Requests of bots, late and refused requests are plain numbers, rounded down to multiples of ten k.
//!
//! # The guarantee
//!
//! Take any day and any visitor of it. The tables with and without that visitor differ only where the number of
//! visitors or views of a set of at least k visitors, the visitor among them, passes a multiple of k
//! (`tests/analytics/singling_out.rs`). All published numbers are functions of such sets alone, for all days, dimensions,
//! periods and both audiences together, since everything else is computed from the published days. An attacker who
//! knows fewer than k - 1 visitors of each such set always faces at least two unknown visitors in it. Anything that
//! the tables show holds as well with another unknown visitor in the person's place, so the attacker can't tell
//! whether the person visited. The tables show nothing about sets of fewer than k visitors, whatever the attacker
//! knows.
//!
//! # Limits of the guarantee
//!
//! - An attacker who knows **k - 1 or more visitors of a published set** exactly (their number of visits, and that at
//!   most one unknown visitor came) sees one more visitor when the number passes a multiple of k, once in k cases. So an
//!   attacker who knows *every* visitor of a site but one may learn that this one came to the site, or to a page that k
//!   others saw. The pages that only this visitor saw stay hidden. An attacker can gain such knowledge by making up k -
//!   1 visitors.
//! - **Differencing**: a total that exceeds its rows by more than rounding explains shows that suppressed cells were
//!   not empty. It shows neither which cells nor whose. An attacker who knows beforehand that only one person could be
//!   in any of them learns that this person came.
//! - A visitor is a pair of address and browser. **One person with k browsers or addresses is k visitors.** People
//!   behind one address with the same browser are one visitor, which errs on the safe side.
//! - Beyond a thousand visitors (in small tables and totals: two thousand) the number is an estimate; a set near k
//!   never is.
//! - **While the day is open**, the holder of the sealed state and its key can test addresses. That ends when the key
//!   slot is forgotten (crypto-shredding).

use crate::{
    Dimension,
    tally::{Cell, Tally, UncountedRequests},
};

/// The disclosure thresholds k: how many visitors a cell needs to be published, for the site's staff and for the
/// public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisclosureThresholds {
    staff: u64,
    public: u64,
}

impl Default for DisclosureThresholds {
    fn default() -> Self {
        Self { staff: 5, public: 10 }
    }
}

impl DisclosureThresholds {
    /// None unless `staff` is at least 2 and `public` a multiple of it (rule 4).
    pub fn new(staff: u64, public: u64) -> Option<Self> {
        (staff >= 2 && public >= staff && public.is_multiple_of(staff)).then_some(Self { staff, public })
    }

    /// Visitors that a cell needs for the site's own staff.
    pub fn staff(self) -> u64 {
        self.staff
    }

    /// Visitors that a cell needs for the public.
    pub fn public(self) -> u64 {
        self.public
    }
}

/// Two published numbers, both multiples of k.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Views; for other dimensions arrivals, events, downloads or missing pages.
    pub views: u64,
    /// Visitors, each counted once a day.
    pub visitors: u64,
}

impl Figures {
    pub(crate) fn add(&mut self, other: Self) {
        self.views = self.views.saturating_add(other.views);
        self.visitors = self.visitors.saturating_add(other.visitors);
    }
}

/// One published cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The counted value; empty when it is unknown (no country, a direct visit).
    pub value: String,
    /// Its figures.
    pub figures: Figures,
}

/// One published dimension of a day or of several days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The dimension.
    pub dimension: Dimension,
    /// Figures of the dimension's whole population, suppressed cells included.
    pub total: Figures,
    /// Sorted by views (most first), then by value; hours by the clock.
    pub rows: Vec<Row>,
    /// Views of cells that were evicted because the table was full. If this isn't 0, the end of the table is
    /// incomplete.
    pub evicted_views: u64,
    /// Number of days in the table.
    pub days: u32,
}

impl Table {
    /// A table of no day.
    pub fn empty(dimension: Dimension) -> Self {
        Self { dimension, total: Figures::default(), rows: Vec::new(), evicted_views: 0, days: 0 }
    }

    /// Views of suppressed cells, as far as the published numbers tell.
    pub fn other(&self) -> u64 {
        let shown = self.rows.iter().map(|row| row.figures.views).sum();
        self.total.views.saturating_sub(shown)
    }

    /// Sums published days into a week, a month or a year (rule 5). All must have the same dimension and audience.
    pub fn sum<'a>(dimension: Dimension, days: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut rows = std::collections::HashMap::<&str, Figures>::new();
        let mut sum = Self::empty(dimension);
        for day in days {
            debug_assert_eq!(day.dimension, dimension);
            sum.total.add(day.total);
            sum.evicted_views = sum.evicted_views.saturating_add(day.evicted_views);
            sum.days += day.days;
            for row in &day.rows {
                rows.entry(&row.value).or_default().add(row.figures);
            }
        }
        sum.rows =
            rows.into_iter().map(|(value, figures)| Row { value: value.to_owned(), figures }).collect();
        sum.sorted()
    }

    fn sorted(mut self) -> Self {
        match self.dimension {
            Dimension::Hour => self.rows.sort_unstable_by(|a, b| a.value.cmp(&b.value)),
            _ => self.rows.sort_unstable_by(|a, b| {
                (b.figures.views, b.figures.visitors)
                    .cmp(&(a.figures.views, a.figures.visitors))
                    .then_with(|| a.value.cmp(&b.value))
            }),
        }
        self
    }
}

/// What is published and kept of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedDay {
    /// For the site's own staff: one table for each dimension, in their order.
    pub staff: Vec<Table>,
    /// For the public.
    pub public: Vec<Table>,
    /// Requests that are not visits, rounded (rule 6).
    pub uncounted: UncountedRequests,
}

/// Suppresses and rounds a whole day: the [total](crate::DayTallies::total) of all its nodes.
pub fn apply_disclosure_control(day: &Tally, thresholds: DisclosureThresholds) -> PublishedDay {
    let tables = |people| Dimension::ALL.map(|dimension| table(day, dimension, people)).to_vec();
    let rounded = |number| round_down(10 * thresholds.staff, number);
    let uncounted = day.uncounted();
    PublishedDay {
        staff: tables(thresholds.staff),
        public: tables(thresholds.public),
        uncounted: UncountedRequests {
            bots: rounded(uncounted.bots),
            late: rounded(uncounted.late),
            refused: rounded(uncounted.refused),
        },
    }
}

fn table(day: &Tally, dimension: Dimension, people: u64) -> Table {
    let Some(total) = figures(day.population(dimension.population()), people) else {
        return Table { days: 1, ..Table::empty(dimension) };
    };
    let rows = day.sorted(dimension).into_iter();
    let rows = rows
        .filter_map(|(value, cell)| Some(Row { value: value.to_owned(), figures: figures(cell, people)? }));
    let evicted_views = round_down(people, day.evicted_views(dimension));
    Table { dimension, total, rows: rows.collect(), evicted_views, days: 1 }.sorted()
}

/// None for fewer than `people` visitors.
fn figures(cell: &Cell, people: u64) -> Option<Figures> {
    // An estimate may exceed what is known exactly.
    let visitors = cell.visitors().min(cell.views());
    (visitors >= people)
        .then(|| Figures { views: round_down(people, cell.views()), visitors: round_down(people, visitors) })
}

fn round_down(step: u64, number: u64) -> u64 {
    number - number % step
}
