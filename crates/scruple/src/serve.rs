//! `scruple serve`: opens the store, starts the jobs, serves HTTP, and shuts down in order.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::jobs;
use crate::startup::{self, OpenStore};
use mail::mailbox::Mailbox;
use mail::smtp::{SmtpClient, SmtpConfigError};
use web::app::{App, Shared};
use web::notification_queue::NotificationQueue;
use web::visit_counter::{Counter, TallyFlusher};
use web::{http_server, routes};

/// Serves until SIGINT or SIGTERM. Running requests are then finished.
///
/// # Errors
/// If the store cannot be opened, or the address cannot be listened on.
pub async fn run(config: Config) -> Result<(), Box<dyn Error>> {
    let OpenStore { db, settings, report } = startup::open(&config).await?;
    if report.rolled.intents > 0 {
        tracing::info!(intents = report.rolled.intents, "interrupted erasures are complete");
    }
    if let Some(rows) = report.erased_again {
        tracing::warn!(rows, "the data was older than the keyring: rows of erased people were removed again");
    }
    if report.waiting {
        tracing::warn!("a keyring replica cannot be reached: erasures are pending and receipts are withheld");
    }
    let sender = match SmtpClient::new(&config.mail) {
        Ok(client) => config.mail.from.clone().map(|from| (client, from)),
        Err(SmtpConfigError::NotConfigured) => {
            tracing::warn!("no mail server is configured (mail.smtp): e-mails wait in the outbox");
            None
        }
        Err(other) => return Err(other.into()),
    };
    // Catch signals before the first response, because a client can ask for a stop after it.
    let shutdown = shutdown_signal()?;
    let listener = listen(config.server.listen).await?;
    let (magic_link_requests, requested) = mpsc::channel(256);
    let app = app(&config, db, settings, magic_link_requests, "/licence");
    tokio::spawn(jobs::send_magic_links(Arc::clone(&app), requested));
    tokio::spawn(jobs::send_emails(Arc::clone(&app), sender));
    tokio::spawn(jobs::load_search(Arc::clone(&app)));
    if let Some(mailbox) = Mailbox::new(config.mail) {
        tokio::spawn(jobs::receive_mail(Arc::clone(&app), mailbox));
    }
    tokio::spawn(jobs::extend_audit_chain_each_second(Arc::clone(&app)));
    tokio::spawn(jobs::run_retention_hourly(Arc::clone(&app)));
    tokio::spawn(jobs::close_days(Arc::clone(&app)));
    let (stop, flusher) = start_tally_flusher(&app).await;
    tracing::info!(listen = %listener.local_addr()?, public_url = app.settings.public_url, "open");
    http_server::serve(listener, routes::routes(Arc::clone(&app)), shutdown).await;
    drop(stop);
    flusher.await?;
    domain::compliance::prove::extend_audit_chain(&app.db).await?;
    app.db.close().await;
    Ok(())
}

/// Starts the job that stores the visit counts, and opens today for every site. If the sender is dropped, the job
/// stores the counts for the last time; the handle ends after that.
pub async fn start_tally_flusher(app: &Shared) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let mut flusher = TallyFlusher::new(Arc::clone(&app.counter));
    if let Err(error) = flusher.flush_due(&app.db).await {
        tracing::warn!(cause = %error, "visits are not counted yet");
    }
    let (stop, stopped) = oneshot::channel();
    (stop, tokio::spawn(flusher.run(app.db.clone(), stopped)))
}

/// Listens on an address.
///
/// # Errors
/// If the address cannot be listened on.
pub async fn listen(on: SocketAddr) -> Result<TcpListener, Box<dyn Error>> {
    TcpListener::bind(on).await.map_err(|e| {
        format!("cannot listen on {on} ({}): set server.listen to another address", e.kind()).into()
    })
}

/// Builds the state that handlers and jobs share.
#[must_use]
pub fn app(
    config: &Config,
    db: store::Db,
    settings: domain::VendorSettings,
    magic_link_requests: mpsc::Sender<zeroize::Zeroizing<String>>,
    home_path: &'static str,
) -> Shared {
    let (settings, work_available) = (Arc::new(settings), Arc::new(Notify::new()));
    let key = config.paypro.validation_key.as_ref();
    Arc::new(App {
        notifications: NotificationQueue::start(
            db.clone(),
            Arc::clone(&settings),
            Arc::clone(&work_available),
        ),
        db,
        settings,
        validation_key: key.and_then(|key| paypro::Secret::new(key.expose().to_owned())),
        allow_test_orders: config.paypro.allow_test_orders,
        provider_networks: config.paypro.source_addresses.clone(),
        trusted_proxies: config.server.trusted_proxies.clone(),
        keep_custom: config.paypro.keep_custom_fields.clone(),
        magic_link_requests,
        search: web::search::ConversationSearch::default(),
        counter: Arc::new(Counter::new(config.visits.thresholds)),
        rate_limiter: web::rate_limit::RateLimiter::default(),
        spam_filter: web::spam::SpamFilter::new(config.contact.hourly.into()),
        work_available,
        home_path,
    })
}

/// Completes on SIGINT or SIGTERM. The signals are caught from this call on, before the future is polled.
///
/// # Errors
/// If the system does not let signals be caught.
pub fn shutdown_signal() -> Result<impl Future<Output = ()>, std::io::Error> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    })
}
