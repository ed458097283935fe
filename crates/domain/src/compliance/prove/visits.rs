//! Visitor statistics: a broad picture (`visitors.general`) of nobody in particular (`visitors.unidentifiable`).

use std::collections::BTreeMap;

use analytics::{Archived, Date, Dimension, DisclosureThresholds};
use policy::inventory::find;
use policy::promise;
use store::{Audience, Error, FiguresRow, LiveColumn, SealedValue, Site, Span, Tx, VisitTies};

use super::{Finding, Look};
use crate::statistics::{GRACE_SECONDS, steps};

/// All tables of visitor statistics. None has a row for a visit or a visitor.
const TABLES: [&str; 7] =
    ["site", "visit_day", "visit_tally", "figures", "word", "site_note", "log_position"];

/// Seconds after which a day that could be closed should have been: two days without a running server.
const OVERDUE: i64 = 2 * 86_400;

/// Published figures hold together: each belongs to a closed day of a site, and weeks, months and years are the sums of
/// their days. Where no site is, there is nothing of it yet.
pub(crate) async fn general(tx: &mut Tx) -> Result<Finding, Error> {
    let mut look = Look::default();
    let ties = ties(tx).await?;
    look.none(ties.without_site, "rows of visitor statistics that belong to no site");
    look.none(ties.early, "figures of days that are not closed");
    let mut sums = 0;
    for site in tx.sites().await? {
        sums += spans_are_sums(tx, &site, &mut look).await?;
    }
    look.see(format!(
        "websites: {}; days counted and published: {}; days open: {}; tables of figures: {}; words in them: {}",
        ties.sites, ties.closed, ties.open, ties.figures, ties.words
    ));
    look.see(format!("weeks, months and years, each compared with the sum of its days: {sums}"));
    Ok(if ties.sites == 0 {
        look.not_yet(promise::VISITORS_GENERAL)
    } else {
        look.on(promise::VISITORS_GENERAL)
    })
}

/// Nothing is kept by which anybody could be told: no row, column, number or word.
pub(crate) async fn unidentifiable(
    tx: &mut Tx,
    live: &[LiveColumn],
    sealed: &[SealedValue],
) -> Result<Look, Error> {
    let mut look = schema(live);
    state(tx, sealed, &mut look).await?;
    numbers(tx, &mut look).await?;
    let telling = tx.telling_words().await?;
    look.none(
        i64::try_from(telling).unwrap_or(i64::MAX),
        "words that look like an address or a whole user agent",
    );
    for site in tx.sites().await? {
        times(tx, &site, &mut look).await?;
    }
    Ok(look)
}

async fn ties(tx: &mut Tx) -> Result<VisitTies, Error> {
    tx.visit_ties(tx.now - OVERDUE).await
}

/// No table beyond these speaks of visits, and none of these has a column that the inventory doesn't know.
fn schema(live: &[LiveColumn]) -> Look {
    let mut look = Look::default();
    for l in live {
        let known = TABLES.contains(&&*l.table);
        let speaks = ["visit", "tally", "beacon", "hit", "view"].iter().any(|part| l.table.contains(part));
        if (known || speaks) && find(&l.table, &l.column).is_none() {
            look.fault(format!(
                "{}.{} is there, and this proof does not know what it holds",
                l.table, l.column
            ));
        }
    }
    look.see(format!(
        "tables of visitor statistics, none with a row for a visit or a visitor: {}",
        TABLES.join(", ")
    ));
    look
}

/// What is open is sealed, what is closed is forgotten, and nothing stays open for long.
async fn state(tx: &mut Tx, sealed: &[SealedValue], look: &mut Look) -> Result<(), Error> {
    let ties = ties(tx).await?;
    look.none(ties.with_key, "closed days that have a key");
    look.none(ties.with_tallies, "counts in progress of closed days");
    look.none(ties.tallies_astray, "counts in progress that lie under another slot than their day");
    look.none(ties.overdue, "days that should have been closed two days ago");
    let living = tx.living_days().await?;
    look.none(count(living.len()), "closed days whose slot was not forgotten");
    let of_ours = sealed.iter().filter(|v| TABLES.contains(&v.column.table));
    let mut open = 0;
    for value in of_ours {
        let (table, column) = (value.column.table, value.column.column);
        look.none(
            count(value.broken),
            &format!("{table}.{column}: values in clear, damaged or not in their place"),
        );
        open += value.open;
    }
    look.see(format!(
        "closed days, each without key and counts, its slot forgotten or about to be: {}; sealed values of open \
         days: {open}",
        ties.closed
    ));
    Ok(())
}

/// Every published number is one of enough people.
async fn numbers(tx: &mut Tx, look: &mut Look) -> Result<(), Error> {
    let Some((own, public)) = steps(tx).await? else {
        look.see("nothing is published yet");
        return Ok(());
    };
    let Some(folding) = DisclosureThresholds::new(own, public) else {
        look.see(
            "the number of people that a figure needs was changed: older figures have no step in common",
        );
        return Ok(());
    };
    let found = tx.small_figures(folding).await?;
    look.none(count(found.small), "tables of figures with a number of too few people");
    if let Some((site, audience, dimension, span, start)) = &found.first {
        let first = crate::day::text(*start);
        look.fault(format!("the first of them: site {site}, {audience}, {dimension}, {span} from {first}"));
    }
    look.see(format!(
        "published numbers, each of at least {own} people ({public} for the public) and rounded down to multiples of \
         that: {} in {} tables",
        found.cells, found.rows
    ));
    Ok(())
}

