//! Erasure intents: erasures that the data has recorded and that the keyring must still carry out. An intent found at
//! start is completed (roll forward).

use calendar::Day;
use keyring::{Slot, Tag16, Tombstone};
use sqlx::Row as _;

use crate::columns;
use crate::tx::{execute, fetch_all, random_id, statements};
use crate::{Error, Tx};

/// Reason for forgetting key slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErasureReason {
    /// A person agreed to the erasure.
    Erasure,
    /// A retention period ended.
    Retention,
    /// Old buckets of the blind index.
    Index,
    /// A conversation was erased, or resealed under a new slot.
    Conversation,
    /// A site's day was closed.
    Day,
}

impl ErasureReason {
    const ALL: [Self; 5] = [Self::Erasure, Self::Retention, Self::Index, Self::Conversation, Self::Day];

    /// Returns the value stored in the table and in the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Erasure => "erasure",
            Self::Retention => "retention",
            Self::Index => "index",
            Self::Conversation => "conversation",
            Self::Day => "day",
        }
    }

    fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|w| w.as_str() == name).ok_or(Error::Unknown("erasure_intent.reason"))
    }
}

/// An erasure in progress.
pub struct ErasureIntent {
    /// Row number; 0 if the store should choose one.
    pub id: i64,
    /// Key slots to forget.
    pub slots: Vec<Slot>,
    /// Tombstones of orders that must not come back.
    pub tombstones: Vec<Tombstone>,
    /// Day of the decision.
    pub day: Day,
    pub reason: ErasureReason,
}

statements! {
    ADD = "INSERT INTO erasure_intent (id, slots, tombstones, day, reason) VALUES ($1, $2, $3, $4, $5)";
    ALL = "SELECT id, slots, tombstones, day, reason FROM erasure_intent ORDER BY id";
    DROP = "DELETE FROM erasure_intent WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM erasure_intent WHERE id = $1";
}

pub(crate) fn read_tombstones(bytes: &[u8]) -> Result<Vec<Tombstone>, Error> {
    bytes
        .chunks(TOMBSTONE_BYTES)
        .map(|chunk| read_tombstone(chunk).ok_or(Error::Unknown("erasure_intent.tombstones")))
        .collect()
}

/// Key slots of eight bytes each, big endian.
fn read_slots(bytes: &[u8]) -> Result<Vec<Slot>, Error> {
    let (slots, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(Error::Unknown("erasure_intent.slots"));
    }
    Ok(slots.iter().map(|slot| Slot(u64::from_be_bytes(*slot))).collect())
}

/// Size of a tombstone in bytes: year, tag, kind, serial, term, big endian.
const TOMBSTONE_BYTES: usize = 4 + 16 + 1 + 8 + 4;

fn write_tombstone(t: &Tombstone) -> Vec<u8> {
    [&t.year.to_be_bytes()[..], &t.tag.0, &[t.kind], &t.serial.to_be_bytes(), &t.term.to_be_bytes()].concat()
}

fn read_tombstone(bytes: &[u8]) -> Option<Tombstone> {
    let (year, rest) = bytes.split_first_chunk::<4>()?;
    let (tag, rest) = rest.split_first_chunk::<16>()?;
    let (kind, rest) = rest.split_first()?;
    let (serial, term) = rest.split_first_chunk::<8>()?;
    Some(Tombstone {
        year: i32::from_be_bytes(*year),
        tag: Tag16(*tag),
        kind: *kind,
        serial: u64::from_be_bytes(*serial),
        term: u32::from_be_bytes(term.try_into().ok()?),
    })
}

impl Tx {
    /// Writes an intent and returns its row number.
    pub async fn add_erasure_intent(&mut self, intent: &ErasureIntent) -> Result<i64, Error> {
        let id = if intent.id == 0 { random_id()? } else { intent.id };
        let slots: Vec<u8> = intent.slots.iter().flat_map(|s| s.0.to_be_bytes()).collect();
        let tombstones: Vec<u8> = intent.tombstones.iter().flat_map(write_tombstone).collect();
        self.queue_insert(
            ADD,
            [id.into(), slots.into(), tombstones.into(), intent.day.into(), intent.reason.as_str().into()],
        );
        Ok(id)
    }

    /// Writes an intent to forget old buckets of the blind index, if there are any.
    pub async fn forget_buckets(&mut self, slots: Vec<Slot>) -> Result<(), Error> {
        if !slots.is_empty() {
            let day = self.today();
            self.add_erasure_intent(&ErasureIntent {
                id: 0,
                slots,
                tombstones: Vec::new(),
                day,
                reason: ErasureReason::Index,
            })
            .await?;
        }
        Ok(())
    }

    /// Returns all intents.
    pub async fn erasure_intents(&mut self) -> Result<Vec<ErasureIntent>, Error> {
        fetch_all!(self, ALL)?
            .iter()
            .map(|row| {
                let slots: Vec<u8> = row.try_get(1)?;
                Ok(ErasureIntent {
                    id: row.try_get(0)?,
                    slots: read_slots(&slots)?,
                    tombstones: read_tombstones(&row.try_get::<Vec<u8>, _>(2)?)?,
                    day: columns::day(row, "erasure_intent.day")?,
                    reason: ErasureReason::parse(&row.try_get::<String, _>(4)?)?,
                })
            })
            .collect()
    }

    /// Returns whether an intent still exists.
    pub async fn has_erasure_intent(&mut self, id: i64) -> Result<bool, Error> {
        let rows = fetch_all!(self, COUNT, id)?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>(0))? > 0)
    }

    /// Deletes a completed intent.
    pub async fn delete_erasure_intent(&mut self, id: i64) -> Result<(), Error> {
        execute!(self, DROP, id)?;
        Ok(())
    }
}
