//! A customer in the portal, over HTTP. Without a mail server, the magic link is read from the outbox.

use std::net::SocketAddr;

use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};

use super::http::{Answer, Connection, FORM, form};
use super::{OpenStore, block_on, wait_until};

/// A signed-in customer: a browser with a session cookie.
pub struct PortalSession {
    address: SocketAddr,
    cookie: String,
}

impl OpenStore {
    /// Delivers the queued e-mails until one goes to this address, and returns the path of its magic link.
    pub fn magic_link_to(&self, email: &str) -> String {
        wait_until("an e-mail", || {
            let claimed = block_on(self.db.execute(&ClaimEmail)).expect("the outbox")?;
            let outcome = DeliveryOutcome::Sent([0; 32]);
            block_on(self.db.execute(&RecordDelivery { email: &claimed, outcome })).expect("the outbox");
            (claimed.content.to == email).then(|| path(&claimed.content.link))
        })
    }
}

/// The path of a link on the shop's site.
pub fn path(link: &str) -> String {
    link.strip_prefix("http://shop.example").expect("a link to the shop").to_owned()
}

/// Requests a magic link for an address, from an IP address of its own, so that no rate limit is reached.
pub fn request_magic_link(address: SocketAddr, email: &str, origin: &str) -> Answer {
    let mut connection = Connection::open(address).expect("it listens");
    let headers = [FORM, ("x-forwarded-for", origin)];
    connection.request("POST", "/licence", &headers, &form(&[("email", email)])).expect("an answer")
}

impl PortalSession {
    /// Redeems a magic link.
    pub fn open(address: SocketAddr, link: &str) -> Self {
        let mut connection = Connection::open(address).expect("it listens");
        assert_eq!(connection.request("GET", link, &[], b"").expect("an answer").status, 200);
        let opened = connection.post(link, b"").expect("an answer");
        assert_eq!(opened.status, 303, "{}", opened.text());
        let cookie = opened.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie");
        Self { address, cookie: cookie.to_owned() }
    }

    /// Signs in: requests a magic link, reads the e-mail and redeems the link.
    pub fn sign_in(address: SocketAddr, store: &OpenStore, email: &str) -> Self {
        let answer = request_magic_link(address, email, "192.0.2.10");
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self::open(address, &store.magic_link_to(email))
    }

    pub fn get(&self, path: &str) -> Answer {
        let mut connection = Connection::open(self.address).expect("it listens");
        connection.request("GET", path, &[("cookie", &self.cookie)], b"").expect("an answer")
    }

    pub fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> std::io::Result<Answer> {
        let headers = [FORM, ("cookie", &*self.cookie)];
        Connection::open(self.address)?.request("POST", path, &headers, &form(fields))
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, fields).expect("an answer")
    }

    /// Agrees to the erasure with the checkbox and the typed word.
    pub fn erase(&self) -> std::io::Result<Answer> {
        self.try_post("/licence/erase", &[("agree", "yes"), ("confirmation", "ERASE")])
    }
}
