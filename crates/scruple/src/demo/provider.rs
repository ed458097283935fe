//! The simulated payment provider: signs notifications and posts them to the demo's own server.

use std::error::Error;
use std::net::SocketAddr;

use paypro::Draft;
use url::Url;

use crate::loopback_client::post_form;

/// The simulated payment provider.
pub struct Provider {
    /// Builds and signs notifications.
    pub simulator: paypro::Shop,
    server: SocketAddr,
}

impl Provider {
    /// A provider that posts to the server at this address.
    pub fn new(simulator: paypro::Shop, server: SocketAddr) -> Self {
        Self { simulator, server }
    }

    /// Posts a notification, and returns the body of the response.
    ///
    /// # Errors
    /// If the server cannot be reached, or its status is not 200.
    pub async fn post(&self, notification: &Draft) -> Result<String, Box<dyn Error + Send + Sync>> {
        let url = Url::parse(&format!("http://{}/paypro", self.server))?;
        let response = post_form(&url, notification.body()).await?;
        match response.status {
            200 => Ok(response.body),
            other => {
                Err(format!("a notification was answered with {other}: {}", response.body.trim()).into())
            }
        }
    }
}
