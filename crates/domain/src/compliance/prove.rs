//! The proof: for each promise, the evidence that the running system gives. Everything is read or recomputed from the
//! live database, the keyring and the data inventory; no declaration is trusted.
//!
//! The proof reads one consistent state. Changes by other processes meanwhile are no violation: if the keyring may be
//! newer than the data, the proof reads again.

mod audit_log;
mod contact;
mod emails;
mod licences;
mod payment_data;
mod persons;
mod processors;
mod schema;
mod visits;

pub use audit_log::extend_audit_chain;
pub(crate) use audit_log::extend_audit_chain_beyond;
pub use processors::{Processor, ProcessorKind, Processors, RECIPIENTS};

use std::fmt;

use policy::{Promise, promise};
use serde::{Serialize, Serializer};
use store::{Db, Error};

use crate::settings::VendorSettings;

/// Verdict on a promise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There is evidence, and no violation.
    Kept,
    /// There is a violation.
    Broken,
    /// The promise is about something that this shop does not do yet, as the evidence shows.
    NotYet,
}

/// Finding on a promise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// The promise; serialised as its id.
    #[serde(serialize_with = "id")]
    pub promise: Promise,
    pub verdict: Verdict,
    /// What was checked, with figures.
    pub evidence: Vec<String>,
    /// What contradicts the promise, and where.
    #[serde(rename = "broken")]
    pub violations: Vec<String>,
}

fn id<S: Serializer>(promise: &Promise, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(promise.id)
}

/// The proof: one finding for each promise, in the order of the privacy page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Proof {
    pub promises: Vec<Finding>,
}

impl Proof {
    /// Tells whether no promise is broken.
    #[must_use]
    pub fn all_kept(&self) -> bool {
        self.promises.iter().all(|f| f.verdict != Verdict::Broken)
    }

    /// Adds evidence from outside of database and keyring: what was checked, and violations.
    pub fn add_evidence(&mut self, promise: Promise, observed: String, violations: Vec<String>) {
        let Some(finding) = self.promises.iter_mut().find(|f| f.promise == promise) else { return };
        finding.evidence.push(observed);
        if !violations.is_empty() {
            finding.verdict = Verdict::Broken;
            finding.violations.extend(violations);
        }
    }

    /// Returns the finding on a promise.
    #[must_use]
    pub fn finding(&self, promise: Promise) -> Option<&Finding> {
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
            for violation in &finding.violations {
                writeln!(f, "  BROKEN  {violation}")?;
            }
            for line in &finding.evidence {
                writeln!(f, "  {line}")?;
            }
        }
        f.write_str(if self.all_kept() { "The promises are kept.\n" } else { "NOT all promises are kept.\n" })
    }
}

/// Evidence and violations of one check.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) evidence: Vec<String>,
    pub(crate) violations: Vec<String>,
}

impl Evidence {
    /// Adds an observation.
    pub(crate) fn observed(&mut self, observation: impl Into<String>) {
        self.evidence.push(observation.into());
    }

    /// Adds a violation.
    pub(crate) fn violation(&mut self, violation: impl Into<String>) {
        self.violations.push(violation.into());
    }

    /// Adds a violation if the number is not zero.
    pub(crate) fn expect_zero(&mut self, number: i64, violation: &str) {
        if number != 0 {
            self.violation(format!("{violation}: {number}"));
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.evidence.extend(other.evidence);
        self.violations.extend(other.violations);
        self
    }

    fn into_finding(self, promise: Promise) -> Finding {
        let verdict = if self.violations.is_empty() { Verdict::Kept } else { Verdict::Broken };
        Finding { promise, verdict, evidence: self.evidence, violations: self.violations }
    }

    fn into_finding_not_yet(self, promise: Promise) -> Finding {
        let finding = self.into_finding(promise);
        match finding.verdict {
            Verdict::Kept => Finding { verdict: Verdict::NotYet, ..finding },
            _ => finding,
        }
    }
}

/// Returns the proof for a database that lacks columns. Nothing else can be read then, so each promise has a
/// violation.
fn unexamined(missing_columns: &Evidence) -> Proof {
    let of = |promise: &Promise| {
        let mut evidence = Evidence::default();
        if *promise == promise::DETAILS_SECURE {
            evidence = missing_columns.clone();
        } else {
            evidence.violation("not examined: the database lacks columns of the inventory");
        }
        evidence.into_finding(*promise)
    };
    Proof { promises: promise::ALL.iter().map(of).collect() }
}

/// Proves every promise against the live database and the keyring.
///
/// # Errors
/// When the database or the keyring is unavailable. A violation is no error, but a finding.
pub async fn prove(db: &Db, settings: &VendorSettings, processors: &Processors) -> Result<Proof, Error> {
    use policy::promise as p;
    // The anchor is read first. The keyring stores it after its link was committed, so the data read next has that
    // link.
    let anchor = db.keyring().anchor()?;
    let mut tx = db.read().await?;
    let live = tx.live_columns().await?;
    if let Some(missing_columns) = schema::missing_columns(&live) {
        return Ok(unexamined(&missing_columns));
    }
    let sealed = tx.examine_sealed(payment_data::holds_no_card).await?;
    let counts = tx.audit_counts().await?;
    let chain = audit_log::chain(&mut tx, anchor).await?;
    let support = audit_log::cases(&counts).and(chain).and(persons::retention(&mut tx, settings).await?);
    let erased = persons::erasures(db, &mut tx, &sealed).await?;
    let promises = vec![
        schema::origins(&paypro::FIELDS).and(contact::fields(&live)).into_finding(p::CONTACT_VOLUNTARY),
        audit_log::openings(&counts).into_finding(p::CONTACT_ADMINISTRATIVE),
        processors::evidence(db, processors).into_finding(p::CONTACT_UNSHARED),
        contact::conversations(&mut tx).await?.into_finding(p::CONTACT_ANONYMOUS),
        payment_data::evidence(&mut tx, settings, &sealed).await?.into_finding(p::PAYMENT_DIRECT),
        schema::fields(&paypro::FIELDS)
            .and(payment_data::payments(&mut tx).await?)
            .into_finding(p::PAYMENT_PARTIAL),
        licences::created(&mut tx).await?.into_finding(p::DETAILS_LICENCE),
        support.into_finding(p::DETAILS_SUPPORT),
        schema::schema(&live).and(schema::sealed(db, &sealed)).into_finding(p::DETAILS_SECURE),
        erased.into_finding(p::ERASURE_REQUEST),
        audit_log::agreements(&counts).into_finding(p::ERASURE_AGREEMENT),
        licences::outlive_holders(&mut tx).await?.into_finding(p::ERASURE_LICENCE_SURVIVES),
        persons::blind_index(db)
            .await?
            .and(persons::notification_tags(&mut tx, settings).await?)
            .into_finding(p::ERASURE_UNIDENTIFIABLE),
        emails::evidence(&mut tx).await?.into_finding(p::MAIL_SOLICITED),
        visits::general(&mut tx).await?,
        visits::unidentifiable(&mut tx, &live, &sealed).await?.into_finding(p::VISITORS_UNIDENTIFIABLE),
    ];
    debug_assert!(promises.iter().map(|f| f.promise).eq(promise::ALL.iter().copied()));
    Ok(Proof { promises })
}