/// No time is finer than an hour: a day may be closed at its own end or at a full hour, and the words of hours are hours.
async fn times(tx: &mut Tx, site: &Site, look: &mut Look) -> Result<(), Error> {
    let days = tx.visit_days(site.id, i32::MIN, i32::MAX).await?;
    // The end of a day in any zone falls on a quarter of an hour.
    let coarse = |until: i64| until % 3_600 == 0 || (until - GRACE_SECONDS) % 900 == 0;
    let fine = days.iter().filter(|day| !coarse(day.open_until)).count();
    look.none(count(fine), "days that tell a time finer than an hour");
    let Some((first, last)) = tx.published_days(site.id).await? else { return Ok(()) };
    let mut numbers = std::collections::BTreeSet::new();
    let years = [(Span::Year, Span::Year.start(first)..=last)];
    for row in tx.figures_of(site.id, Audience::Own, Dimension::Hour, &years).await? {
        if let Ok(year) = row.archived() {
            numbers.extend(year.rows.iter().map(|(word, _)| *word));
        }
    }
    let words = tx.words(site.id, &numbers.iter().copied().collect::<Vec<_>>()).await?;
    let is_hour = |word: &String| word.len() == 2 && word.parse::<u8>().is_ok_and(|hour| hour < 24);
    let other = numbers.len() - words.values().filter(|word| is_hour(word)).count();
    look.none(count(other), "hours that are no hours");
    Ok(())
}

fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// Compares a site's longer spans with the sums of their days, year by year so that years of figures fit into memory;
/// and what the public sees of a day with what staff see. Returns how many spans were compared.
async fn spans_are_sums(tx: &mut Tx, site: &Site, look: &mut Look) -> Result<u64, Error> {
    let Some((first, last)) = tx.published_days(site.id).await? else { return Ok(0) };
    let (mut compared, mut wrong, mut beyond) = (0, 0, 0);
    // The week of the first day may have begun in the year before.
    let mut year = Date(first).monday().year();
    while year.0 <= last {
        let next = crate::statistics::range_cover::next(Span::Year, year);
        for dimension in Dimension::ALL {
            let own = Year::read(tx, site.id, Audience::Own, dimension, year, next).await?;
            let public = Year::read(tx, site.id, Audience::Public, dimension, year, next).await?;
            for of in [&own, &public] {
                compared += of.spans.len() as u64;
                wrong += of.wrong_spans();
            }
            beyond += own.not_seen_in(&public);
        }
        year = next;
    }
    look.none(count(wrong), "weeks, months or years that are not the sum of their days");
    look.none(count(beyond), "days of which the public sees more than staff do");
    Ok(compared)
}

/// One dimension's figures of the spans that begin in a year, and of all their days. What can't be read isn't in it.
struct Year {
    days: BTreeMap<i32, Archived>,
    spans: Vec<(Span, i32, Option<Archived>)>,
    /// The first day of the year.
    first: i32,
    /// The day after its last.
    end: i32,
}

impl Year {
    async fn read(
        tx: &mut Tx,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        first: Date,
        next: Date,
    ) -> Result<Self, Error> {
        // The last week of a year ends in the next, the first of its days lies in the week that began before.
        let longer = [Span::Week, Span::Month, Span::Year].map(|span| (span, first.0..=next.0 - 1));
        let days = [(Span::Day, first.0..=next.0 + 5)];
        let archived = |row: &FiguresRow| row.archived().ok();
        let found = tx.figures_of(site, audience, dimension, &days).await?;
        let days = found.iter().filter_map(|row| Some((row.start, archived(row)?))).collect();
        let found = tx.figures_of(site, audience, dimension, &longer).await?;
        let spans = found.iter().map(|row| (row.span, row.start, archived(row))).collect();
        Ok(Self { days, spans, first: first.0, end: next.0 })
    }

    /// How many spans aren't the sum of their days, or are missing.
    fn wrong_spans(&self) -> usize {
        let is_sum = |(span, start, there): &&(Span, i32, Option<Archived>)| {
            let next = crate::statistics::range_cover::next(*span, Date(*start)).0;
            let mut sum = Archived::default();
            self.days.range(*start..next).for_each(|(_, day)| sum.add(day));
            there.as_ref() == Some(&sum)
        };
        let wrong = self.spans.iter().filter(|span| !is_sum(span)).count();
        let is_there = |span: Span, day: i32| {
            let start = span.start(day);
            start < self.first || self.spans.iter().any(|(of, first, _)| (*of, *first) == (span, start))
        };
        let in_year = self.days.range(..self.end).map(|(day, _)| *day);
        let missing = in_year.filter(|day| !Span::ALL[1..].iter().all(|span| is_there(*span, *day))).count();
        wrong + missing
    }

    /// How many days have a number in `public` that is greater than the one here.
    fn not_seen_in(&self, public: &Self) -> usize {
        let more = |day: &i32, shown: &Archived| {
            let Some(own) = self.days.get(day) else { return true };
            let of = |word: u32| {
                own.rows.binary_search_by_key(&word, |(word, _)| *word).ok().map(|at| own.rows[at].1)
            };
            shown.total.views > own.total.views
                || shown.total.visitors > own.total.visitors
                || shown.rows.iter().any(|(word, figures)| {
                    of(*word).is_none_or(|own| figures.views > own.views || figures.visitors > own.visitors)
                })
        };
        public.days.iter().filter(|(day, shown)| more(day, shown)).count()
    }
}
