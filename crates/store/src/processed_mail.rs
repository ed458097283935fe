//! Mails that were taken: each has its effect exactly once, however often it is handed over.

use keyring::{Slot, Tag16};

use crate::tx::{execute, slot_to_i64, statements};
use crate::{Error, Tx};

/// Days for which a taken mail is known again after it came last: a mailbox that gives nothing away goes on showing it.
const DAYS: i64 = 30;

statements! {
    TAKE = "INSERT INTO processed_mail (tag, slot, day) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING";
    AGAIN = "UPDATE processed_mail SET day = $2 WHERE tag = $1";
    SWEEP = "DELETE FROM processed_mail WHERE day <= $1";
}

impl Tx {
    /// Takes a mail into the thread of a slot; 0 for none. False when it was taken before.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn record_processed_mail(&mut self, tag: &Tag16, of: Slot) -> Result<bool, Error> {
        let today = self.today();
        Ok(execute!(self, TAKE, &tag.0[..], slot_to_i64(of), today)? == 1)
    }

    /// Whether a mail comes again that was taken; its days begin anew then.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn touch_processed_mail(&mut self, tag: &Tag16) -> Result<bool, Error> {
        let today = self.today();
        Ok(execute!(self, AGAIN, &tag.0[..], today)? == 1)
    }

    /// Forgets which mails were taken, of those that came last 30 days ago or earlier.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_old_processed_mail(&mut self) -> Result<u64, Error> {
        let last = self.today() - DAYS;
        execute!(self, SWEEP, last)
    }
}
