//! What happens by itself: letters leave, forgettings roll forward, the journal's chain is closed, the sweep sweeps.

use std::time::Duration;

use domain::compliance::doctor::NoteSweep;
use domain::compliance::prove::close_journal;
use domain::erasure::completion::roll_forward;
use domain::erasure::retention::{RetentionReport, sweep};
use domain::portal::magic_link::RequestMagicLink;
use domain::statistics::close_due;
use lettre::message::Mailbox;
use mail::delivery;
use mail::wire::SmtpClient;
use store::Error;
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};
use web::app::{App, Shared};
use zeroize::Zeroizing;

/// Answers those who asked for the link to their page, one after the other.
pub async fn answer_asks(app: Shared, mut asks: mpsc::Receiver<Zeroizing<String>>) {
    while let Some(address) = asks.recv().await {
        match app.db.write(&RequestMagicLink { address: &address, house: &app.house }).await {
            Ok(()) => app.bell.notify_one(),
            Err(error) => tracing::warn!(cause = %error, "a wish for a link could not be looked at"),
        }
    }
}

/// Sends letters and rolls forgettings forward: when the bell rings, and every few seconds all the same, because
/// other processes ring no bell here.
pub async fn send_and_forget(app: Shared, way: Option<(SmtpClient, Mailbox)>) {
    loop {
        if let Err(error) = roll_forward(&app.db).await {
            tracing::warn!(cause = %error, "forgettings wait");
        }
        if let Err(error) = app.search.purge(&app.db).await {
            tracing::warn!(cause = %error, "the search can't look what was forgotten");
        }
        if let Some((wire, from)) = &way
            && let Err(error) = delivery::send_all(&app.db, &app.house, wire, from).await
        {
            tracing::warn!(cause = %error, "letters wait");
        }
        // Running out of time is the other way to go on.
        if timeout(Duration::from_secs(3), app.bell.notified()).await.is_err() {}
    }
}

/// Reads all open threads for the search of the staff, once at the start.
pub async fn read_for_search(app: Shared) {
    if let Err(error) = app.search.keep_up(&app.db).await {
        tracing::warn!(cause = %error, "the search reads its threads when it is asked");
    }
}

/// Closes the journal's chain over what was written since, once a second, and anchors its head in the keyring.
pub async fn close_chain(app: Shared) {
    let mut ticks = interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        if let Err(error) = close_journal(&app.db).await {
            tracing::warn!(cause = %error, "the journal's chain waits to be closed");
        }
    }
}

/// Sweeps at the start and every hour.
pub async fn sweep_hourly(app: Shared) {
    let mut ticks = interval(Duration::from_secs(3600));
    loop {
        ticks.tick().await;
        match sweep_once(&app).await {
            Ok(swept) => tracing::info!(?swept, "swept"),
            Err(error) => tracing::warn!(cause = %error, "the sweep waits"),
        }
    }
}

async fn sweep_once(app: &App) -> Result<RetentionReport, Error> {
    let swept = sweep(&app.db, &app.house).await?;
    app.db.write(&NoteSweep).await?;
    Ok(swept)
}

/// Closes the days of sites that are over, once a minute: they are published, and their keys forgotten.
pub async fn close_days(app: Shared) {
    let mut ticks = interval(Duration::from_secs(60));
    loop {
        ticks.tick().await;
        match close_due(&app.db, app.counter.folding()).await {
            Ok(closed) if closed.days + closed.lost > 0 => tracing::info!(?closed, "days of visits"),
            Ok(_) => {}
            Err(error) => tracing::warn!(cause = %error, "days of visits wait to be closed"),
        }
    }
}

/// Takes mail from the mailbox, for as long as the server runs.
pub async fn take_mail(app: Shared, mailbox: mail::mailbox::Mailbox) {
    mailbox.watch(&app.db, &app.house).await;
}
