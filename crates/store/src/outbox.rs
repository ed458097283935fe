//! Letters that wait to be sent: sealed, each with the act that caused it.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::EmailContent;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// A letter to be put in.
pub struct NewOutboxEmail<'a> {
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
pub struct OutboxEmail {
    /// Random row number.
    pub id: i64,
    /// The recipient's slot.
    pub slot: Slot,
    /// Which letter.
    pub kind: String,
    /// The line of the act that caused it.
    pub cause: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is no longer wanted.
    pub expires_at: i64,
    /// `waiting`, or why it was given up.
    pub state: String,
    letter: Vec<u8>,
}

statements! {
    ADD = "INSERT INTO outbox (id, slot, kind, cause, attempts, next_attempt_at, expires_at, claimed_until, state, email) \
           VALUES ($1, $2, $3, $4, 0, $5, $6, 0, 'waiting', $7)";
    NEXT = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox \
            WHERE state = 'waiting' AND next_attempt_at <= $1 AND claimed_until <= $1 ORDER BY next_attempt_at, id LIMIT 1";
    TAKE = "UPDATE outbox SET claimed_until = $2, attempts = attempts + 1 WHERE id = $1 AND claimed_until <= $3 \
            AND state = 'waiting'";
    LATER = "UPDATE outbox SET next_attempt_at = $2, claimed_until = 0 WHERE id = $1";
    GIVE_UP = "UPDATE outbox SET state = $2, claimed_until = 0, email = $3 WHERE id = $1";
    SENT = "DELETE FROM outbox WHERE id = $1";
    DROP_ALL = "DELETE FROM outbox WHERE slot = $1";
    COUNT = "SELECT state, COUNT(*) FROM outbox GROUP BY state ORDER BY state";
    OF_SLOT = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox WHERE slot = $1 ORDER BY id";
    ALL = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox ORDER BY id";
    SWEEP = "DELETE FROM outbox WHERE expires_at <= $1 AND claimed_until <= $1";
    LATE = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox \
            WHERE expires_at <= $1 AND claimed_until <= $1 AND state = 'waiting' ORDER BY id";
    HAS = "SELECT COUNT(*) FROM outbox WHERE cause = $1 AND kind = $2";
}

fn outgoing(row: &AnyRow) -> Result<OutboxEmail, Error> {
    Ok(OutboxEmail {
        id: row.try_get("id")?,
        slot: slot_from_i64(row.try_get("slot")?),
        kind: row.try_get("kind")?,
        cause: row.try_get("cause")?,
        attempts: row.try_get("attempts")?,
        expires_at: row.try_get("expires_at")?,
        state: row.try_get("state")?,
        letter: row.try_get("email")?,
    })
}

impl Tx {
    /// Puts a letter into the outbox.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_outbox_email(&mut self, letter: &NewOutboxEmail<'_>) -> Result<i64, Error> {
        let id = random_id()?;
        let content = self.seal::<EmailContent>(letter.slot, id, letter.content)?;
        let now = self.now;
        execute!(
            self,
            ADD,
            id,
            slot_to_i64(letter.slot),
            letter.kind,
            letter.cause,
            now,
            letter.expires_at,
            content
        )?;
        Ok(id)
    }

    /// Takes the next letter that is due into hand for `seconds`, so that no other sender takes it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn claim_email(&mut self, seconds: i64) -> Result<Option<OutboxEmail>, Error> {
        let now = self.now;
        let Some(row) = fetch_optional!(self, NEXT, now)? else { return Ok(None) };
        let mut next = outgoing(&row)?;
        if execute!(self, TAKE, next.id, now + seconds, now)? == 0 {
            return Err(Error::Conflict);
        }
        next.attempts += 1;
        Ok(Some(next))
    }

    /// Opens a letter.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_outbox_email<P: Purpose>(
        &self,
        of: &OutboxEmail,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<EmailContent>>, Error>
    where
        EmailContent: OpenFor<P>,
    {
        self.open::<EmailContent, P>(of.slot, of.id, &of.letter, permit)
    }

    /// Puts a letter back until `at`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn postpone_email(&mut self, id: i64, at: i64) -> Result<(), Error> {
        execute!(self, LATER, id, at)?;
        Ok(())
    }

    /// Gives a letter up: the row stays to be seen, without its contents, until it expires.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn give_up_email(&mut self, id: i64, why: &str) -> Result<(), Error> {
        execute!(self, GIVE_UP, id, why, &[][..] as &[u8])?;
        Ok(())
    }

    /// Removes a letter that was sent; the journal keeps its line.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_sent_email(&mut self, id: i64) -> Result<(), Error> {
        execute!(self, SENT, id)?;
        Ok(())
    }

    /// Whether an act has caused a letter of a kind that still waits.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn has_queued_email(&mut self, cause: i64, kind: &str) -> Result<bool, Error> {
        Ok(fetch_optional!(self, HAS, cause, kind)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))? > 0)
    }

    /// How many letters are in which state.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_outbox(&mut self) -> Result<Vec<(String, i64)>, Error> {
        fetch_all!(self, COUNT)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Letters that wait for a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn outbox_of(&mut self, of: Slot) -> Result<Vec<OutboxEmail>, Error> {
        fetch_all!(self, OF_SLOT, slot_to_i64(of))?.iter().map(outgoing).collect()
    }

    /// All letters in the outbox.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn outbox(&mut self) -> Result<Vec<OutboxEmail>, Error> {
        fetch_all!(self, ALL)?.iter().map(outgoing).collect()
    }

    /// Deletes all letters that wait for a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_outbox_of(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, DROP_ALL, slot_to_i64(of))?;
        Ok(())
    }

    /// Letters that waited until they were no longer wanted: nobody sent them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn expired_emails(&mut self) -> Result<Vec<OutboxEmail>, Error> {
        let now = self.now;
        fetch_all!(self, LATE, now)?.iter().map(outgoing).collect()
    }

    /// Deletes letters that are no longer wanted.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_expired_emails(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, SWEEP, now)
    }
}
