//! The chain over the journal: links of keyed hashes, each over the one before and the lines that it covers, so
//! that no line can be changed, added or taken away unseen. The newest link is also kept beside the root, by which a
//! journal that was cut short is noticed.
//!
//! It is closed in batches, so writers don't wait for each other; a line that isn't closed yet has link 0.

use keyring::{Keyring, Slot};
use sqlx::Row as _;

use crate::audit_log::{AuditEntry, line};
use crate::tx::{execute, fetch_all, fetch_optional, slot_to_i64, statements};
use crate::{Error, Tx};

/// What a line says that lets the chain leave links out: the data was put back from a backup, and what its journal
/// told since is not in it. Only the program itself can write such a link, and it stays to be seen.
pub const RECONCILED: &str = "data reconciled with the keyring";

/// What a look through the chain found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChainReport {
    /// Links.
    pub links: i64,
    /// Lines that links cover.
    pub entries: i64,
    /// Lines that no link covers yet.
    pub unlinked_entries: i64,
    /// Links that are missing because a backup was put back: first and last of each gap.
    pub gaps: Vec<(i64, i64)>,
    /// The first fault, if any: where and what.
    pub fault: Option<String>,
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

/// The bytes of a line that the chain covers: everything but the link itself, each part with its length.
fn covered(line: &AuditEntry, bytes: &mut Vec<u8>) {
    let numbers = [line.id, line.at, slot_to_i64(line.slot), line.cause].map(i64::to_be_bytes);
    let parts: [&[u8]; 7] = [
        line.kind.as_bytes(),
        line.name.as_bytes(),
        line.purpose.as_bytes(),
        line.actor.as_bytes(),
        &line.case,
        &line.recipient,
        &line.digest,
    ];
    for part in numbers.iter().map(|n| &n[..]).chain(parts) {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(part);
    }
}

/// The hash of a link: over the one before, its own number and time, and the lines it covers.
fn mac(
    keyring: &Keyring,
    before: &[u8],
    seq: i64,
    closed_at: i64,
    lines: &[AuditEntry],
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::from(before);
    bytes.extend(seq.to_be_bytes());
    bytes.extend(closed_at.to_be_bytes());
    for line in lines {
        covered(line, &mut bytes);
    }
    Ok(keyring.mac(Slot::AUDIT_LOG, &bytes)?.to_vec())
}

impl Tx {
    /// Whether there are lines that no link covers.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn has_unlinked_entries(&mut self) -> Result<bool, Error> {
        Ok(fetch_optional!(self, ANY_OPEN)?.is_some())
    }

    /// Closes the chain over all lines that no link covers; returns the new head, or `None` when there was nothing.
    /// The link's number is higher than `beyond`: the number that the keyring remembers, where data from a backup goes on.
    ///
    /// # Errors
    /// When the database or the keyring is away, or another process was first (the write door tries again).
    pub async fn extend_audit_chain(&mut self, beyond: i64) -> Result<Option<(i64, Vec<u8>)>, Error> {
        if !self.has_unlinked_entries().await? {
            return Ok(None);
        }
        let (before, hash) = match fetch_optional!(self, HEAD)? {
            Some(row) => (row.try_get::<i64, _>(0)?, row.try_get::<Vec<u8>, _>(1)?),
            None => (0, Vec::new()),
        };
        let (seq, now) = (before.max(beyond) + 1, self.now);
        // First, because two processes that close at once must collide here before they touch lines.
        execute!(self, ADD, seq, now, &[][..] as &[u8])?;
        // What is claimed is what is read and hashed, whatever lines others add meanwhile.
        execute!(self, CLAIM, seq)?;
        let lines = self.lines_in(seq).await?;
        let hash = mac(&self.keyring, &hash, seq, now, &lines)?;
        execute!(self, CLOSE, seq, i64::try_from(lines.len()).unwrap_or(i64::MAX), &hash[..])?;
        Ok(Some((seq, hash)))
    }

    async fn lines_in(&mut self, link: i64) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, IN_LINK, link)?.iter().map(line).collect()
    }

    async fn count_lines(&mut self, sql: &'static str, last: Option<i64>) -> Result<i64, Error> {
        let row = match last {
            Some(last) => fetch_optional!(self, sql, last)?,
            None => fetch_optional!(self, sql)?,
        };
        Ok(row.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Recomputes the whole chain.
    ///
    /// # Errors
    /// When the database or the keyring is away; a fault of the chain is in the report.
    pub async fn verify_audit_chain(&mut self) -> Result<ChainReport, Error> {
        let mut report = ChainReport::default();
        let (mut before, mut last) = (Vec::new(), i64::MIN);
        loop {
            let rows = fetch_all!(self, LINKS, last)?;
            for row in &rows {
                let (seq, count, at): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                let hash: Vec<u8> = row.try_get(3)?;
                let lines = self.lines_in(seq).await?;
                let right = mac(&self.keyring, &before, seq, at, &lines)? == hash;
                report.links += 1;
                report.entries += i64::try_from(lines.len()).unwrap_or(i64::MAX);
                let expected = last.max(0) + 1;
                let skips = seq > expected && lines.iter().any(|l| l.name == RECONCILED);
                if skips {
                    report.gaps.push((expected, seq - 1));
                }
                if report.fault.is_none() {
                    report.fault = fault(if skips { seq } else { expected }, seq, count, &lines, right);
                }
                report.head = Some((seq, hash.clone()));
                (before, last) = (hash, seq);
            }
            if rows.is_empty() {
                break;
            }
        }
        let stray = self.count_lines(COUNT_STRAY, Some(last.max(0))).await?;
        if stray > 0 && report.fault.is_none() {
            report.fault = Some(format!("{stray} lines say that a link covers them which isn't there"));
        }
        report.unlinked_entries = self.count_lines(COUNT_OPEN, None).await?;
        Ok(report)
    }
}

fn fault(expected: i64, seq: i64, count: i64, lines: &[AuditEntry], right: bool) -> Option<String> {
    if seq != expected {
        return Some(format!("link {expected} is missing, or link {seq} was added"));
    }
    if i64::try_from(lines.len()).ok() != Some(count) {
        return Some(format!("link {seq} covered {count} lines, {} are there", lines.len()));
    }
    (!right).then(|| format!("link {seq} does not match its lines: something was changed"))
}
