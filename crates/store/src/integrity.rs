//! Integrity checks for `prove`: reads the live schema, and checks every sealed value only by whether it opens.

mod conversations;
mod index;
mod relations;
mod visits;

pub use conversations::ConversationIntegrity;
pub use index::IndexReport;
pub use relations::{AuditCounts, EmailStage, EmailWithCause, LicensingCounts, OpeningCount, RepeatedEmail};
pub use visits::{DisclosureReport, FiguresKey, VisitIntegrity};

use futures_util::TryStreamExt as _;
use keyring::{Examination, Sealed};
use policy::inventory::sealed::{
    AttachmentName, AuditCase, ChunkBytes, ConversationAddressTag, ConversationContact, ConversationSubject,
    ConversationTags, EmailContent, IndexBucketPairs, MagicLinkAddress, MessageBody, OrderCustom,
    OrderPayment, OrderProcessedNotifications, OrderProviderIds, PendingOrderNotification, PersonCompany,
    PersonEmail, PersonLanguage, PersonName, SigningSecret, VisitDayKey, VisitTallyState,
};
use policy::inventory::{Holds, PLAIN};
use policy::{Column, Field};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::columns;
use crate::tx::slot_from_i64;
use crate::{Error, LiveColumn, Tx, attachment, blind_index, magic_link, visit_day};

/// Result of checking one sealed column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealedColumnReport {
    pub column: Column,
    /// Number of values that open.
    pub open: u64,
    /// Number of values whose key slot was forgotten.
    pub forgotten: u64,
    /// Number of other values that don't open: stored in clear, damaged or moved.
    pub broken: u64,
    /// Number of values that open and fail the caller's test, for example because they hold a card number.
    pub failing: u64,
}

/// Result of checking one column in clear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlainColumnReport {
    pub column: &'static Column,
    /// Number of distinct values.
    pub values: u64,
    /// Number of values that fail the caller's test.
    pub failing: u64,
}

/// Statements that read the sealed columns of each table: the key slot, and the row that the sealing is bound to.
const SEALED_ROWS: &[(&str, &str)] = &[
    ("person", "SELECT slot, slot, '', {column} FROM person"),
    ("orders", "SELECT slot, id, '', {column} FROM orders"),
    ("pending_order", "SELECT slot, id, '', {column} FROM pending_order"),
    ("outbox", "SELECT slot, id, '', {column} FROM outbox"),
    ("audit_entry", "SELECT slot, id, '', {column} FROM audit_entry"),
    ("signing_key", "SELECT slot, id, '', {column} FROM signing_key"),
    ("index_bucket", "SELECT slot, low, kind, {column} FROM index_bucket"),
    ("magic_link", "SELECT slot, token_hash, 'token', {column} FROM magic_link"),
    ("conversation", "SELECT slot, id, '', {column} FROM conversation"),
    ("message", "SELECT slot, id, '', {column} FROM message"),
    ("attachment", "SELECT slot, id, '', {column} FROM attachment"),
    ("chunk", "SELECT slot, attachment, 'chunk', {column}, number FROM chunk"),
    ("visit_day", "SELECT slot, site, 'day', {column}, date FROM visit_day"),
    ("visit_tally", "SELECT slot, site, 'tally', {column}, date, node, part FROM visit_tally"),
];

fn sealed_rows(column: &Column) -> String {
    let sql = SEALED_ROWS.iter().find(|(table, _)| *table == column.table).map_or("", |(_, sql)| sql);
    sql.replace("{column}", column.column)
}

/// All statements of these files that both engines understand.
#[cfg(test)]
pub(crate) fn all_statements() -> Vec<String> {
    let sealed = policy::inventory::SEALED.iter().map(sealed_rows).chain(clear_columns().map(|(_, sql)| sql));
    sealed
        .chain(index::all_statements())
        .chain(relations::all_statements())
        .chain(conversations::all_statements())
        .chain(visits::all_statements())
        .collect()
}

/// Statements that read each column in clear that could hold text.
fn clear_columns() -> impl Iterator<Item = (&'static Column, String)> {
    PLAIN
        .iter()
        .filter(|c| c.holds == Holds::Plain)
        .map(|c| (c, format!("SELECT DISTINCT CAST({} AS TEXT) FROM {}", c.column, c.table)))
}

/// Returns the associated data of a row's sealed value.
fn associated_data(row: &AnyRow) -> Result<Vec<u8>, Error> {
    let number = match row.try_get::<&str, _>(2)? {
        "" => row.try_get(1)?,
        "token" => magic_link::row_of(row.try_get(1)?),
        "day" => return Ok(visit_day::day_binding(row.try_get(1)?, columns::day(row, "visit_day.date")?)),
        "tally" => {
            return Ok(visit_day::tally_binding(
                row.try_get(1)?,
                columns::day(row, "visit_tally.date")?,
                row.try_get(5)?,
                row.try_get(6)?,
            ));
        }
        "chunk" => return Ok(attachment::chunk_binding(row.try_get(1)?, row.try_get(4)?).to_vec()),
        kind => blind_index::row_of_name(kind, row.try_get(1)?),
    };
    Ok(number.to_be_bytes().to_vec())
}

/// Columns in clear that hold bytes: public keys, key payloads, published numbers.
const BYTES: [(&str, &str); 4] =
    [("licence", "current_key"), ("term", "issued_key"), ("signing_key", "public"), ("figures", "cells")];

fn holds_bytes(column: &Column) -> bool {
    BYTES.contains(&(column.table, column.column))
}

