//! Releases an order that is on hold, with the reason in the audit log.

use keyring::Permit;
use policy::purpose::Support;
use store::{Actor, BlindIndex, Error, Operation, Tx};

use crate::licensing::manual_licensing::ReleaseOrder;
use crate::licensing::purchase::order_match::order_of;
use crate::settings::VendorSettings;

/// Releases an order that is on hold; the audit log records the case.
pub struct ReleaseForCase<'a> {
    /// The provider's order number.
    pub order: &'a str,
    /// The reason, for the audit log.
    pub case: &'a str,
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for ReleaseForCase<'_> {
    const NAME: &'static str = "release order for a case";
    /// Whether the order exists.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let tag = tx.keyring().tag("order", self.order)?;
        let row = tx.index_find(BlindIndex::Order, &tag).await?;
        let Some(row) = row else { return Ok(false) };
        let Some(order) = tx.order(order_of(row)).await? else { return Ok(false) };
        // `Release` opens the numbers of the person's orders, but does not know the case: audit it here.
        let _case: Permit<Support> =
            tx.permit(order.slot, "orders.provider_ids", self.actor, self.case).await?;
        ReleaseOrder { order: self.order, actor: self.actor, settings: self.settings }.execute(tx).await
    }
}
