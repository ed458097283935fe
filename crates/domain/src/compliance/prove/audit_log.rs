//! The audit log: its chain, and what its entries say about accesses and agreements.

use policy::inventory::find_column;
use policy::purpose;
use store::{AuditCounts, Db, Error, OpeningCount, Operation, Tx};

use super::findings::Evidence;
use super::findings::audit_log::{Fault, Observation, Violation};

/// Verifies the audit chain, and that it reaches the link that the keyring remembers.
pub(crate) async fn chain(tx: &mut Tx, anchor: Option<(u64, [u8; 32])>) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let report = tx.verify_audit_chain().await?;
    if let Some(fault) = report.fault {
        evidence.violation(Violation::Chain(fault));
    }
    let last = report.head.as_ref().map_or(0, |(seq, _)| *seq);
    match anchor {
        Some((seq, mac)) => {
            let link = i64::try_from(seq).unwrap_or(i64::MAX);
            match tx.audit_link_mac(link).await? {
                Some(stored) if stored == mac => {}
                Some(_) => evidence.violation(Violation::LinkDiffersFromAnchor { link }),
                None => evidence.violation(Violation::Truncated { last, anchor: link }),
            }
            evidence.observed(Observation::Anchor { link });
        }
        None if report.links > 0 => evidence.violation(Violation::NoAnchor),
        None => {}
    }
    for (first, last) in report.gaps {
        evidence.observed(Observation::RestoredGap { first, last });
    }
    let (links, entries, unlinked) = (report.links, report.entries, report.unlinked_entries);
    evidence.observed(Observation::Chain { links, entries, unlinked });
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
                let (column, purpose) = (name.to_owned(), purpose.clone());
                evidence.expect_zero(*count, Fault::DisallowedPurpose { column, purpose });
            }
        }
    }
    let purposes = purpose::ALL.iter().map(|(id, _)| *id).collect();
    evidence.observed(Observation::Openings { openings, purposes });
    evidence
}

/// Checks that each access of staff to a person names the member of staff and a case.
pub(crate) fn cases(counts: &AuditCounts) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.expect_zero(counts.without_case, Fault::SupportWithoutCase);
    let of_support = counts.openings.iter().filter(|opening| opening.purpose == "support");
    let openings = of_support.map(|opening| opening.count).sum();
    evidence.observed(Observation::SupportOpenings { openings });
    evidence
}

/// Checks that each erasure of a person has an agreement, and that neither entry names the person.
pub(crate) fn agreements(counts: &AuditCounts) -> Evidence {
    let mut evidence = Evidence::default();
    let (erasures, agreements) = (counts.erasures, counts.agreements);
    if erasures > agreements {
        evidence.violation(Violation::MoreErasuresThanAgreements { erasures, agreements });
    }
    evidence.expect_zero(counts.with_identity, Fault::NamesPerson);
    evidence.expect_zero(counts.without_text, Fault::AgreementWithoutText);
    evidence.observed(Observation::Agreements { agreements, erasures });
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
