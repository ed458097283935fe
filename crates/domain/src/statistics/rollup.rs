//! A day's figures are written, and added to those of its week, month and year.

use std::collections::{BTreeSet, HashMap};

use analytics::{
    ArchivedTable, Date, DisclosureThresholds, Table, Tally, UncountedRequests, apply_disclosure_control,
};
use store::{Audience, Error, Span, Tx};

/// The spans that a day is added to.
const LONGER: [Span; 3] = [Span::Week, Span::Month, Span::Year];

/// The fact that says in which steps figures are published, for both audiences: `5 10`. Once they were changed, the
/// largest steps that all of them fit.
const STEPS: &str = "visits steps";

/// Publishes a day for both audiences; what is left of all that came is what this returns, rounded. The caller sees to
/// it that no day is added twice and no two days of a site at once.
pub(super) async fn publish_day(
    tx: &mut Tx,
    site: i64,
    date: Date,
    counted: &Tally,
    thresholds: DisclosureThresholds,
) -> Result<UncountedRequests, Error> {
    let published = apply_disclosure_control(counted, thresholds);
    let both = [(Audience::Own, &published.staff), (Audience::Public, &published.public)];
    let numbers = numbers(tx, site, both.iter().flat_map(|(_, tables)| *tables)).await?;
    let mut figures = Vec::new();
    for (audience, tables) in both {
        for table in tables {
            let of_day = ArchivedTable::from_table(table, |word| numbers.get(word).copied().unwrap_or(0));
            let starts = LONGER.map(|span| (span, span.start(date.0)));
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
            figures.push((audience, table.dimension, Span::Day, date.0, of_day));
        }
    }
    // Written behind all that is read, many at a time.
    for (audience, dimension, span, start, figures) in &figures {
        tx.save_figures(site, *audience, *dimension, *span, *start, figures).await?;
    }
    note_steps(tx, thresholds).await?;
    Ok(published.uncounted)
}

/// A number for each word of the tables.
async fn numbers<'t>(
    tx: &mut Tx,
    site: i64,
    tables: impl Iterator<Item = &'t Table>,
) -> Result<HashMap<&'t str, u32>, Error> {
    let words: BTreeSet<&str> = tables.flat_map(|table| &table.rows).map(|row| &*row.value).collect();
    let words: Vec<&str> = words.into_iter().collect();
    let numbers = tx.dictionary_ids(site, &words).await?;
    Ok(words.into_iter().zip(numbers).collect())
}

/// In which steps figures were published so far, for staff and for the public; none before the first day.
///
/// # Errors
/// When the database is unavailable.
pub(crate) async fn steps(tx: &mut Tx) -> Result<Option<(u64, u64)>, Error> {
    let Some(fact) = tx.fact(STEPS).await? else { return Ok(None) };
    let steps =
        fact.split_once(' ').and_then(|(own, public)| Some((own.parse().ok()?, public.parse().ok()?)));
    steps.map(Some).ok_or(Error::Unknown("meta.value"))
}

async fn note_steps(tx: &mut Tx, thresholds: DisclosureThresholds) -> Result<(), Error> {
    let known = steps(tx).await?;
    let (own, public) = known.unwrap_or((0, 0));
    let fit = (common(own, thresholds.staff()), common(public, thresholds.public()));
    if known != Some(fit) {
        tx.set_fact(STEPS, &format!("{} {}", fit.0, fit.1)).await?;
    }
    Ok(())
}

/// The greatest common divisor (Euclid); with 0 the other.
fn common(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common(b, a % b) }
}
