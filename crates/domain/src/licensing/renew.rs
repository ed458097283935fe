//! Renewal offers: a checkout link with the discount inside, sealed by the provider's scheme, and a token that makes
//! the resulting order extend this licence.

use data_encoding::BASE64URL_NOPAD;
use keyring::Slot;
use paypro::{Checkout, Dynamic};
use store::{Error, Kind, Licence, Product, State, Tx};

use crate::licensing::purchase::RENEWAL_FIELD;
use crate::settings::VendorSettings;
use crate::token;

/// An offer to renew.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
pub struct Offer {
    /// Percent off.
    pub discount: u8,
    /// The provider's checkout, with everything inside.
    pub link: String,
    /// Last day of the offer, since 1970.
    pub until_day: i64,
}

/// The days on which a licence's renewal is offered: first and last.
#[must_use]
pub fn window(licence: &Licence, product: &Product) -> Option<(i64, i64)> {
    let offered = licence.kind == Kind::Perpetual
        && licence.state == State::Active
        && licence.until_day != 0
        && product.renewal_discount > 0;
    let (before, after) = (i64::from(product.window_before), i64::from(product.window_after));
    offered.then(|| (licence.until_day - before, licence.until_day + after))
}

/// The offer for a licence today, if there is one; noted, so that its token will be known. Looking again gives the
/// same link until it is used.
///
/// # Errors
/// When database or keyring is away.
pub async fn offer(
    tx: &mut Tx,
    house: &VendorSettings,
    of: Slot,
    licence: &Licence,
    product: &Product,
) -> Result<Option<Offer>, Error> {
    let Some((first, last)) = window(licence, product) else { return Ok(None) };
    let Some(dynamic) = &house.dynamic else { return Ok(None) };
    if !(first..=last).contains(&tx.today()) {
        return Ok(None);
    }
    let seed = [licence.serial.to_be_bytes(), licence.until_day.to_be_bytes()].concat();
    let token = BASE64URL_NOPAD.encode(&tx.vault().slot_tag(of, "renewal", &seed)?);
    let tag = token::tag(&token);
    if tx.renewal(&tag).await?.is_none() {
        tx.add_renewal(&tag, of, licence.serial, (last + 1) * 86_400).await?;
    }
    let mut checkout = Checkout::new(&product.provider_id);
    if let Some(page) = &house.checkout_page {
        checkout = checkout.page(page);
    }
    let link = checkout
        .quantity(quantity(licence, product))
        .custom(RENEWAL_FIELD, &token)
        .dynamic(Dynamic::DiscountPercent(product.renewal_discount), dynamic)
        .url()
        .map_err(|_| Error::Unknown("a checkout link: see `scruple doctor`"))?;
    Ok(Some(Offer { discount: product.renewal_discount, link, until_day: last }))
}

/// Units that cover the licence's seats.
fn quantity(licence: &Licence, product: &Product) -> u32 {
    match product.keys {
        store::Keys::Each => 1,
        store::Keys::One => u32::from(licence.seats).div_ceil(u32::from(product.seats.max(1))).max(1),
    }
}
