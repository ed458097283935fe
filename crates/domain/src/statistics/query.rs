//! Published figures are read: of any range, from the fewest spans that make it up.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use analytics::{ArchivedTable, Date, Dimension, Figures, Row};
use store::{Audience, Error, Span, Tx};

use super::limits::MAX_HOURLY_DAYS;
use super::range_cover::{begin, cover, next};

/// Days of a site's calendar, both of them included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateRange {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

impl DateRange {
    /// How many days.
    #[must_use]
    pub fn days(self) -> i32 {
        (self.to.0.saturating_sub(self.from.0)).saturating_add(1).max(0)
    }

    /// As many days right before it: to compare with.
    #[must_use]
    pub fn before(self) -> Self {
        Self { from: Date(self.from.0.saturating_sub(self.days())), to: Date(self.from.0.saturating_sub(1)) }
    }

    /// Without the days on which nothing can have been counted.
    fn within(self, tx: &Tx) -> Self {
        let tomorrow = i32::try_from(tx.today() + 1).unwrap_or(i32::MAX);
        Self { from: self.from.max(Date(0)), to: self.to.min(Date(tomorrow)) }
    }
}

/// What is to be read: the words of a dimension with their numbers.
#[derive(Clone, Copy)]
pub struct FiguresQuery {
    /// The site's row number.
    pub site: i64,
    /// For whom.
    pub audience: Audience,
    /// By what.
    pub dimension: Dimension,
    /// Which days.
    pub range: DateRange,
    /// Words that are left out at the beginning.
    pub skip: usize,
    /// Words, at most.
    pub most: usize,
}

/// Figures of a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FiguresPage {
    /// All people of the dimension.
    pub total: Figures,
    /// Views of cells that were folded, as far as the published numbers tell.
    pub other: u64,
    /// Views in cells for which there was no room.
    pub evicted_views: u64,
    /// Published days that are in it: the mean of a day is the total divided by it.
    pub days: u32,
    /// Words in all.
    pub words: usize,
    /// The words asked for: most views first, then most visitors; hours by the clock.
    pub rows: Vec<Row>,
}

/// Words of a dimension with their numbers, summed over a range.
///
/// # Errors
/// When the database is away, or a row is none of ours.
pub async fn read_figures(tx: &mut Tx, read: &FiguresQuery) -> Result<FiguresPage, Error> {
    let mut sum = analytics::TableSum::default();
    let stretches = stretches(read.range.within(tx));
    for row in tx.figures_of(read.site, read.audience, read.dimension, &stretches).await? {
        sum.add_bytes(&row.cells).map_err(|_| Error::Unknown("figures.cells"))?;
    }
    let ArchivedTable { total, evicted_views, days, mut rows } = sum.finish();
    let shown: u64 = rows.iter().map(|(_, figures)| figures.views).sum();
    let words = rows.len();
    if read.dimension != Dimension::Hour {
        let order = |(word, f): &(u32, Figures)| (std::cmp::Reverse((f.views, f.visitors)), *word);
        rows.sort_unstable_by_key(order);
        rows = rows.into_iter().skip(read.skip).take(read.most).collect();
    }
    let mut rows = spelled(tx, read.site, &rows).await?;
    if read.dimension == Dimension::Hour {
        rows.sort_unstable_by(|a, b| a.value.cmp(&b.value));
        rows = rows.into_iter().skip(read.skip).take(read.most).collect();
    }
    Ok(FiguresPage { total, other: total.views.saturating_sub(shown), evicted_views, days, words, rows })
}

/// The fewest spans of a range, as the store reads them.
fn stretches(range: DateRange) -> Vec<(Span, RangeInclusive<i32>)> {
    cover(range.from, range.to).iter().map(|s| (s.span, s.first.0..=s.last.0)).collect()
}

/// Rows with their words instead of the words' numbers.
async fn spelled(tx: &mut Tx, site: i64, rows: &[(u32, Figures)]) -> Result<Vec<Row>, Error> {
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
    /// Each hour of each day, of [`MAX_HOURLY_DAYS`] at most.
    Hour,
    /// Days.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
}

impl Step {
    /// Every step, the shortest first.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// Its name in commands and addresses.
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

