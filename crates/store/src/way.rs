//! Ways into a thread: a code, a letter's link, the token of a thread that was merged into it. Only hashes are kept.

use keyring::Slot;
use sqlx::Row as _;

use crate::tx::{column, one, run, slot, statements, words};
use crate::{Error, Tx};

words! { "way.kind",
    /// What a way is made of, and so what it is good for.
    ConversationAccessKind {
        /// The code: reads and writes.
        Code = "code",
        /// A letter's link: closes and erases, reads nothing.
        Letter = "letter",
        /// The token of a thread that was merged into this one.
        Merged = "merged",
    }
}

/// A way that leads somewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    /// The thread.
    pub thread: i64,
    /// The thread's slot.
    pub slot: Slot,
    /// What it is good for.
    pub kind: ConversationAccessKind,
}

statements! {
    ADD = "INSERT INTO way (tag, thread, slot, kind, expires_day) VALUES ($1, $2, $3, $4, $5)";
    GET = "SELECT thread, slot, kind FROM way WHERE tag = $1 AND (expires_day = 0 OR expires_day > $2)";
    DROP = "DELETE FROM way WHERE slot = (SELECT slot FROM thread WHERE id = $1) AND kind = $2";
    SWEEP = "DELETE FROM way WHERE expires_day > 0 AND expires_day <= $1";
}

impl Tx {
    /// Adds a way; it leads nowhere from `expires_day` on, 0 for never.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_way(
        &mut self,
        tag: &[u8; 32],
        thread: i64,
        of: Slot,
        kind: ConversationAccessKind,
        expires_day: i64,
    ) -> Result<(), Error> {
        run!(self, ADD, &tag[..], thread, column(of), kind.word(), expires_day)?;
        Ok(())
    }

    /// Where a way leads, if it does today.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn way(&mut self, tag: &[u8; 32]) -> Result<Option<Way>, Error> {
        let today = self.today();
        let Some(row) = one!(self, GET, &tag[..], today)? else { return Ok(None) };
        Ok(Some(Way {
            thread: row.try_get(0)?,
            slot: slot(row.try_get(1)?),
            kind: ConversationAccessKind::from_word(row.try_get(2)?)?,
        }))
    }

    /// Deletes a thread's ways of a kind.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn drop_ways(&mut self, thread: i64, kind: ConversationAccessKind) -> Result<(), Error> {
        run!(self, DROP, thread, kind.word())?;
        Ok(())
    }

    /// Deletes ways that lead nowhere any more.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sweep_ways(&mut self) -> Result<u64, Error> {
        let today = self.today();
        run!(self, SWEEP, today)
    }
}
