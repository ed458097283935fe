//! The proof: promise by promise, what the running system shows for it. Everything here is read or recomputed from
//! the live database, the keyring and the inventory; nothing is kept because it is said to be.
//!
//! It reads one consistent state. What other processes do meanwhile is no fault: where the keyring may have moved
//! on since, it looks again before it speaks.

mod audit_log;
mod contact;
mod emails;
mod licences;
mod payment_data;
mod persons;
mod processors;
mod schema;
mod visits;

pub use audit_log::close_audit_chain;
pub(crate) use audit_log::close_audit_chain_beyond;
pub use processors::{Processor, ProcessorKind, Processors, RECIPIENTS};

use std::fmt;

use policy::{Promise, promise};
use serde::{Serialize, Serializer};
use store::{Db, Error};

use crate::settings::VendorSettings;

/// How a promise stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The evidence was found, and nothing against it.
    Kept,
    /// Something contradicts it.
    Broken,
    /// Nothing is done here that the promise speaks of, and the evidence says by what that shows.
    NotYet,
}

/// What was found on a promise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// The promise; its id where it is serialised.
    #[serde(serialize_with = "id")]
    pub promise: Promise,
    /// How it stands.
    pub verdict: Verdict,
    /// What was looked at, with figures.
    pub evidence: Vec<String>,
    /// What contradicts it, with the place.
    pub broken: Vec<String>,
}

fn id<S: Serializer>(promise: &Promise, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(promise.id)
}

/// The proof: one finding for each promise, in the order of the privacy page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Proof {
    /// The findings.
    pub promises: Vec<Finding>,
}

impl Proof {
    /// Whether nothing is broken.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.promises.iter().all(|f| f.verdict != Verdict::Broken)
    }

    /// Adds what was seen elsewhere than in database and keyring: how much was looked at, and what contradicts.
    pub fn witness(&mut self, promise: Promise, seen: String, broken: Vec<String>) {
        let Some(finding) = self.promises.iter_mut().find(|f| f.promise == promise) else { return };
        finding.evidence.push(seen);
        if !broken.is_empty() {
            finding.verdict = Verdict::Broken;
            finding.broken.extend(broken);
        }
    }

    /// The finding on a promise.
    #[must_use]
    pub fn on(&self, promise: Promise) -> Option<&Finding> {
        self.promises.iter().find(|f| f.promise == promise)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.promises {
            let verdict = match finding.verdict {
                Verdict::Kept => "kept",
                Verdict::Broken => "BROKEN",
                Verdict::NotYet => "nothing to check yet",
            };
            writeln!(f, "{}: {verdict}", finding.promise)?;
            for place in &finding.broken {
                writeln!(f, "  BROKEN  {place}")?;
            }
            for line in &finding.evidence {
                writeln!(f, "  {line}")?;
            }
        }
        f.write_str(if self.holds() { "The promises are kept.\n" } else { "NOT all promises are kept.\n" })
    }
}

/// What one look found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) evidence: Vec<String>,
    pub(crate) broken: Vec<String>,
}

impl Evidence {
    /// Something to show.
    pub(crate) fn observed(&mut self, what: impl Into<String>) {
        self.evidence.push(what.into());
    }

    /// Something that contradicts.
    pub(crate) fn violation(&mut self, place: impl Into<String>) {
        self.broken.push(place.into());
    }

    /// A number that must be zero.
    pub(crate) fn expect_zero(&mut self, found: i64, place: &str) {
        if found != 0 {
            self.violation(format!("{place}: {found}"));
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.evidence.extend(other.evidence);
        self.broken.extend(other.broken);
        self
    }

    fn on(self, promise: Promise) -> Finding {
        let verdict = if self.broken.is_empty() { Verdict::Kept } else { Verdict::Broken };
        Finding { promise, verdict, evidence: self.evidence, broken: self.broken }
    }

    fn not_yet(self, promise: Promise) -> Finding {
        let finding = self.on(promise);
        match finding.verdict {
            Verdict::Kept => Finding { verdict: Verdict::NotYet, ..finding },
            _ => finding,
        }
    }
}

/// Where columns are missing nothing else can be read, and nothing is proved.
fn unexamined(lacking: &Evidence) -> Proof {
    let of = |promise: &Promise| {
        let mut look = Evidence::default();
        if *promise == promise::DETAILS_SECURE {
            look = lacking.clone();
        } else {
            look.violation("not examined: the database lacks columns of the inventory");
        }
        look.on(*promise)
    };
    Proof { promises: promise::ALL.iter().map(of).collect() }
}

/// Proves every promise against the live database and the keyring.
///
/// # Errors
/// When database or keyring is away. What contradicts a promise is no error, but a finding.
pub async fn prove(db: &Db, settings: &VendorSettings, processors: &Processors) -> Result<Proof, Error> {
    use policy::promise as p;
    // First, because it is kept after its link was committed: so that link is in what is read next.
    let anchor = db.keyring().anchor()?;
    let mut tx = db.read().await?;
    let live = tx.live_columns().await?;
    if let Some(lacking) = schema::lacking(&live) {
        return Ok(unexamined(&lacking));
    }
    let sealed = tx.examine_sealed(payment_data::holds_no_card).await?;
    let told = tx.audit_counts().await?;
    let chain = audit_log::chain(&mut tx, anchor).await?;
    let support = audit_log::cases(&told).and(chain).and(persons::retention(&mut tx, settings).await?);
    let erased = persons::erasures(db, &mut tx, &sealed).await?;
    let promises = vec![
        schema::origins(&paypro::FIELDS).and(contact::fields(&live)).on(p::CONTACT_VOLUNTARY),
        audit_log::openings(&told).on(p::CONTACT_ADMINISTRATIVE),
        processors::evidence(db, processors).on(p::CONTACT_UNSHARED),
        contact::conversations(&mut tx).await?.on(p::CONTACT_ANONYMOUS),
        payment_data::evidence(&mut tx, settings, &sealed).await?.on(p::PAYMENT_DIRECT),
        schema::fields(&paypro::FIELDS).and(payment_data::payments(&mut tx).await?).on(p::PAYMENT_PARTIAL),
        licences::given(&mut tx).await?.on(p::DETAILS_LICENCE),
        support.on(p::DETAILS_SUPPORT),
        schema::schema(&live).and(schema::sealed(db, &sealed)).on(p::DETAILS_SECURE),
        erased.on(p::ERASURE_REQUEST),
        audit_log::agreements(&told).on(p::ERASURE_AGREEMENT),
        licences::survive(&mut tx).await?.on(p::ERASURE_LICENCE_SURVIVES),
        persons::found(db).await?.and(persons::marks(&mut tx, settings).await?).on(p::ERASURE_UNIDENTIFIABLE),
        emails::evidence(&mut tx).await?.on(p::MAIL_SOLICITED),
        visits::general(&mut tx).await?,
        visits::unidentifiable(&mut tx, &live, &sealed).await?.on(p::VISITORS_UNIDENTIFIABLE),
    ];
    debug_assert!(promises.iter().map(|f| f.promise).eq(promise::ALL.iter().copied()));
    Ok(Proof { promises })
}
