//! Deletes the rows of forgotten key slots. The tables come from the inventory, never from a list here.

use keyring::Slot;
use policy::inventory::{OnForgetting, TABLES};
use sqlx::{AssertSqlSafe, Row as _};

use crate::tx::{execute, slot_from_i64, slot_to_i64};
use crate::{Error, Tx};

/// Builds the statements from the inventory's names, which are constants and never input.
fn statements(verb: &str, tail: &str) -> impl Iterator<Item = String> {
    TABLES.iter().filter_map(move |table| match table.on_forgetting {
        OnForgetting::Delete(of) => {
            Some(format!("{verb} FROM {} {}", table.name, tail.replace("{slot}", of)).replace("{slot}", of))
        }
        OnForgetting::StaysUnreadable(_) | OnForgetting::Untouched => None,
    })
}

/// No other conversation may refer to a deleted one.
const UNLINK: &str = "UPDATE conversation SET related = 0 WHERE related > 0 AND related IN (SELECT id FROM conversation WHERE slot = $1)";

/// An e-mail received again must not bring back erased data: its record is kept for the usual days, without the
/// conversation.
const DETACH: &str = "UPDATE processed_mail SET slot = 0 WHERE slot = $1";

/// All statements of this file.
#[cfg(test)]
pub(crate) fn all_statements() -> Vec<String> {
    statements("DELETE", "WHERE {slot} = $1")
        .chain(statements("SELECT DISTINCT {slot}", "WHERE {slot} > $1 ORDER BY {slot} LIMIT 5000"))
        .chain([UNLINK.to_owned(), DETACH.to_owned()])
        .collect()
}

impl Tx {
    /// Deletes every row of a key slot, or removes the slot from it. Returns the number of rows.
    pub async fn purge_slot(&mut self, of: Slot) -> Result<u64, Error> {
        execute!(self, UNLINK, slot_to_i64(of))?;
        let mut rows = execute!(self, DETACH, slot_to_i64(of))?;
        for sql in statements("DELETE", "WHERE {slot} = $1") {
            let done =
                sqlx::query(AssertSqlSafe(sql)).bind(slot_to_i64(of)).execute(self.flush().await?).await?;
            rows += done.rows_affected();
        }
        Ok(rows)
    }

    /// Deletes the rows of all key slots that the keyring has forgotten, and closes such days of sites. Used on
    /// restored data. Returns the number of slots.
    pub async fn purge_forgotten_slots(&mut self) -> Result<u64, Error> {
        let mut forgotten = Vec::new();
        for sql in statements("SELECT DISTINCT {slot}", "WHERE {slot} > $1 ORDER BY {slot} LIMIT 5000") {
            let mut after = -1;
            loop {
                let rows = sqlx::query(AssertSqlSafe(sql.clone()))
                    .bind(after)
                    .fetch_all(self.flush().await?)
                    .await?;
                for row in &rows {
                    after = row.try_get(0)?;
                    if self.keyring.is_forgotten(slot_from_i64(after))? {
                        forgotten.push(slot_from_i64(after));
                    }
                }
                if rows.is_empty() {
                    break;
                }
            }
        }
        forgotten.sort_unstable();
        forgotten.dedup();
        for of in &forgotten {
            self.purge_slot(*of).await?;
        }
        self.close_forgotten_days().await?;
        Ok(u64::try_from(forgotten.len()).unwrap_or(u64::MAX))
    }
}
