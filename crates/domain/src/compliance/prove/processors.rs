//! Processors, which handle personal data for the vendor, and that no recipient gets it for its own use
//! (`contact.unshared`).

use std::collections::BTreeSet;

use store::Db;

use super::findings::Evidence;
use super::findings::processors::{Observation, Processor, ProcessorKind, Violation};

/// The register of recipients: third parties that use personal data for themselves. Any entry breaks the promise.
pub const RECIPIENTS: &[&str] = &[];

/// The register of processors, and the actual connections of the program.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Processors {
    /// Processors in the configuration.
    pub configured: Vec<Processor>,
    /// Processors to which the program connected.
    pub connected: Vec<Processor>,
}

/// Compares the registers with each other, and with the open database and keyring.
pub(crate) fn evidence(db: &Db, processors: &Processors) -> Evidence {
    let mut evidence = Evidence::default();
    for name in RECIPIENTS {
        evidence.violation(Violation::Recipient { name });
    }
    evidence.observed(Observation::Recipients { recipients: RECIPIENTS.len() });
    let configured: BTreeSet<&Processor> = processors.configured.iter().collect();
    let connected: BTreeSet<&Processor> = processors.connected.iter().collect();
    for processor in connected.difference(&configured) {
        evidence.violation(Violation::Unconfigured((*processor).clone()));
    }
    for processor in configured.difference(&connected) {
        evidence.violation(Violation::Unconnected((*processor).clone()));
    }
    let replicas: BTreeSet<String> =
        db.keyring().replica_paths().iter().map(|path| path.display().to_string()).collect();
    let named: BTreeSet<String> =
        connected.iter().filter(|c| c.kind == ProcessorKind::KeyringReplica).map(|c| c.at.clone()).collect();
    for replica in replicas.symmetric_difference(&named) {
        evidence.violation(Violation::ReplicaDiffers { replica: replica.clone() });
    }
    if connected.iter().filter(|c| c.kind == ProcessorKind::Database).count() != 1 {
        evidence.violation(Violation::DatabaseDiffers);
    }
    for processor in configured {
        evidence.observed(Observation::Processor(processor.clone()));
    }
    evidence.observed(Observation::Compared);
    evidence.observed(Observation::Unwatched);
    evidence
}
