//! Products of the vendor.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_all, fetch_optional, statements};
use crate::{Error, Tx};

/// Licence model of a product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LicenceModel {
    /// Perpetual: bought once, valid for ever; updates may end.
    Perpetual,
    /// Subscription: valid while it is paid.
    Subscription,
    /// Trial: valid until a day.
    Trial,
}

impl LicenceModel {
    /// Returns the name used in tables and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Perpetual => "perpetual",
            Self::Subscription => "subscription",
            Self::Trial => "trial",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Perpetual, Self::Subscription, Self::Trial].into_iter().find(|k| k.as_str() == name)
    }
}

/// Number of keys for an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeysPerOrder {
    /// One key with all seats.
    One,
    /// One key for each unit.
    Each,
}

impl KeysPerOrder {
    /// Returns the name used in tables and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Each => "each",
        }
    }

    /// Parses the name of the choice.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::One, Self::Each].into_iter().find(|k| k.as_str() == name)
    }
}

/// A row of `product`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Our product number, 1 to 255; one byte of each key.
    pub id: u8,
    /// The provider's product number.
    pub provider_id: String,
    /// Name in e-mails and on pages.
    pub name: String,
    pub kind: LicenceModel,
    /// Seats for each unit; 0 if the order's quantity is the number of seats.
    pub seats: u16,
    /// One key, or one for each unit.
    pub keys: KeysPerOrder,
    /// Months of updates (perpetual), of a charge without a date (subscription), or of the trial; 0 for no end.
    pub updates_months: u32,
    /// Edition number in keys, 0 to 127.
    pub edition: u8,
    /// Percent off for a renewal; 0 if no renewal is offered.
    pub renewal_discount: u8,
    /// Days before the end from which a renewal is offered.
    pub window_before: u32,
    /// Days after the end until which a renewal is offered.
    pub window_after: u32,
    /// Days that a subscription's key stays valid after the paid time.
    pub grace_days: u32,
    /// Whether to put orders on hold whose discount no renewal proves.
    pub hold_discounts: bool,
    /// Whether the product prints the company's name, so that it is kept.
    pub prints_company: bool,
}

statements! {
    LIST = "SELECT id, provider_id, name, kind, seats, keys, updates_months, edition, renewal_discount, window_before, \
            window_after, grace_days, hold_discounts, prints_company FROM product ORDER BY id";
    BY_PROVIDER = "SELECT id, provider_id, name, kind, seats, keys, updates_months, edition, renewal_discount, \
            window_before, window_after, grace_days, hold_discounts, prints_company FROM product WHERE provider_id = $1";
    BY_ID = "SELECT id, provider_id, name, kind, seats, keys, updates_months, edition, renewal_discount, \
            window_before, window_after, grace_days, hold_discounts, prints_company FROM product WHERE id = $1";
    ADD = "INSERT INTO product (id, provider_id, name, kind, seats, keys, updates_months, edition, renewal_discount, \
            window_before, window_after, grace_days, hold_discounts, prints_company) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    EDIT = "UPDATE product SET name = $2, kind = $3, seats = $4, keys = $5, updates_months = $6, edition = $7, \
            renewal_discount = $8, window_before = $9, window_after = $10, grace_days = $11, hold_discounts = $12, \
            prints_company = $13 WHERE id = $1";
}

fn product(row: &AnyRow) -> Result<Product, Error> {
    let flag = |name| Ok::<_, Error>(columns::number::<i64>(row, name)? != 0);
    Ok(Product {
        id: columns::number(row, "product.id")?,
        provider_id: row.try_get("provider_id")?,
        name: row.try_get("name")?,
        kind: LicenceModel::parse(row.try_get("kind")?).ok_or(Error::Unknown("product.kind"))?,
        seats: columns::number(row, "product.seats")?,
        keys: KeysPerOrder::parse(row.try_get("keys")?).ok_or(Error::Unknown("product.keys"))?,
        updates_months: columns::number(row, "product.updates_months")?,
        edition: columns::number(row, "product.edition")?,
        renewal_discount: columns::number(row, "product.renewal_discount")?,
        window_before: columns::number(row, "product.window_before")?,
        window_after: columns::number(row, "product.window_after")?,
        grace_days: columns::number(row, "product.grace_days")?,
        hold_discounts: flag("product.hold_discounts")?,
        prints_company: flag("product.prints_company")?,
    })
}

impl Tx {
    /// All products, by number.
    pub async fn products(&mut self) -> Result<Vec<Product>, Error> {
        fetch_all!(self, LIST)?.iter().map(product).collect()
    }

    /// Finds a product by the provider's number.
    pub async fn product_of_provider(&mut self, provider_id: &str) -> Result<Option<Product>, Error> {
        fetch_optional!(self, BY_PROVIDER, provider_id)?.as_ref().map(product).transpose()
    }

    /// Finds a product by our number.
    pub async fn product(&mut self, id: u8) -> Result<Option<Product>, Error> {
        fetch_optional!(self, BY_ID, i64::from(id))?.as_ref().map(product).transpose()
    }

    /// Adds a product under its number.
    pub async fn add_product(&mut self, p: &Product) -> Result<(), Error> {
        execute!(
            self,
            ADD,
            i64::from(p.id),
            &p.provider_id,
            &p.name,
            p.kind.as_str(),
            i64::from(p.seats),
            p.keys.as_str(),
            i64::from(p.updates_months),
            i64::from(p.edition),
            i64::from(p.renewal_discount),
            i64::from(p.window_before),
            i64::from(p.window_after),
            i64::from(p.grace_days),
            i64::from(p.hold_discounts),
            i64::from(p.prints_company),
        )?;
        self.catalog_changed().await
    }

    /// Updates a product, except for its numbers.
    pub async fn edit_product(&mut self, p: &Product) -> Result<(), Error> {
        execute!(
            self,
            EDIT,
            i64::from(p.id),
            &p.name,
            p.kind.as_str(),
            i64::from(p.seats),
            p.keys.as_str(),
            i64::from(p.updates_months),
            i64::from(p.edition),
            i64::from(p.renewal_discount),
            i64::from(p.window_before),
            i64::from(p.window_after),
            i64::from(p.grace_days),
            i64::from(p.hold_discounts),
            i64::from(p.prints_company),
        )?;
        self.catalog_changed().await
    }
}
