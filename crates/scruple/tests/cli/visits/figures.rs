//! What a shop has published, to be compared.

use std::collections::BTreeMap;

use analytics::{Date, Dimension};
use domain::statistics::{DateRange, FiguresPage, FiguresQuery, read_figures};
use store::Audience;

use crate::shop::{Shop, wait};

/// All published figures of a site.
#[derive(Debug, PartialEq)]
pub struct Published {
    /// Days of which anything is published, in their order.
    pub days: Vec<String>,
    /// By day and dimension, rows in the order of their words.
    readings: BTreeMap<(String, &'static str), FiguresPage>,
    whole: BTreeMap<&'static str, FiguresPage>,
}

impl Published {
    /// All days of a dimension.
    pub fn of(&self, dimension: &str) -> &FiguresPage {
        &self.whole[dimension]
    }

    /// All dimensions of a day.
    pub fn of_day(&self, day: &str) -> Vec<&FiguresPage> {
        self.readings.iter().filter(|((of, _), _)| of == day).map(|(_, reading)| reading).collect()
    }
}

/// Of the site `vendor`.
pub fn published(shop: &Shop) -> Published {
    published_of(shop, "vendor")
}

/// Of a site.
pub fn published_of(shop: &Shop, site: &str) -> Published {
    let db = shop.open();
    let read = async {
        let mut tx = db.read().await?;
        let site = tx.site(site).await?.expect("the site is there").id;
        let days: Vec<Date> = match tx.published_days(site).await? {
            Some((first, last)) => (first..=last).map(Date).collect(),
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
            let reading = read_figures(&mut tx, &of(Date(0), Date(40_000))).await?;
            found.whole.insert(dimension.name(), in_order(reading));
            for date in &days {
                let reading = read_figures(&mut tx, &of(*date, *date)).await?;
                found.readings.insert((date.to_string(), dimension.name()), in_order(reading));
            }
        }
        Ok::<_, store::Error>(found)
    };
    let found = wait(read).unwrap_or_else(|error| panic!("{error}"));
    wait(db.close());
    found
}

/// Equal rows stand in the order in which their words were first published.
fn in_order(mut reading: FiguresPage) -> FiguresPage {
    reading.rows.sort_by(|a, b| a.value.cmp(&b.value));
    reading
}
