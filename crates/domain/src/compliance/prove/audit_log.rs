//! The audit log: its chain, and what its entries say about accesses and agreements.

use policy::inventory::find_column;
use policy::purpose;
use store::{AuditCounts, Db, Error, OpeningCount, Operation, Tx};

use super::Evidence;

/// Verifies the audit chain, and that it reaches the link that the keyring remembers.
pub(crate) async fn chain(tx: &mut Tx, anchor: Option<(u64, [u8; 32])>) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let report = tx.verify_audit_chain().await?;
    if let Some(violation) = &report.fault {
        evidence.violation(format!("audit log: {violation}"));
    }
    let last = report.head.as_ref().map_or(0, |(seq, _)| *seq);
    match anchor {
        Some((seq, mac)) => {
            let kept = i64::try_from(seq).unwrap_or(i64::MAX);
            match tx.audit_link_mac(kept).await? {
                Some(stored) if stored == mac => {}
                Some(_) => evidence.violation(format!("audit log: link {kept} of the audit chain differs from \
                    the link that the keyring remembers")),
                None => evidence.violation(format!(
                    "audit log: it ends at link {last}, but the keyring remembers link {kept}: it was truncated, or a \
                     backup was restored and the later audit entries are lost"
                )),
            }
            evidence.observed(format!("the keyring remembers link {kept} of the audit chain"));
        }
        None if report.links > 0 => {
            evidence.violation(
                "audit log: the keyring remembers no link, so a truncated audit log could not be noticed",
            );
        }
        None => {}
    }
    for (first, last) in &report.gaps {
        evidence.observed(format!(
            "a backup was restored: links {first} to {last} of the audit chain are not in this data"
        ));
    }
    evidence.observed(format!(
        "audit chain, recomputed: {} links over {} audit entries; entries not covered yet: {}",
        report.links, report.entries, report.unlinked_entries
    ));
    Ok(evidence)
}

/// Checks that each access had a purpose that the inventory allows for the value.
pub(crate) fn openings(counts: &AuditCounts) -> Evidence {
    let mut evidence = Evidence::default();
    let mut openings = 0;
    for OpeningCount { columns, purpose, count } in &counts.openings {
        openings += count;
        for name in columns.split(' ') {
            let column = name.split_once('.').and_then(|(table, column)| find_column(table, column));
            if !column.is_some_and(|c| c.opens_for.contains(&&**purpose)) {
                evidence.violation(format!(
                    "audit log: values of {name} opened for {purpose}, which the inventory does not allow: {count}"
                ));
            }
        }
    }
    let known: Vec<&str> = purpose::ALL.iter().map(|(id, _)| *id).collect();
    evidence.observed(format!(
        "audited accesses compared with the inventory: {openings}; the closed list of purposes: {}",
        known.join(", ")
    ));
    evidence
}

/// Checks that each access of staff to a person names the member of staff and a case.
pub(crate) fn cases(counts: &AuditCounts) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.expect_zero(counts.without_case, "audit log: accesses for support without staff member or case");
    let by = |id: &str| -> i64 {
        counts.openings.iter().filter(|opening| opening.purpose == id).map(|opening| opening.count).sum()
    };
    evidence.observed(format!("accesses for support, checked for staff member and case: {}", by("support")));
    evidence
}

/// Checks that each erasure of a person has an agreement, and that neither entry names the person.
pub(crate) fn agreements(counts: &AuditCounts) -> Evidence {
    let mut evidence = Evidence::default();
    if counts.erasures > counts.agreements {
        let (erasures, agreements) = (counts.erasures, counts.agreements);
        evidence.violation(format!("audit log: more erasures than agreements: {erasures} and {agreements}"));
    }
    evidence
        .expect_zero(counts.with_identity, "audit log: entries of agreement or erasure that name a person");
    evidence.expect_zero(counts.without_text, "audit log: agreements without the hash of the agreed text");
    evidence.observed(format!(
        "agreements: {}; erasures that need an agreement: {}; no entry of either may name a person",
        counts.agreements, counts.erasures
    ));
    evidence
}

/// Extends the audit chain over all entries, with link numbers above this one.
struct ExtendAuditChain(i64);

impl Operation for ExtendAuditChain {
    const NAME: &'static str = "close audit chain";
    type Output = Option<(i64, Vec<u8>)>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        tx.extend_audit_chain(self.0).await
    }
}

/// Extends the audit chain over all new entries, then stores its head in the keyring. The order matters: a head that
/// is not in the audit log would look like a truncated log. Returns whether there were new entries.
///
/// # Errors
/// When the database or the keyring is unavailable. A committed link stays.
pub async fn extend_audit_chain(db: &Db) -> Result<bool, Error> {
    extend_audit_chain_beyond(db, 0).await
}

/// Does the same with link numbers above `beyond`. After a restore, it skips the links that the keyring remembers and
/// the data lacks.
pub(crate) async fn extend_audit_chain_beyond(db: &Db, beyond: i64) -> Result<bool, Error> {
    if !db.read().await?.has_unlinked_entries().await? {
        return Ok(false);
    }
    let Some((seq, mac)) = db.execute(&ExtendAuditChain(beyond)).await? else { return Ok(false) };
    let seq = u64::try_from(seq).map_err(|_| Error::Unknown("audit_link.seq"))?;
    let mac = mac.try_into().map_err(|_| Error::Unknown("audit_link.mac"))?;
    db.keyring().set_anchor(seq, mac)?;
    Ok(true)
}
