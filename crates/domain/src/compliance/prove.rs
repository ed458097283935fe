//! The proof: for each promise, the evidence that the running system gives. Everything is read or recomputed from the
//! live database, the keyring and the data inventory; no declaration is trusted.
//!
//! The proof reads one consistent state. Changes by other processes meanwhile are no violation: if the keyring may be
//! newer than the data, the proof reads again.

mod audit_log;
mod contact;
mod emails;
pub mod findings;
mod licences;
mod payment_data;
mod persons;
mod processors;
mod schema;
mod visits;

pub use audit_log::extend_audit_chain;
pub(crate) use audit_log::extend_audit_chain_beyond;
pub use findings::processors::{Processor, ProcessorKind};
pub use findings::{Counted, Fault, Finding, Observation, Proof, Verdict, Violation};
pub use processors::{Processors, RECIPIENTS};

use policy::{Promise, promise};
use store::{Db, Error};

use crate::settings::VendorSettings;
use findings::Evidence;

/// Returns the proof for a database that lacks columns. Nothing else can be read then, so each promise has a
/// violation.
fn unexamined(missing_columns: &Evidence) -> Proof {
    let of = |promise: &Promise| {
        let mut evidence = Evidence::default();
        if *promise == promise::DETAILS_SECURE {
            evidence = missing_columns.clone();
        } else {
            evidence.violation(findings::schema::Violation::NotExamined);
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
