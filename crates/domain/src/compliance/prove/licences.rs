//! Licences: each valid order created its licence once (`details.licence`), and licences outlive their holders
//! (`erasure.licence-survives`).

use licence::Key;
use store::{Error, Tx};

use super::findings::Evidence;
use super::findings::licences::{Fault, Observation, Violation};
use crate::licensing::issue::Signers;

/// Checks orders and the licences that they created.
pub(crate) async fn created(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let counts = tx.licensing_counts().await?;
    evidence.expect_zero(counts.without_licence, Fault::ItemWithoutLicence);
    evidence.expect_zero(counts.without_term, Fault::GrantWithoutTerm);
    evidence.expect_zero(counts.twice, Fault::TermGrantedTwice);
    evidence.expect_zero(counts.without_key, Fault::LicenceWithoutKey);
    evidence.observed(Observation::Created { items: counts.orders, licences: counts.licences });
    Ok(evidence)
}

/// Checks that keys of licences without a holder can be issued again and verify in a program.
pub(crate) async fn outlive_holders(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let signers = Signers::load(tx).await?;
    let (total, sample) = (tx.licensing_counts().await?.without_holder, tx.licences_without_holder().await?);
    for row in tx.signing_keys().await? {
        if signers.public.get(row.id).is_none_or(|public| public.to_bytes() != row.public) {
            evidence.violation(Violation::PublicKeyDiffers { key: row.id });
        }
    }
    for serial in &sample {
        let Some(licence) = tx.licence(*serial).await? else { continue };
        let text = signers.text(&licence.current_key);
        let genuine = text.ok().and_then(|text| Key::parse(&text).ok());
        if genuine.is_none_or(|key| licence::verify(&key, &signers.public).is_err()) {
            evidence.violation(Violation::Unverified { licence: *serial });
        }
    }
    evidence.observed(Observation::WithoutHolder { licences: total, verified: sample.len() });
    Ok(evidence)
}
