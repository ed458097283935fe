//! Intents of forgetting: what has been decided in the data and must still happen in the keyring. An intent found
//! at start rolls forward.

use keyring::{Slot, Tag16, Tombstone};
use sqlx::Row as _;

use crate::tx::{all, random_id, run, statements};
use crate::{Error, Tx};

/// Why something is to be forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// A person agreed to be erased.
    Erasure,
    /// A retention ended.
    Sweep,
    /// Only old buckets of the index.
    Index,
    /// A thread, by whoever wrote it or for them; or what is left of one that was sealed anew.
    Thread,
    /// A site's day that was closed.
    Day,
}

impl Why {
    const ALL: [Self; 5] = [Self::Erasure, Self::Sweep, Self::Index, Self::Thread, Self::Day];

    /// The word in the table and in the journal.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Erasure => "erasure",
            Self::Sweep => "sweep",
            Self::Index => "index",
            Self::Thread => "thread",
            Self::Day => "day",
        }
    }

    fn from_word(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|w| w.word() == word).ok_or(Error::Unknown("intent.why"))
    }
}

/// A forgetting under way.
pub struct Intent {
    /// Row number; 0 lets the store choose one.
    pub id: i64,
    /// Slots to forget.
    pub slots: Vec<Slot>,
    /// Tags of orders that must not come back.
    pub tombstones: Vec<Tombstone>,
    /// Day of the intent, since 1970.
    pub day: i64,
    /// Why.
    pub why: Why,
}

statements! {
    ADD = "INSERT INTO intent (id, slots, tombstones, day, why) VALUES ($1, $2, $3, $4, $5)";
    ALL = "SELECT id, slots, tombstones, day, why FROM intent ORDER BY id";
    DROP = "DELETE FROM intent WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM intent WHERE id = $1";
}

pub(crate) fn read_tombstones(bytes: &[u8]) -> Result<Vec<Tombstone>, Error> {
    bytes
        .chunks(STONE)
        .map(|chunk| read_tombstone(chunk).ok_or(Error::Unknown("intent.tombstones")))
        .collect()
}

/// Bytes of a tombstone in an intent: year, tag, kind, serial, term, big endian.
const STONE: usize = 4 + 16 + 1 + 8 + 4;

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
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_intent(&mut self, intent: &Intent) -> Result<i64, Error> {
        let id = if intent.id == 0 { random_id()? } else { intent.id };
        let slots: Vec<u8> = intent.slots.iter().flat_map(|s| s.0.to_be_bytes()).collect();
        let tombstones: Vec<u8> = intent.tombstones.iter().flat_map(write_tombstone).collect();
        self.gather(
            ADD,
            [id.into(), slots.into(), tombstones.into(), intent.day.into(), intent.why.word().into()],
        );
        Ok(id)
    }

    /// Writes the intent to forget old buckets of the index, if there are any.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn forget_buckets(&mut self, slots: Vec<Slot>) -> Result<(), Error> {
        if !slots.is_empty() {
            let day = self.today();
            self.add_intent(&Intent { id: 0, slots, tombstones: Vec::new(), day, why: Why::Index }).await?;
        }
        Ok(())
    }

    /// All intents.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn intents(&mut self) -> Result<Vec<Intent>, Error> {
        all!(self, ALL)?
            .iter()
            .map(|row| {
                let slots: Vec<u8> = row.try_get(1)?;
                let slots =
                    slots.chunks_exact(8).map(|c| Slot(c.iter().fold(0, |n, b| n << 8 | u64::from(*b))));
                Ok(Intent {
                    id: row.try_get(0)?,
                    slots: slots.collect(),
                    tombstones: read_tombstones(&row.try_get::<Vec<u8>, _>(2)?)?,
                    day: row.try_get(3)?,
                    why: Why::from_word(&row.try_get::<String, _>(4)?)?,
                })
            })
            .collect()
    }

    /// Whether an intent is still there.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn has_intent(&mut self, id: i64) -> Result<bool, Error> {
        let rows = all!(self, COUNT, id)?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>(0))? > 0)
    }

    /// Removes an intent that is done.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn drop_intent(&mut self, id: i64) -> Result<(), Error> {
        run!(self, DROP, id)?;
        Ok(())
    }
}
