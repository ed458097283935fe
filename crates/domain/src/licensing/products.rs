//! The shop: products are added and edited; adding one serves the orders that have waited for it.

use policy::purpose::Licensing;
use store::{Actor, AuditKind, Error, NewAuditEntry, Operation, Product, Tx};

use crate::licensing::purchase::{Desk, OrderNotification};
use crate::settings::VendorSettings;

/// What became of a product that was to be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// It is in the shop, under this product byte; so many waiting notices were served.
    Added {
        /// The product byte in keys.
        id: u8,
        /// Waiting notices that were served.
        served: u64,
    },
    /// The provider's number is in the shop already.
    Known,
    /// All 255 product bytes are taken.
    Full,
}

/// Adds a product. Its product byte is assigned: the lowest that is free.
pub struct AddProduct<'a> {
    /// The product; its `id` is ignored.
    pub product: &'a Product,
    /// Who adds it.
    pub who: &'a Actor,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for AddProduct<'_> {
    const NAME: &'static str = "add product";
    type Done = Added;

    async fn act(&self, tx: &mut Tx) -> Result<Added, Error> {
        // Whoever takes notices looks at the shop under this lock: none can begin to wait for what is being added.
        tx.lock_index().await?;
        let known = tx.products().await?;
        if known.iter().any(|p| p.provider_id == self.product.provider_id) {
            return Ok(Added::Known);
        }
        let Some(id) = (1..=255).find(|id| known.iter().all(|p| p.id != *id)) else { return Ok(Added::Full) };
        tx.add_product(&Product { id, ..self.product.clone() }).await?;
        note(tx, "product added", self.who).await?;
        let mut desk = Desk::open(tx, self.house).await?;
        let served = desk.serve(&self.product.provider_id).await?;
        desk.close().await?;
        Ok(Added::Added { id, served })
    }
}

/// Edits a product; what was issued stays as it is.
pub struct EditProduct<'a> {
    /// The product with its changes.
    pub product: &'a Product,
    /// Who edits it.
    pub who: &'a Actor,
}

impl Operation for EditProduct<'_> {
    const NAME: &'static str = "edit product";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.edit_product(self.product).await?;
        note(tx, "product edited", self.who).await
    }
}

/// A line for a change by hand.
pub(crate) async fn note(tx: &mut Tx, what: &str, who: &Actor) -> Result<(), Error> {
    let line = NewAuditEntry {
        kind: AuditKind::Change,
        what,
        who,
        slot: None,
        cause: 0,
        recipient: &[],
        digest: &[],
    };
    tx.note(&line).await?;
    Ok(())
}

impl Desk<'_, '_> {
    /// The pending orders that wait for a product, served as the notices they came by.
    pub(crate) async fn serve(&mut self, provider_id: &str) -> Result<u64, Error> {
        let mut served = 0;
        for waiting in self.tx.pending_of_product(provider_id).await? {
            let leave =
                self.tx.leave::<Licensing>(waiting.slot, "pending.notice", &Actor::System, "").await?;
            let arrival: OrderNotification = {
                let notice = self.tx.open_pending(&waiting, &leave)?;
                serde_json::from_slice(notice.bytes()).map_err(|_| Error::Unknown("pending.notice"))?
            };
            self.tx.drop_pending(waiting.id).await?;
            self.take_all(std::slice::from_ref(&arrival)).await?;
            served += 1;
        }
        Ok(served)
    }
}
