//! Makes the vectors: one file for each kind of outcome.

mod forged;
mod good;
mod public_keys;
mod refused;
mod unreadable;

use licence::{Claims, Day, Serial, SigningKey, Term};

use super::{
    forge::{self, Bytes, Payload},
    form::{Conditions, ExpectedClaims, Vector},
};

pub type Make = fn() -> Vec<Vector>;

pub const FILES: [(&str, Make); 5] = [
    ("good.json", good::all),
    ("unreadable.json", unreadable::all),
    ("forged.json", forged::all),
    ("refused.json", refused::all),
    ("public-keys.json", public_keys::all),
];

/// Product 7, edition 2, five seats, builds of 2026.
fn claims() -> Claims {
    Claims {
        signing_key: 1,
        product: 7,
        edition: 2,
        term: Term::UpdatesUntil(day("2026-12-31")),
        seats: 5,
        serial: serial("V1S4-9KQX"),
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn serial(text: &str) -> Serial {
    text.parse().unwrap()
}

fn key_text(claims: &Claims) -> String {
    let seed = if claims.signing_key == 2 { forge::NEWER } else { forge::SHOP };
    SigningKey::from_seed(claims.signing_key, &seed).unwrap().sign(claims).unwrap().to_string()
}

fn key_bytes() -> Bytes {
    key_text(&claims()).parse::<licence::Key>().unwrap().to_bytes()
}

fn payload() -> Payload {
    let mut payload = [0; 12];
    payload.copy_from_slice(&key_bytes()[..12]);
    payload
}

fn line(id: u8, bytes: &[u8]) -> String {
    format!("scruple-licence-public-key 1 {id} {}\n", forge::hex(bytes))
}

/// A vector for product 7 in the spring of 2026, with the shop's public keys 1 and 2.
fn bad(name: &str, key: impl Into<String>, expect: &str) -> Vector {
    Vector {
        name: name.to_owned(),
        public_keys: line(1, &forge::public(forge::SHOP)) + &line(2, &forge::public(forge::NEWER)),
        key: key.into(),
        check: Conditions {
            product: 7,
            today: "2026-03-01".to_owned(),
            build: Some("2026-02-20".to_owned()),
        },
        expect: expect.to_owned(),
        claims: None,
    }
}

fn good(name: &str, claims: &Claims) -> Vector {
    spelled(name, key_text(claims), claims)
}

/// A good vector with the key text in another notation.
fn spelled(name: &str, key: String, claims: &Claims) -> Vector {
    Vector { claims: Some(ExpectedClaims::from(claims)), ..bad(name, key, "good") }
}

impl Vector {
    fn trusting(mut self, public_keys: String) -> Self {
        self.public_keys = public_keys;
        self
    }

    fn of_product(mut self, product: u8) -> Self {
        self.check.product = product;
        self
    }

    fn on(mut self, today: &str) -> Self {
        self.check.today = today.to_owned();
        self
    }

    fn built(mut self, build: Option<&str>) -> Self {
        self.check.build = build.map(str::to_owned);
        self
    }
}
