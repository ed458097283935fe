//! Opens the encrypted cases of audit entries.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use policy::purpose::Operating;
use store::{Actor, AuditEntry, AuditKind, Error, Operation, Tx};

/// Opens the cases of audit entries. A case is about the person whose record was accessed, so this is an access too,
/// and is audited once for each person.
pub struct OpenCases<'a> {
    pub entries: &'a [AuditEntry],
    pub actor: &'a Actor,
}

impl Operation for OpenCases<'_> {
    const NAME: &'static str = "open the cases of audit entries";
    /// The cases by the ids of their entries; without those of erased people.
    type Output = BTreeMap<i64, String>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let (mut cases, mut permits) = (BTreeMap::new(), BTreeMap::new());
        for entry in self.entries.iter().filter(|entry| entry.kind == AuditKind::Opening.as_str()) {
            let Some(slot) = entry.slot else { continue };
            if tx.keyring().is_forgotten(slot)? {
                continue;
            }
            let permit = match permits.entry(slot.0) {
                Entry::Occupied(audited) => audited.into_mut(),
                Entry::Vacant(vacant) => {
                    let permit = tx.permit::<Operating>(slot, "audit_entry.case_text", self.actor, "");
                    vacant.insert(permit.await?)
                }
            };
            if let Some(case) = tx.open_case(entry, permit)? {
                cases.insert(entry.id, case);
            }
        }
        Ok(cases)
    }
}
