//! What must hold between rows: every row's person is there, every letter has its act, every order its licence.
//! All of it is counted or walked in pages: a shop's whole history does not fit into memory.

use keyring::Slot;
use policy::Column;
use policy::inventory::{OnForgetting, TABLES};
use sqlx::{AssertSqlSafe, Row as _};

use crate::tx::{fetch_all, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// A letter, sent or waiting, beside the line that it names as its cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmailWithCause {
    /// Row number of the letter: its line in the journal, or its row in the outbox.
    pub id: i64,
    /// Which letter of the closed list.
    pub email: String,
    /// The recipient's slot.
    pub slot: Slot,
    /// Kind of the line that it names; empty where there is no such line.
    pub kind: String,
    /// What that line tells.
    pub name: String,
    /// Who did it.
    pub actor: String,
    /// Whose slot that line concerns; the letter's where that is the same thread, sealed anew since.
    pub cause_slot: Slot,
    /// What the act tells that this act itself names as its cause; empty where it names none.
    pub root_cause: String,
    /// When the act behind it all was done, seconds since 1970, by the day.
    pub action_at: i64,
    /// When the letter was sent, by the day; of one that waits, when it is no longer wanted.
    pub at: i64,
}

/// Where letters are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EmailStage {
    /// Lines of the journal.
    Sent,
    /// Rows of the outbox.
    Queued,
}

/// What orders gave, and where that doesn't hold together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LicensingCounts {
    /// Order items.
    pub orders: i64,
    /// Order items that stand and gave nothing.
    pub without_licence: i64,
    /// Grants of a term that isn't there.
    pub without_term: i64,
    /// Terms that two order items gave.
    pub twice: i64,
    /// Licences.
    pub licences: i64,
    /// Licences without the payload of a key.
    pub without_key: i64,
    /// Licences that nobody holds: of erased persons, or issued to nobody.
    pub without_holder: i64,
}

/// What the journal tells of openings and agreements.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditCounts {
    /// Openings: what was opened, the purpose, how often.
    pub openings: Vec<(String, String, i64)>,
    /// Openings by staff that name no case, or nobody.
    pub without_case: i64,
    /// Agreements to an erasure.
    pub agreements: i64,
    /// Erasures for which somebody agreed.
    pub erasures: i64,
    /// Lines of both that name a slot, a recipient or a case.
    pub with_identity: i64,
    /// Agreements without the hash of what was agreed to.
    pub without_text: i64,
}

/// Letters beside their causes. An act of a thread stays with the slot that the thread had then; where the thread was
/// sealed anew since, the journal says so on the new slot, and the act counts as one of it.
macro_rules! caused {
    ($letter:literal, $at:literal, $table:literal, $only:literal) => {
        concat!(
            "SELECT l.id, ",
            $letter,
            ", l.slot, COALESCE(a.kind, ''), COALESCE(a.name, ''), COALESCE(a.actor, ''), \
             COALESCE(CASE WHEN a.slot <> l.slot AND EXISTS (SELECT 1 FROM audit_entry m WHERE m.slot = l.slot \
             AND m.cause = a.id AND m.kind = 'change' AND m.name = 'conversation resealed') THEN l.slot ELSE a.slot END, 0), \
             COALESCE(b.name, ''), COALESCE(b.at, a.at, 0), ",
            $at,
            " FROM ",
            $table,
            " l LEFT JOIN audit_entry a ON a.id = l.cause LEFT JOIN audit_entry b ON b.id = a.cause AND b.kind = 'action' WHERE ",
            $only,
            "l.id > $1 ORDER BY l.id LIMIT 1000"
        )
    };
}

