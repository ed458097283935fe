//! The background jobs of the server: magic links, the e-mail outbox, pending erasures, the audit chain, retention runs,
//! visit statistics, inbound e-mail.

use std::time::Duration;

use domain::compliance::doctor::RecordRetentionRun;
use domain::compliance::prove::extend_audit_chain;
use domain::erasure::completion::roll_forward;
use domain::erasure::retention::{self, RetentionReport};
use domain::portal::magic_link::RequestMagicLink;
use domain::statistics::close_due;
use lettre::message::Mailbox;
use mail::delivery;
use mail::smtp::SmtpClient;
use store::Error;
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};
use web::app::{App, Shared};
use zeroize::Zeroizing;

/// Processes requests for magic links, one after the other. The HTTP response does not wait for it, so that its timing
/// does not reveal whether an address is known.
pub async fn send_magic_links(app: Shared, mut requests: mpsc::Receiver<Zeroizing<String>>) {
    while let Some(address) = requests.recv().await {
        match app.db.execute(&RequestMagicLink { address: &address, settings: &app.settings }).await {
            Ok(()) => app.work_available.notify_one(),
            Err(error) => tracing::warn!(cause = %error, "a request for a magic link failed"),
        }
    }
}

/// Completes pending erasures and sends the e-mails in the outbox: when work is signalled, and every few seconds,
/// because other processes cannot signal.
pub async fn send_emails(app: Shared, sender: Option<(SmtpClient, Mailbox)>) {
    loop {
        if let Err(error) = roll_forward(&app.db).await {
            tracing::warn!(cause = %error, "erasures are pending");
        }
        if let Err(error) = app.search.purge(&app.db).await {
            tracing::warn!(cause = %error, "the search index cannot check which conversations are erased");
        }
        if let Some((smtp, from)) = &sender
            && let Err(error) = delivery::send_all(&app.db, &app.settings, smtp, from).await
        {
            tracing::warn!(cause = %error, "e-mails wait in the outbox");
        }
        // A timeout starts the next round too.
        if timeout(Duration::from_secs(3), app.work_available.notified()).await.is_err() {}
    }
}

/// Loads all open conversations into the search index of the staff, once at the start.
pub async fn load_search(app: Shared) {
    if let Err(error) = app.search.update(&app.db).await {
        tracing::warn!(cause = %error, "the search index is loaded at the first search instead");
    }
}

/// Extends the hash chain of the audit log over the new entries once a second, and anchors its head in the keyring.
pub async fn extend_audit_chain_each_second(app: Shared) {
    let mut ticks = interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        if let Err(error) = extend_audit_chain(&app.db).await {
            tracing::warn!(cause = %error, "the audit chain does not cover the newest entries yet");
        }
    }
}

/// Runs retention at the start and every hour.
pub async fn run_retention_hourly(app: Shared) {
    let mut ticks = interval(Duration::from_secs(3600));
    loop {
        ticks.tick().await;
        match run_retention(&app).await {
            Ok(report) => tracing::info!(?report, "retention run"),
            Err(error) => tracing::warn!(cause = %error, "the retention run failed"),
        }
    }
}

async fn run_retention(app: &App) -> Result<RetentionReport, Error> {
    let report = retention::run_retention(&app.db, &app.settings).await?;
    app.db.execute(&RecordRetentionRun).await?;
    Ok(report)
}

/// Closes the past days of all sites once a minute: publishes their figures and forgets their keys.
pub async fn close_days(app: Shared) {
    let mut ticks = interval(Duration::from_secs(60));
    loop {
        ticks.tick().await;
        match close_due(&app.db, app.counter.thresholds()).await {
            Ok(closed) if closed.days + closed.lost > 0 => {
                tracing::info!(?closed, "days of visits are closed")
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(cause = %error, "days of visits cannot be closed yet"),
        }
    }
}

/// Receives e-mail from the mailbox, for as long as the server runs.
pub async fn receive_mail(app: Shared, mailbox: mail::mailbox::Mailbox) {
    mailbox.watch(&app.db, &app.settings).await;
}
