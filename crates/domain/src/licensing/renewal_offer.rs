//! Renewal offers: a checkout link with an encrypted discount, and a token that makes the resulting order extend
//! this licence.

use calendar::Day;
use keyring::Slot;
use paypro::{CheckoutLink, DynamicSettings};
use store::{Error, Licence, LicenceModel, LicenceState, Product, Tx};

use crate::licensing::purchase::RENEWAL_FIELD;
use crate::settings::VendorSettings;
use crate::token::{Renewal, Token};

/// An offer to renew a licence at a discount.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
pub struct RenewalOffer {
    /// Percent off.
    pub discount: u8,
    /// The checkout link of the provider, with discount and token.
    pub link: String,
    /// Last day of the offer.
    #[serde(serialize_with = "crate::day::unix_days::serialize")]
    pub until_day: Day,
}

/// Returns the first and the last day on which a licence's renewal is offered; `None` where it is not.
#[must_use]
pub fn renewal_window(licence: &Licence, product: &Product) -> Option<(Day, Day)> {
    let offered = licence.kind == LicenceModel::Perpetual
        && licence.state == LicenceState::Active
        && product.renewal_discount > 0;
    let (before, after) = (i64::from(product.window_before), i64::from(product.window_after));
    licence.until_day.filter(|_| offered).map(|until| (until - before, until + after))
}

/// Returns today's renewal offer of a licence, if there is one, and records its token. Repeated calls return the
/// same link until it is used.
///
/// # Errors
///
/// When the database or the keyring is unreachable.
pub(crate) async fn renewal_offer(
    tx: &mut Tx,
    settings: &VendorSettings,
    of: Slot,
    licence: &Licence,
    product: &Product,
) -> Result<Option<RenewalOffer>, Error> {
    let Some((first, last)) = renewal_window(licence, product) else { return Ok(None) };
    let Some(dynamic) = &settings.dynamic else { return Ok(None) };
    if !(first..=last).contains(&tx.today()) {
        return Ok(None);
    }
    let until = licence.until_day.map_or(0, Day::to_unix_days);
    let seed = [licence.serial.bits().to_be_bytes(), until.to_be_bytes()].concat();
    let token = Token::<Renewal>::of_keyed_hash(&tx.keyring().slot_tag(of, "renewal", &seed)?);
    let hash = token.hash();
    if tx.renewal(&hash).await?.is_none() {
        tx.add_renewal(&hash, of, licence.serial, (last + 1).midnight()).await?;
    }
    let mut checkout = CheckoutLink::new(&product.provider_id);
    if let Some(page) = &settings.checkout_page {
        checkout = checkout.page(page);
    }
    let link = checkout
        .quantity(units(licence, product))
        .custom_field(RENEWAL_FIELD, token.text())
        .dynamic_settings(DynamicSettings::DiscountPercent(product.renewal_discount), dynamic)
        .url()
        .map_err(|_| Error::Unknown("a checkout link: see `scruple doctor`"))?;
    Ok(Some(RenewalOffer { discount: product.renewal_discount, link, until_day: last }))
}

/// Computes the units that cover the licence's seats.
fn units(licence: &Licence, product: &Product) -> u32 {
    match product.keys {
        store::KeysPerOrder::Each => 1,
        store::KeysPerOrder::One => u32::from(licence.seats).div_ceil(u32::from(product.seats.max(1))).max(1),
    }
}
