//! The sample products, and the sample orders of made-up customers.

use std::error::Error;

use calendar::{Day, Timestamp};
use domain::VendorSettings;
use domain::licensing::products::AddProduct;
use paypro::Purchase;
use paypro::simulator::Party;
use store::{Actor, Db, KeysPerOrder, LicenceModel, Product};

use super::provider::Provider;

/// The provider's number of the product that Ada bought. All product numbers have four digits.
pub const STUDIO: &str = "4711";
const CLOUD: &str = "4712";
const TEAM: &str = "4713";

fn products() -> [Product; 3] {
    let studio = Product {
        id: 0,
        provider_id: STUDIO.into(),
        name: "Lantern Studio".into(),
        kind: LicenceModel::Perpetual,
        seats: 1,
        keys: KeysPerOrder::One,
        updates_months: 12,
        edition: 1,
        renewal_discount: 40,
        window_before: 60,
        window_after: 30,
        grace_days: 14,
        hold_discounts: false,
        prints_company: false,
    };
    let cloud = Product {
        provider_id: CLOUD.into(),
        name: "Lantern Cloud".into(),
        kind: LicenceModel::Subscription,
        updates_months: 1,
        renewal_discount: 0,
        ..studio.clone()
    };
    let team = Product {
        provider_id: TEAM.into(),
        name: "Lantern Studio for teams".into(),
        seats: 5,
        keys: KeysPerOrder::Each,
        edition: 2,
        prints_company: true,
        ..studio.clone()
    };
    [studio, cloud, team]
}

/// Adds the sample products.
///
/// # Errors
/// If the database cannot be reached.
pub async fn seed_products(db: &Db, settings: &VendorSettings) -> Result<(), store::Error> {
    for product in &products() {
        db.execute(&AddProduct { product, actor: &Actor::System, settings }).await?;
    }
    Ok(())
}

/// The name of a sample product.
pub fn name_of(provider_id: &str) -> Option<String> {
    products().into_iter().find(|p| p.provider_id == provider_id).map(|p| p.name)
}

/// The sample purchase of the tour, and the response to its licence request.
pub struct PlacedOrders {
    pub ada: Purchase,
    /// The licence key in the response to the provider's request.
    pub key: String,
    /// The number of notifications that were posted and answered with 200.
    pub notifications: usize,
}

fn ada() -> Party {
    Party::new("ada@example.com", "Ada Lovelace")
}

fn placed(today: Day, days_ago: i64, hour: i64) -> Timestamp {
    (today - days_ago).midnight() + 3_600 * hour + 2 * 60
}

/// The other purchases: a subscription of the same person, a company with two buyers and another licensee, a gift.
fn others(today: Day) -> [Purchase; 4] {
    let company = |order: &str, email: &str, name: &str, days_ago| Purchase {
        company: "Brightwell Ltd".into(),
        licensee: Some(Party::new("dora@brightwell.example", "Dora Brightwell")),
        placed: placed(today, days_ago, 9),
        ..Purchase::new(order, TEAM, Party::new(email, name))
    };
    let cloud = Purchase::new("1002", CLOUD, ada()).subscribed("70001", 30);
    let gift = Purchase::new("1005", STUDIO, Party::new("charles@example.org", "Charles Babbage"));
    [
        Purchase { placed: placed(today, 10, 14), ..cloud },
        Purchase { quantity: 2, ..company("1003", "bea@brightwell.example", "Bea Okafor", 100) },
        company("1004", "carl@brightwell.example", "Carl Ní Dhúill", 90),
        Purchase {
            licensee: Some(Party::new("grace@example.net", "Grace Hopper")),
            placed: placed(today, 30, 20),
            ..gift
        },
    ]
}

/// Posts the notifications of the sample purchases: a payment and a licence request for each.
///
/// # Errors
/// If a notification is refused.
pub async fn place(provider: &Provider, today: Day) -> Result<PlacedOrders, Box<dyn Error + Send + Sync>> {
    let ada = Purchase { placed: placed(today, 340, 19), ..Purchase::new("1001", STUDIO, ada()) };
    provider.post(&provider.simulator.charged(&ada)).await?;
    let key = provider.post(&provider.simulator.licence_requested(&ada)).await?;
    let others = others(today);
    for purchase in &others {
        provider.post(&provider.simulator.charged(purchase)).await?;
        provider.post(&provider.simulator.licence_requested(purchase)).await?;
    }
    Ok(PlacedOrders { ada, key, notifications: 2 + 2 * others.len() })
}
