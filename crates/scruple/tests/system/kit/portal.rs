//! A person at their own page, over HTTP: the letter is read from the outbox where no mail server carries it.

use std::net::SocketAddr;

use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};

use super::http::{Answer, Connection, FORM, form};
use super::{Beside, until, wait};

/// A browser with one cookie.
pub struct Visitor {
    address: SocketAddr,
    cookie: String,
}

impl Beside {
    /// Takes the letter that waits for an address, as a mail server would, and returns its link's path.
    pub fn letter_to(&self, email: &str) -> String {
        until("a letter", || {
            let letter = wait(self.db.execute(&ClaimEmail)).expect("the outbox")?;
            let outcome = DeliveryOutcome::Sent([0; 32]);
            wait(self.db.execute(&RecordDelivery { email: &letter, outcome })).expect("the outbox");
            (letter.content.to == email).then(|| path(&letter.content.link))
        })
    }
}

/// The path of a link on the shop's site.
pub fn path(link: &str) -> String {
    link.strip_prefix("http://shop.example").expect("a link to the shop").to_owned()
}

/// Asks for the link to the page of an address, from an origin of its own so that no limit is met.
pub fn ask_for_page(address: SocketAddr, email: &str, origin: &str) -> Answer {
    let mut connection = Connection::open(address).expect("it listens");
    let headers = [FORM, ("x-forwarded-for", origin)];
    connection.ask("POST", "/licence", &headers, &form(&[("email", email)])).expect("an answer")
}

impl Visitor {
    /// Opens the page that a letter's link leads to.
    pub fn open(address: SocketAddr, link: &str) -> Self {
        let mut connection = Connection::open(address).expect("it listens");
        assert_eq!(connection.ask("GET", link, &[], b"").expect("an answer").status, 200);
        let opened = connection.post(link, b"").expect("an answer");
        assert_eq!(opened.status, 303, "{}", opened.text());
        let cookie = opened.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie");
        Self { address, cookie: cookie.to_owned() }
    }

    /// The whole way: form, letter, link, button.
    pub fn come(address: SocketAddr, beside: &Beside, email: &str) -> Self {
        let answer = ask_for_page(address, email, "192.0.2.10");
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self::open(address, &beside.letter_to(email))
    }

    pub fn get(&self, path: &str) -> Answer {
        let mut connection = Connection::open(self.address).expect("it listens");
        connection.ask("GET", path, &[("cookie", &self.cookie)], b"").expect("an answer")
    }

    pub fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> std::io::Result<Answer> {
        let headers = [FORM, ("cookie", &*self.cookie)];
        Connection::open(self.address)?.ask("POST", path, &headers, &form(fields))
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, fields).expect("an answer")
    }

    /// Ticks and types what erasure asks for.
    pub fn erase(&self) -> std::io::Result<Answer> {
        self.try_post("/licence/erase", &[("agree", "yes"), ("confirmation", "ERASE")])
    }
}
