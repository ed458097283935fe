//! Days that were open in a backup and are still open. Visits counted after the backup are not in it, and the day
//! records that they may be missing.

use calendar::TimeZone;
use store::{Error, Tx};

/// Missing time is rounded up to hours, so that it does not reveal the time of the last visit.
const HOUR: i64 = 3_600;

/// Records for every open day that visits since its last seal may be missing. Damaged tallies count as missing from
/// the start of the day; closing handles them.
pub(crate) async fn record_missing(tx: &mut Tx) -> Result<(), Error> {
    let sites = tx.sites().await?;
    for day in tx.open_visit_days().await? {
        let zone = sites.iter().find(|site| site.id == day.site).and_then(|site| TimeZone::named(&site.zone));
        let Some(zone) = zone else { continue };
        let (start, end) = (zone.start_of_day(day.date), zone.start_of_day(day.date + 1));
        let sealed = match tx.tallies(day.site, day.date).await {
            Ok(tallies) => {
                tallies.iter().filter_map(|tally| super::seal_tallies::sealed_at(&tally.state)).max()
            }
            Err(Error::Damaged { .. }) => None,
            Err(error) => return Err(error),
        };
        let missing = tx.now.min(end) - sealed.map_or(start, |at| at.max(start));
        if missing > 0 {
            tx.record_missing(day.site, day.date, (missing + HOUR - 1) / HOUR * HOUR).await?;
        }
    }
    Ok(())
}
