//! Made-up purchases of these days, and their notices.

use paypro::Moment;
use paypro::simulator::{Party, Purchase, Shop};

/// The validation key of every shop here.
pub const VALIDATION_KEY: &str = "a validation key for tests";
/// The provider's number of the product that is bought once.
pub const EDITOR: &str = "4711";
/// The provider's number of the subscription.
pub const CLOUD: &str = "4712";
/// The provider's number of the product with a key for each unit.
pub const TEAM: &str = "4713";

/// Signs with the shop's key.
pub fn provider() -> Shop {
    Shop::new(paypro::Secret::new(VALIDATION_KEY.to_owned()).expect("not empty"))
}

/// The `n`-th customer.
pub fn customer(n: u64) -> Party {
    Party::new(format!("customer.{n}@buyers.example"), format!("Customer Number{n}"))
}

/// The `n`-th order: one editor, bought yesterday by the `n`-th customer.
pub fn order(n: u64) -> Purchase {
    bought_by(n, customer(n))
}

/// The `n`-th order, bought by somebody.
pub fn bought_by(n: u64, buyer: Party) -> Purchase {
    let mut purchase = Purchase::new((1_000_000 + n).to_string(), EDITOR, buyer);
    purchase.placed = yesterday();
    purchase
}

/// Yesterday at noon: within the horizon, whenever the tests run.
pub fn yesterday() -> Moment {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let today = i32::try_from(now.as_secs() / 86_400).expect("a day");
    Moment::at(today - 1, 12, 0).expect("noon")
}

/// The body that pays it.
pub fn paid(purchase: &Purchase) -> Vec<u8> {
    provider().charged(purchase).body().into_bytes()
}

/// The body that asks for its key.
pub fn asks_for_key(purchase: &Purchase) -> Vec<u8> {
    provider().licence_requested(purchase).body().into_bytes()
}

/// The body that takes it back.
pub fn refunded(purchase: &Purchase) -> Vec<u8> {
    provider().refunded(purchase).body().into_bytes()
}
