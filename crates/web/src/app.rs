//! What a request can reach.

use std::sync::Arc;

use domain::VendorSettings;
use ipnet::IpNet;
use store::Db;
use tokio::sync::{Notify, mpsc};
use zeroize::Zeroizing;

use crate::count::Counter;
use crate::limits::Limits;
use crate::notices::Notices;
use crate::search::Search;
use crate::spam::Guard;

/// Shared by all doors and jobs.
pub struct App {
    /// Database and keyring.
    pub db: Db,
    /// The vendor's settings, for deeds.
    pub house: Arc<VendorSettings>,
    /// Checks notices; without it they are put off.
    pub validation_key: Option<paypro::Secret>,
    /// Test orders are taken.
    pub allow_test_orders: bool,
    /// Where notices may come from; empty for anywhere.
    pub sources: Vec<IpNet>,
    /// Whose word on a request's origin is believed.
    pub proxies: Vec<IpNet>,
    /// Custom fields of orders that are kept.
    pub keep_custom: Vec<String>,
    /// Notices on their way into the database.
    pub notices: Notices,
    /// Addresses for which somebody asked for the link to their page; answered by a job, so that no answer can be
    /// timed.
    pub asks: mpsc::Sender<Zeroizing<String>>,
    /// The search of the staff over open threads.
    pub search: Search,
    /// Counts visits.
    pub counter: Arc<Counter>,
    /// How often what may be tried.
    pub limits: Limits,
    /// Tells messages of people from those of machines.
    pub guard: Guard,
    /// Rings when a letter or a forgetting may be waiting.
    pub bell: Arc<Notify>,
    /// The path that `/` leads to.
    pub home: &'static str,
}

/// As handlers get it.
pub type Shared = Arc<App>;

impl App {
    /// Whether pages are reached over HTTPS, so that cookies may insist on it.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.house.public_url.starts_with("https://")
    }
}
