//! Licences: each order that stands gave its own, once (`details.licence`), and they outlive their holders
//! (`erasure.licence-survives`).

use licence::Key;
use store::{Error, Tx};

use super::Evidence;
use crate::licensing::issue::{Signers, display_number};

/// Orders and what they gave.
pub(crate) async fn given(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let given = tx.licensing_counts().await?;
    evidence.expect_zero(given.without_licence, "orders: valid items without a licence");
    evidence.expect_zero(given.without_term, "grants: terms that do not exist");
    evidence.expect_zero(given.twice, "grants: terms that two order items created");
    evidence.expect_zero(given.without_key, "licence: rows without a key payload");
    evidence.observed(format!(
        "order items: {}; licences: {}; each valid item compared with the licence that it created",
        given.orders, given.licences
    ));
    Ok(evidence)
}

/// Keys of licences that nobody holds any more are written anew and verified as a program would.
pub(crate) async fn survive(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let signers = Signers::load(tx).await?;
    let (all, some) = (tx.licensing_counts().await?.without_holder, tx.licences_without_holder().await?);
    for row in tx.signing_keys().await? {
        if signers.public.get(row.id).is_none_or(|public| public.to_bytes() != row.public) {
            evidence.violation(format!("signing_key.public: key {} does not match the signing key", row.id));
        }
    }
    for serial in &some {
        let Some(licence) = tx.licence(*serial).await? else { continue };
        let text = signers.text(&licence.current_key);
        let genuine = text.ok().and_then(|text| Key::parse(&text).ok());
        if genuine.is_none_or(|key| licence::verify(&key, &signers.public).is_err()) {
            evidence.violation(format!("licence {}: its key does not verify", display_number(*serial)));
        }
    }
    evidence.observed(format!(
        "licences without a holder (erased, or issued without one): {all}; keys of them that were verified: {}",
        some.len()
    ));
    Ok(evidence)
}