statements! {
    SENT = caused!("l.name", "l.at", "audit_entry", "l.kind = 'email' AND ");
    WAITING = caused!("l.kind", "l.expires_at", "outbox", "");
    OF_ONE_CAUSE = "SELECT cause, name, COUNT(*) FROM (SELECT cause, name FROM audit_entry WHERE kind = 'email' \
                    UNION ALL SELECT cause, kind FROM outbox) AS emails \
                    GROUP BY cause, name HAVING COUNT(*) > 1 ORDER BY cause, name LIMIT 100";
    LINK = "SELECT mac FROM audit_link WHERE seq = $1";
    OPEN_LINES = "SELECT COUNT(*) FROM audit_entry WHERE audit_link = 0";
    NOTED = "SELECT COALESCE(MAX(at), 0) FROM audit_entry WHERE kind = 'change' AND name = $1";
    OPENINGS = "SELECT name, purpose, COUNT(*) FROM audit_entry WHERE kind = 'opening' GROUP BY name, purpose \
                ORDER BY name, purpose";
    WITHOUT_CASE = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'opening' AND (\
                    (purpose = 'support' AND (actor IN ('system', 'person') OR length(case_text) = 0)) OR \
                    (purpose = 'access' AND actor <> 'person' AND length(case_text) = 0))";
    AGREEMENTS = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'agreement'";
    ERASURES = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'erasure' AND name = 'erasure'";
    WITH_IDENTITY = "SELECT COUNT(*) FROM audit_entry WHERE kind IN ('agreement', 'erasure') \
                     AND (slot <> 0 OR length(recipient) > 0 OR length(case_text) > 0)";
    WITHOUT_TEXT = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'agreement' AND length(digest) <> 32";
    ORDERS = "SELECT COUNT(*) FROM orders";
    WITHOUT_LICENCE = "SELECT COUNT(*) FROM orders WHERE payment_status = 'paid' \
                       AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.order_id = orders.id)";
    WITHOUT_TERM = "SELECT COUNT(*) FROM grants WHERE NOT EXISTS \
                    (SELECT 1 FROM term WHERE term.serial = grants.serial AND term.n = grants.term)";
    TWICE = "SELECT COUNT(*) FROM (SELECT serial FROM grants GROUP BY serial, term HAVING COUNT(*) > 1) AS twice";
    LICENCES = "SELECT COUNT(*) FROM licence";
    WITHOUT_KEY = "SELECT COUNT(*) FROM licence WHERE length(current_key) <> 12";
    WITHOUT_HOLDER = "SELECT COUNT(*) FROM licence \
                      WHERE NOT EXISTS (SELECT 1 FROM holder WHERE holder.serial = licence.serial)";
    HELD_BY_NOBODY = "SELECT serial FROM licence \
                      WHERE NOT EXISTS (SELECT 1 FROM holder WHERE holder.serial = licence.serial) \
                      ORDER BY issued_day DESC, serial LIMIT 100";
    OLD_ACTED = "SELECT COUNT(*) FROM processed_notification WHERE year < $1";
    OLD_EARLY = "SELECT COUNT(*) FROM early_notification WHERE year < $1";
}

/// The tables whose rows are what others belong to.
const OWNERS: [&str; 2] = ["person", "conversation"];

/// The tables whose rows go with their person or thread, by name and the column of the slot.
fn of_persons() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.iter().filter_map(|table| match table.on_forgetting {
        OnForgetting::Delete(of) => Some((table.name, of)),
        OnForgetting::StaysUnreadable(_) | OnForgetting::Untouched => None,
    })
}

/// Rows without their person or thread. An offer whose person was erased is bound to nobody, as is a mail that went
/// into no thread: slot 0. A letter is a person's or a thread's. Files that are loose yet have no thread.
fn orphans(table: &str, of: &str) -> String {
    let owner = |owner: &str| format!("NOT EXISTS (SELECT 1 FROM {owner} WHERE {owner}.slot = {table}.{of})");
    let nobody = match table {
        "renewal" => format!("{of} <> 0 AND {}", owner("person")),
        "outbox" => format!("{} AND {}", owner("person"), owner("conversation")),
        "message" | "conversation_access" => owner("conversation"),
        "processed_mail" => format!("{of} <> 0 AND {}", owner("conversation")),
        "attachment" => format!("message <> 0 AND {}", owner("conversation")),
        "chunk" => owner("attachment"),
        _ => owner("person"),
    };
    format!("SELECT COUNT(*) FROM {table} WHERE {nobody}")
}

fn slots_after(table: &str) -> String {
    format!("SELECT DISTINCT slot FROM {table} WHERE slot > $1 ORDER BY slot LIMIT 5000")
}

fn rows_of_slot(table: &str) -> String {
    format!("SELECT COUNT(*) FROM {table} WHERE slot = $1")
}

/// All statements of this file.
#[cfg(test)]
pub(super) fn all_statements() -> impl Iterator<Item = String> {
    let made = of_persons().flat_map(|(t, of)| [orphans(t, of), slots_after(t), rows_of_slot(t)]);
    made.chain(STATEMENTS.iter().map(|&sql| sql.to_owned()))
}

