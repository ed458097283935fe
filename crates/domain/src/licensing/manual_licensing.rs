//! Manual licensing by staff: issue (purchase orders, gifts), revoke, extend, and release an order on hold.

use licence::Serial;
use policy::purpose::Licensing;
use store::{Actor, BlindIndex, Error, Licence, Operation, PaymentStatus, TermKind, TermNumber, Tx};

use crate::audit::audit_change;
use crate::licensing::issue::{
    Signers, create_licence, generate_serial, licences_and_seats, pending_term, update_licence,
};
use crate::licensing::purchase::order_match::{ORDER, number_tag};
use crate::licensing::purchase::{NotificationProcessor, PartyDetails};
use crate::licensing::purchase::{order_match::order_of, transitions::next_term_number};
use crate::settings::VendorSettings;

/// Issues a licence manually; without a holder where no address is given.
pub struct IssueManually<'a> {
    /// The product's byte.
    pub product: u8,
    /// Units.
    pub quantity: u32,
    /// The holder; an empty address for none.
    pub recipient: &'a PartyDetails,
    /// The member of staff.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for IssueManually<'_> {
    const NAME: &'static str = "issue manually";
    /// The licence keys; `None` when there is no such product.
    type Output = Option<Vec<String>>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<Vec<String>>, Error> {
        let Some(product) = tx.product(self.product).await? else { return Ok(None) };
        audit_change(tx, "licence issued manually", self.actor).await?;
        let mut processor = NotificationProcessor::open(tx, self.settings).await?;
        let slot = match self.recipient.email.as_str() {
            "" => None,
            _ => Some(processor.person(self.recipient, product.prints_company).await?),
        };
        let today = processor.tx.today();
        let (count, seats) = licences_and_seats(&product, self.quantity);
        let mut keys = Vec::new();
        for _ in 0..count {
            let mut term = pending_term(&product, TermKind::Manual, TermNumber::FIRST, today);
            term.payment_status = PaymentStatus::Paid;
            let serial = generate_serial()?;
            let (licence, _) =
                create_licence(processor.tx, &processor.signers, &product, (serial, seats), term, |_, _| {})
                    .await?;
            if let Some(slot) = slot {
                processor.hold(serial, slot, None).await?;
            }
            keys.push(processor.signers.text(&licence.current_key)?);
        }
        processor.close().await?;
        Ok(Some(keys))
    }
}

/// Revokes a licence manually, or restores it.
pub struct RevokeLicence<'a> {
    /// Licence number.
    pub serial: Serial,
    /// `true` revokes, `false` restores.
    pub revoked: bool,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for RevokeLicence<'_> {
    const NAME: &'static str = "revoke licence";
    /// The licence after the change; `None` when there is no such licence.
    type Output = Option<Licence>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<Licence>, Error> {
        if tx.licence(self.serial).await?.is_none() {
            return Ok(None);
        }
        audit_change(
            tx,
            if self.revoked { "licence revoked manually" } else { "licence restored manually" },
            self.actor,
        )
        .await?;
        let signers = Signers::load(tx).await?;
        update_licence(tx, &signers, self.serial, |licence, _| licence.revoked = self.revoked).await.map(Some)
    }
}

/// Releases an order that is on hold because no renewal link proves its discount.
pub struct ReleaseOrder<'a> {
    /// The provider's number of the order.
    pub order: &'a str,
    /// The member of staff.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for ReleaseOrder<'_> {
    const NAME: &'static str = "release order";
    /// Whether there is such an order.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let tag = number_tag(tx.keyring(), ORDER, self.order)?;
        let Some(row) = tx.index_find(BlindIndex::Order, &tag).await? else { return Ok(false) };
        let Some(first) = tx.order(order_of(row)).await? else { return Ok(false) };
        audit_change(tx, "order released manually", self.actor).await?;
        let permit = tx.permit::<Licensing>(first.slot, "orders.provider_ids", self.actor, "").await?;
        let mut processor = NotificationProcessor::open(tx, self.settings).await?;
        for order in processor.tx.orders_of(first.slot).await? {
            if processor.tx.open_provider_ids(&order, &permit)?.order != self.order {
                continue;
            }
            let grants = processor.grants_of_order(order.id).await?;
            let status = if processor.was_granted(&order, &permit)? {
                PaymentStatus::Paid
            } else {
                PaymentStatus::Pending
            };
            processor
                .update_terms(&grants, |_, term| {
                    if term.payment_status == PaymentStatus::OnHold {
                        term.payment_status = status;
                    }
                })
                .await?;
            processor.copy_payment_status(order.id, &grants).await?;
            processor.tx.flag_order(order.id, "").await?;
        }
        processor.close().await?;
        Ok(true)
    }
}

/// Longest extension, in months.
pub const MAX_EXTENSION_MONTHS: i64 = 120;

/// Extends a licence manually, by months of updates or of its subscription.
pub struct ExtendLicence<'a> {
    /// Licence number.
    pub serial: Serial,
    /// Months, 1 to [`MAX_EXTENSION_MONTHS`].
    pub months: i64,
    /// The member of staff.
    pub actor: &'a Actor,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExtensionOutcome {
    /// The licence after the extension.
    Extended(Box<Licence>),
    /// It can't be extended.
    Refused(ExtensionRefusal),
    /// There is no such licence.
    UnknownLicence,
}

/// Why a licence can't be extended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExtensionRefusal {
    /// The months are not 1 to [`MAX_EXTENSION_MONTHS`].
    Months,
    /// The licence has no end date.
    NoEnd,
    /// The licence is neither active nor suspended.
    NotActive,
}

impl Operation for ExtendLicence<'_> {
    const NAME: &'static str = "extend licence";
    type Output = ExtensionOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ExtensionOutcome, Error> {
        let Some(licence) = tx.licence_locked(self.serial).await? else {
            return Ok(ExtensionOutcome::UnknownLicence);
        };
        if !(1..=MAX_EXTENSION_MONTHS).contains(&self.months) {
            return Ok(ExtensionOutcome::Refused(ExtensionRefusal::Months));
        }
        let Some(until) = licence.until_day else {
            return Ok(ExtensionOutcome::Refused(ExtensionRefusal::NoEnd));
        };
        if !matches!(licence.state, store::LicenceState::Active | store::LicenceState::Suspended) {
            return Ok(ExtensionOutcome::Refused(ExtensionRefusal::NotActive));
        }
        audit_change(tx, "licence extended manually", self.actor).await?;
        let signers = Signers::load(tx).await?;
        let (today, months) = (tx.today(), self.months);
        let extended = update_licence(tx, &signers, self.serial, |licence, terms| {
            let n = next_term_number(terms);
            // The extension is a separate term: a refund of the purchase still ends the licence.
            let until_day = match licence.kind {
                store::LicenceModel::Perpetual => None,
                _ => Some(until.max(today).plus_months(months)),
            };
            let (kind, payment_status) = (TermKind::Renewal, PaymentStatus::Paid);
            terms.push(store::Term {
                number: n,
                kind,
                placed_day: today,
                months,
                until_day,
                payment_status,
                issued_key: Vec::new(),
            });
        })
        .await?;
        Ok(ExtensionOutcome::Extended(Box::new(extended)))
    }
}
