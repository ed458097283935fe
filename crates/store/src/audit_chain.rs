//! Hash chain of the audit log. Each link is a keyed hash (HMAC) over the previous link and the entries that it
//! covers, so that no entry can be changed, added or removed unnoticed. The keyring's replicas also keep the newest
//! link, which reveals a truncated log.
//!
//! The chain is extended in batches, so writers don't wait for each other. An entry that no link covers yet has link
//! 0.

use calendar::Timestamp;
use keyring::{Keyring, Slot};
use sqlx::Row as _;

use crate::audit_log::{AuditEntry, entry_from_row};
use crate::columns;
use crate::tx::{execute, fetch_all, fetch_optional, optional_slot_to_i64, statements};
use crate::{Error, Tx};

/// Name of the audit entry that permits missing links: the data was restored from a backup that lacks later entries.
/// Only the program can write such a link, and the entry stays visible.
pub const RECONCILED: &str = "data reconciled with the keyring";

/// A fault of the chain. Numbers of links begin with 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChainFault {
    /// A link is missing, or another was added.
    LinkMissing {
        /// Number that was expected next.
        expected: i64,
        /// Number that was found.
        found: i64,
    },
    /// A link covers another number of entries than exist.
    EntriesMissing {
        /// Number of the link.
        link: i64,
        /// Entries that the link covers.
        covers: i64,
        /// Entries that name the link.
        exist: i64,
    },
    /// The hash of a link does not match its entries.
    HashDiffers {
        /// Number of the link.
        link: i64,
    },
    /// Entries name a link that does not exist.
    StrayEntries {
        /// Number of such entries.
        entries: i64,
    },
}

/// Result of a verification of the chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChainReport {
    /// Number of links.
    pub links: i64,
    /// Number of entries that links cover.
    pub entries: i64,
    /// Number of entries that no link covers yet.
    pub unlinked_entries: i64,
    /// Missing links after a restore: first and last number of each gap.
    pub gaps: Vec<(i64, i64)>,
    /// The first fault, if any.
    pub fault: Option<ChainFault>,
    /// Number and hash of the last link.
    pub head: Option<(i64, Vec<u8>)>,
}

statements! {
    ANY_OPEN = "SELECT id FROM audit_entry WHERE audit_link = 0 LIMIT 1";
    COUNT_OPEN = "SELECT COUNT(*) FROM audit_entry WHERE audit_link = 0";
    COUNT_STRAY = "SELECT COUNT(*) FROM audit_entry WHERE audit_link < 0 OR audit_link > $1";
    IN_LINK = "SELECT id, audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest FROM audit_entry \
               WHERE audit_link = $1 ORDER BY id";
    HEAD = "SELECT seq, mac FROM audit_link ORDER BY seq DESC LIMIT 1";
    LINKS = "SELECT seq, entries, closed_at, mac FROM audit_link WHERE seq > $1 ORDER BY seq LIMIT 1000";
    ADD = "INSERT INTO audit_link (seq, entries, closed_at, mac) VALUES ($1, 0, $2, $3)";
    CLAIM = "UPDATE audit_entry SET audit_link = $1 WHERE audit_link = 0";
    CLOSE = "UPDATE audit_link SET entries = $2, mac = $3 WHERE seq = $1";
}

/// Appends the bytes of an entry that the chain covers: all fields except the link number, each with its length.
fn append_covered_bytes(entry: &AuditEntry, bytes: &mut Vec<u8>) {
    let numbers = [entry.id, entry.at.to_unix_seconds(), optional_slot_to_i64(entry.slot), entry.cause]
        .map(i64::to_be_bytes);
    let parts: [&[u8]; 7] = [
        entry.kind.as_bytes(),
        entry.name.as_bytes(),
        entry.purpose.as_bytes(),
        entry.actor.as_bytes(),
        &entry.case,
        &entry.recipient,
        &entry.digest,
    ];
    for part in numbers.iter().map(|n| &n[..]).chain(parts) {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(part);
    }
}

/// Computes the hash of a link over the previous hash, its own number and time, and its entries.
fn mac(
    keyring: &Keyring,
    before: &[u8],
    seq: i64,
    closed_at: Timestamp,
    entries: &[AuditEntry],
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::from(before);
    bytes.extend(seq.to_be_bytes());
    bytes.extend(closed_at.to_unix_seconds().to_be_bytes());
    for entry in entries {
        append_covered_bytes(entry, &mut bytes);
    }
    Ok(keyring.mac(Slot::AUDIT_LOG, &bytes)?.to_vec())
}

