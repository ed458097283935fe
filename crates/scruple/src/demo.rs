//! `scruple demo`: a temporary store with sample products and signed notifications. It is deleted at the end.
//!
//! It runs the same handlers, operations and jobs as `scruple serve`. Two parts are simulated: the payment provider, by
//! signed notifications and a checkout page; and the mail server, by a page that shows each e-mail.

mod checkout;
mod emails;
mod folder;
mod pages;
mod provider;
mod sample_conversation;
mod sample_orders;
mod sample_visits;
mod state;
mod tour;

use std::error::Error;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use axum::Extension;
use axum::http::Method;
use axum::routing::on;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::Config;
use crate::startup::{self, OpenStore};
use crate::{jobs, serve};
use emails::SentEmails;
use folder::DemoFolder;
use provider::Provider;
use state::Demo;
use tour::Tour;
use web::app::Shared;
use web::http_server;
use web::route::{Access, Limits, Route};
use web::routes::routes_with;

/// The rows that the demo adds to the route table.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/demo", Access::Demo, Limits::Page, |method| on(method, pages::tour)),
    Route::new(Method::GET, "/demo/emails", Access::Demo, Limits::Page, |method| on(method, pages::emails)),
    Route::new(Method::GET, "/demo/checkout", Access::Demo, Limits::Page, |method| on(method, checkout::show)),
    Route::new(Method::POST, "/demo/checkout", Access::Demo, Limits::Page, |method| on(method, checkout::pay)),
];

/// Runs the demo until a signal stops it, then deletes its folder.
///
/// # Errors
/// If the temporary folder cannot be created or deleted, or its store cannot be opened.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let mut stop = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .into_iter()
        .map(signal)
        .collect::<Result<Vec<Signal>, _>>()?;
    let folder = DemoFolder::create()?;
    let [interrupt, terminate, hangup] = &mut stop[..] else { return Err("three signals".into()) };
    let done = tokio::select! {
        done = serve_demo(&folder) => done,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        _ = hangup.recv() => Ok(()),
    };
    folder.remove()?;
    done
}

/// Listens on the port of `scruple serve`, or on any free port.
async fn listener() -> Result<TcpListener, Box<dyn Error>> {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 8470));
    match TcpListener::bind(usual).await {
        Ok(listener) => Ok(listener),
        Err(_) => serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await,
    }
}

async fn serve_demo(folder: &DemoFolder) -> Result<(), Box<dyn Error>> {
    let listener = listener().await?;
    let listen = listener.local_addr()?;
    folder.write_configuration(listen)?;
    let config = Config::load(folder.path(), None, [])?;
    let OpenStore { db, mut settings, .. } = startup::open(&config).await?;
    settings.checkout_page = Some(format!("{}/demo/checkout", settings.public_url));
    let demo = Arc::new(demo_state(&config, &settings, listen)?);
    sample_orders::seed_products(&db, &settings).await?;
    folder.write_public_keys(&db).await?;
    sample_visits::seed(&db, folder).await?;

    let (magic_link_requests, requested) = mpsc::channel(256);
    let app = serve::app(&config, db, settings, magic_link_requests, "/demo");
    tokio::spawn(jobs::send_magic_links(Arc::clone(&app), requested));
    tokio::spawn(emails::capture_emails(
        Arc::clone(&app),
        Arc::clone(&demo.emails),
        config.mail.from.clone(),
    ));
    tokio::spawn(jobs::extend_audit_chain_each_second(Arc::clone(&app)));
    // The counts need no last flush, because the folder is deleted.
    let (_stop, _) = serve::start_tally_flusher(&app).await;
    let welcome = async {
        welcome(&app, &demo, folder).await?;
        pending().await
    };
    tokio::select! {
        () = http_server::serve(listener, routes_with(Arc::clone(&app), ROUTES).layer(Extension(Arc::clone(&demo))), serve::shutdown_signal()?) => {}
        failed = welcome => return failed,
    }
    app.db.close().await;
    Ok(())
}

fn demo_state(
    config: &Config,
    settings: &domain::VendorSettings,
    listen: SocketAddr,
) -> Result<Demo, Box<dyn Error>> {
    let key = config.paypro.validation_key.as_ref().and_then(|key| paypro::Secret::new(key.expose()));
    Ok(Demo {
        provider: Provider::new(paypro::Shop::new(key.ok_or("the demo has no validation key")?), listen),
        dynamic: settings.dynamic.clone().ok_or("the demo has no checkout key")?,
        next_order: AtomicU32::new(2001),
        emails: Arc::new(SentEmails::default()),
        tour: OnceLock::new(),
    })
}

/// Creates the sample orders and the sample conversation, then prints the tour.
async fn welcome(app: &Shared, demo: &Demo, folder: &DemoFolder) -> Result<(), Box<dyn Error>> {
    let sold = sample_orders::place(&demo.provider, app.db.clock.today())
        .await
        .map_err(|why| -> Box<dyn Error> { why })?;
    let code = sample_conversation::seed(&app.db, &app.settings).await?;
    let tour = demo.tour.get_or_init(|| Tour::new(&app.settings.public_url, folder, &sold, &code));
    print(&tour.to_string());
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the tour is the output of the command")]
fn print(text: &str) {
    println!("{text}");
}
