//! The published figures of a site, for comparison.

use std::collections::BTreeMap;

use analytics::Dimension;
use calendar::Day;
use domain::statistics::{DateRange, FiguresPage, FiguresQuery, read_figures};
use store::Audience;

use crate::cli::shop::{Shop, block_on};

/// All published figures of a site.
#[derive(Debug, PartialEq)]
pub struct Published {
    /// The published days, in order.
    pub days: Vec<String>,
    /// The figures by day and dimension, with rows sorted by value.
    readings: BTreeMap<(String, &'static str), FiguresPage>,
    whole: BTreeMap<&'static str, FiguresPage>,
}

impl Published {
    /// Returns the figures of a dimension over all days.
    pub fn of(&self, dimension: &str) -> &FiguresPage {
        &self.whole[dimension]
    }

    /// Returns the figures of all dimensions of a day.
    pub fn of_day(&self, day: &str) -> Vec<&FiguresPage> {
        self.readings.iter().filter(|((of, _), _)| of == day).map(|(_, reading)| reading).collect()
    }
}

/// Returns the published figures of the site `vendor`.
pub fn published(shop: &Shop) -> Published {
    published_of(shop, "vendor")
}

/// Returns the published figures of a site.
pub fn published_of(shop: &Shop, site: &str) -> Published {
    let db = shop.open();
    let read = async {
        let mut tx = db.read().await?;
        let site = tx.site(site).await?.expect("the site is there").id;
        let days: Vec<Day> = match tx.published_days(site).await? {
            Some((first, last)) => first.through(last).collect(),
            None => Vec::new(),
        };
        let mut found = Published {
            days: days.iter().map(ToString::to_string).collect(),
            readings: BTreeMap::new(),
            whole: BTreeMap::new(),
        };
        for dimension in Dimension::ALL {
            let of = |from, to| FiguresQuery {
                site,
                audience: Audience::Own,
                dimension,
                range: DateRange { from, to },
                skip: 0,
                limit: usize::MAX,
            };
            let reading = read_figures(&mut tx, &of(Day::MIN, Day::MAX)).await?;
            found.whole.insert(dimension.name(), sorted(reading));
            for date in &days {
                let reading = read_figures(&mut tx, &of(*date, *date)).await?;
                found.readings.insert((date.to_string(), dimension.name()), sorted(reading));
            }
        }
        Ok::<_, store::Error>(found)
    };
    let found = block_on(read).unwrap_or_else(|error| panic!("{error}"));
    block_on(db.close());
    found
}

/// Sorts the rows by value. The program orders equal rows by the first publication of their values.
fn sorted(mut reading: FiguresPage) -> FiguresPage {
    reading.rows.sort_by(|a, b| a.value.cmp(&b.value));
    reading
}
