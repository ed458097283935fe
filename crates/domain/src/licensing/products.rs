//! Operations on products. Adding a product processes the pending orders that wait for it.

use policy::purpose::Licensing;
use store::{Actor, Error, Operation, Product, Tx};

use crate::audit::audit_change;

use crate::licensing::purchase::{NotificationProcessor, OrderNotification};
use crate::settings::VendorSettings;

/// The outcome of adding a product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddProductOutcome {
    /// It is in the catalogue.
    Added {
        /// The product byte in keys.
        id: u8,
        /// Pending orders that were processed.
        served: u64,
    },
    /// A product with the provider's number exists already.
    AlreadyExists,
    /// All 255 product bytes are in use.
    NoFreeProductByte,
}

/// Adds a product and assigns the lowest free product byte.
pub struct AddProduct<'a> {
    /// The product; its `id` is ignored.
    pub product: &'a Product,
    /// The actor, for the audit log.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for AddProduct<'_> {
    const NAME: &'static str = "add product";
    type Output = AddProductOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AddProductOutcome, Error> {
        // The processing of notifications reads the catalogue under this lock. No order can become pending for this
        // product meanwhile.
        tx.lock_index().await?;
        let known = tx.products().await?;
        if known.iter().any(|p| p.provider_id == self.product.provider_id) {
            return Ok(AddProductOutcome::AlreadyExists);
        }
        let Some(id) = (1..=255).find(|id| known.iter().all(|p| p.id != *id)) else {
            return Ok(AddProductOutcome::NoFreeProductByte);
        };
        tx.add_product(&Product { id, ..self.product.clone() }).await?;
        audit_change(tx, "product added", self.actor).await?;
        let mut processor = NotificationProcessor::open(tx, self.settings).await?;
        let served = processor.process_pending(&self.product.provider_id).await?;
        processor.close().await?;
        Ok(AddProductOutcome::Added { id, served })
    }
}

/// Edits a product; issued licences stay unchanged.
pub struct EditProduct<'a> {
    /// The product with its changes.
    pub product: &'a Product,
    /// The actor, for the audit log.
    pub actor: &'a Actor,
}

impl Operation for EditProduct<'_> {
    const NAME: &'static str = "edit product";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.edit_product(self.product).await?;
        audit_change(tx, "product edited", self.actor).await
    }
}

impl NotificationProcessor<'_, '_> {
    /// Processes the pending orders of a product in the order of their notifications.
    pub(crate) async fn process_pending(&mut self, provider_id: &str) -> Result<u64, Error> {
        let mut served = 0;
        for pending in self.tx.pending_orders_of_product(provider_id).await? {
            let permit = self
                .tx
                .permit::<Licensing>(pending.slot, "pending_order.notification", &Actor::System, "")
                .await?;
            let notification: OrderNotification = {
                let opened = self.tx.open_pending_order(&pending, &permit)?;
                serde_json::from_slice(opened.bytes())
                    .map_err(|_| Error::Unknown("pending_order.notification"))?
            };
            self.tx.delete_pending_order(pending.id).await?;
            self.process_all(std::slice::from_ref(&notification)).await?;
            served += 1;
        }
        Ok(served)
    }
}
