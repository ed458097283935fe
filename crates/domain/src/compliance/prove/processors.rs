//! Who carries personal data for us, and that nobody receives it for a use of their own (`contact.unshared`).

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use store::Db;

use super::Look;

/// The register of recipients: third parties with a use of their own. Any name in it breaks the promise.
pub const RECIPIENTS: &[&str] = &[];

/// What a carrier does for us. A closed list: it carries what is sealed, or mail
/// between us and the person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CarrierKind {
    /// Keeps sealed values.
    Database,
    /// Takes letters to the person who caused them.
    MailServer,
    /// Takes mail from persons, until it is taken from there.
    Mailbox,
    /// Keeps the keyring.
    KeyringPlace,
}

/// A carrier.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Processor {
    /// What it does.
    pub kind: CarrierKind,
    /// Host or path, without name and password.
    pub at: String,
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            CarrierKind::Database => "database",
            CarrierKind::MailServer => "mail server",
            CarrierKind::Mailbox => "mailbox",
            CarrierKind::KeyringPlace => "place of the keyring",
        };
        write!(f, "{kind} {}", self.at)
    }
}

/// The register of carriers, and what the program was in fact connected to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Carriers {
    /// As the configuration names them.
    pub configured: Vec<Processor>,
    /// As they were opened.
    pub connected: Vec<Processor>,
}

/// Compares the registers with each other, and with what the database and the keyring in hand really are.
pub(crate) fn look(db: &Db, carriers: &Carriers) -> Look {
    let mut look = Look::default();
    for name in RECIPIENTS {
        look.fault(format!("the register of recipients names {name}"));
    }
    look.see(format!("register of recipients: {} entries", RECIPIENTS.len()));
    let configured: BTreeSet<&Processor> = carriers.configured.iter().collect();
    let connected: BTreeSet<&Processor> = carriers.connected.iter().collect();
    for carrier in connected.difference(&configured) {
        look.fault(format!("connected to a {carrier}, which the configuration does not name"));
    }
    for carrier in configured.difference(&connected) {
        look.fault(format!("the configuration names a {carrier}, which is not what is connected"));
    }
    let places: BTreeSet<String> =
        db.vault().places().iter().map(|place| place.display().to_string()).collect();
    let named: BTreeSet<String> =
        connected.iter().filter(|c| c.kind == CarrierKind::KeyringPlace).map(|c| c.at.clone()).collect();
    for place in places.symmetric_difference(&named) {
        look.fault(format!("the register and the open keyring differ in the place {place}"));
    }
    if connected.iter().filter(|c| c.kind == CarrierKind::Database).count() != 1 {
        look.fault("the register does not name the one database that is open");
    }
    for carrier in configured {
        look.see(format!("carrier: {carrier}"));
    }
    look
}
