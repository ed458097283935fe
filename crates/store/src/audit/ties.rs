//! What must hold between rows: every row's person is there, every letter has its act, every order its licence.
//! All of it is counted or walked in pages: a shop's whole history does not fit into memory.

use keyring::Slot;
use policy::Column;
use policy::inventory::{OnForgetting, TABLES};
use sqlx::{AssertSqlSafe, Row as _};

use crate::tx::{all, column, one, slot, statements};
use crate::{Error, Tx};

/// A letter, sent or waiting, beside the line that it names as its cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caused {
    /// Row number of the letter: its line in the journal, or its row in the outbox.
    pub id: i64,
    /// Which letter of the closed list.
    pub letter: String,
    /// The recipient's slot.
    pub slot: Slot,
    /// Kind of the line that it names; empty where there is no such line.
    pub kind: String,
    /// What that line tells.
    pub what: String,
    /// Who did it.
    pub who: String,
    /// Whose slot that line concerns; the letter's where that is the same thread, sealed anew since.
    pub of: Slot,
    /// What the act tells that this act itself names as its cause; empty where it names none.
    pub behind: String,
    /// When the act behind it all was done, seconds since 1970, by the day.
    pub acted_at: i64,
    /// When the letter was sent, by the day; of one that waits, when it is no longer wanted.
    pub at: i64,
}

/// Where letters are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Letters {
    /// Lines of the journal.
    Sent,
    /// Rows of the outbox.
    Waiting,
}

/// What orders gave, and where that doesn't hold together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Given {
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
pub struct Told {
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
            ", l.slot, COALESCE(a.kind, ''), COALESCE(a.what, ''), COALESCE(a.who, ''), \
             COALESCE(CASE WHEN a.slot <> l.slot AND EXISTS (SELECT 1 FROM journal m WHERE m.slot = l.slot \
             AND m.cause = a.id AND m.kind = 'change' AND m.what = 'thread sealed anew') THEN l.slot ELSE a.slot END, 0), \
             COALESCE(b.what, ''), COALESCE(b.at, a.at, 0), ",
            $at,
            " FROM ",
            $table,
            " l LEFT JOIN journal a ON a.id = l.cause LEFT JOIN journal b ON b.id = a.cause AND b.kind = 'act' WHERE ",
            $only,
            "l.id > $1 ORDER BY l.id LIMIT 1000"
        )
    };
}

statements! {
    SENT = caused!("l.what", "l.at", "journal", "l.kind = 'letter' AND ");
    WAITING = caused!("l.kind", "l.expires_at", "outbox", "");
    OF_ONE_CAUSE = "SELECT cause, what, COUNT(*) FROM (SELECT cause, what FROM journal WHERE kind = 'letter' \
                    UNION ALL SELECT cause, kind FROM outbox) AS letters \
                    GROUP BY cause, what HAVING COUNT(*) > 1 ORDER BY cause, what LIMIT 100";
    LINK = "SELECT mac FROM journal_link WHERE seq = $1";
    OPEN_LINES = "SELECT COUNT(*) FROM journal WHERE link = 0";
    NOTED = "SELECT COALESCE(MAX(at), 0) FROM journal WHERE kind = 'change' AND what = $1";
    OPENINGS = "SELECT what, purpose, COUNT(*) FROM journal WHERE kind = 'opening' GROUP BY what, purpose \
                ORDER BY what, purpose";
    WITHOUT_CASE = "SELECT COUNT(*) FROM journal WHERE kind = 'opening' AND (\
                    (purpose = 'support' AND (who IN ('system', 'person') OR length(case_text) = 0)) OR \
                    (purpose = 'access' AND who <> 'person' AND length(case_text) = 0))";
    AGREEMENTS = "SELECT COUNT(*) FROM journal WHERE kind = 'agreement'";
    ERASURES = "SELECT COUNT(*) FROM journal WHERE kind = 'erasure' AND what = 'erasure'";
    WITH_IDENTITY = "SELECT COUNT(*) FROM journal WHERE kind IN ('agreement', 'erasure') \
                     AND (slot <> 0 OR length(recipient) > 0 OR length(case_text) > 0)";
    WITHOUT_TEXT = "SELECT COUNT(*) FROM journal WHERE kind = 'agreement' AND length(digest) <> 32";
    ORDERS = "SELECT COUNT(*) FROM orders";
    WITHOUT_LICENCE = "SELECT COUNT(*) FROM orders WHERE standing = 'standing' \
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
    OLD_ACTED = "SELECT COUNT(*) FROM acted WHERE year < $1";
    OLD_EARLY = "SELECT COUNT(*) FROM early WHERE year < $1";
}

