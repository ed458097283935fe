//! Mails that were taken: each has its effect exactly once, however often it is handed over.

use keyring::{Slot, Tag16};

use crate::tx::{column, run, statements};
use crate::{Error, Tx};

/// Days for which a taken mail is known again after it came last: a mailbox that gives nothing away goes on showing it.
const DAYS: i64 = 30;

statements! {
    TAKE = "INSERT INTO taken (tag, slot, day) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING";
    AGAIN = "UPDATE taken SET day = $2 WHERE tag = $1";
    SWEEP = "DELETE FROM taken WHERE day <= $1";
}

impl Tx {
    /// Takes a mail into the thread of a slot; 0 for none. False when it was taken before.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn take_mail(&mut self, tag: &Tag16, of: Slot) -> Result<bool, Error> {
        let today = self.today();
        Ok(run!(self, TAKE, &tag.0[..], column(of), today)? == 1)
    }

    /// Whether a mail comes again that was taken; its days begin anew then.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn comes_again(&mut self, tag: &Tag16) -> Result<bool, Error> {
        let today = self.today();
        Ok(run!(self, AGAIN, &tag.0[..], today)? == 1)
    }

    /// Forgets which mails were taken, of those that came last 30 days ago or earlier.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sweep_taken(&mut self) -> Result<u64, Error> {
        let last = self.today() - DAYS;
        run!(self, SWEEP, last)
    }
}
