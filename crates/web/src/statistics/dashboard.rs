//! All that the page of a site shows, read in one transaction.

use analytics::{Date, Dimension};
use domain::statistics::{Aside, Point, ReadFigures, ReadSeries, Reading, Step, aside, figures, series};
use store::{Audience, Error, Site, Tx};

use super::Period;

/// Rows of a table on the page; the table's own page has all of them.
const ROWS: usize = 8;

/// What the page shows of a site and a period.
pub struct Dashboard {
    /// Into which pieces its chart is cut.
    pub step: Step,
    /// The chart's pieces.
    pub points: Vec<Point>,
    /// The pieces of the period before; empty where that isn't shown.
    pub past: Vec<Point>,
    /// The first table is that of pages; its total is the site's.
    pub tables: Vec<(Dimension, Reading)>,
    /// Total of the period before.
    pub before: Option<Reading>,
    /// Hours of the day.
    pub hours: Reading,
    /// What came but is no visit, and what is missing.
    pub aside: Aside,
    /// What staff noted on its days.
    pub notes: Vec<(Date, String)>,
}

impl Dashboard {
    /// Reads it; `before` is what it is compared with.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn read(
        tx: &mut Tx,
        site: &Site,
        audience: Audience,
        period: Period,
        before: Option<Period>,
    ) -> Result<Self, Error> {
        let of = Of { site: site.id, audience };
        let step = Step::fitting(period.range());
        let mut tables = Vec::new();
        for dimension in Dimension::ALL.into_iter().filter(|dimension| *dimension != Dimension::Hour) {
            tables.push((dimension, of.table(tx, dimension, period, ROWS).await?));
        }
        let (mut past, mut total) = (Vec::new(), None);
        if let Some(before) = before {
            past = of.series(tx, before, step).await?;
            total = Some(of.table(tx, Dimension::Page, before, 0).await?);
        }
        let notes = tx.notes(site.id, period.from().0, period.to().0).await?;
        Ok(Self {
            step,
            points: of.series(tx, period, step).await?,
            past,
            tables,
            before: total,
            hours: of.table(tx, Dimension::Hour, period, 24).await?,
            aside: aside(tx, site.id, period.range()).await?,
            notes: notes.into_iter().map(|(day, text)| (Date(day), text)).collect(),
        })
    }

    /// Views and visitors of the site.
    #[must_use]
    pub fn site(&self) -> &Reading {
        &self.tables[0].1
    }
}

struct Of {
    site: i64,
    audience: Audience,
}

impl Of {
    async fn table(
        &self,
        tx: &mut Tx,
        dimension: Dimension,
        period: Period,
        most: usize,
    ) -> Result<Reading, Error> {
        let Self { site, audience } = *self;
        figures(tx, &ReadFigures { site, audience, dimension, range: period.range(), skip: 0, most }).await
    }

    async fn series(&self, tx: &mut Tx, period: Period, step: Step) -> Result<Vec<Point>, Error> {
        let Self { site, audience } = *self;
        let read = ReadSeries { site, audience, dimension: Dimension::Page, range: period.range(), step };
        // Hours are chosen for two days at most.
        Ok(series(tx, &read).await?.unwrap_or_default())
    }
}
