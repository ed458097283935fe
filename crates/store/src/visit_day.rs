//! Days of sites during counting. A day has a key slot of its own, under which its key and the counts of each
//! counting process (node) are sealed. When the day is closed, its figures are published and the slot is forgotten.
//! From then on no backup reveals the day's counts.

use analytics::{DayKey, UncountedRequests};
use calendar::{Day, Timestamp};
use keyring::Slot;
use policy::inventory::sealed::{VisitDayKey, VisitTallyState};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_all, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// A row of `visit_day`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitDay {
    /// The site's number.
    pub site: i64,
    /// The day in the site's time zone.
    pub date: Day,
    /// Its key slot.
    pub slot: Slot,
    /// Moment before which the day may not be closed.
    pub open_until: Timestamp,
    /// Whether its figures are published and its key slot is forgotten or about to be.
    pub closed: bool,
    /// Requests that were not visits, rounded; zeros until the day is closed.
    pub apart: UncountedRequests,
    /// Seconds for which counts may be lost, at most a whole day. While the day is open: only those that a restored
    /// backup lacks.
    pub missing: i64,
}

/// The counts of an open day on one node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedTally {
    /// The node's number.
    pub node: i64,
    /// Whether the node will count no more of this day.
    pub finished: bool,
    /// The node's counts, opened.
    pub state: Vec<u8>,
}

/// Sums over closed days.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClosedDayTotals {
    /// Number of closed days.
    pub days: u64,
    /// Requests that were not visits, rounded.
    pub uncounted: UncountedRequests,
    /// Seconds for which counts may be lost.
    pub missing: u64,
}

/// Result of opening a day.
pub enum VisitDayState {
    /// The day is closed; its visits arrive too late.
    Closed,
    /// The day is open, and stays open until this transaction ends.
    Open {
        /// Its key slot.
        slot: Slot,
        /// Key with which its visitors are told apart.
        key: DayKey,
    },
}

/// Seconds of a day whose counts are lost completely.
const ALL_OF_IT: i64 = 86_400;

macro_rules! day_where {
    ($rest:literal) => {
        concat!(
            "SELECT site, date, slot, open_until, closed, bots, late, refused, missing FROM visit_day ",
            $rest
        )
    };
}

statements! {
    // This update locks the row: a process that closes the day waits, and vice versa.
    EXTEND = "UPDATE visit_day SET open_until = CASE WHEN open_until < $3 THEN $3 ELSE open_until END \
              WHERE site = $1 AND date = $2 AND closed = 0";
    KEY = "SELECT slot, closed, day_key FROM visit_day WHERE site = $1 AND date = $2";
    ADD = "INSERT INTO visit_day (site, date, slot, day_key, open_until, closed, bots, late, refused, missing) \
           VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0) ON CONFLICT (site, date) DO NOTHING";
    HOLD = "UPDATE visit_day SET closed = 0 WHERE site = $1 AND date = $2 AND closed = 0";
    GET = day_where!("WHERE site = $1 AND date = $2");
    RANGE = day_where!("WHERE site = $1 AND date BETWEEN $2 AND $3 ORDER BY date");
    ASIDE = "SELECT COUNT(*), CAST(COALESCE(SUM(bots), 0) AS BIGINT), CAST(COALESCE(SUM(late), 0) AS BIGINT), \
             CAST(COALESCE(SUM(refused), 0) AS BIGINT), CAST(COALESCE(SUM(missing), 0) AS BIGINT) FROM visit_day \
             WHERE site = $1 AND date BETWEEN $2 AND $3 AND closed = 1";
    DUE = "SELECT site, date FROM visit_day WHERE closed = 0 AND open_until <= $1 ORDER BY site, date LIMIT 500";
    CLOSE = "UPDATE visit_day SET closed = 1, day_key = $3, bots = $4, late = $5, refused = $6, \
             missing = CASE WHEN missing + $7 > $8 THEN $8 ELSE missing + $7 END \
             WHERE site = $1 AND date = $2 AND closed = 0";
    OPEN = day_where!("WHERE closed = 0 ORDER BY site, date");
    MISSING = "UPDATE visit_day SET missing = $3 WHERE site = $1 AND date = $2 AND closed = 0 AND missing < $3";
    PUT_TALLY = "INSERT INTO visit_tally (site, date, node, part, slot, complete, state) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (site, date, node, part) DO UPDATE SET complete = excluded.complete, state = excluded.state";
    SHORTEN_TALLY = "DELETE FROM visit_tally WHERE site = $1 AND date = $2 AND node = $3 AND part >= $4";
    TALLIES = "SELECT t.node, t.complete, t.state, t.slot, t.part FROM visit_tally t \
               JOIN visit_day d ON d.site = t.site AND d.date = t.date AND d.closed = 0 AND d.slot = t.slot \
               WHERE t.site = $1 AND t.date = $2 ORDER BY t.node, t.part";
    DROP_TALLIES = "DELETE FROM visit_tally WHERE site = $1 AND date = $2";
}