impl Tx {
    /// Up to 1000 letters beyond a row number, in order, each with its cause.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn emails_with_cause(
        &mut self,
        of: EmailStage,
        after: i64,
    ) -> Result<Vec<EmailWithCause>, Error> {
        let sql = if of == EmailStage::Sent { SENT } else { WAITING };
        let caused = |row: &sqlx::any::AnyRow| {
            Ok(EmailWithCause {
                id: row.try_get(0)?,
                email: row.try_get(1)?,
                slot: slot_from_i64(row.try_get(2)?),
                kind: row.try_get(3)?,
                name: row.try_get(4)?,
                actor: row.try_get(5)?,
                cause_slot: slot_from_i64(row.try_get(6)?),
                root_cause: row.try_get(7)?,
                action_at: row.try_get(8)?,
                at: row.try_get(9)?,
            })
        };
        fetch_all!(self, sql, after)?.iter().map(caused).collect()
    }

    /// Up to 100 causes that have more than one letter of a kind: the line of the act, the letter, how many.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn repeated_emails(&mut self) -> Result<Vec<(i64, String, i64)>, Error> {
        let rows = fetch_all!(self, OF_ONE_CAUSE)?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// How many rows of each table of persons and threads belong to nobody.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn orphans(&mut self) -> Result<Vec<(&'static str, i64)>, Error> {
        let mut found = Vec::new();
        for (table, of) in of_persons().filter(|(table, _)| !OWNERS.contains(table)) {
            let row = sqlx::query(AssertSqlSafe(orphans(table, of))).fetch_one(self.flush().await?).await?;
            found.push((table, row.try_get(0)?));
        }
        Ok(found)
    }

    /// The slots of a sealed column's table that the keyring has forgotten. Another forgetting may be under way:
    /// look again with [`Tx::holds_slot`] in a later transaction, beside the intents.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn forgotten_slots(&mut self, of: &Column) -> Result<Vec<Slot>, Error> {
        let (sql, mut after, mut found) = (slots_after(of.table), -1, Vec::new());
        loop {
            let rows =
                sqlx::query(AssertSqlSafe(sql.clone())).bind(after).fetch_all(self.flush().await?).await?;
            for row in &rows {
                after = row.try_get(0)?;
                if self.keyring.is_forgotten(slot_from_i64(after))? {
                    found.push(slot_from_i64(after));
                }
            }
            if rows.is_empty() {
                return Ok(found);
            }
        }
    }

    /// Whether a sealed column's table has rows of a slot.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn holds_slot(&mut self, of: &Column, held: Slot) -> Result<bool, Error> {
        let sql = rows_of_slot(of.table);
        let row =
            sqlx::query(AssertSqlSafe(sql)).bind(slot_to_i64(held)).fetch_one(self.flush().await?).await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// The keyed hash of a link of the journal's chain, if it is there.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit_link_mac(&mut self, seq: i64) -> Result<Option<Vec<u8>>, Error> {
        Ok(fetch_optional!(self, LINK, seq)?.map(|row| row.try_get(0)).transpose()?)
    }

    /// How many lines of the journal no link covers yet.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_unlinked_entries(&mut self) -> Result<i64, Error> {
        self.number(OPEN_LINES).await
    }

    /// When a change by hand was last noted, seconds since 1970; 0 for never.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn last_change_at(&mut self, what: &str) -> Result<i64, Error> {
        Ok(fetch_optional!(self, NOTED, what)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// What the journal tells of openings and agreements.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit_counts(&mut self) -> Result<AuditCounts, Error> {
        let opening = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        Ok(AuditCounts {
            openings: fetch_all!(self, OPENINGS)?.iter().map(opening).collect::<Result<_, Error>>()?,
            without_case: self.number(WITHOUT_CASE).await?,
            agreements: self.number(AGREEMENTS).await?,
            erasures: self.number(ERASURES).await?,
            with_identity: self.number(WITH_IDENTITY).await?,
            without_text: self.number(WITHOUT_TEXT).await?,
        })
    }

    /// What orders gave, and where that doesn't hold together.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn licensing_counts(&mut self) -> Result<LicensingCounts, Error> {
        Ok(LicensingCounts {
            orders: self.number(ORDERS).await?,
            without_licence: self.number(WITHOUT_LICENCE).await?,
            without_term: self.number(WITHOUT_TERM).await?,
            twice: self.number(TWICE).await?,
            licences: self.number(LICENCES).await?,
            without_key: self.number(WITHOUT_KEY).await?,
            without_holder: self.number(WITHOUT_HOLDER).await?,
        })
    }

    /// Up to 100 licences that nobody holds, the latest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn licences_without_holder(&mut self) -> Result<Vec<i64>, Error> {
        fetch_all!(self, HELD_BY_NOBODY)?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// How many marks of erased orders stand for years before `year`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn notification_tags_before(&mut self, year: i64) -> Result<i64, Error> {
        let mut marks = 0;
        for sql in [OLD_ACTED, OLD_EARLY] {
            marks += fetch_optional!(self, sql, year)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))?;
        }
        Ok(marks)
    }

    async fn number(&mut self, sql: &'static str) -> Result<i64, Error> {
        Ok(fetch_optional!(self, sql)?.map_or(Ok(0), |row| row.try_get(0))?)
    }
}
