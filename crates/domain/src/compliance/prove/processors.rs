//! Processors, which handle personal data for the vendor, and that no recipient gets it for its own use
//! (`contact.unshared`).

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use store::Db;

use super::Evidence;

/// The register of recipients: third parties that use personal data for themselves. Any entry breaks the promise.
pub const RECIPIENTS: &[&str] = &[];

/// What a processor does. A closed list: each handles either sealed values, or mail between the vendor and a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessorKind {
    /// Stores sealed values.
    Database,
    /// Sends e-mails to the person who caused them.
    MailServer,
    /// Receives e-mails of persons until the server fetches them.
    Mailbox,
    /// Stores a replica of the keyring.
    KeyringReplica,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Processor {
    /// What the processor does.
    pub kind: ProcessorKind,
    /// Host or path, without user name and password.
    pub at: String,
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ProcessorKind::Database => "database",
            ProcessorKind::MailServer => "mail server",
            ProcessorKind::Mailbox => "mailbox",
            ProcessorKind::KeyringReplica => "keyring replica",
        };
        write!(f, "{kind} {}", self.at)
    }
}

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
        evidence.violation(format!("the register of recipients names {name}"));
    }
    evidence.observed(format!("register of recipients: {} entries", RECIPIENTS.len()));
    let configured: BTreeSet<&Processor> = processors.configured.iter().collect();
    let connected: BTreeSet<&Processor> = processors.connected.iter().collect();
    for processor in connected.difference(&configured) {
        evidence.violation(format!("connected to a {processor}, which is not in the configuration"));
    }
    for processor in configured.difference(&connected) {
        evidence.violation(format!("the configuration names a {processor}, which is not connected"));
    }
    let replicas: BTreeSet<String> =
        db.keyring().replica_paths().iter().map(|path| path.display().to_string()).collect();
    let named: BTreeSet<String> =
        connected.iter().filter(|c| c.kind == ProcessorKind::KeyringReplica).map(|c| c.at.clone()).collect();
    for replica in replicas.symmetric_difference(&named) {
        evidence.violation(format!(
            "the register of processors and the open keyring differ in the replica {replica}"
        ));
    }
    if connected.iter().filter(|c| c.kind == ProcessorKind::Database).count() != 1 {
        evidence.violation("the register of processors does not name exactly the open database");
    }
    for processor in configured {
        evidence.observed(format!("processor: {processor}"));
    }
    evidence.observed(
        "compared with the configuration: the open database and the replicas of the keyring; not contacted: mail server \
         and mailbox",
    );
    evidence.observed(
        "connections of the running program: not watched here; the program has clients for its database, its mail server \
         and its mailbox, and one that refuses all but loopback addresses",
    );
    evidence
}
