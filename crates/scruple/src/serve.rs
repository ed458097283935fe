//! `scruple serve`: opens the house, starts the jobs, opens the doors, and closes them in order.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::{boot, jobs};
use mail::mailbox::Mailbox;
use mail::wire::{SmtpClient, SmtpConfigError};
use web::app::{App, Shared};
use web::count::{Counter, TallyFlusher};
use web::notices::Notices;
use web::{connections, routes};

/// Serves until it is told to stop (SIGINT, SIGTERM); then requests under way are finished.
///
/// # Errors
/// When the house doesn't open or the address can't be listened on; says what to do.
pub async fn run(config: Config) -> Result<(), Box<dyn Error>> {
    let (db, house, started) = boot::open(&config).await?;
    if started.rolled.intents > 0 {
        tracing::info!(intents = started.rolled.intents, "forgettings that had been stopped are done");
    }
    if let Some(gone) = started.gone_again {
        tracing::warn!(
            gone,
            "the data was reconciled with the keyring: so many erased persons are gone again"
        );
    }
    if started.waiting {
        tracing::warn!("a place of the keyring can't be reached: forgettings wait and receipts are withheld");
    }
    let way = match SmtpClient::new(&config.mail) {
        Ok(wire) => config.mail.from.clone().map(|from| (wire, from)),
        Err(SmtpConfigError::NotConfigured) => {
            tracing::warn!("no mail server is configured (mail.smtp): letters wait");
            None
        }
        Err(other) => return Err(other.into()),
    };
    // Before anybody is answered, who might then tell it to stop.
    let told = told_to_stop()?;
    let listener = listen(config.server.listen).await?;
    let (asks, asked) = mpsc::channel(256);
    let app = app(&config, db, house, asks, "/licence");
    tokio::spawn(jobs::answer_asks(Arc::clone(&app), asked));
    tokio::spawn(jobs::send_and_forget(Arc::clone(&app), way));
    tokio::spawn(jobs::read_for_search(Arc::clone(&app)));
    if let Some(mailbox) = Mailbox::new(config.mail) {
        tokio::spawn(jobs::take_mail(Arc::clone(&app), mailbox));
    }
    tokio::spawn(jobs::close_chain(Arc::clone(&app)));
    tokio::spawn(jobs::sweep_hourly(Arc::clone(&app)));
    tokio::spawn(jobs::close_days(Arc::clone(&app)));
    let (stop, kept) = keep_count(&app).await;
    tracing::info!(listen = %listener.local_addr()?, public_url = app.house.public_url, "open");
    connections::answer(listener, routes::routes(Arc::clone(&app)), told).await;
    drop(stop);
    kept.await?;
    domain::compliance::prove::close_journal(&app.db).await?;
    app.db.close().await;
    Ok(())
}

/// Starts to keep the visitors' count, with today open for every site. It is sealed for the last time when the sender is
/// dropped; the handle says when that is done.
pub async fn keep_count(app: &Shared) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let mut keeper = TallyFlusher::new(Arc::clone(&app.counter));
    if let Err(error) = keeper.turn(&app.db).await {
        tracing::warn!(cause = %error, "visits are not counted yet");
    }
    let (stop, stopped) = oneshot::channel();
    (stop, tokio::spawn(keeper.keep(app.db.clone(), stopped)))
}

/// Listens, or says which address is taken.
///
/// # Errors
/// When the address can't be listened on.
pub async fn listen(on: SocketAddr) -> Result<TcpListener, Box<dyn Error>> {
    TcpListener::bind(on).await.map_err(|e| {
        format!("can't listen on {on} ({}): set server.listen to another address", e.kind()).into()
    })
}

/// What doors and jobs share.
#[must_use]
pub fn app(
    config: &Config,
    db: store::Db,
    house: domain::VendorSettings,
    asks: mpsc::Sender<zeroize::Zeroizing<String>>,
    home: &'static str,
) -> Shared {
    let (house, bell) = (Arc::new(house), Arc::new(Notify::new()));
    let key = config.paypro.validation_key.as_ref();
    Arc::new(App {
        notices: Notices::start(db.clone(), Arc::clone(&house), Arc::clone(&bell)),
        db,
        house,
        validation_key: key.and_then(|key| paypro::Secret::new(key.expose().to_owned())),
        allow_test_orders: config.paypro.allow_test_orders,
        sources: config.paypro.source_addresses.clone(),
        proxies: config.server.trusted_proxies.clone(),
        keep_custom: config.paypro.keep_custom_fields.clone(),
        asks,
        search: web::search::Search::default(),
        counter: Arc::new(Counter::new(config.visits.folding)),
        limits: web::limits::Limits::default(),
        guard: web::spam::Guard::new(config.contact.hourly.into()),
        bell,
        home,
    })
}

/// Ends when the program is told to stop. From this call on, and not only once it is waited for, such a signal doesn't
/// break the program off.
///
/// # Errors
/// When the system lets no signals be caught.
pub fn told_to_stop() -> Result<impl Future<Output = ()>, std::io::Error> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    })
}
