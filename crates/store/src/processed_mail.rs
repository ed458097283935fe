//! Idempotency records of received e-mails: each has its effect exactly once, however often it is received.

use keyring::{Slot, Tag16};

use crate::tx::{execute, slot_to_i64, statements};
use crate::{Error, Tx};

/// Number of days for which an e-mail is recognised after it was last seen. A mailbox that deletes nothing shows it
/// again and again.
const DAYS: i64 = 30;

statements! {
    ADD = "INSERT INTO processed_mail (tag, slot, day) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING";
    TOUCH = "UPDATE processed_mail SET day = $2 WHERE tag = $1";
    DELETE_OLD = "DELETE FROM processed_mail WHERE day <= $1";
}

impl Tx {
    /// Records that a mail was processed for the conversation of a key slot; 0 for none. Returns false if it was
    /// processed before.
    pub async fn record_processed_mail(&mut self, tag: &Tag16, of: Slot) -> Result<bool, Error> {
        let today = self.today();
        Ok(execute!(self, ADD, &tag.0[..], slot_to_i64(of), today)? == 1)
    }

    /// Returns whether a mail was processed before, and restarts its period of days.
    pub async fn touch_processed_mail(&mut self, tag: &Tag16) -> Result<bool, Error> {
        let today = self.today();
        Ok(execute!(self, TOUCH, &tag.0[..], today)? == 1)
    }

    /// Deletes records of mails last seen 30 days ago or earlier.
    pub async fn delete_old_processed_mail(&mut self) -> Result<u64, Error> {
        let last = self.today() - DAYS;
        execute!(self, DELETE_OLD, last)
    }
}
