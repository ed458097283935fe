//! Reads published figures of any range, from the fewest spans that cover it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use analytics::{ArchivedTable, Dimension, Figures, Row};
use calendar::Day;
use store::{Audience, ClosedDayTotals, Error, Span, Tx};

use super::limits::MAX_HOURLY_DAYS;
use super::range_cover::{begin, cover, next};

/// A range of dates in the time zone of a site, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateRange {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

impl DateRange {
    /// Returns the number of days.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.to - self.from + 1).max(0)
    }

    /// Returns the range of equal length directly before this one, for comparison.
    #[must_use]
    pub fn before(self) -> Self {
        Self { from: self.from - self.days(), to: self.from - 1 }
    }

    /// Removes days on which no visit can have been counted.
    fn within(self, tx: &Tx) -> Self {
        let tomorrow = tx.today() + 1;
        Self { from: self.from.max(Day::UNIX_EPOCH), to: self.to.min(tomorrow) }
    }
}

/// Query for the labels of a dimension with their figures.
#[derive(Clone, Copy)]
pub struct FiguresQuery {
    /// The site's row number.
    pub site: i64,
    pub audience: Audience,
    pub dimension: Dimension,
    pub range: DateRange,
    /// Number of labels to skip.
    pub skip: usize,
    /// Maximum number of labels.
    pub limit: usize,
}

/// A page of figures of a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FiguresPage {
    /// Total of the dimension.
    pub total: Figures,
    /// Views of suppressed cells, as far as the published numbers show them.
    pub other: u64,
    /// Views of cells that were dropped because a table was full.
    pub evicted_views: u64,
    /// Number of published days in the range. The daily mean is the total divided by it.
    pub days: u32,
    /// Number of all labels.
    pub words: usize,
    /// The requested labels: most views first, then most visitors; hours in order.
    pub rows: Vec<Row>,
}

/// Reads labels of a dimension with their figures, summed over a range.
///
/// # Errors
/// When the database is unavailable, or a row cannot be read.
pub async fn read_figures(tx: &mut Tx, query: &FiguresQuery) -> Result<FiguresPage, Error> {
    let mut sum = analytics::TableSum::default();
    let spans = covering_spans(query.range.within(tx));
    for row in tx.figures_of(query.site, query.audience, query.dimension, &spans).await? {
        sum.add_bytes(&row.cells).map_err(|_| Error::Unknown("figures.cells"))?;
    }
    let ArchivedTable { total, evicted_views, days, mut rows } = sum.finish();
    let shown: u64 = rows.iter().map(|(_, figures)| figures.views).sum();
    let words = rows.len();
    if query.dimension != Dimension::Hour {
        let order = |(word, f): &(u32, Figures)| (std::cmp::Reverse((f.views, f.visitors)), *word);
        rows.sort_unstable_by_key(order);
        rows = rows.into_iter().skip(query.skip).take(query.limit).collect();
    }
    let mut rows = with_labels(tx, query.site, &rows).await?;
    if query.dimension == Dimension::Hour {
        rows.sort_unstable_by(|a, b| a.value.cmp(&b.value));
        rows = rows.into_iter().skip(query.skip).take(query.limit).collect();
    }
    Ok(FiguresPage { total, other: total.views.saturating_sub(shown), evicted_views, days, words, rows })
}

/// Returns the fewest spans that cover a range, in the form that the store reads.
fn covering_spans(range: DateRange) -> Vec<(Span, RangeInclusive<Day>)> {
    cover(range.from, range.to).iter().map(|s| (s.span, s.first..=s.last)).collect()
}

/// Replaces dictionary ids by their labels.
async fn with_labels(tx: &mut Tx, site: i64, rows: &[(u32, Figures)]) -> Result<Vec<Row>, Error> {
    let numbers: Vec<u32> = rows.iter().map(|(word, _)| *word).collect();
    let mut words = tx.dictionary_words(site, &numbers).await?;
    let row = |(word, figures): &(u32, Figures)| {
        let value = words.remove(word).ok_or_else(|| Error::Damaged { column: "dictionary.text".into() })?;
        Ok(Row { value, figures: *figures })
    };
    rows.iter().map(row).collect()
}

/// The step of a series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Each hour of each day, for at most [`MAX_HOURLY_DAYS`].
    Hour,
    Day,
    /// Weeks, starting on Monday.
    Week,
    Month,
    Year,
}

