//! Published figures: one row for each site, audience, dimension, and day, week, month or year.

use analytics::{ArchivedTable, Dimension, Figures};
use calendar::Day;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{fetch_all, fetch_optional, statements, string_enum};
use crate::{Error, Tx};

string_enum! { "figures.audience",
    /// Audience of published figures; it decides the disclosure threshold k.
    Audience {
        /// The site's own staff.
        Own = "own",
        Public = "public",
    }
}

string_enum! { "figures.span",
    /// Period that figures cover.
    Span {
        Day = "day",
        /// A week, from Monday.
        Week = "week",
        Month = "month",
        Year = "year",
    }
}

impl Audience {
    /// Both indexes.
    pub const ALL: [Self; 2] = [Self::Own, Self::Public];
}

impl Span {
    /// All spans, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Returns the first day of the span that contains a day.
    #[must_use]
    pub fn start(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => day.monday(),
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }
}

/// Figures of a span. The figures by value stay encoded until they are summed or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FiguresRow {
    /// Period covered.
    pub span: Span,
    /// First day of the span.
    pub start: Day,
    /// Total of the dimension.
    pub total: Figures,
    /// Views of values that were evicted because the table was full.
    pub evicted_views: u64,
    /// Number of published days in the span.
    pub days: u32,
    /// Encoded figures by value.
    pub cells: Vec<u8>,
}

impl FiguresRow {
    /// Decodes the figures by value.
    ///
    /// # Errors
    /// When the cells are damaged.
    pub fn archived(&self) -> Result<ArchivedTable, Error> {
        ArchivedTable::from_bytes(&self.cells).map_err(|_| Error::Unknown("figures.cells"))
    }
}

/// The total of a span, without the figures by value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpanTotal {
    /// First day of the span.
    pub start: Day,
    /// Total of the dimension.
    pub total: Figures,
    /// Number of published days in the span.
    pub days: u32,
}

statements! {
    PUT = "INSERT INTO figures (site, audience, dimension, span, start, views, visitors, evicted_views, days, cells) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (site, audience, dimension, span, start) \
           DO UPDATE SET views = excluded.views, visitors = excluded.visitors, evicted_views = excluded.evicted_views, \
           days = excluded.days, cells = excluded.cells";
    RANGE = "SELECT span, start, views, visitors, evicted_views, days, cells FROM figures \
             WHERE site = $1 AND audience = $2 AND dimension = $3 AND span = $4 AND start BETWEEN $5 AND $6 ORDER BY start";
    TOTALS = "SELECT start, views, visitors, days FROM figures \
              WHERE site = $1 AND audience = $2 AND dimension = $3 AND span = $4 AND start BETWEEN $5 AND $6 ORDER BY start";
    FIRST = "SELECT COALESCE(MIN(start), -1), COALESCE(MAX(start), -1) FROM figures \
             WHERE site = $1 AND audience = $2 AND dimension = $3 AND span = $4";
}

/// Number of cells that form a row's key.
const KEYS: usize = 5;

fn figures(row: &AnyRow) -> Result<FiguresRow, Error> {
    Ok(FiguresRow {
        span: Span::parse(row.try_get("span")?)?,
        start: columns::day(row, "figures.start")?,
        total: Figures {
            views: columns::number(row, "figures.views")?,
            visitors: columns::number(row, "figures.visitors")?,
        },
        evicted_views: columns::number(row, "figures.evicted_views")?,
        days: columns::number(row, "figures.days")?,
        cells: row.try_get("cells")?,
    })
}

impl Tx {
    /// Writes the figures of a span, and replaces earlier ones.
    pub async fn save_figures(
        &mut self,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        span: Span,
        start: Day,
        figures: &ArchivedTable,
    ) -> Result<(), Error> {
        let column = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let row = [
            site.into(),
            audience.as_str().into(),
            dimension.name().into(),
            span.as_str().into(),
            start.into(),
            column(figures.total.views).into(),
            column(figures.total.visitors).into(),
            column(figures.evicted_views).into(),
            i64::from(figures.days).into(),
            figures.to_bytes().into(),
        ];
        if self.queue_upsert(PUT, KEYS, row) {
            self.flush().await?;
        }
        Ok(())
    }

    /// Returns the figures of spans that begin in the ranges (both ends included), by range and day.
    pub async fn figures_of(
        &mut self,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        ranges: &[(Span, std::ops::RangeInclusive<Day>)],
    ) -> Result<Vec<FiguresRow>, Error> {
        let (audience, dimension) = (audience.as_str(), dimension.name());
        let mut found = Vec::new();
        for (span, starts) in ranges {
            let (from, to) = (*starts.start(), *starts.end());
            for row in fetch_all!(self, RANGE, site, audience, dimension, span.as_str(), from, to)? {
                found.push(figures(&row)?);
            }
        }
        Ok(found)
    }

    /// Returns the total of each span that begins between two days (both included), in order. It does not read the
    /// figures by value.
    pub async fn totals(
        &mut self,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        span: Span,
        from: Day,
        to: Day,
    ) -> Result<Vec<SpanTotal>, Error> {
        let (audience, dimension, span) = (audience.as_str(), dimension.name(), span.as_str());
        let rows = fetch_all!(self, TOTALS, site, audience, dimension, span, from, to)?;
        rows.iter()
            .map(|row| {
                // Access by position instead of name, because ten years of days are thousands of rows.
                let start = columns::day_at(row, 0, "figures.start")?;
                let views = columns::number_at(row, 1, "figures.views")?;
                let visitors = columns::number_at(row, 2, "figures.visitors")?;
                let days = columns::number_at(row, 3, "figures.days")?;
                Ok(SpanTotal { start, total: Figures { views, visitors }, days })
            })
            .collect()
    }

    /// Returns the first and last published day of a site; `None` before the first.
    pub async fn published_days(&mut self, site: i64) -> Result<Option<(Day, Day)>, Error> {
        let (audience, dimension) = (Audience::Own.as_str(), Dimension::Page.name());
        let Some(row) = fetch_optional!(self, FIRST, site, audience, dimension, Span::Day.as_str())? else {
            return Ok(None);
        };
        let (first, last) =
            (columns::day_at(&row, 0, "figures.start")?, columns::day_at(&row, 1, "figures.start")?);
        Ok((first >= Day::UNIX_EPOCH).then_some((first, last)))
    }
}
