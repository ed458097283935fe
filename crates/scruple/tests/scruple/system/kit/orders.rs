//! Sample purchases of yesterday, and their notifications.

use calendar::Timestamp;
use paypro::simulator::{Party, Purchase, Shop};

/// The validation key of every shop in these tests.
pub const VALIDATION_KEY: &str = "a validation key for tests";
/// The provider's number of the perpetual product.
pub const EDITOR: &str = "4711";
/// The provider's number of the subscription.
pub const CLOUD: &str = "4712";
/// The provider's number of the product with a key for each unit.
pub const TEAM: &str = "4713";

/// Returns a simulated provider that signs with the shop's key.
pub fn provider() -> Shop {
    Shop::new(paypro::Secret::new(VALIDATION_KEY.to_owned()).expect("not empty"))
}

/// The `n`-th customer.
pub fn customer(n: u64) -> Party {
    Party::new(format!("customer.{n}@buyers.example"), format!("Customer Number{n}"))
}

/// The `n`-th order: one licence of `EDITOR`, bought yesterday by the `n`-th customer.
pub fn order(n: u64) -> Purchase {
    bought_by(n, customer(n))
}

/// The `n`-th order, of a given buyer.
pub fn bought_by(n: u64, buyer: Party) -> Purchase {
    let mut purchase = Purchase::new((1_000_000 + n).to_string(), EDITOR, buyer);
    purchase.placed = yesterday();
    purchase
}

/// Yesterday at noon, so that the order is within the horizon.
pub fn yesterday() -> Timestamp {
    let today = Timestamp::from(std::time::SystemTime::now()).day();
    today.midnight() - 12 * 3_600
}

/// The body of the notification that it is paid.
pub fn paid(purchase: &Purchase) -> Vec<u8> {
    provider().charged(purchase).body().into_bytes()
}

/// The body of the request for its key.
pub fn asks_for_key(purchase: &Purchase) -> Vec<u8> {
    provider().licence_requested(purchase).body().into_bytes()
}

/// The body of the notification that it is refunded.
pub fn refunded(purchase: &Purchase) -> Vec<u8> {
    provider().refunded(purchase).body().into_bytes()
}