    /// The step of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// The step that makes a chart of a range neither bare nor crowded: at most a hundred and twenty points, or years.
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

/// What is to be read: the total of a dimension, step by step. The site's own views and visitors are the total of pages.
#[derive(Clone, Copy)]
pub struct SeriesQuery {
    /// The site's row number.
    pub site: i64,
    /// For whom.
    pub audience: Audience,
    /// Whose total; of hours it is the site's, whatever stands here.
    pub dimension: Dimension,
    /// Which days. Weeks, months and years that it touches are shown whole.
    pub range: DateRange,
    /// Step.
    pub step: Step,
}

/// A point of a series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// First day of the step.
    pub start: Date,
    /// The hour of that day, where steps are hours.
    pub hour: Option<u8>,
    /// Numbers of the step.
    pub figures: Figures,
    /// Published days that are in it; 0 where nothing was counted or the day is still open.
    pub days: u32,
}

/// A point for each step of the range, those without figures too. None where hours of too many days are asked for.
///
/// # Errors
/// When the database is away, or a row is none of ours.
pub async fn read_series(tx: &mut Tx, read: &SeriesQuery) -> Result<Option<Vec<Point>>, Error> {
    let range = read.range.within(tx);
    if read.step == Step::Hour {
        return if range.days() > MAX_HOURLY_DAYS {
            Ok(None)
        } else {
            hours(tx, &SeriesQuery { range, ..*read }).await.map(Some)
        };
    }
    let span = read.step.span();
    let mut points = Vec::new();
    let mut start = begin(span, range.from);
    while start <= range.to {
        points.push(Point { start, hour: None, figures: Figures::default(), days: 0 });
        start = next(span, start);
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(Some(points)) };
    let (first, last) = (first.start.0, last.start.0);
    let found = tx.totals(read.site, read.audience, read.dimension, span, first, last).await?;
    for (start, figures, days) in found {
        if let Ok(at) = points.binary_search_by_key(&start, |point| point.start.0) {
            (points[at].figures, points[at].days) = (figures, days);
        }
    }
    Ok(Some(points))
}

async fn hours(tx: &mut Tx, read: &SeriesQuery) -> Result<Vec<Point>, Error> {
    let mut points = Vec::new();
    for day in read.range.from.0..=read.range.to.0 {
        let of = |hour| Point { start: Date(day), hour: Some(hour), figures: Figures::default(), days: 0 };
        points.extend((0..24).map(of));
    }
    let days = [(Span::Day, read.range.from.0..=read.range.to.0)];
    let mut found = Vec::new();
    for row in tx.figures_of(read.site, read.audience, Dimension::Hour, &days).await? {
        found.push((row.start, row.archived()?));
    }
    let numbers: BTreeSet<u32> = found.iter().flat_map(|(_, day)| &day.rows).map(|(word, _)| *word).collect();
    let words = tx.dictionary_words(read.site, &numbers.into_iter().collect::<Vec<_>>()).await?;
    for (start, of_day) in found {
        let place = usize::try_from(24 * (start - read.range.from.0)).unwrap_or(usize::MAX);
        let Some(points) = points.get_mut(place..place.saturating_add(24)) else { continue };
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

/// What came in a range but is no visit, and what is missing. Days that are still open aren't in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exclusions {
    /// Closed days.
    pub days: u32,
    /// Requests of machines, rounded.
    pub bots: u64,
    /// Visits that came after their day was closed, rounded.
    pub late: u64,
    /// Requests that were no visit, rounded.
    pub refused: u64,
    /// Seconds of which the counts may be missing: a node crashed, or a day of a backup was lost.
    pub missing: u64,
}

/// Reads what stands beside the figures of a range.
///
/// # Errors
/// When the database is unavailable.
pub async fn read_exclusions(tx: &mut Tx, site: i64, range: DateRange) -> Result<Exclusions, Error> {
    let range = range.within(tx);
    let (days, apart, missing) = tx.closed_day_totals(site, range.from.0, range.to.0).await?;
    let days = u32::try_from(days).unwrap_or(u32::MAX);
    Ok(Exclusions { days, bots: apart.bots, late: apart.late, refused: apart.refused, missing })
}
