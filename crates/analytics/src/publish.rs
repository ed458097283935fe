//! The close of a day: what may be known of it for ever.
//!
//! # The rule
//!
//! For each audience (the site's own staff with k = 5, the public with k = 10) and for each cell of each dimension, with n
//! people and w views on that day:
//!
//! 1. n < k: the cell is left out. Neither its word nor any number that it alone decides appears anywhere.
//! 2. n >= k: it is published as n and w, each rounded down to a multiple of k.
//! 3. A dimension's total is the cell of all its people, counted for itself and not summed up, and follows 1 and 2. What
//!    a page calls "other" is the total's views less those of the rows: computed from published numbers, never stored.
//! 4. The public's k is a multiple of the staff's, so its tables say nothing that the staff's don't.
//! 5. Weeks, months and years are sums (and means) of an audience's published days. **Nothing that a day left out comes
//!    back in them.** A cell that has k people only in a week looks the same as one in which fewer than k people came
//!    each day, or one person every day; telling these apart would need a key that outlives the day, and that is what
//!    nobody may have. With at most k - 1 people a day, even k - 1 people in all explain any sum, so no threshold is safe.
//! 6. Machines and late or refused requests are plain numbers, rounded down to multiples of ten k.
//!
//! # What it guarantees
//!
//! Take any day and any person of it. The tables with and without that person differ only where the number of people or
//! views of a set of at least k people, the person among them, steps over a multiple of k (`tests/singling_out.rs`). What
//! was published is a function of such sets alone, for all days, dimensions, periods and both audiences together, since
//! everything else is computed from the published days. So whoever knows fewer than k - 1 of each such set's people always
//! has at least two strangers in it, and anything that the tables show of it holds as well with another of these
//! strangers in the person's place: he can't tell whether that person came. Of sets of fewer than k people the tables
//! show nothing at all, whatever he knows.
//!
//! # Where it ends
//!
//! - Whoever knows **k - 1 or more people of a published set** exactly (their number of visits, and that nobody unknown but
//!   the one came) sees one more person when the number steps over a multiple of k, once in k cases. So he who knows
//!   *everybody* on a site but one may learn that the one came to the site, or to a page that k others saw; what that one
//!   saw alone he doesn't learn. He can bring about that knowledge by making k - 1 visitors up.
//! - **Less the rows**: a total that exceeds its rows by more than rounding explains shows that folded cells were not
//!   empty. Which cells and who isn't shown; but who knows beforehand that only one person could be in any of them has
//!   learned that he came.
//! - A visitor is a pair of address and browser. **One person with k browsers or addresses is k visitors.** People behind
//!   one address with the same browser are one; that errs on the safe side.
//! - Beyond a thousand people (in small tables and totals: two thousand) people are estimated; a set near k never is.
//! - **While the day is open**, whoever holds the sealed state and its key can test addresses. That ends with the slot.

use crate::{
    Dimension,
    day::{Apart, Cell, Tally},
};

/// How many people a cell needs, for the site's own staff and for the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisclosureThresholds {
    own: u64,
    public: u64,
}

impl Default for DisclosureThresholds {
    fn default() -> Self {
        Self { own: 5, public: 10 }
    }
}

impl DisclosureThresholds {
    /// None unless `own` is at least 2 and `public` a multiple of it (rule 4).
    pub fn new(own: u64, public: u64) -> Option<Self> {
        (own >= 2 && public >= own && public.is_multiple_of(own)).then_some(Self { own, public })
    }

    /// People that a cell needs for the site's own staff.
    pub fn own(self) -> u64 {
        self.own
    }

    /// People that a cell needs for the public.
    pub fn public(self) -> u64 {
        self.public
    }
}

/// Two published numbers, multiples of k.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Views; of other dimensions arrivals, events, downloads, misses.
    pub views: u64,
    /// People, each once a day.
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
    /// The word that was counted; empty when nothing was said (an unknown country, a direct visit).
    pub value: String,
    /// Its numbers.
    pub figures: Figures,
}

/// One dimension of a day, or of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What was counted by.
    pub dimension: Dimension,
    /// All people of the dimension, those of folded cells too.
    pub total: Figures,
    /// Most views first, then by value; hours by the clock.
    pub rows: Vec<Row>,
    /// Views in cells that made way because there were too many: the table's tail is incomplete when this isn't 0.
    pub beyond: u64,
    /// Days that are in it.
    pub days: u32,
}

impl Table {
    /// The table of no day.
    pub fn empty(dimension: Dimension) -> Self {
        Self { dimension, total: Figures::default(), rows: Vec::new(), beyond: 0, days: 0 }
    }

    /// Views in cells that were folded, as far as the published numbers tell.
    pub fn other(&self) -> u64 {
        let shown = self.rows.iter().map(|row| row.figures.views).sum();
        self.total.views.saturating_sub(shown)
    }

    /// The sum of published days: a week, a month, a year (rule 5). All of one dimension and one audience.
    pub fn sum<'a>(dimension: Dimension, days: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut rows = std::collections::HashMap::<&str, Figures>::new();
        let mut sum = Self::empty(dimension);
        for day in days {
            debug_assert_eq!(day.dimension, dimension);
            sum.total.add(day.total);
            sum.beyond = sum.beyond.saturating_add(day.beyond);
            sum.days += day.days;
            for row in &day.rows {
                rows.entry(&row.value).or_default().add(row.figures);
            }
        }
        sum.rows =
            rows.into_iter().map(|(value, figures)| Row { value: value.to_owned(), figures }).collect();
        sum.in_order()
    }

    fn in_order(mut self) -> Self {
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

/// A day as it may be known for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// For the site's own staff: a table for each dimension, in their order.
    pub own: Vec<Table>,
    /// For the public.
    pub public: Vec<Table>,
    /// What came but was no visit, rounded (rule 6).
    pub apart: Apart,
}

/// Folds and rounds a whole day: the [total](crate::Day::total) of all its nodes.
pub fn publish(day: &Tally, folding: DisclosureThresholds) -> Published {
    let tables = |people| Dimension::ALL.map(|dimension| table(day, dimension, people)).to_vec();
    let rounded = |number| down_to(10 * folding.own, number);
    let apart = day.apart();
    Published {
        own: tables(folding.own),
        public: tables(folding.public),
        apart: Apart {
            bots: rounded(apart.bots),
            late: rounded(apart.late),
            refused: rounded(apart.refused),
        },
    }
}

fn table(day: &Tally, dimension: Dimension, people: u64) -> Table {
    let Some(total) = figures(day.crowd(dimension.crowd()), people) else {
        return Table { days: 1, ..Table::empty(dimension) };
    };
    let rows = day.sorted(dimension).into_iter();
    let rows = rows
        .filter_map(|(value, cell)| Some(Row { value: value.to_owned(), figures: figures(cell, people)? }));
    let beyond = down_to(people, day.beyond(dimension));
    Table { dimension, total, rows: rows.collect(), beyond, days: 1 }.in_order()
}

/// None for fewer than `people`.
fn figures(cell: &Cell, people: u64) -> Option<Figures> {
    // An estimate may exceed what is known exactly.
    let visitors = cell.visitors().min(cell.views());
    (visitors >= people)
        .then(|| Figures { views: down_to(people, cell.views()), visitors: down_to(people, visitors) })
}

fn down_to(step: u64, number: u64) -> u64 {
    number - number % step
}
