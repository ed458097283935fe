//! The outbox: sealed e-mails that wait to be sent, each with the action that caused it.

use calendar::Timestamp;
use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::EmailContent;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// An e-mail to be queued.
pub struct NewOutboxEmail<'a> {
    /// The recipient's key slot.
    pub slot: Slot,
    /// Which e-mail of the closed list.
    pub kind: &'a str,
    /// The audit entry of the action that caused it.
    pub cause: i64,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Recipient and text, to be sealed.
    pub content: &'a [u8],
}

/// A row of `outbox`.
pub struct OutboxEmail {
    /// Random row number.
    pub id: i64,
    /// The recipient's key slot.
    pub slot: Slot,
    /// Which e-mail of the closed list.
    pub kind: String,
    /// The audit entry of the action that caused it.
    pub cause: i64,
    /// Number of delivery attempts.
    pub attempts: i64,
    /// When it expires.
    pub expires_at: Timestamp,
    /// `waiting`, or why delivery was given up.
    pub state: String,
    email: Vec<u8>,
}

statements! {
    ADD = "INSERT INTO outbox (id, slot, kind, cause, attempts, next_attempt_at, expires_at, claimed_until, state, email) \
           VALUES ($1, $2, $3, $4, 0, $5, $6, 0, 'waiting', $7)";
    NEXT = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox \
            WHERE state = 'waiting' AND next_attempt_at <= $1 AND claimed_until <= $1 ORDER BY next_attempt_at, id LIMIT 1";
    CLAIM = "UPDATE outbox SET claimed_until = $2, attempts = attempts + 1 WHERE id = $1 AND claimed_until <= $3 \
            AND state = 'waiting'";
    POSTPONE = "UPDATE outbox SET next_attempt_at = $2, claimed_until = 0 WHERE id = $1";
    GIVE_UP = "UPDATE outbox SET state = $2, claimed_until = 0, email = $3 WHERE id = $1";
    DELETE = "DELETE FROM outbox WHERE id = $1";
    DELETE_OF_SLOT = "DELETE FROM outbox WHERE slot = $1";
    COUNT = "SELECT state, COUNT(*) FROM outbox GROUP BY state ORDER BY state";
    OF_SLOT = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox WHERE slot = $1 ORDER BY id";
    ALL = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox ORDER BY id";
    DELETE_EXPIRED = "DELETE FROM outbox WHERE expires_at <= $1 AND claimed_until <= $1";
    EXPIRED = "SELECT id, slot, kind, cause, attempts, expires_at, state, email FROM outbox \
            WHERE expires_at <= $1 AND claimed_until <= $1 AND state = 'waiting' ORDER BY id";
}

fn outbox_email(row: &AnyRow) -> Result<OutboxEmail, Error> {
    Ok(OutboxEmail {
        id: row.try_get("id")?,
        slot: slot_from_i64(row.try_get("slot")?),
        kind: row.try_get("kind")?,
        cause: row.try_get("cause")?,
        attempts: row.try_get("attempts")?,
        expires_at: columns::timestamp(row, "expires_at")?,
        state: row.try_get("state")?,
        email: row.try_get("email")?,
    })
}

impl Tx {
    /// Queues an e-mail.
    pub async fn add_outbox_email(&mut self, email: &NewOutboxEmail<'_>) -> Result<i64, Error> {
        let id = random_id()?;
        let content = self.seal::<EmailContent>(email.slot, id, email.content)?;
        let now = self.now;
        execute!(
            self,
            ADD,
            id,
            slot_to_i64(email.slot),
            email.kind,
            email.cause,
            now,
            email.expires_at,
            content
        )?;
        Ok(id)
    }

    /// Claims the next due e-mail for `seconds`, so that no other sender claims it.
    pub async fn claim_email(&mut self, seconds: i64) -> Result<Option<OutboxEmail>, Error> {
        let now = self.now;
        let Some(row) = fetch_optional!(self, NEXT, now)? else { return Ok(None) };
        let mut next = outbox_email(&row)?;
        if execute!(self, CLAIM, next.id, now + seconds, now)? == 0 {
            return Err(Error::Conflict);
        }
        next.attempts += 1;
        Ok(Some(next))
    }

    /// Opens an e-mail.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_outbox_email<P: Purpose>(
        &self,
        of: &OutboxEmail,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<EmailContent>>, Error>
    where
        EmailContent: OpenFor<P>,
    {
        self.open::<EmailContent, P>(of.slot, of.id, &of.email, permit)
    }

    /// Postpones an e-mail until `at`, and releases the claim.
    pub async fn postpone_email(&mut self, id: i64, at: Timestamp) -> Result<(), Error> {
        execute!(self, POSTPONE, id, at)?;
        Ok(())
    }

    /// Gives up delivery of an e-mail. The row stays visible without its content until it expires.
    pub async fn give_up_email(&mut self, id: i64, reason: &str) -> Result<(), Error> {
        execute!(self, GIVE_UP, id, reason, &[][..] as &[u8])?;
        Ok(())
    }

    /// Deletes an e-mail that was sent; the audit log keeps an entry.
    pub async fn delete_sent_email(&mut self, id: i64) -> Result<(), Error> {
        execute!(self, DELETE, id)?;
        Ok(())
    }

    /// Returns the number of e-mails in each state.
    pub async fn count_outbox(&mut self) -> Result<Vec<(String, i64)>, Error> {
        fetch_all!(self, COUNT)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Returns the e-mails queued for a person.
    pub async fn outbox_of(&mut self, of: Slot) -> Result<Vec<OutboxEmail>, Error> {
        fetch_all!(self, OF_SLOT, slot_to_i64(of))?.iter().map(outbox_email).collect()
    }

    /// Returns all e-mails in the outbox.
    pub async fn outbox(&mut self) -> Result<Vec<OutboxEmail>, Error> {
        fetch_all!(self, ALL)?.iter().map(outbox_email).collect()
    }

    /// Deletes all e-mails queued for a person.
    pub async fn delete_outbox_of(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, DELETE_OF_SLOT, slot_to_i64(of))?;
        Ok(())
    }

    /// Returns the e-mails that expired without being sent.
    pub async fn expired_emails(&mut self) -> Result<Vec<OutboxEmail>, Error> {
        let now = self.now;
        fetch_all!(self, EXPIRED, now)?.iter().map(outbox_email).collect()
    }

    /// Deletes expired e-mails.
    pub async fn delete_expired_emails(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, DELETE_EXPIRED, now)
    }
}
