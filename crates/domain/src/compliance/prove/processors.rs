//! Who carries personal data for us, and that nobody receives it for a use of their own (`contact.unshared`).

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use store::Db;

use super::Evidence;

/// The register of recipients: third parties with a use of their own. Any name in it breaks the promise.
pub const RECIPIENTS: &[&str] = &[];

/// What a carrier does for us. A closed list: it carries what is sealed, or mail
/// between us and the person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessorKind {
    /// Keeps sealed values.
    Database,
    /// Takes letters to the person who caused them.
    MailServer,
    /// Takes mail from persons, until it is taken from there.
    Mailbox,
    /// Keeps the keyring.
    KeyringReplica,
}

/// A carrier.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Processor {
    /// What it does.
    pub kind: ProcessorKind,
    /// Host or path, without name and password.
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

/// The register of carriers, and what the program was in fact connected to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Processors {
    /// As the configuration names them.
    pub configured: Vec<Processor>,
    /// As they were opened.
    pub connected: Vec<Processor>,
}

/// Compares the registers with each other, and with what the database and the keyring in hand really are.
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
    let places: BTreeSet<String> =
        db.keyring().replica_paths().iter().map(|place| place.display().to_string()).collect();
    let named: BTreeSet<String> =
        connected.iter().filter(|c| c.kind == ProcessorKind::KeyringReplica).map(|c| c.at.clone()).collect();
    for place in places.symmetric_difference(&named) {
        evidence.violation(format!(
            "the register of processors and the open keyring differ in the replica {place}"
        ));
    }
    if connected.iter().filter(|c| c.kind == ProcessorKind::Database).count() != 1 {
        evidence.violation("the register of processors does not name exactly the open database");
    }
    for processor in configured {
        evidence.observed(format!("carrier: {processor}"));
    }
    evidence
}
