//! Seals the tallies of a node, together with the position up to which a log was counted.

use calendar::{Day, Timestamp};
use data_encoding::HEXLOWER;
use keyring::Tag16;
use store::{Db, Error, Operation, Tx};

use crate::random::random_bytes;

/// Returns a random node id, which reveals nothing about the machine.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn new_node_id() -> Result<i64, Error> {
    Ok(i64::from_be_bytes(*random_bytes()?) & i64::MAX)
}

/// The tally of one day on one node.
pub struct NodeTally<'a> {
    /// The site's row number.
    pub site: i64,
    /// The date in the time zone of the site.
    pub date: Day,
    /// [`tally_state`]. It replaces the previous seal of this node.
    pub state: &'a [u8],
    /// True if the node will not count this day any more.
    pub last: bool,
}

/// Position up to which a log was counted.
#[derive(Clone, Copy)]
pub struct LogPosition<'a> {
    /// The site's row number.
    pub site: i64,
    /// The log, identified by [`log_tag`].
    pub file: &'a Tag16,
    /// Bytes of its text that were counted before.
    pub from: i64,
    /// Bytes of its text that are counted with this seal.
    pub to: i64,
}

/// Outcome for one day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SealOutcome {
    /// The tally was sealed.
    Sealed,
    /// The day is closed. Its tally was not written, and its visits are late.
    Closed,
}

/// Outcome of [`SealTallies`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealTalliesOutcome {
    /// The outcome for each day, in the order given.
    Days(Vec<SealOutcome>),
    /// Another process counts or counted this log, so nothing was written.
    CountedElsewhere,
}

/// Seals a node's tallies of several days, and how far a log was read, in one transaction.
pub struct SealTallies<'a> {
    pub node: i64,
    pub days: &'a [NodeTally<'a>],
    /// Position up to which a log is counted with these tallies.
    pub position: Option<LogPosition<'a>>,
}

impl Operation for SealTallies<'_> {
    const NAME: &'static str = "seal tallies";
    type Output = SealTalliesOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<SealTalliesOutcome, Error> {
        if let Some(LogPosition { site, file, from, to }) = self.position
            && !tx.save_log_position(site, file, from, to).await?
        {
            return Ok(SealTalliesOutcome::CountedElsewhere);
        }
        let mut outcomes = vec![SealOutcome::Sealed; self.days.len()];
        // A fixed order keeps two nodes from waiting for each other (deadlock).
        let mut order: Vec<usize> = (0..self.days.len()).collect();
        order.sort_by_key(|n| (self.days[*n].site, self.days[*n].date));
        for n in order {
            let day = &self.days[n];
            if !tx.save_tally(day.site, day.date, self.node, day.last, day.state).await? {
                outcomes[n] = SealOutcome::Closed;
            }
        }
        Ok(SealTalliesOutcome::Days(outcomes))
    }
}

/// Returns the tag of a log for a site: a keyed hash of its beginning. Pass the whole first line, uncompressed and of
/// at most 256 bytes. A log that has grown keeps its tag, and a new log gets another.
pub fn log_tag(db: &Db, beginning: &[u8]) -> Result<Tag16, Error> {
    Ok(db.keyring().tag("log", &HEXLOWER.encode(beginning))?)
}

/// Returns the state to be sealed: the moment up to which was counted as Unix seconds, then the bytes of the tally. Reuses
/// the buffer, because the tally of a busy day is large.
#[must_use]
pub fn tally_state(at: Timestamp, mut tally: Vec<u8>) -> Vec<u8> {
    tally.splice(0..0, at.to_unix_seconds().to_le_bytes());
    tally
}

/// Returns the moment at which a state was sealed.
pub(super) fn sealed_at(state: &[u8]) -> Option<Timestamp> {
    Some(Timestamp::from_unix_seconds(i64::from_le_bytes(*state.first_chunk()?)))
}