/// A sealed value begins with 57 random bytes. The chance that they are valid text is less than one in 10^15.
fn is_text(bytes: &[u8]) -> bool {
    bytes.len() <= keyring::OVERHEAD || std::str::from_utf8(bytes).is_ok()
}

impl Tx {
    /// Returns every column of the live schema.
    pub async fn live_columns(&mut self) -> Result<Vec<LiveColumn>, Error> {
        let engine = self.engine;
        engine.columns(self.flush().await?).await
    }

    /// Checks every sealed value of the database. It releases only whether a value opens and passes `test`.
    pub async fn examine_sealed(
        &mut self,
        test: fn(&[u8]) -> bool,
    ) -> Result<Vec<SealedColumnReport>, Error> {
        Ok(vec![
            self.examine::<PersonEmail>(test).await?,
            self.examine::<PersonName>(test).await?,
            self.examine::<PersonCompany>(test).await?,
            self.examine::<PersonLanguage>(test).await?,
            self.examine::<OrderProviderIds>(test).await?,
            self.examine::<OrderPayment>(test).await?,
            self.examine::<OrderCustom>(test).await?,
            self.examine::<OrderProcessedNotifications>(test).await?,
            self.examine::<PendingOrderNotification>(test).await?,
            self.examine::<EmailContent>(test).await?,
            self.examine::<MagicLinkAddress>(test).await?,
            self.examine::<AuditCase>(test).await?,
            self.examine::<IndexBucketPairs>(test).await?,
            self.examine::<SigningSecret>(test).await?,
            self.examine::<ConversationSubject>(test).await?,
            self.examine::<ConversationContact>(test).await?,
            self.examine::<ConversationTags>(test).await?,
            self.examine::<ConversationAddressTag>(test).await?,
            self.examine::<MessageBody>(test).await?,
            self.examine::<AttachmentName>(test).await?,
            self.examine::<ChunkBytes>(test).await?,
            self.examine::<VisitDayKey>(test).await?,
            self.examine::<VisitTallyState>(test).await?,
        ])
    }

    async fn examine<F: Field>(&mut self, test: fn(&[u8]) -> bool) -> Result<SealedColumnReport, Error> {
        let mut found =
            SealedColumnReport { column: F::COLUMN, open: 0, forgotten: 0, broken: 0, failing: 0 };
        // Keys, indexes and files hold arbitrary bytes, in which a test for text would only find matches by chance.
        let reads = F::COLUMN.holds == Holds::Personal && F::COMPARTMENT != "files";
        let test = if reads { test } else { |_: &[u8]| true };
        let keyring = std::sync::Arc::clone(&self.keyring);
        // Row by row, because a vendor's whole history does not fit into memory.
        let mut rows = sqlx::query(AssertSqlSafe(sealed_rows(&F::COLUMN))).fetch(self.flush().await?);
        while let Some(row) = rows.try_next().await? {
            let sealed: Vec<u8> = row.try_get(3)?;
            if sealed.is_empty() {
                continue;
            }
            let data = associated_data(&row)?;
            let sealed = Sealed::<F>::from_bytes(sealed);
            #[expect(clippy::disallowed_methods, reason = "this is the one place that examines")]
            let examined = keyring.examine::<F>(slot_from_i64(row.try_get(0)?), &data, &sealed, test)?;
            match examined {
                Examination::Passes => found.open += 1,
                Examination::Fails => {
                    found.open += 1;
                    found.failing += 1;
                }
                // A value that can't be opened any more still differs from text that was never sealed.
                Examination::Forgotten if is_text(sealed.as_bytes()) => found.broken += 1,
                Examination::Forgotten => found.forgotten += 1,
                Examination::Damaged => found.broken += 1,
            }
        }
        Ok(found)
    }

    /// Checks only the sealed payment values. It releases only whether a value opens and passes `test`.
    pub async fn examine_payments(&mut self, test: fn(&[u8]) -> bool) -> Result<SealedColumnReport, Error> {
        self.examine::<OrderPayment>(test).await
    }

    /// Tests every distinct value of the columns in clear, except for columns that hold bytes.
    pub async fn examine_clear(&mut self, test: fn(&str) -> bool) -> Result<Vec<PlainColumnReport>, Error> {
        let mut found = Vec::new();
        for (column, sql) in clear_columns().filter(|(column, _)| !holds_bytes(column)) {
            let mut of = PlainColumnReport { column, values: 0, failing: 0 };
            let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(self.flush().await?);
            while let Some(row) = rows.try_next().await? {
                of.values += 1;
                of.failing += u64::from(!test(&row.try_get::<String, _>(0)?));
            }
            found.push(of);
        }
        Ok(found)
    }

    /// Returns every distinct value of the columns in clear, with its column. Row numbers, hashes and bytes are
    /// omitted.
    pub async fn clear_values(&mut self) -> Result<Vec<(&'static Column, String)>, Error> {
        let mut values = Vec::new();
        for (column, sql) in clear_columns().filter(|(column, _)| !holds_bytes(column)) {
            for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(self.flush().await?).await? {
                values.push((column, row.try_get(0)?));
            }
        }
        Ok(values)
    }

    /// Returns every distinct value of one column in clear.
    ///
    /// # Errors
    /// When the inventory does not list such a column, or the database is unavailable.
    pub async fn distinct_values(&mut self, table: &str, column: &str) -> Result<Vec<String>, Error> {
        let found = clear_columns().find(|(c, _)| (c.table, c.column) == (table, column));
        let (_, sql) = found.ok_or(Error::Unknown("a column of the inventory"))?;
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(self.flush().await?).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
