//! Advice for the operator: what needs attention, and what to do.
//!
//! The proof tells whether the promises are kept. The doctor tells what keeps the shop from working well, now or soon.

mod advice;
mod backlog;
pub mod conditions;
mod keyring;
mod mail;
mod mailbox_fault;

pub use advice::{Advice, Level};
pub use conditions::{CheckoutKeyFault, Condition};
pub use mail::RecordMailStatus;
pub use mailbox_fault::MailboxFault;

use conditions::{ConfigurationCondition, DatabaseCondition};
use store::{Db, Error, Operation, Tx};

use crate::settings::VendorSettings;

/// Facts that only the configuration tells.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// `mail.smtp` is set.
    pub smtp_configured: bool,
    /// `paypro.validation_key` is set.
    pub validation_key_set: bool,
    /// Test orders create licences.
    pub allow_test_orders: bool,
    /// Why the checkout key cannot be used; `None` if it can, or if none is set.
    pub checkout_key_fault: Option<CheckoutKeyFault>,
    /// `server.public_url` is reachable from this machine only.
    pub public_url_is_local: bool,
    /// `mail.reply` is set.
    pub reply_configured: bool,
    /// `mail.imap` is set.
    pub imap_configured: bool,
    /// `mail.authserv` is set.
    pub authserv_configured: bool,
}

/// Runs all checks. A check that fails becomes advice itself, so this never fails.
pub async fn doctor(db: &Db, settings: &VendorSettings, facts: &Facts) -> Vec<Advice> {
    let mut advice = configuration(settings, facts);
    advice.extend(keyring::check(db));
    match check_database(db, facts).await {
        Ok(found) => advice.extend(found),
        Err(error) => advice.push(Advice::new(Level::Bad, DatabaseCondition::Unreadable(error))),
    }
    advice
}

async fn check_database(db: &Db, facts: &Facts) -> Result<Vec<Advice>, Error> {
    let mut tx = db.read().await?;
    let persons = tx.count_persons().await?;
    let mut advice = vec![Advice::ok(DatabaseCondition::Answers { engine: db.engine(), persons })];
    advice.push(backlog::erasures(&mut tx).await?);
    advice.extend(backlog::orders(&mut tx).await?);
    advice.extend(backlog::emails(&mut tx, facts).await?);
    advice.extend(mail::check(&mut tx, facts).await?);
    advice.extend(backlog::search(&mut tx).await?);
    advice.extend(backlog::signing_keys(&mut tx).await?);
    advice.extend(backlog::counts(&mut tx).await?);
    advice.push(backlog::audit_log(&mut tx).await?);
    advice.extend(backlog::visits(&mut tx).await?);
    advice.push(backlog::retention_run(&mut tx).await?);
    Ok(advice)
}

fn configuration(settings: &VendorSettings, facts: &Facts) -> Vec<Advice> {
    use ConfigurationCondition as Found;
    let mut advice = vec![if facts.validation_key_set {
        Advice::ok(Found::NotificationsVerifiable)
    } else {
        Advice::new(Level::Bad, Found::NoValidationKey)
    }];
    if facts.allow_test_orders {
        advice.push(Advice::new(Level::Warn, Found::TestOrdersAllowed));
    }
    advice.push(match &facts.checkout_key_fault {
        Some(fault) => Advice::new(Level::Bad, Found::UnusableCheckoutKey(fault.clone())),
        None if settings.dynamic.is_none() => Advice::new(Level::Note, Found::NoCheckoutKey),
        None => Advice::ok(Found::RenewalLinksPossible),
    });
    if facts.public_url_is_local {
        advice.push(Advice::new(Level::Warn, Found::LocalPublicUrl { url: settings.public_url.clone() }));
    }
    advice
}

/// Name of the fact with the day of the last retention run, in days since 1970.
const RETENTION_RUN: &str = "retention run";

/// Records that a retention run was finished today. The caller executes it after the run.
pub struct RecordRetentionRun;

impl Operation for RecordRetentionRun {
    const NAME: &'static str = "record retention run";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let today = crate::day::to_fact(tx.today());
        tx.set_fact(RETENTION_RUN, &today).await
    }
}
