//! The products of the shop.

use store::{KeysPerOrder, LicenceModel, Product};

/// Bought once, a year of updates, a seat for each unit, renewal at 40 percent off.
pub const EDITOR: &str = "101";
/// By the month.
pub const CLOUD: &str = "102";
/// A trial.
pub const TRYOUT: &str = "103";
/// Bought once, updates for ever, a key for each unit.
pub const PACK: &str = "104";
/// For companies, whose name it prints: quantity is seats, and discounts must be proved.
pub const SITE: &str = "105";
/// The provider sells it, and the shop doesn't know it yet.
pub const NOVELTY: &str = "199";

/// A product by the provider's number.
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

/// What stands on the products from the beginning.
pub fn all() -> Vec<Product> {
    [EDITOR, CLOUD, TRYOUT, PACK, SITE].map(product).into()
}
