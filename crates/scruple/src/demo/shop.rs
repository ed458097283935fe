//! What the demo's shop sells, and who has bought there.

use std::error::Error;

use domain::VendorSettings;
use domain::licensing::products::AddProduct;
use paypro::simulator::Party;
use paypro::{Draft, Moment, Purchase};
use store::{Actor, Db, Keys, Kind, Product};

use super::Demo;
use super::post::post;

/// The provider's number of the product that Ada bought; with the numbers of the others, four digits each.
pub const STUDIO: &str = "4711";
const CLOUD: &str = "4712";
const TEAM: &str = "4713";

fn products() -> [Product; 3] {
    let studio = Product {
        id: 0,
        provider_id: STUDIO.into(),
        name: "Lantern Studio".into(),
        kind: Kind::Perpetual,
        seats: 1,
        keys: Keys::One,
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
        kind: Kind::Subscription,
        updates_months: 1,
        renewal_discount: 0,
        ..studio.clone()
    };
    let team = Product {
        provider_id: TEAM.into(),
        name: "Lantern Studio for teams".into(),
        seats: 5,
        keys: Keys::Each,
        edition: 2,
        prints_company: true,
        ..studio.clone()
    };
    [studio, cloud, team]
}

/// Puts the products into the shop.
///
/// # Errors
/// When the database is away.
pub async fn furnish(db: &Db, house: &VendorSettings) -> Result<(), store::Error> {
    for product in &products() {
        db.write(&AddProduct { product, who: &Actor::System, house }).await?;
    }
    Ok(())
}

/// The name of one of these products.
pub fn name_of(provider_id: &str) -> Option<String> {
    products().into_iter().find(|p| p.provider_id == provider_id).map(|p| p.name)
}

/// The sample purchase that the walk is about, and what the provider was answered for it.
pub struct Sold {
    /// The purchase.
    pub ada: Purchase,
    /// The answer to the provider's request for its key.
    pub key: String,
    /// Notices posted, and answered with 200.
    pub notices: usize,
}

fn ada() -> Party {
    Party::new("ada@example.com", "Ada Lovelace")
}

fn placed(today: i64, days_ago: i64, hour: u8) -> Moment {
    let day = i32::try_from(today - days_ago).unwrap_or(i32::MAX);
    Moment::at(day, hour, 2).unwrap_or(Moment::midnight(day))
}

/// The other purchases: a subscription of the same person, a company with two buyers and another licensee, a present.
fn others(today: i64) -> [Purchase; 4] {
    let company = |order: &str, email: &str, name: &str, days_ago| Purchase {
        company: "Brightwell Ltd".into(),
        licensee: Some(Party::new("dora@brightwell.example", "Dora Brightwell")),
        placed: placed(today, days_ago, 9),
        ..Purchase::new(order, TEAM, Party::new(email, name))
    };
    let cloud = Purchase::new("1002", CLOUD, ada()).subscribed("70001", 30);
    let present = Purchase::new("1005", STUDIO, Party::new("charles@example.org", "Charles Babbage"));
    [
        Purchase { placed: placed(today, 10, 14), ..cloud },
        Purchase { quantity: 2, ..company("1003", "bea@brightwell.example", "Bea Okafor", 100) },
        company("1004", "carl@brightwell.example", "Carl Ní Dhúill", 90),
        Purchase {
            licensee: Some(Party::new("grace@example.net", "Grace Hopper")),
            placed: placed(today, 30, 20),
            ..present
        },
    ]
}

/// Has the provider tell of the sample purchases: a notice of payment each, and a request for the key.
///
/// # Errors
/// When a notice isn't taken.
pub async fn sell(demo: &Demo, today: i64) -> Result<Sold, Box<dyn Error + Send + Sync>> {
    let ada = Purchase { placed: placed(today, 340, 19), ..Purchase::new("1001", STUDIO, ada()) };
    take(demo, &demo.provider.charged(&ada)).await?;
    let key = take(demo, &demo.provider.licence_requested(&ada)).await?;
    let others = others(today);
    for purchase in &others {
        take(demo, &demo.provider.charged(purchase)).await?;
        take(demo, &demo.provider.licence_requested(purchase)).await?;
    }
    Ok(Sold { ada, key, notices: 2 + 2 * others.len() })
}

/// Posts a notice, which must be taken, and returns the answer.
///
/// # Errors
/// When it isn't.
pub async fn take(demo: &Demo, notice: &Draft) -> Result<String, Box<dyn Error + Send + Sync>> {
    let answer = post(demo.listen, notice).await?;
    match answer.status {
        200 => Ok(answer.body),
        other => Err(format!("a notice was answered with {other}: {}", answer.body.trim()).into()),
    }
}
