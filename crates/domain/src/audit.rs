//! Audit entries of changes that staff or the system make.

use store::{Actor, AuditKind, Error, NewAuditEntry, Tx};

/// Records a change in the audit log.
pub(crate) async fn audit_change(tx: &mut Tx, what: &str, actor: &Actor) -> Result<(), Error> {
    let entry = NewAuditEntry {
        kind: AuditKind::Change,
        name: what,
        actor,
        slot: None,
        cause: 0,
        recipient: &[],
        digest: &[],
    };
    tx.append_audit(&entry).await?;
    Ok(())
}