impl Tx {
    /// Returns whether any entry is not covered by a link.
    pub async fn has_unlinked_entries(&mut self) -> Result<bool, Error> {
        Ok(fetch_optional!(self, ANY_OPEN)?.is_some())
    }

    /// Adds a link over all entries that no link covers. Returns the new head, or `None` if there was no such entry.
    /// The link's number is higher than `beyond`, the number that the keyring remembers; restored data continues
    /// there.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or on a conflict with another process
    /// ([`Db::execute`](crate::Db::execute) tries again).
    pub async fn extend_audit_chain(&mut self, beyond: i64) -> Result<Option<(i64, Vec<u8>)>, Error> {
        if !self.has_unlinked_entries().await? {
            return Ok(None);
        }
        let (before, hash) = match fetch_optional!(self, HEAD)? {
            Some(row) => (row.try_get::<i64, _>(0)?, row.try_get::<Vec<u8>, _>(1)?),
            None => (0, Vec::new()),
        };
        let (seq, now) = (before.max(beyond) + 1, self.now);
        // This statement comes first: two processes that add a link at the same time must conflict here, before they
        // change entries.
        execute!(self, ADD, seq, now, &[][..] as &[u8])?;
        // The link covers exactly the entries that this statement claims, even if other writers add entries
        // meanwhile.
        execute!(self, CLAIM, seq)?;
        let entries = self.entries_in_link(seq).await?;
        let hash = mac(&self.keyring, &hash, seq, now, &entries)?;
        execute!(self, CLOSE, seq, i64::try_from(entries.len()).unwrap_or(i64::MAX), &hash[..])?;
        Ok(Some((seq, hash)))
    }

    async fn entries_in_link(&mut self, link: i64) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, IN_LINK, link)?.iter().map(entry_from_row).collect()
    }

    async fn count_entries(&mut self, sql: &'static str, last: Option<i64>) -> Result<i64, Error> {
        let row = match last {
            Some(last) => fetch_optional!(self, sql, last)?,
            None => fetch_optional!(self, sql)?,
        };
        Ok(row.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Recomputes the whole chain.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable. The report holds a fault of the chain.
    pub async fn verify_audit_chain(&mut self) -> Result<ChainReport, Error> {
        let mut report = ChainReport::default();
        let (mut before, mut last) = (Vec::new(), i64::MIN);
        loop {
            let rows = fetch_all!(self, LINKS, last)?;
            for row in &rows {
                let (seq, count): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
                let at = columns::timestamp(row, 2)?;
                let hash: Vec<u8> = row.try_get(3)?;
                let entries = self.entries_in_link(seq).await?;
                let right = mac(&self.keyring, &before, seq, at, &entries)? == hash;
                report.links += 1;
                report.entries += i64::try_from(entries.len()).unwrap_or(i64::MAX);
                let expected = last.max(0) + 1;
                let skips = seq > expected && entries.iter().any(|l| l.name == RECONCILED);
                if skips {
                    report.gaps.push((expected, seq - 1));
                }
                if report.fault.is_none() {
                    report.fault =
                        fault(if skips { seq } else { expected }, seq, count, entries.len(), right);
                }
                report.head = Some((seq, hash.clone()));
                (before, last) = (hash, seq);
            }
            if rows.is_empty() {
                break;
            }
        }
        let stray = self.count_entries(COUNT_STRAY, Some(last.max(0))).await?;
        if stray > 0 && report.fault.is_none() {
            report.fault = Some(ChainFault::StrayEntries { entries: stray });
        }
        report.unlinked_entries = self.count_entries(COUNT_OPEN, None).await?;
        Ok(report)
    }
}

fn fault(expected: i64, link: i64, covers: i64, entries: usize, right: bool) -> Option<ChainFault> {
    if link != expected {
        return Some(ChainFault::LinkMissing { expected, found: link });
    }
    let exist = i64::try_from(entries).unwrap_or(i64::MAX);
    if exist != covers {
        return Some(ChainFault::EntriesMissing { link, covers, exist });
    }
    (!right).then_some(ChainFault::HashDiffers { link })
}
