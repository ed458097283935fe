//! What was counted is sealed, and how far a log was read with it.

use analytics::Date;
use data_encoding::HEXLOWER;
use keyring::Tag16;
use store::{Db, Error, Operation, Tx};

/// A node's number: random, so that it tells nothing of the machine.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn new_node_id() -> Result<i64, Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::Unavailable("the system gives no random numbers".into()))?;
    Ok(i64::from_be_bytes(bytes) & i64::MAX)
}

/// What a node has counted of one day so far.
pub struct NodeTally<'a> {
    /// The site's row number.
    pub site: i64,
    /// The day of the site.
    pub date: Date,
    /// [`tally_state`]. It replaces what this node sealed before.
    pub state: &'a [u8],
    /// The node will count no more on this day.
    pub last: bool,
}

/// How far a log was read.
#[derive(Clone, Copy)]
pub struct LogPosition<'a> {
    /// The site's row number.
    pub site: i64,
    /// The log, by [`log_tag`].
    pub file: &'a Tag16,
    /// Bytes of its text that had been counted before.
    pub from: i64,
    /// Bytes of its text that are counted now.
    pub to: i64,
}

/// Whether a day took what was counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SealOutcome {
    /// It is sealed.
    Sealed,
    /// The day is closed; nothing was written, and what was counted for it is late.
    Closed,
}

/// What became of sealing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealTalliesOutcome {
    /// An answer for each day, in the order given.
    Days(Vec<SealOutcome>),
    /// Another process counts this log, or did: nothing was written.
    CountedElsewhere,
}

/// Seals a node's counts of several days, and how far a log was read, in one transaction.
pub struct SealTallies<'a> {
    /// Whose counts they are.
    pub node: i64,
    /// The days.
    pub days: &'a [NodeTally<'a>],
    /// How far a log was read when this had been counted.
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
        let mut answers = vec![SealOutcome::Sealed; self.days.len()];
        // Always in the same order, so that no two nodes wait for each other's days.
        let mut order: Vec<usize> = (0..self.days.len()).collect();
        order.sort_by_key(|n| (self.days[*n].site, self.days[*n].date));
        for n in order {
            let day = &self.days[n];
            if !tx.save_tally(day.site, day.date.0, self.node, day.last, day.state).await? {
                answers[n] = SealOutcome::Closed;
            }
        }
        Ok(SealTalliesOutcome::Days(answers))
    }
}

/// A log as it is remembered for a site: a keyed hash of how it begins. Take its whole first line, of at most 256 bytes and
/// unpacked: a log that has only grown is then known again, and one that was begun anew isn't.
///
/// # Errors
/// When the keyring is unavailable.
pub fn log_tag(db: &Db, beginning: &[u8]) -> Result<Tag16, Error> {
    Ok(db.keyring().tag("log", &HEXLOWER.encode(beginning))?)
}

/// What is sealed: the second since 1970 at which it was counted so far, before a tally's bytes. Takes them over, since a
/// large day's are many.
#[must_use]
pub fn tally_state(at: i64, mut tally: Vec<u8>) -> Vec<u8> {
    tally.splice(0..0, at.to_le_bytes());
    tally
}

/// The second at which a state was made.
pub(super) fn sealed_at(state: &[u8]) -> Option<i64> {
    Some(i64::from_le_bytes(*state.first_chunk()?))
}
