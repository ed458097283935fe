//! Letters that wait to be sent: sealed, each with the act that caused it.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::LetterContent;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{all, column, one, random_id, run, slot, statements};
use crate::{Error, Tx};

/// A letter to be put in.
pub struct Letter<'a> {
    /// The recipient's slot.
    pub slot: Slot,
    /// Which letter of the closed list.
    pub kind: &'a str,
    /// The journal's line of the act that caused it.
    pub cause: i64,
    /// When it is no longer wanted, seconds since 1970.
    pub expires_at: i64,
    /// Recipient and contents, to be sealed.
    pub content: &'a [u8],
}

/// A waiting letter's row.
pub struct Outgoing {
    /// Random row number.
    pub id: i64,
    /// The recipient's slot.
    pub slot: Slot,
    /// Which letter.
    pub kind: String,
    /// The line of the act that caused it.
    pub cause: i64,
    /// How often it was tried.
    pub tries: i64,
    /// When it is no longer wanted.
    pub expires_at: i64,
    /// `waiting`, or why it was given up.
    pub state: String,
    letter: Vec<u8>,
}

statements! {
    ADD = "INSERT INTO outbox (id, slot, kind, cause, tries, next_at, expires_at, taken_until, state, letter) \
           VALUES ($1, $2, $3, $4, 0, $5, $6, 0, 'waiting', $7)";
    NEXT = "SELECT id, slot, kind, cause, tries, expires_at, state, letter FROM outbox \
            WHERE state = 'waiting' AND next_at <= $1 AND taken_until <= $1 ORDER BY next_at, id LIMIT 1";
    TAKE = "UPDATE outbox SET taken_until = $2, tries = tries + 1 WHERE id = $1 AND taken_until <= $3 \
            AND state = 'waiting'";
    LATER = "UPDATE outbox SET next_at = $2, taken_until = 0 WHERE id = $1";
    GIVE_UP = "UPDATE outbox SET state = $2, taken_until = 0, letter = $3 WHERE id = $1";
    SENT = "DELETE FROM outbox WHERE id = $1";
    DROP_ALL = "DELETE FROM outbox WHERE slot = $1";
    COUNT = "SELECT state, COUNT(*) FROM outbox GROUP BY state ORDER BY state";
    OF_SLOT = "SELECT id, slot, kind, cause, tries, expires_at, state, letter FROM outbox WHERE slot = $1 ORDER BY id";
    ALL = "SELECT id, slot, kind, cause, tries, expires_at, state, letter FROM outbox ORDER BY id";
    SWEEP = "DELETE FROM outbox WHERE expires_at <= $1 AND taken_until <= $1";
    LATE = "SELECT id, slot, kind, cause, tries, expires_at, state, letter FROM outbox \
            WHERE expires_at <= $1 AND taken_until <= $1 AND state = 'waiting' ORDER BY id";
    HAS = "SELECT COUNT(*) FROM outbox WHERE cause = $1 AND kind = $2";
}

fn outgoing(row: &AnyRow) -> Result<Outgoing, Error> {
    Ok(Outgoing {
        id: row.try_get("id")?,
        slot: slot(row.try_get("slot")?),
        kind: row.try_get("kind")?,
        cause: row.try_get("cause")?,
        tries: row.try_get("tries")?,
        expires_at: row.try_get("expires_at")?,
        state: row.try_get("state")?,
        letter: row.try_get("letter")?,
    })
}

impl Tx {
    /// Puts a letter into the outbox.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_letter(&mut self, letter: &Letter<'_>) -> Result<i64, Error> {
        let id = random_id()?;
        let content = self.seal::<LetterContent>(letter.slot, id, letter.content)?;
        let now = self.now;
        run!(self, ADD, id, column(letter.slot), letter.kind, letter.cause, now, letter.expires_at, content)?;
        Ok(id)
    }

    /// Takes the next letter that is due into hand for `seconds`, so that no other sender takes it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn take_letter(&mut self, seconds: i64) -> Result<Option<Outgoing>, Error> {
        let now = self.now;
        let Some(row) = one!(self, NEXT, now)? else { return Ok(None) };
        let mut next = outgoing(&row)?;
        if run!(self, TAKE, next.id, now + seconds, now)? == 0 {
            return Err(Error::Collided);
        }
        next.tries += 1;
        Ok(Some(next))
    }

    /// Opens a letter.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_letter<P: Purpose>(
        &self,
        of: &Outgoing,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<LetterContent>>, Error>
    where
        LetterContent: OpenFor<P>,
    {
        self.open::<LetterContent, P>(of.slot, of.id, &of.letter, leave)
    }

    /// Puts a letter back until `at`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn letter_later(&mut self, id: i64, at: i64) -> Result<(), Error> {
        run!(self, LATER, id, at)?;
        Ok(())
    }

    /// Gives a letter up: the row stays to be seen, without its contents, until it expires.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn give_letter_up(&mut self, id: i64, why: &str) -> Result<(), Error> {
        run!(self, GIVE_UP, id, why, &[][..] as &[u8])?;
        Ok(())
    }

    /// Removes a letter that was sent; the journal keeps its line.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn letter_sent(&mut self, id: i64) -> Result<(), Error> {
        run!(self, SENT, id)?;
        Ok(())
    }

    /// Whether an act has caused a letter of a kind that still waits.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn letter_waits(&mut self, cause: i64, kind: &str) -> Result<bool, Error> {
        Ok(one!(self, HAS, cause, kind)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))? > 0)
    }

    /// How many letters are in which state.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_letters(&mut self) -> Result<Vec<(String, i64)>, Error> {
        all!(self, COUNT)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Letters that wait for a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn letters_of(&mut self, of: Slot) -> Result<Vec<Outgoing>, Error> {
        all!(self, OF_SLOT, column(of))?.iter().map(outgoing).collect()
    }

    /// All letters in the outbox.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn letters(&mut self) -> Result<Vec<Outgoing>, Error> {
        all!(self, ALL)?.iter().map(outgoing).collect()
    }

    /// Deletes all letters that wait for a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn drop_letters_of(&mut self, of: Slot) -> Result<(), Error> {
        run!(self, DROP_ALL, column(of))?;
        Ok(())
    }

    /// Letters that waited until they were no longer wanted: nobody sent them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn letters_late(&mut self) -> Result<Vec<Outgoing>, Error> {
        let now = self.now;
        all!(self, LATE, now)?.iter().map(outgoing).collect()
    }

    /// Deletes letters that are no longer wanted.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sweep_letters(&mut self) -> Result<u64, Error> {
        let now = self.now;
        run!(self, SWEEP, now)
    }
}
