//! Published figures: for each site, audience and dimension a row for each day, week, month and year.

use analytics::{ArchivedTable, Date, Dimension, Figures};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::site::date;
use crate::tx::{fetch_all, fetch_optional, statements, string_enum};
use crate::{Error, Tx};

string_enum! { "figures.audience",
    /// For whom figures are folded.
    Audience {
        /// The site's own staff.
        Own = "own",
        /// Everybody.
        Public = "public",
    }
}

string_enum! { "figures.span",
    /// How long figures reach.
    Span {
        /// A day.
        Day = "day",
        /// A week, from Monday.
        Week = "week",
        /// A month.
        Month = "month",
        /// A year.
        Year = "year",
    }
}

impl Audience {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Own, Self::Public];
}

impl Span {
    /// All of them, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// First day of the span in which a day lies.
    #[must_use]
    pub fn start(self, day: i32) -> i32 {
        let day = Date(day);
        match self {
            Self::Day => day,
            Self::Week => day.monday(),
            Self::Month => day.month(),
            Self::Year => day.year(),
        }
        .0
    }
}

/// Figures of a span; its rows by word stay as they are kept until they are summed or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FiguresRow {
    /// How long it reaches.
    pub span: Span,
    /// Its first day.
    pub start: i32,
    /// All people of the dimension.
    pub total: Figures,
    /// Views in cells for which there was no room.
    pub evicted_views: u64,
    /// Published days that are in it.
    pub days: u32,
    /// For [`analytics::Sum::add_bytes`].
    pub cells: Vec<u8>,
}

impl FiguresRow {
    /// With its rows by word.
    ///
    /// # Errors
    /// When the cells are damaged.
    pub fn archived(&self) -> Result<ArchivedTable, Error> {
        ArchivedTable::from_bytes(&self.cells).map_err(|_| Error::Unknown("figures.cells"))
    }
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

/// Cells of a row by which it is found.
const KEYS: usize = 5;

fn total(row: &AnyRow) -> Result<(Figures, u64, u32), Error> {
    let number = |name| u64::try_from(row.try_get::<i64, _>(name)?).map_err(|_| Error::Unknown("figures"));
    let days = u32::try_from(number("days")?).map_err(|_| Error::Unknown("figures.days"))?;
    Ok((Figures { views: number("views")?, visitors: number("visitors")? }, number("evicted_views")?, days))
}

fn figures(row: &AnyRow) -> Result<FiguresRow, Error> {
    let (total, beyond, days) = total(row)?;
    Ok(FiguresRow {
        span: Span::parse(row.try_get("span")?)?,
        start: date(row.try_get("start")?)?,
        total,
        evicted_views: beyond,
        days,
        cells: row.try_get("cells")?,
    })
}

impl Tx {
    /// Writes the figures of a span, in the place of those that it had.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn save_figures(
        &mut self,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        span: Span,
        start: i32,
        figures: &ArchivedTable,
    ) -> Result<(), Error> {
        let column = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let row = [
            site.into(),
            audience.as_str().into(),
            dimension.name().into(),
            span.as_str().into(),
            i64::from(start).into(),
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

    /// Figures of spans that begin within the ranges, both ends included, in the order of the ranges and of their days.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn figures_of(
        &mut self,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        ranges: &[(Span, std::ops::RangeInclusive<i32>)],
    ) -> Result<Vec<FiguresRow>, Error> {
        let (audience, dimension) = (audience.as_str(), dimension.name());
        let mut found = Vec::new();
        for (span, starts) in ranges {
            let (from, to) = (i64::from(*starts.start()), i64::from(*starts.end()));
            for row in fetch_all!(self, RANGE, site, audience, dimension, span.as_str(), from, to)? {
                found.push(figures(&row)?);
            }
        }
        Ok(found)
    }

    /// First day, total and days of each span that begins from one day to another, both included, in their order. Rows by
    /// word aren't read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn totals(
        &mut self,
        site: i64,
        audience: Audience,
        dimension: Dimension,
        span: Span,
        from: i32,
        to: i32,
    ) -> Result<Vec<(i32, Figures, u32)>, Error> {
        let (audience, dimension, span) = (audience.as_str(), dimension.name(), span.as_str());
        let (from, to) = (i64::from(from), i64::from(to));
        let rows = fetch_all!(self, TOTALS, site, audience, dimension, span, from, to)?;
        rows.iter()
            .map(|row| {
                // By place and not by name: a day of ten years is a row.
                let number = |n: usize| {
                    u64::try_from(row.try_get::<i64, _>(n)?).map_err(|_| Error::Unknown("figures"))
                };
                let days = u32::try_from(number(3)?).map_err(|_| Error::Unknown("figures.days"))?;
                let total = Figures { views: number(1)?, visitors: number(2)? };
                Ok((date(row.try_get(0)?)?, total, days))
            })
            .collect()
    }

    /// First and last published day of a site; none before the first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn published_days(&mut self, site: i64) -> Result<Option<(i32, i32)>, Error> {
        let (audience, dimension) = (Audience::Own.as_str(), Dimension::Page.name());
        let Some(row) = fetch_optional!(self, FIRST, site, audience, dimension, Span::Day.as_str())? else {
            return Ok(None);
        };
        let (first, last) = (date(row.try_get(0)?)?, date(row.try_get(1)?)?);
        Ok((first >= 0).then_some((first, last)))
    }
}
