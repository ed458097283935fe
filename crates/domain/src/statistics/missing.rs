//! Days that were open in a backup and are still: what was counted after it isn't in it, and they say so.

use analytics::{Date, TimeZone};
use store::{Error, Tx};

/// Told in whole hours, so that nobody learns from it when the last visit was.
const HOUR: i64 = 3_600;

/// Notes on every open day that what was counted since its last seal may be missing. Data that doesn't open is the
/// closing's matter, not the start's.
pub(crate) async fn record_missing(tx: &mut Tx) -> Result<(), Error> {
    let sites = tx.sites().await?;
    for day in tx.open_visit_days().await? {
        let zone = sites.iter().find(|site| site.id == day.site).and_then(|site| TimeZone::named(&site.zone));
        let Some(zone) = zone else { continue };
        let (begun, over) = (zone.start_of_day(Date(day.date)), zone.start_of_day(Date(day.date + 1)));
        let sealed = match tx.tallies(day.site, day.date).await {
            Ok(tallies) => {
                tallies.iter().filter_map(|(_, _, state)| super::seal_tallies::sealed_at(state)).max()
            }
            Err(Error::Damaged { .. }) => None,
            Err(error) => return Err(error),
        };
        let lost = tx.now.min(over) - sealed.map_or(begun, |at| at.max(begun));
        if lost > 0 {
            tx.record_missing(day.site, day.date, (lost + HOUR - 1) / HOUR * HOUR).await?;
        }
    }
    Ok(())
}
