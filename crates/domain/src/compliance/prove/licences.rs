//! Licences: each order that stands gave its own, once (`details.licence`), and they outlive their holders
//! (`erasure.licence-survives`).

use licence::Key;
use store::{Error, Tx};

use super::Look;
use crate::licensing::issue::{Signers, number};

/// Orders and what they gave.
pub(crate) async fn given(tx: &mut Tx) -> Result<Look, Error> {
    let mut look = Look::default();
    let given = tx.given().await?;
    look.none(given.without_licence, "orders: items that stand and gave no licence");
    look.none(given.without_term, "grants: terms that are not there");
    look.none(given.twice, "grants: terms that two order items gave");
    look.none(given.without_key, "licence: rows without the payload of a key");
    look.see(format!(
        "order items: {}; licences: {}; each item that stands looked up with what it gave",
        given.orders, given.licences
    ));
    Ok(look)
}

/// Keys of licences that nobody holds any more are written anew and verified as a program would.
pub(crate) async fn survive(tx: &mut Tx) -> Result<Look, Error> {
    let mut look = Look::default();
    let signers = Signers::load(tx).await?;
    let (all, some) = (tx.given().await?.without_holder, tx.licences_of_nobody().await?);
    for row in tx.signing_keys().await? {
        if signers.public.get(row.id).is_none_or(|public| public.to_bytes() != row.public) {
            look.fault(format!("signing_key.public: key {} is not the one that signs", row.id));
        }
    }
    for serial in &some {
        let Some(licence) = tx.licence(*serial).await? else { continue };
        let text = signers.text(&licence.current_key);
        let genuine = text.ok().and_then(|text| Key::parse(&text).ok());
        if genuine.is_none_or(|key| licence::verify(&key, &signers.public).is_err()) {
            look.fault(format!("licence {}: its key does not verify", number(*serial)));
        }
    }
    look.see(format!(
        "licences without a holder (erased, or issued to nobody): {all}; keys of them that were verified: {}",
        some.len()
    ));
    Ok(look)
}
