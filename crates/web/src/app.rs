//! The state that handlers and jobs share.

use std::sync::Arc;

use domain::VendorSettings;
use ipnet::IpNet;
use store::Db;
use tokio::sync::{Notify, mpsc};
use zeroize::Zeroizing;

use crate::notification_queue::NotificationQueue;
use crate::rate_limit::RateLimiter;
use crate::search::ConversationSearch;
use crate::spam::SpamFilter;
use crate::visit_counter::Counter;

/// The state of the running program. All handlers and jobs share it.
pub struct App {
    /// Database and keyring.
    pub db: Db,
    /// The vendor's settings, for operations of the domain.
    pub settings: Arc<VendorSettings>,
    /// The secret that verifies the provider's notifications. Without it, notifications are answered with 503.
    pub validation_key: Option<paypro::Secret>,
    /// Whether notifications of test orders are accepted.
    pub allow_test_orders: bool,
    /// Networks from which notifications may come. Empty means any network.
    pub provider_networks: Vec<IpNet>,
    /// Reverse proxies whose `X-Forwarded-For` header is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Custom fields of orders that are kept.
    pub keep_custom: Vec<String>,
    /// Notifications (webhooks) that wait to be written.
    pub notifications: NotificationQueue,
    /// E-mail addresses for which a magic link was requested. A job handles them later, so that the time of a response
    /// does not reveal whether an address is known.
    pub magic_link_requests: mpsc::Sender<Zeroizing<String>>,
    /// The full-text search of staff over open conversations.
    pub search: ConversationSearch,
    /// Counts visits.
    pub counter: Arc<Counter>,
    /// Limits how often a network or an API token may try something.
    pub rate_limiter: RateLimiter,
    /// Detects spam in contact forms.
    pub spam_filter: SpamFilter,
    /// Wakes the jobs when an e-mail may wait to be sent or a key to be erased.
    pub work_available: Arc<Notify>,
    /// The path to which `/` redirects.
    pub home_path: &'static str,
}

/// The state as handlers receive it.
pub type Shared = Arc<App>;

impl App {
    /// Returns whether the site is served over HTTPS, so that cookies can have the attribute `Secure`.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.settings.public_url.starts_with("https://")
    }
}
