//! Advice for the operator: what needs attention, and what to do.
//!
//! The proof tells whether the promises are kept. The doctor tells what keeps the shop from working well, now or soon.

mod backlog;
mod keyring;
mod mail;

pub use mail::RecordMailStatus;

use std::fmt;

use serde::Serialize;
use store::{Db, Engine, Error, Operation, Tx};

use crate::settings::VendorSettings;

/// Severity of an advice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Everything is in order.
    Ok,
    /// For information.
    Note,
    /// Will cause a problem before long.
    Warn,
    /// Something does not work.
    Bad,
}

/// The result of one check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Advice {
    /// Severity.
    pub level: Level,
    /// What the check found.
    pub message: String,
    /// What to do; empty if nothing.
    pub action: String,
}

impl Advice {
    fn ok(message: impl Into<String>) -> Self {
        Self { level: Level::Ok, message: message.into(), action: String::new() }
    }

    fn new(level: Level, message: impl Into<String>, action: impl Into<String>) -> Self {
        Self { level, message: message.into(), action: action.into() }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok  ",
            Level::Note => "note",
            Level::Warn => "WARN",
            Level::Bad => "BAD ",
        };
        write!(f, "{level}  {}", self.message)?;
        if !self.action.is_empty() {
            write!(f, "\n      -> {}", self.action)?;
        }
        Ok(())
    }
}

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
    pub checkout_key_error: Option<String>,
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
        Err(error) => advice.push(Advice::new(
            Level::Bad,
            error.to_string(),
            "check data.database and the disk, and make the database reachable; then run the command again",
        )),
    }
    advice
}

async fn check_database(db: &Db, facts: &Facts) -> Result<Vec<Advice>, Error> {
    let mut tx = db.read().await?;
    let engine = match db.engine() {
        Engine::Sqlite => "SQLite, a file in the data folder",
        Engine::Postgres => "PostgreSQL",
    };
    let persons = tx.count_persons().await?;
    let mut advice = vec![Advice::ok(format!("the database answers: {engine}, {persons} persons"))];
    advice.extend(backlog::erasures(&mut tx).await?);
    advice.extend(backlog::orders(&mut tx).await?);
    advice.extend(backlog::emails(&mut tx, facts).await?);
    advice.extend(mail::check(&mut tx, facts).await?);
    advice.extend(backlog::search(&mut tx).await?);
    advice.extend(backlog::signing_keys(&mut tx).await?);
    advice.extend(backlog::counts(&mut tx).await?);
    advice.extend(backlog::audit_log(&mut tx).await?);
    advice.extend(backlog::visits(&mut tx).await?);
    advice.push(backlog::retention_run(&mut tx).await?);
    Ok(advice)
}

fn configuration(settings: &VendorSettings, facts: &Facts) -> Vec<Advice> {
    let mut advice = Vec::new();
    advice.push(if facts.validation_key_set {
        Advice::ok("the provider's notifications (webhooks) can be verified")
    } else {
        let message =
            "paypro.validation_key is not set: every notification (webhook) is answered 503, and the provider \
             retries";
        Advice::new(
            Level::Bad,
            message,
            "copy the validation key from the provider's settings into paypro.validation_key",
        )
    });
    if facts.allow_test_orders {
        let message = "test orders create real licences";
        advice.push(Advice::new(
            Level::Warn,
            message,
            "set paypro.allow_test_orders to false once the shop is open",
        ));
    }
    match &facts.checkout_key_error {
        Some(reason) => advice.push(Advice::new(
            Level::Bad,
            format!("renewal links cannot be made: {reason}"),
            "compare paypro.checkout_key and paypro.checkout_vector with the provider's dynamic settings",
        )),
        None if settings.dynamic.is_none() => advice.push(Advice::new(
            Level::Note,
            "no checkout key is set: renewals are offered without a discount link",
            "set paypro.checkout_key and paypro.checkout_vector",
        )),
        None => advice.push(Advice::ok("renewal links can be made")),
    }
    if facts.public_url_is_local {
        advice.push(Advice::new(
            Level::Warn,
            format!("links in e-mails lead to {}, which only this machine reaches", settings.public_url),
            "set server.public_url to the address at which buyers reach this server",
        ));
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
