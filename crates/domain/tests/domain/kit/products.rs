//! The products of the test shop.

use store::{KeysPerOrder, LicenceModel, Product};

/// A perpetual licence with a year of updates, a seat for each unit, and renewal at 40 percent off.
pub const EDITOR: &str = "101";
/// A monthly subscription.
pub const CLOUD: &str = "102";
/// A trial.
pub const TRYOUT: &str = "103";
/// A perpetual licence with updates for ever and a key for each unit.
pub const PACK: &str = "104";
/// A product for companies that prints their name: the quantity is the seats, and discounts must be proved.
pub const SITE: &str = "105";
/// A product that the provider sells and the catalogue doesn't have yet.
pub const NOVELTY: &str = "199";

/// The product with this number of the provider.
pub fn product(provider_id: &str) -> Product {
    let plain = Product {
        id: 0,
        provider_id: provider_id.into(),
        name: format!("Product {provider_id}"),
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
    match provider_id {
        CLOUD => Product { kind: LicenceModel::Subscription, updates_months: 1, ..plain },
        TRYOUT => Product { kind: LicenceModel::Trial, updates_months: 1, ..plain },
        PACK => Product { keys: KeysPerOrder::Each, updates_months: 0, ..plain },
        SITE => Product { seats: 0, prints_company: true, hold_discounts: true, ..plain },
        _ => plain,
    }
}

/// The products of the catalogue from the beginning.
pub fn all() -> Vec<Product> {
    [EDITOR, CLOUD, TRYOUT, PACK, SITE].map(product).into()
}
