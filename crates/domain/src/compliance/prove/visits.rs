//! Visitor statistics: they count visits (`visitors.general`) without identifying visitors
//! (`visitors.unidentifiable`).

use std::collections::BTreeMap;

use analytics::{ArchivedTable, Dimension, DisclosureThresholds};
use calendar::{Day, Timestamp};
use policy::inventory::find_column;
use policy::promise;
use store::{Audience, Error, FiguresRow, LiveColumn, SealedColumnReport, Site, Span, Tx, VisitIntegrity};

use super::findings::visits::{Fault, Observation, Violation};
use super::findings::{Evidence, Finding, count, schema};
use crate::statistics::limits::GRACE_SECONDS;
use crate::statistics::rollup::published_thresholds;

/// All tables of visitor statistics. No table has a row for a visit or a visitor.
const TABLES: [&str; 7] =
    ["site", "visit_day", "visit_tally", "figures", "dictionary", "site_note", "log_position"];

/// Seconds after which a day that may be closed is overdue: two days without a running server.
const OVERDUE: i64 = 2 * 86_400;

/// Checks published figures: each belongs to a closed day of a site, and weeks, months and years are the sums of their
/// days. Without a site the verdict is [`super::Verdict::NotYet`].
pub(crate) async fn general(tx: &mut Tx) -> Result<Finding, Error> {
    let mut evidence = Evidence::default();
    let report = integrity(tx).await?;
    evidence.expect_zero(report.without_site, Fault::RowWithoutSite);
    evidence.expect_zero(report.early, Fault::FiguresOfOpenDay);
    let mut rollups = 0;
    for site in tx.sites().await? {
        rollups += check_rollups(tx, &site, &mut evidence).await?;
    }
    evidence.observed(Observation::Figures {
        sites: report.sites,
        closed: report.closed,
        open: report.open,
        tables: report.figures,
        labels: report.values,
    });
    evidence.observed(Observation::Rollups { rollups });
    Ok(if report.sites == 0 {
        evidence.into_finding_not_yet(promise::VISITORS_GENERAL)
    } else {
        evidence.into_finding(promise::VISITORS_GENERAL)
    })
}

/// Checks that nothing stored identifies a visitor: no row, column, number or label.
pub(crate) async fn unidentifiable(
    tx: &mut Tx,
    live: &[LiveColumn],
    sealed: &[SealedColumnReport],
) -> Result<Evidence, Error> {
    let mut evidence = columns(live);
    day_states(tx, sealed, &mut evidence).await?;
    published_numbers(tx, &mut evidence).await?;
    let identifying = tx.count_identifying_words().await?;
    evidence.expect_zero(count(identifying), Fault::IdentifyingLabel);
    for site in tx.sites().await? {
        stored_times(tx, &site, &mut evidence).await?;
    }
    Ok(evidence)
}

async fn integrity(tx: &mut Tx) -> Result<VisitIntegrity, Error> {
    tx.visit_integrity(tx.now - OVERDUE).await
}

/// Checks that no other table is about visits, and that the inventory has each column of these tables.
fn columns(live: &[LiveColumn]) -> Evidence {
    let mut evidence = Evidence::default();
    for l in live {
        let known = TABLES.contains(&&*l.table);
        let about_visits =
            ["visit", "tally", "beacon", "hit", "view"].iter().any(|part| l.table.contains(part));
        if (known || about_visits) && find_column(&l.table, &l.column).is_none() {
            evidence.violation(Violation::UnknownColumn { column: l.to_string() });
        }
    }
    evidence.observed(Observation::Tables { tables: &TABLES });
    evidence
}

/// Checks that open days are sealed, closed days are forgotten, and no day is open too long.
async fn day_states(
    tx: &mut Tx,
    sealed: &[SealedColumnReport],
    evidence: &mut Evidence,
) -> Result<(), Error> {
    let report = integrity(tx).await?;
    evidence.expect_zero(report.with_key, Fault::ClosedDayWithKey);
    evidence.expect_zero(report.with_tallies, Fault::TallyOfClosedDay);
    evidence.expect_zero(report.mismatched_tallies, Fault::TallyOfOtherSlot);
    evidence.expect_zero(report.overdue, Fault::OverdueDay);
    let not_forgotten = tx.closed_days_not_forgotten().await?;
    evidence.expect_zero(count(not_forgotten.len()), Fault::SlotNotForgotten);
    let of_ours = sealed.iter().filter(|v| TABLES.contains(&v.column.table));
    let mut open = 0;
    for value in of_ours {
        let unreadable = schema::Fault::Unreadable { column: value.column.to_string() };
        evidence.expect_zero(count(value.broken), unreadable);
        open += value.open;
    }
    evidence.observed(Observation::ClosedDays { closed: report.closed, sealed: open });
    Ok(())
}

/// Checks that each published number counts enough people.
async fn published_numbers(tx: &mut Tx, evidence: &mut Evidence) -> Result<(), Error> {
    let Some((staff, public)) = published_thresholds(tx).await? else {
        evidence.observed(Observation::NothingPublished);
        return Ok(());
    };
    let Some(thresholds) = DisclosureThresholds::new(staff, public) else {
        evidence.observed(Observation::ThresholdsChanged);
        return Ok(());
    };
    let found = tx.check_disclosure(thresholds).await?;
    evidence.expect_zero(count(found.small), Fault::TooFewPeople);
    if let Some(first) = found.first {
        evidence.violation(Violation::FirstSmallTable(first));
    }
    let (numbers, tables) = (found.cells, found.rows);
    evidence.observed(Observation::Published { staff, public, numbers, tables });
    Ok(())
}

