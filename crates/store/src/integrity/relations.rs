//! Relations between rows: every row has its person, every e-mail its action, every order its licence. Rows are
//! counted, or read in pages, because a vendor's whole history does not fit into memory.

use calendar::Timestamp;
use keyring::Slot;
use licence::Serial;
use policy::Column;
use policy::inventory::{OnForgetting, TABLES};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::columns;
use crate::tx::{fetch_all, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// An e-mail, sent or queued, with the audit entry that it names as its cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmailWithCause {
    /// Row number of the e-mail: its audit entry, or its row in the outbox.
    pub id: i64,
    /// Which e-mail of the closed list.
    pub email: String,
    /// The recipient's key slot.
    pub slot: Slot,
    /// Kind of the causing entry; empty if there is no such entry.
    pub kind: String,
    /// Name of the causing entry.
    pub name: String,
    /// Author of the event.
    pub actor: String,
    /// Key slot of the causing entry. If the conversation was resealed since, the e-mail's slot.
    pub cause_slot: Slot,
    /// Name of the action that the causing action itself names as its cause; empty if it names none.
    pub root_cause: String,
    /// When the original action was: the day.
    pub action_at: Timestamp,
    /// When the e-mail was sent: the day. For a queued one, when it expires.
    pub at: Timestamp,
}

/// Where to look for e-mails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EmailStage {
    /// Entries of the audit log.
    Sent,
    /// Rows of the outbox.
    Queued,
}

/// Numbers of orders and licences, and of those that violate a relation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LicensingCounts {
    /// Order items.
    pub orders: i64,
    /// Paid order items without a licence.
    pub without_licence: i64,
    /// Grants of a term that does not exist.
    pub without_term: i64,
    /// Terms that two order items gave.
    pub twice: i64,
    pub licences: i64,
    /// Licences without a key payload.
    pub without_key: i64,
    /// Licences without a holder: of erased persons, or issued without one.
    pub without_holder: i64,
}

/// The number of openings of some columns for one purpose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpeningCount {
    /// The columns, as `table.column` with a space between.
    pub columns: String,
    pub purpose: String,
    /// The number of openings.
    pub count: i64,
}

/// An action that caused an e-mail of one kind more than once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepeatedEmail {
    /// The action's audit entry.
    pub cause: i64,
    /// The kind of e-mail.
    pub kind: String,
    /// The number of e-mails.
    pub count: i64,
}

/// Statistics of openings and agreements in the audit log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditCounts {
    /// Openings, by columns and purpose.
    pub openings: Vec<OpeningCount>,
    /// Openings by staff without a case, or without a name.
    pub without_case: i64,
    /// Agreements to an erasure.
    pub agreements: i64,
    /// Erasures to which a person agreed.
    pub erasures: i64,
    /// Agreements and erasures that name a key slot, a recipient or a case.
    pub with_identity: i64,
    /// Agreements without the hash of the agreed text.
    pub without_text: i64,
}

