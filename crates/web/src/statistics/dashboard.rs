//! The figures of a site's page, read in one transaction.

use analytics::Dimension;
use calendar::Day;
use domain::statistics::{
    Exclusions, FiguresPage, FiguresQuery, Point, SeriesQuery, Step, read_exclusions, read_figures,
    read_series,
};
use store::{Audience, Error, Site, Tx};

use super::Period;

/// Rows of a table on this page. The table's own page has all rows.
const ROWS: usize = 8;

/// The figures of a site in a period.
pub struct Dashboard {
    /// The time step of the chart.
    pub step: Step,
    /// The points of the chart.
    pub points: Vec<Point>,
    /// The points of the previous period. Empty without a comparison.
    pub previous_points: Vec<Point>,
    /// The tables. The first is that of pages, and its total is the site's total.
    pub tables: Vec<(Dimension, FiguresPage)>,
    /// The total of the previous period.
    pub previous_total: Option<FiguresPage>,
    /// The hours of the day.
    pub hours: FiguresPage,
    /// Requests that were left out, and missing time.
    pub left_out: Exclusions,
    /// Notes of staff on days.
    pub notes: Vec<(Day, String)>,
}

impl Dashboard {
    /// Reads the figures. `before` is the period for comparison.
    pub async fn read(
        tx: &mut Tx,
        site: &Site,
        audience: Audience,
        period: Period,
        before: Option<Period>,
    ) -> Result<Self, Error> {
        let reader = FigureReader { site: site.id, audience };
        let step = Step::fitting(period.range());
        let mut tables = Vec::new();
        for dimension in Dimension::ALL.into_iter().filter(|dimension| *dimension != Dimension::Hour) {
            tables.push((dimension, reader.table(tx, dimension, period, ROWS).await?));
        }
        let (mut past, mut total) = (Vec::new(), None);
        if let Some(before) = before {
            past = reader.series(tx, before, step).await?;
            total = Some(reader.table(tx, Dimension::Page, before, 0).await?);
        }
        let notes = tx.site_notes(site.id, period.from(), period.to()).await?;
        Ok(Self {
            step,
            points: reader.series(tx, period, step).await?,
            previous_points: past,
            tables,
            previous_total: total,
            hours: reader.table(tx, Dimension::Hour, period, 24).await?,
            left_out: read_exclusions(tx, site.id, period.range()).await?,
            notes,
        })
    }

    /// Returns views and visitors of the whole site.
    #[must_use]
    pub fn site(&self) -> &FiguresPage {
        &self.tables[0].1
    }
}

struct FigureReader {
    site: i64,
    audience: Audience,
}

impl FigureReader {
    async fn table(
        &self,
        tx: &mut Tx,
        dimension: Dimension,
        period: Period,
        most: usize,
    ) -> Result<FiguresPage, Error> {
        let Self { site, audience } = *self;
        read_figures(
            tx,
            &FiguresQuery { site, audience, dimension, range: period.range(), skip: 0, limit: most },
        )
        .await
    }

    async fn series(&self, tx: &mut Tx, period: Period, step: Step) -> Result<Vec<Point>, Error> {
        let Self { site, audience } = *self;
        let read = SeriesQuery { site, audience, dimension: Dimension::Page, range: period.range(), step };
        // Hours are used for at most two days, so the series is never refused.
        Ok(read_series(tx, &read).await?.unwrap_or_default())
    }
}
