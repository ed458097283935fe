//! Writes the figures of a day, and adds them to those of its week, month and year.

use std::collections::{BTreeSet, HashMap};

use analytics::{
    ArchivedTable, DisclosureThresholds, Table, Tally, UncountedRequests, apply_disclosure_control,
};
use calendar::Day;
use store::{Audience, Error, Span, Tx};

/// Spans to which a day is added.
const LONGER: [Span; 3] = [Span::Week, Span::Month, Span::Year];

/// Name of the fact with the disclosure thresholds of all published figures, for staff and public: `5 10`. After a
/// change of thresholds it holds the greatest common divisors.
const THRESHOLDS: &str = "visits steps";

/// Publishes a day for both audiences, and returns the rounded counts of uncounted requests. The caller makes sure
/// that each day is added once, and that only one day of a site is published at a time.
pub(super) async fn publish_day(
    tx: &mut Tx,
    site: i64,
    date: Day,
    counted: &Tally,
    thresholds: DisclosureThresholds,
) -> Result<UncountedRequests, Error> {
    let published = apply_disclosure_control(counted, thresholds);
    let both = [(Audience::Own, &published.staff), (Audience::Public, &published.public)];
    let ids = dictionary_ids(tx, site, both.iter().flat_map(|(_, tables)| *tables)).await?;
    let mut figures = Vec::new();
    for (audience, tables) in both {
        for table in tables {
            let of_day = ArchivedTable::from_table(table, |word| ids.get(word).copied().unwrap_or(0));
            let starts = LONGER.map(|span| (span, span.start(date)));
            let known =
                tx.figures_of(site, audience, table.dimension, &starts.map(|(s, d)| (s, d..=d))).await?;
            for (span, start) in starts {
                let mut sum = match known.iter().find(|row| row.span == span) {
                    Some(row) => row.archived()?,
                    None => ArchivedTable::default(),
                };
                sum.add(&of_day);
                figures.push((audience, table.dimension, span, start, sum));
            }
            figures.push((audience, table.dimension, Span::Day, date, of_day));
        }
    }
    // All writes follow all reads, so that they can be sent in batches.
    for (audience, dimension, span, start, figures) in &figures {
        tx.save_figures(site, *audience, *dimension, *span, *start, figures).await?;
    }
    record_thresholds(tx, thresholds).await?;
    Ok(published.uncounted)
}

/// Returns the dictionary id of each label in the tables.
async fn dictionary_ids<'t>(
    tx: &mut Tx,
    site: i64,
    tables: impl Iterator<Item = &'t Table>,
) -> Result<HashMap<&'t str, u32>, Error> {
    let words: BTreeSet<&str> = tables.flat_map(|table| &table.rows).map(|row| &*row.value).collect();
    let words: Vec<&str> = words.into_iter().collect();
    let ids = tx.dictionary_ids(site, &words).await?;
    Ok(words.into_iter().zip(ids).collect())
}

/// Returns the disclosure thresholds of all published figures, for staff and public. `None` before the first published
/// day.
pub(crate) async fn published_thresholds(tx: &mut Tx) -> Result<Option<(u64, u64)>, Error> {
    let Some(fact) = tx.fact(THRESHOLDS).await? else { return Ok(None) };
    let thresholds =
        fact.split_once(' ').and_then(|(own, public)| Some((own.parse().ok()?, public.parse().ok()?)));
    thresholds.map(Some).ok_or(Error::Unknown("meta.value"))
}

async fn record_thresholds(tx: &mut Tx, thresholds: DisclosureThresholds) -> Result<(), Error> {
    let recorded = published_thresholds(tx).await?;
    let (own, public) = recorded.unwrap_or((0, 0));
    let common = (gcd(own, thresholds.staff()), gcd(public, thresholds.public()));
    if recorded != Some(common) {
        tx.set_fact(THRESHOLDS, &format!("{} {}", common.0, common.1)).await?;
    }
    Ok(())
}

/// Returns the greatest common divisor (Euclid). If one number is 0, returns the other.
fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