/// Selects e-mails with their causes. An action keeps the key slot that the conversation had at that time. If the
/// conversation was resealed since, an audit entry on the new slot names the action, and the action counts as one of
/// the new slot.
macro_rules! with_cause {
    ($email:literal, $at:literal, $table:literal, $only:literal) => {
        concat!(
            "SELECT l.id, ",
            $email,
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
    SENT = with_cause!("l.name", "l.at", "audit_entry", "l.kind = 'email' AND ");
    WAITING = with_cause!("l.kind", "l.expires_at", "outbox", "");
    REPEATED = "SELECT cause, name, COUNT(*) FROM (SELECT cause, name FROM audit_entry WHERE kind = 'email' \
                    UNION ALL SELECT cause, kind FROM outbox) AS emails \
                    GROUP BY cause, name HAVING COUNT(*) > 1 ORDER BY cause, name LIMIT 100";
    LINK = "SELECT mac FROM audit_link WHERE seq = $1";
    UNLINKED = "SELECT COUNT(*) FROM audit_entry WHERE audit_link = 0";
    LAST_CHANGE = "SELECT COALESCE(MAX(at), 0) FROM audit_entry WHERE kind = 'change' AND name = $1";
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
                    (SELECT 1 FROM term WHERE term.serial = grants.serial AND term.number = grants.term)";
    TWICE = "SELECT COUNT(*) FROM (SELECT serial FROM grants GROUP BY serial, term HAVING COUNT(*) > 1) AS twice";
    LICENCES = "SELECT COUNT(*) FROM licence";
    WITHOUT_KEY = "SELECT COUNT(*) FROM licence WHERE length(current_key) <> 12";
    WITHOUT_HOLDER = "SELECT COUNT(*) FROM licence \
                      WHERE NOT EXISTS (SELECT 1 FROM holder WHERE holder.serial = licence.serial)";
    LICENCES_WITHOUT_HOLDER = "SELECT serial FROM licence \
                      WHERE NOT EXISTS (SELECT 1 FROM holder WHERE holder.serial = licence.serial) \
                      ORDER BY issued_day DESC, serial LIMIT 100";
    OLD_PROCESSED = "SELECT COUNT(*) FROM processed_notification WHERE year < $1";
    OLD_EARLY = "SELECT COUNT(*) FROM early_notification WHERE year < $1";
}

/// Tables that own the rows of other tables.
const OWNERS: [&str; 2] = ["person", "conversation"];

/// Returns the tables whose rows belong to a person or conversation, with the column of the key slot.
fn owned_tables() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.iter().filter_map(|table| match table.on_forgetting {
        OnForgetting::Delete(of) => Some((table.name, of)),
        OnForgetting::StaysUnreadable(_) | OnForgetting::Untouched => None,
    })
}

/// Builds the statement that counts rows without their person or conversation. Slot 0 is allowed for an offer of an
/// erased person and for a mail without a conversation. An e-mail belongs to a person or a conversation. Unattached
/// files have no conversation.
fn orphans(table: &str, of: &str) -> String {
    let owner = |owner: &str| format!("NOT EXISTS (SELECT 1 FROM {owner} WHERE {owner}.slot = {table}.{of})");
    let orphaned = match table {
        "renewal" => format!("{of} <> 0 AND {}", owner("person")),
        "outbox" => format!("{} AND {}", owner("person"), owner("conversation")),
        "message" | "conversation_access" => owner("conversation"),
        "processed_mail" => format!("{of} <> 0 AND {}", owner("conversation")),
        "attachment" => format!("message <> 0 AND {}", owner("conversation")),
        "chunk" => owner("attachment"),
        _ => owner("person"),
    };
    format!("SELECT COUNT(*) FROM {table} WHERE {orphaned}")
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
    let made = owned_tables().flat_map(|(t, of)| [orphans(t, of), slots_after(t), rows_of_slot(t)]);
    made.chain(STATEMENTS.iter().map(|&sql| sql.to_owned()))
}

impl Tx {
    /// Returns up to 1000 e-mails after a row number, in order, each with its cause.
    pub async fn emails_with_cause(
        &mut self,
        of: EmailStage,
        after: i64,
    ) -> Result<Vec<EmailWithCause>, Error> {
        let sql = if of == EmailStage::Sent { SENT } else { WAITING };
        let with_cause = |row: &AnyRow| {
            Ok(EmailWithCause {
                id: row.try_get(0)?,
                email: row.try_get(1)?,
                slot: slot_from_i64(row.try_get(2)?),
                kind: row.try_get(3)?,
                name: row.try_get(4)?,
                actor: row.try_get(5)?,
                cause_slot: slot_from_i64(row.try_get(6)?),
                root_cause: row.try_get(7)?,
                action_at: columns::timestamp(row, 8)?,
                at: columns::timestamp(row, 9)?,
            })
        };
        fetch_all!(self, sql, after)?.iter().map(with_cause).collect()
    }

    /// Returns up to 100 causes with more than one e-mail of a kind.
    pub async fn repeated_emails(&mut self) -> Result<Vec<RepeatedEmail>, Error> {
        let repeated = |row: &AnyRow| {
            Ok(RepeatedEmail { cause: row.try_get(0)?, kind: row.try_get(1)?, count: row.try_get(2)? })
        };
        fetch_all!(self, REPEATED)?.iter().map(repeated).collect()
    }

    /// Returns, for each table of persons and conversations, the number of rows without an owner.
    pub async fn orphans(&mut self) -> Result<Vec<(&'static str, i64)>, Error> {
        let mut found = Vec::new();
        for (table, of) in owned_tables().filter(|(table, _)| !OWNERS.contains(table)) {
            let row = sqlx::query(AssertSqlSafe(orphans(table, of))).fetch_one(self.flush().await?).await?;
            found.push((table, row.try_get(0)?));
        }
        Ok(found)
    }

    /// Returns the key slots in a sealed column's table that the keyring has forgotten. An erasure may be in
    /// progress: check again with [`Tx::holds_slot`] in a later transaction, together with the intents.
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

    /// Returns whether a sealed column's table has rows of a key slot.
    pub async fn holds_slot(&mut self, of: &Column, slot: Slot) -> Result<bool, Error> {
        let sql = rows_of_slot(of.table);
        let row =
            sqlx::query(AssertSqlSafe(sql)).bind(slot_to_i64(slot)).fetch_one(self.flush().await?).await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// Returns the keyed hash of a link of the audit chain, if the link exists.
    pub async fn audit_link_mac(&mut self, seq: i64) -> Result<Option<Vec<u8>>, Error> {
        Ok(fetch_optional!(self, LINK, seq)?.map(|row| row.try_get(0)).transpose()?)
    }

    /// Returns the number of audit entries that no link covers yet.
    pub async fn count_unlinked_entries(&mut self) -> Result<i64, Error> {
        self.number(UNLINKED).await
    }

    /// Returns when a manual change was last recorded, if one was.
    pub async fn last_change_at(&mut self, what: &str) -> Result<Option<Timestamp>, Error> {
        let row = fetch_optional!(self, LAST_CHANGE, what)?;
        let at = row.map(|row| columns::timestamp(&row, 0)).transpose()?;
        Ok(at.filter(|at| *at != Timestamp::UNIX_EPOCH))
    }

    /// Statistics of openings and agreements in the audit log.
    pub async fn audit_counts(&mut self) -> Result<AuditCounts, Error> {
        let opening = |row: &AnyRow| {
            Ok(OpeningCount { columns: row.try_get(0)?, purpose: row.try_get(1)?, count: row.try_get(2)? })
        };
        Ok(AuditCounts {
            openings: fetch_all!(self, OPENINGS)?.iter().map(opening).collect::<Result<_, Error>>()?,
            without_case: self.number(WITHOUT_CASE).await?,
            agreements: self.number(AGREEMENTS).await?,
            erasures: self.number(ERASURES).await?,
            with_identity: self.number(WITH_IDENTITY).await?,
            without_text: self.number(WITHOUT_TEXT).await?,
        })
    }

    /// Numbers of orders and licences, and of those that violate a relation.
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

    /// Returns up to 100 licences without a holder, latest first.
    pub async fn licences_without_holder(&mut self) -> Result<Vec<Serial>, Error> {
        fetch_all!(self, LICENCES_WITHOUT_HOLDER)?
            .iter()
            .map(|row| columns::serial_at(row, 0, "licence.serial"))
            .collect()
    }

    /// Returns the number of notification tags of years before `year`.
    pub async fn notification_tags_before(&mut self, year: i64) -> Result<i64, Error> {
        let mut total = 0;
        for sql in [OLD_PROCESSED, OLD_EARLY] {
            total += fetch_optional!(self, sql, year)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))?;
        }
        Ok(total)
    }

    async fn number(&mut self, sql: &'static str) -> Result<i64, Error> {
        Ok(fetch_optional!(self, sql)?.map_or(Ok(0), |row| row.try_get(0))?)
    }
}