/// Checks that no stored time is finer than an hour: `open_until` is the end of the day or a full hour, and hour
/// labels are hours.
async fn stored_times(tx: &mut Tx, site: &Site, evidence: &mut Evidence) -> Result<(), Error> {
    let days = tx.visit_days(site.id, Day::MIN, Day::MAX).await?;
    // In any time zone a day ends on a quarter of an hour.
    let coarse = |until: Timestamp| {
        until.second_of_day() % 3_600 == 0 || (until - GRACE_SECONDS).second_of_day() % 900 == 0
    };
    let fine = days.iter().filter(|day| !coarse(day.open_until)).count();
    evidence.expect_zero(count(fine), Fault::FineTime);
    let Some((first, last)) = tx.published_days(site.id).await? else { return Ok(()) };
    let mut numbers = std::collections::BTreeSet::new();
    let years = [(Span::Year, Span::Year.start(first)..=last)];
    for row in tx.figures_of(site.id, Audience::Own, Dimension::Hour, &years).await? {
        if let Ok(year) = row.archived() {
            numbers.extend(year.rows.iter().map(|(word, _)| *word));
        }
    }
    let words = tx.dictionary_words(site.id, &numbers.iter().copied().collect::<Vec<_>>()).await?;
    let is_hour = |word: &String| word.len() == 2 && word.parse::<u8>().is_ok_and(|hour| hour < 24);
    let other = numbers.len() - words.values().filter(|word| is_hour(word)).count();
    evidence.expect_zero(count(other), Fault::LabelNotHour);
    Ok(())
}

/// Compares the rollups of a site with the sums of their days, and the public figures of a day with those for staff.
/// Works year by year to limit memory. Returns the number of compared rollups.
async fn check_rollups(tx: &mut Tx, site: &Site, evidence: &mut Evidence) -> Result<u64, Error> {
    let Some((first, last)) = tx.published_days(site.id).await? else { return Ok(0) };
    let (mut compared, mut wrong, mut exceeding) = (0, 0, 0);
    // The week of the first day may begin in the year before.
    let mut year = first.monday().first_of_year();
    while year <= last {
        let next = crate::statistics::range_cover::next(Span::Year, year);
        for dimension in Dimension::ALL {
            let own = Year::read(tx, site.id, Audience::Own, dimension, year, next).await?;
            let public = Year::read(tx, site.id, Audience::Public, dimension, year, next).await?;
            for of in [&own, &public] {
                compared += of.rollups.len() as u64;
                wrong += of.wrong_spans();
            }
            exceeding += own.days_exceeded_by(&public);
        }
        year = next;
    }
    evidence.expect_zero(count(wrong), Fault::WrongRollup);
    evidence.expect_zero(count(exceeding), Fault::PublicBeyondStaff);
    Ok(compared)
}

/// Figures of a week, month or year. `table` is `None` if they cannot be read.
struct Rollup {
    span: Span,
    start: Day,
    table: Option<ArchivedTable>,
}

/// Figures of one dimension: the rollups that begin in a year, and all their days. Figures that cannot be read are
/// missing.
struct Year {
    days: BTreeMap<Day, ArchivedTable>,
    rollups: Vec<Rollup>,
    first: Day,
    /// The day after the last day of the year.
    end: Day,
}

impl Year {
    async fn read(
        tx: &mut Tx,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        first: Day,
        next: Day,
    ) -> Result<Self, Error> {
        // The last week may end in the next year. The first days of the year may belong to a week that began before
        // it.
        let longer = [Span::Week, Span::Month, Span::Year].map(|span| (span, first..=next - 1));
        let days = [(Span::Day, first..=next + 5)];
        let archived = |row: &FiguresRow| row.archived().ok();
        let found = tx.figures_of(site, audience, dimension, &days).await?;
        let days = found.iter().filter_map(|row| Some((row.start, archived(row)?))).collect();
        let found = tx.figures_of(site, audience, dimension, &longer).await?;
        let rollup = |row: &FiguresRow| Rollup { span: row.span, start: row.start, table: archived(row) };
        Ok(Self { days, rollups: found.iter().map(rollup).collect(), first, end: next })
    }

    /// Returns how many rollups are missing or are not the sum of their days.
    fn wrong_spans(&self) -> usize {
        let is_sum = |rollup: &&Rollup| {
            let next = crate::statistics::range_cover::next(rollup.span, rollup.start);
            let mut sum = ArchivedTable::default();
            self.days.range(rollup.start..next).for_each(|(_, day)| sum.add(day));
            rollup.table.as_ref() == Some(&sum)
        };
        let wrong = self.rollups.iter().filter(|rollup| !is_sum(rollup)).count();
        let is_there = |span: Span, day: Day| {
            let start = span.start(day);
            start < self.first
                || self.rollups.iter().any(|rollup| (rollup.span, rollup.start) == (span, start))
        };
        let in_year = self.days.range(..self.end).map(|(day, _)| *day);
        let missing = in_year.filter(|day| !Span::ALL[1..].iter().all(|span| is_there(*span, *day))).count();
        wrong + missing
    }

    /// Returns how many days have a number in `public` that is greater than the one here.
    fn days_exceeded_by(&self, public: &Self) -> usize {
        let exceeds = |day: &Day, shown: &ArchivedTable| {
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
        public.days.iter().filter(|(day, shown)| exceeds(day, shown)).count()
    }
}