/// The tables whose rows are what others belong to.
const OWNERS: [&str; 2] = ["person", "thread"];

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
        "outbox" => format!("{} AND {}", owner("person"), owner("thread")),
        "message" | "way" => owner("thread"),
        "taken" => format!("{of} <> 0 AND {}", owner("thread")),
        "attachment" => format!("message <> 0 AND {}", owner("thread")),
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
    pub async fn letters_with_cause(&mut self, of: Letters, after: i64) -> Result<Vec<Caused>, Error> {
        let sql = if of == Letters::Sent { SENT } else { WAITING };
        let caused = |row: &sqlx::any::AnyRow| {
            Ok(Caused {
                id: row.try_get(0)?,
                letter: row.try_get(1)?,
                slot: slot(row.try_get(2)?),
                kind: row.try_get(3)?,
                what: row.try_get(4)?,
                who: row.try_get(5)?,
                of: slot(row.try_get(6)?),
                behind: row.try_get(7)?,
                acted_at: row.try_get(8)?,
                at: row.try_get(9)?,
            })
        };
        all!(self, sql, after)?.iter().map(caused).collect()
    }

    /// Up to 100 causes that have more than one letter of a kind: the line of the act, the letter, how many.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn letters_of_one_cause(&mut self) -> Result<Vec<(i64, String, i64)>, Error> {
        let rows = all!(self, OF_ONE_CAUSE)?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// How many rows of each table of persons and threads belong to nobody.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn orphans(&mut self) -> Result<Vec<(&'static str, i64)>, Error> {
        let mut found = Vec::new();
        for (table, of) in of_persons().filter(|(table, _)| !OWNERS.contains(table)) {
            let row = sqlx::query(AssertSqlSafe(orphans(table, of))).fetch_one(self.ready().await?).await?;
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
                sqlx::query(AssertSqlSafe(sql.clone())).bind(after).fetch_all(self.ready().await?).await?;
            for row in &rows {
                after = row.try_get(0)?;
                if self.vault.is_forgotten(slot(after))? {
                    found.push(slot(after));
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
        let row = sqlx::query(AssertSqlSafe(sql)).bind(column(held)).fetch_one(self.ready().await?).await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// The keyed hash of a link of the journal's chain, if it is there.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn chain_link(&mut self, seq: i64) -> Result<Option<Vec<u8>>, Error> {
        Ok(one!(self, LINK, seq)?.map(|row| row.try_get(0)).transpose()?)
    }

    /// How many lines of the journal no link covers yet.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn open_lines(&mut self) -> Result<i64, Error> {
        self.number(OPEN_LINES).await
    }

    /// When a change by hand was last noted, seconds since 1970; 0 for never.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn last_noted(&mut self, what: &str) -> Result<i64, Error> {
        Ok(one!(self, NOTED, what)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// What the journal tells of openings and agreements.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn told(&mut self) -> Result<Told, Error> {
        let opening = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        Ok(Told {
            openings: all!(self, OPENINGS)?.iter().map(opening).collect::<Result<_, Error>>()?,
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
    pub async fn given(&mut self) -> Result<Given, Error> {
        Ok(Given {
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
    pub async fn licences_of_nobody(&mut self) -> Result<Vec<i64>, Error> {
        all!(self, HELD_BY_NOBODY)?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// How many marks of erased orders stand for years before `year`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn marks_before(&mut self, year: i64) -> Result<i64, Error> {
        let mut marks = 0;
        for sql in [OLD_ACTED, OLD_EARLY] {
            marks += one!(self, sql, year)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))?;
        }
        Ok(marks)
    }

    async fn number(&mut self, sql: &'static str) -> Result<i64, Error> {
        Ok(one!(self, sql)?.map_or(Ok(0), |row| row.try_get(0))?)
    }
}