/// Associated data of a day's key: site and date.
pub(crate) fn day_binding(site: i64, date: Day) -> Vec<u8> {
    [site, date.to_unix_days()].map(i64::to_be_bytes).concat()
}

/// Associated data of a part of a tally: site, date, node and part.
pub(crate) fn tally_binding(site: i64, date: Day, node: i64, part: i64) -> Vec<u8> {
    [site, date.to_unix_days(), node, part].map(i64::to_be_bytes).concat()
}

/// Maximum size in bytes of a part of a tally.
pub const TALLY_PART: usize = 256 * 1_024;

fn visit_day(row: &AnyRow) -> Result<VisitDay, Error> {
    Ok(VisitDay {
        site: row.try_get("site")?,
        date: columns::day(row, "visit_day.date")?,
        slot: slot_from_i64(row.try_get("slot")?),
        open_until: columns::timestamp(row, "open_until")?,
        closed: row.try_get::<i64, _>("closed")? != 0,
        apart: UncountedRequests {
            bots: columns::number(row, "visit_day.bots")?,
            late: columns::number(row, "visit_day.late")?,
            refused: columns::number(row, "visit_day.refused")?,
        },
        missing: row.try_get("missing")?,
    })
}

fn column_of(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Tx {
    /// Opens a day for counting. A new day gets a key slot and a key. A later `open_until` postpones the close. A day
    /// in restored data whose slot is forgotten is closed without figures.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or the key can't be opened.
    pub async fn open_visit_day(
        &mut self,
        site: i64,
        date: Day,
        open_until: Timestamp,
    ) -> Result<VisitDayState, Error> {
        if execute!(self, EXTEND, site, date, open_until)? == 0
            && !self.make_visit_day(site, date, open_until).await?
        {
            // The day is closed, or another process created it first.
            execute!(self, EXTEND, site, date, open_until)?;
        }
        let row = fetch_optional!(self, KEY, site, date)?.ok_or(Error::Conflict)?;
        if row.try_get::<i64, _>("closed")? != 0 {
            return Ok(VisitDayState::Closed);
        }
        let of = slot_from_i64(row.try_get("slot")?);
        match self.open_own_at::<VisitDayKey>(of, &day_binding(site, date), row.try_get("day_key")?) {
            Ok(key) => {
                let key = key.bytes().try_into().map_err(|_| Error::Unknown("visit_day.day_key"))?;
                Ok(VisitDayState::Open { slot: of, key: DayKey::new(key) })
            }
            Err(Error::Forgotten { .. }) => {
                self.close_visit_day(site, date, UncountedRequests::default(), ALL_OF_IT).await?;
                Ok(VisitDayState::Closed)
            }
            Err(error) => Err(error),
        }
    }

    async fn make_visit_day(&mut self, site: i64, date: Day, open_until: Timestamp) -> Result<bool, Error> {
        if fetch_optional!(self, KEY, site, date)?.is_some() {
            return Ok(false);
        }
        let of = self.keyring().allocate_slot()?;
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| Error::no_randomness())?;
        let sealed = self.seal_at::<VisitDayKey>(of, &day_binding(site, date), &key);
        // `DayKey` takes the bytes over and wipes them when dropped.
        drop(DayKey::new(key));
        Ok(execute!(self, ADD, site, date, slot_to_i64(of), sealed?, open_until)? == 1)
    }

    pub async fn visit_day(&mut self, site: i64, date: Day) -> Result<Option<VisitDay>, Error> {
        fetch_optional!(self, GET, site, date)?.as_ref().map(visit_day).transpose()
    }

    /// Like [`Tx::visit_day`], and locks an open day against closing and sealing until the transaction ends. A close
    /// begins with this call.
    pub async fn visit_day_locked(&mut self, site: i64, date: Day) -> Result<Option<VisitDay>, Error> {
        execute!(self, HOLD, site, date)?;
        self.visit_day(site, date).await
    }

    /// Returns up to 500 open days that may be closed at `now`.
    pub async fn visit_days_due(&mut self, now: Timestamp) -> Result<Vec<(i64, Day)>, Error> {
        let due = fetch_all!(self, DUE, now)?;
        due.iter().map(|row| Ok((row.try_get(0)?, columns::day(row, "visit_day.date")?))).collect()
    }

    /// Returns the days of a site between two days, both included.
    pub async fn visit_days(&mut self, site: i64, from: Day, to: Day) -> Result<Vec<VisitDay>, Error> {
        fetch_all!(self, RANGE, site, from, to)?.iter().map(visit_day).collect()
    }

    /// Returns the sums over the closed days of a site between two days, both included. Years are aggregated to one row.
    pub async fn closed_day_totals(
        &mut self,
        site: i64,
        from: Day,
        to: Day,
    ) -> Result<ClosedDayTotals, Error> {
        let Some(row) = fetch_optional!(self, ASIDE, site, from, to)? else {
            return Ok(ClosedDayTotals::default());
        };
        let uncounted = UncountedRequests {
            bots: columns::number_at(&row, 1, "visit_day.bots")?,
            late: columns::number_at(&row, 2, "visit_day.late")?,
            refused: columns::number_at(&row, 3, "visit_day.refused")?,
        };
        let days = columns::number_at(&row, 0, "visit_day.date")?;
        Ok(ClosedDayTotals { days, uncounted, missing: columns::number_at(&row, 4, "visit_day.missing")? })
    }

    /// Seals a node's counts of a day, and replaces its earlier ones. `last` says that the node will count no more.
    /// Returns false if the day is closed or was never opened.
    pub async fn save_tally(
        &mut self,
        site: i64,
        date: Day,
        node: i64,
        last: bool,
        state: &[u8],
    ) -> Result<bool, Error> {
        if execute!(self, HOLD, site, date)? == 0 {
            return Ok(false);
        }
        let row = fetch_optional!(self, KEY, site, date)?.ok_or(Error::Conflict)?;
        let of: i64 = row.try_get("slot")?;
        let mut parts = 0;
        for state in state.chunks(TALLY_PART) {
            match self.seal_at::<VisitTallyState>(
                slot_from_i64(of),
                &tally_binding(site, date, node, parts),
                state,
            ) {
                Ok(state) => execute!(self, PUT_TALLY, site, date, node, parts, of, i64::from(last), state)?,
                // Restored data: the day's slot is forgotten, and its row will be closed.
                Err(Error::Forgotten { .. }) => return Ok(false),
                Err(error) => return Err(error),
            };
            parts += 1;
        }
        execute!(self, SHORTEN_TALLY, site, date, node, parts)?;
        Ok(true)
    }

    /// Returns the sealed counts of an open day by node. Empty for a closed day, and for one whose slot is forgotten.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or a state can't be opened.
    pub async fn tallies(&mut self, site: i64, date: Day) -> Result<Vec<SealedTally>, Error> {
        let mut tallies: Vec<SealedTally> = Vec::new();
        for row in fetch_all!(self, TALLIES, site, date)? {
            let node = row.try_get(0)?;
            let bound = tally_binding(site, date, node, row.try_get(4)?);
            match self.open_own_at::<VisitTallyState>(slot_from_i64(row.try_get(3)?), &bound, row.try_get(2)?)
            {
                Ok(part) => match tallies.last_mut() {
                    Some(last) if last.node == node => last.state.extend_from_slice(part.bytes()),
                    _ => {
                        let finished = row.try_get::<i64, _>(1)? != 0;
                        tallies.push(SealedTally { node, finished, state: part.bytes().to_vec() });
                    }
                },
                Err(Error::Forgotten { .. }) => return Ok(Vec::new()),
                Err(error) => return Err(error),
            }
        }
        Ok(tallies)
    }

    /// Closes a day with its uncounted requests and deletes its key and tallies. `missing` is added to the stored
    /// value. Returns `None` if the day is closed already or does not exist; its figures must not be published then.
    /// The caller publishes in the same transaction and has the returned slot forgotten.
    pub async fn close_visit_day(
        &mut self,
        site: i64,
        date: Day,
        apart: UncountedRequests,
        missing: i64,
    ) -> Result<Option<Slot>, Error> {
        let [bots, late, refused] = [apart.bots, apart.late, apart.refused].map(column_of);
        let empty: &[u8] = &[];
        if execute!(self, CLOSE, site, date, empty, bots, late, refused, missing, ALL_OF_IT)? == 0 {
            return Ok(None);
        }
        execute!(self, DROP_TALLIES, site, date)?;
        Ok(fetch_optional!(self, KEY, site, date)?
            .map(|row| row.try_get("slot"))
            .transpose()?
            .map(slot_from_i64))
    }

    /// Returns all open days.
    pub async fn open_visit_days(&mut self) -> Result<Vec<VisitDay>, Error> {
        fetch_all!(self, OPEN)?.iter().map(visit_day).collect()
    }

    /// Records that at least so many seconds of an open day may be lost.
    pub async fn record_missing(&mut self, site: i64, date: Day, seconds: i64) -> Result<(), Error> {
        execute!(self, MISSING, site, date, seconds)?;
        Ok(())
    }

    /// Closes all open days whose key slot is forgotten, without figures: data from a backup made before their close.
    /// Returns the number of days.
    pub async fn close_forgotten_days(&mut self) -> Result<u64, Error> {
        let mut lost = 0;
        for day in self.open_visit_days().await? {
            if self.keyring.is_forgotten(day.slot)? {
                let closed =
                    self.close_visit_day(day.site, day.date, UncountedRequests::default(), ALL_OF_IT);
                lost += u64::from(closed.await?.is_some());
            }
        }
        Ok(lost)
    }
}