impl Step {
    /// All steps, shortest first.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// Returns the name in commands and URLs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Returns the step for a readable chart of a range: at most 120 points, or years.
    #[must_use]
    pub fn fitting(range: DateRange) -> Self {
        match range.days() {
            ..=2 => Self::Hour,
            3..=120 => Self::Day,
            121..=800 => Self::Week,
            801..=3_660 => Self::Month,
            _ => Self::Year,
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Hour | Self::Day => Span::Day,
            Self::Week => Span::Week,
            Self::Month => Span::Month,
            Self::Year => Span::Year,
        }
    }
}

/// Query for the totals of a dimension, step by step. The total of pages is the total of the site.
#[derive(Clone, Copy)]
pub struct SeriesQuery {
    /// The site's row number.
    pub site: i64,
    pub audience: Audience,
    /// The dimension. Hours always give the total of the site.
    pub dimension: Dimension,
    /// The range. Weeks, months and years at its ends are included completely.
    pub range: DateRange,
    pub step: Step,
}

/// A point of a series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// First day of the step.
    pub start: Day,
    /// Hour of the day, if steps are hours.
    pub hour: Option<u8>,
    /// Figures of the step.
    pub figures: Figures,
    /// Number of published days in the step; 0 if nothing was counted or the day is still open.
    pub days: u32,
}

/// Reads a point for each step of the range, including steps without figures. `None` if hours of too many days are
/// requested.
///
/// # Errors
/// When the database is unavailable, or a row cannot be read.
pub async fn read_series(tx: &mut Tx, query: &SeriesQuery) -> Result<Option<Vec<Point>>, Error> {
    let range = query.range.within(tx);
    if query.step == Step::Hour {
        return if range.days() > MAX_HOURLY_DAYS {
            Ok(None)
        } else {
            hourly_points(tx, &SeriesQuery { range, ..*query }).await.map(Some)
        };
    }
    let span = query.step.span();
    let mut points = Vec::new();
    let mut start = begin(span, range.from);
    while start <= range.to {
        points.push(Point { start, hour: None, figures: Figures::default(), days: 0 });
        start = next(span, start);
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(Some(points)) };
    let (first, last) = (first.start, last.start);
    let found = tx.totals(query.site, query.audience, query.dimension, span, first, last).await?;
    for of in found {
        if let Ok(at) = points.binary_search_by_key(&of.start, |point| point.start) {
            (points[at].figures, points[at].days) = (of.total, of.days);
        }
    }
    Ok(Some(points))
}

async fn hourly_points(tx: &mut Tx, query: &SeriesQuery) -> Result<Vec<Point>, Error> {
    let mut points = Vec::new();
    for day in query.range.from.through(query.range.to) {
        let of = |hour| Point { start: day, hour: Some(hour), figures: Figures::default(), days: 0 };
        points.extend((0..24).map(of));
    }
    let days = [(Span::Day, query.range.from..=query.range.to)];
    let mut found = Vec::new();
    for row in tx.figures_of(query.site, query.audience, Dimension::Hour, &days).await? {
        found.push((row.start, row.archived()?));
    }
    let numbers: BTreeSet<u32> = found.iter().flat_map(|(_, day)| &day.rows).map(|(word, _)| *word).collect();
    let words = tx.dictionary_words(query.site, &numbers.into_iter().collect::<Vec<_>>()).await?;
    for (start, of_day) in found {
        let at = usize::try_from(24 * (start - query.range.from)).unwrap_or(usize::MAX);
        let Some(points) = points.get_mut(at..at.saturating_add(24)) else { continue };
        points.iter_mut().for_each(|point| point.days = of_day.days);
        for (word, figures) in of_day.rows {
            let hour = words.get(&word).and_then(|hour| hour.parse::<usize>().ok());
            let point =
                hour.and_then(|hour| points.get_mut(hour)).ok_or(Error::Unknown("dictionary.text"))?;
            point.figures = figures;
        }
    }
    Ok(points)
}

/// Requests of a range that are no visits, and missing time. Days that are still open are not included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exclusions {
    /// Number of closed days.
    pub days: u32,
    /// Requests of bots, rounded.
    pub bots: u64,
    /// Visits that arrived after their day was closed, rounded.
    pub late: u64,
    /// Requests that are no visits, rounded.
    pub refused: u64,
    /// Seconds whose counts may be missing, because a node crashed or a day of a backup was lost.
    pub missing: u64,
}

pub async fn read_exclusions(tx: &mut Tx, site: i64, range: DateRange) -> Result<Exclusions, Error> {
    let range = range.within(tx);
    let ClosedDayTotals { days, uncounted, missing } =
        tx.closed_day_totals(site, range.from, range.to).await?;
    let days = u32::try_from(days).unwrap_or(u32::MAX);
    Ok(Exclusions { days, bots: uncounted.bots, late: uncounted.late, refused: uncounted.refused, missing })
}
