//! `scruple demo`: a shop of its own, with sample products and real signed notices, that is gone afterwards.
//!
//! It runs the same doors, deeds and jobs as `scruple serve`. Two things are played: the provider, by notices that the
//! simulator signs and by a page in the place of its checkout; and the mail server, by a page that shows each letter.

mod checkout;
mod doors;
mod folder;
mod letters;
mod post;
mod shop;
mod talk;
mod visits;
mod walk;

use std::error::Error;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use axum::routing::get;
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::Config;
use crate::{boot, jobs, serve};
use folder::Folder;
use letters::Letterbox;
use walk::Walk;
use web::app::Shared;
use web::connections;
use web::routes::routes_with;

/// What the demo keeps in memory.
pub struct Demo {
    /// Plays the provider.
    provider: paypro::Shop,
    /// Opens the discounts in checkout links, as the provider does.
    dynamic: paypro::DynamicKey,
    /// Where its own doors are.
    listen: SocketAddr,
    /// The number of the next order at the checkout.
    next_order: AtomicU32,
    /// Letters, instead of a mail server.
    letters: Letterbox,
    /// What the visitor is invited to do; there as soon as the samples are sold.
    walk: OnceLock<Walk>,
}

/// The demo's own routes.
fn routes(demo: Arc<Demo>) -> Router<Shared> {
    Router::new()
        .route("/demo", get(doors::walk))
        .route("/demo/letters", get(doors::letters))
        .route("/demo/checkout", get(checkout::show).post(checkout::pay))
        .layer(Extension(demo))
}

/// Runs the demo until it is told to stop, then takes its folder away.
///
/// # Errors
/// When the temporary folder can't be made or removed, or the house in it doesn't open.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let mut stop = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .into_iter()
        .map(signal)
        .collect::<Result<Vec<Signal>, _>>()?;
    let folder = Folder::make()?;
    let [interrupt, terminate, hangup] = &mut stop[..] else { return Err("three signals".into()) };
    let done = tokio::select! {
        done = play(&folder) => done,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        _ = hangup.recv() => Ok(()),
    };
    folder.remove()?;
    done
}

/// The port of `scruple serve`, or any that is free.
async fn listener() -> Result<TcpListener, Box<dyn Error>> {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 8470));
    match TcpListener::bind(usual).await {
        Ok(listener) => Ok(listener),
        Err(_) => serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await,
    }
}

async fn play(folder: &Folder) -> Result<(), Box<dyn Error>> {
    let listener = listener().await?;
    let listen = listener.local_addr()?;
    folder.write_configuration(listen)?;
    let config = Config::load(folder.path(), None, [])?;
    let (db, mut house, _) = boot::open(&config).await?;
    house.checkout_page = Some(format!("{}/demo/checkout", house.public_url));
    let demo = Arc::new(demo(&config, &house, listen)?);
    shop::furnish(&db, &house).await?;
    folder.write_public_keys(&db).await?;
    visits::lay_down(&db, folder).await?;

    let (asks, asked) = mpsc::channel(256);
    let app = serve::app(&config, db, house, asks, "/demo");
    tokio::spawn(jobs::answer_asks(Arc::clone(&app), asked));
    tokio::spawn(letters::carry(Arc::clone(&app), Arc::clone(&demo), config.mail.from.clone()));
    tokio::spawn(jobs::close_chain(Arc::clone(&app)));
    // With the demo's folder all that it counted is gone.
    let (_stop, _) = serve::keep_count(&app).await;
    let welcome = async {
        welcome(&app, &demo, folder).await?;
        pending().await
    };
    tokio::select! {
        () = connections::answer(listener, routes_with(Arc::clone(&app), routes(Arc::clone(&demo))), serve::told_to_stop()?) => {}
        failed = welcome => return failed,
    }
    app.db.close().await;
    Ok(())
}

fn demo(config: &Config, house: &domain::VendorSettings, listen: SocketAddr) -> Result<Demo, Box<dyn Error>> {
    let key = config.paypro.validation_key.as_ref().and_then(|key| paypro::Secret::new(key.expose()));
    Ok(Demo {
        provider: paypro::Shop::new(key.ok_or("the demo has no validation key")?),
        dynamic: house.dynamic.clone().ok_or("the demo has no checkout key")?,
        listen,
        next_order: AtomicU32::new(2001),
        letters: Letterbox::default(),
        walk: OnceLock::new(),
    })
}

/// Sells the samples, then shows what there is to see.
async fn welcome(app: &Shared, demo: &Demo, folder: &Folder) -> Result<(), Box<dyn Error>> {
    let sold = shop::sell(demo, app.db.clock.today()).await.map_err(|why| -> Box<dyn Error> { why })?;
    let code = talk::hold(&app.db, &app.house).await?;
    let walk = demo.walk.get_or_init(|| Walk::new(&app.house.public_url, folder, &sold, &code));
    tell(&walk.to_string());
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the demo speaks to whoever started it")]
fn tell(says: &str) {
    println!("{says}");
}
