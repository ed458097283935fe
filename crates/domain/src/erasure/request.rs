//! The start of an erasure: on request and agreement (`erasure.request`, `erasure.agreement`), or at the end of
//! retention (`details.support`). The licence stays valid.
//!
//! This is the first transaction. It removes the person from the blind index and writes the erasure intent. From
//! then on a request about the person gets the same answer as one about a stranger.
//! [`crate::erasure::completion::roll_forward`] does the rest.

use calendar::Day;
use keyring::{Permit, Slot, Tag16, Tombstone};
use licence::Serial;
use paypro::NotificationKind;
use policy::purpose::Erasing;
use sha2::{Digest as _, Sha256};
use store::{
    Actor, AuditKind, ErasureIntent, ErasureReason, Error, NewAuditEntry, Operation, Order, ProviderIds,
    Receipt, TermNumber, Tx,
};

use crate::licensing::purchase::order_match::tombstone_of;
use crate::licensing::purchase::order_match::{ITEM, ORDER, SUBSCRIPTION, item, number_tag, word};
use crate::licensing::purchase::{OrderNotification, address_tag, processed_tag};
use crate::settings::VendorSettings;
use crate::token::{ReceiptCode, Token};

/// How a person agreed. It is recorded without identity.
pub enum ErasureAgreement<'a> {
    /// On their portal, with a checkbox and a typed word; this is the text that they agreed to.
    OnPortal(&'a str),
    /// To staff, by another channel; this is the text of their agreement.
    ToStaff {
        /// The text; only its hash is stored.
        text: &'a str,
        /// The member of staff who recorded it.
        actor: &'a str,
    },
}

#[derive(Clone, PartialEq, Eq)]
pub enum AgreementOutcome {
    /// The erasure has started; this code fetches the receipt once the erasure is complete.
    Started {
        /// The receipt code.
        code: String,
    },
    /// The erasure is due on this day; until then the person can cancel it. The code fetches the receipt
    /// afterwards.
    CoolingOff {
        /// Day on which the erasure is carried out.
        day: Day,
        /// The receipt code.
        code: String,
    },
    /// There is no such person, or they are erased already.
    UnknownPerson,
}

/// Records that a person agrees to their erasure, and starts it or its cooling-off period.
pub struct AgreeToErasure<'a> {
    /// The person's slot.
    pub slot: Slot,
    /// How they agreed.
    pub agreement: ErasureAgreement<'a>,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for AgreeToErasure<'_> {
    const NAME: &'static str = "agree to erasure";
    type Output = AgreementOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AgreementOutcome, Error> {
        if tx.person(self.slot).await?.is_none() {
            return Ok(AgreementOutcome::UnknownPerson);
        }
        self.record(tx).await?;
        let code = Token::<ReceiptCode>::generate()?;
        let intent = erasure_intent_id(tx, self.slot)?;
        let day = tx.today() + self.settings.cooling_days.max(0);
        tx.add_receipt(&code.hash(), &Receipt { erasure_intent: intent, day, body: String::new() }).await?;
        if self.settings.cooling_days > 0 && !tx.has_erasure_intent(intent).await? {
            tx.set_erase_day(self.slot, Some(day)).await?;
            return Ok(AgreementOutcome::CoolingOff { day, code: code.text().to_owned() });
        }
        start_erasure(tx, self.settings, self.slot, ErasureReason::Erasure).await?;
        Ok(AgreementOutcome::Started { code: code.text().to_owned() })
    }
}

impl AgreeToErasure<'_> {
    /// Records the agreement in the audit log as a hash with day and channel, without identity.
    async fn record(&self, tx: &mut Tx) -> Result<(), Error> {
        let staff;
        let (what, actor, text) = match &self.agreement {
            ErasureAgreement::OnPortal(text) => ("agreed to erasure on the portal", &Actor::Person, text),
            ErasureAgreement::ToStaff { text, actor } => {
                staff = Actor::Staff((*actor).to_owned());
                ("agreed to erasure to staff", &staff, text)
            }
        };
        let digest = Sha256::digest(text.as_bytes());
        let entry = NewAuditEntry {
            kind: AuditKind::Agreement,
            name: what,
            actor,
            slot: None,
            cause: 0,
            recipient: &[],
            digest: &digest,
        };
        tx.append_audit(&entry).await?;
        Ok(())
    }
}

/// Derives the id of a person's erasure intent. Only while their slot lives can it be derived, which lets a receipt
/// wait for the intent.
fn erasure_intent_id(tx: &Tx, of: Slot) -> Result<i64, Error> {
    let tag = tx.keyring().slot_tag(of, "intent", &[])?;
    let number = tag.iter().take(8).fold(0_i64, |n, b| n << 8 | i64::from(*b));
    Ok((number & i64::MAX).max(1))
}

/// Cancels an agreed erasure before it is due.
pub struct CancelErasure {
    /// The person's slot.
    pub slot: Slot,
}

impl Operation for CancelErasure {
    const NAME: &'static str = "cancel erasure";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_erase_day(self.slot, None).await
    }
}

/// Starts the erasure of a person: removes them from the blind index, adds tombstones, deletes what must go at once
/// and writes the erasure intent.
pub(crate) async fn start_erasure(
    tx: &mut Tx,
    settings: &VendorSettings,
    of: Slot,
    why: ErasureReason,
) -> Result<(), Error> {
    let Some(person) = tx.person(of).await? else { return Ok(()) };
    let permit = tx
        .permit::<Erasing>(
            of,
            "person.email orders.provider_ids pending_order.notification",
            &Actor::System,
            "",
        )
        .await?;
    let mut slots_to_forget = Vec::new();
    let tag = address_tag(tx.keyring(), tx.open_email(&person, &permit)?.text())?;
    tx.index_remove(store::BlindIndex::Address, &tag, &mut slots_to_forget).await?;
    // The removed index entry serialises erasures: a second transaction that waited for it finds this intent.
    if tx.has_erasure_intent(erasure_intent_id(tx, of)?).await? {
        return Ok(());
    }
    let mut tombstones = Vec::new();
    add_tombstones_of_orders(tx, settings, of, &permit, &mut tombstones, &mut slots_to_forget).await?;
    for pending in tx.pending_orders_of(of).await? {
        let a: OrderNotification = {
            let opened = tx.open_pending_order(&pending, &permit)?;
            serde_json::from_slice(opened.bytes())
                .map_err(|_| Error::Unknown("pending_order.notification"))?
        };
        let year = settings.tombstone_year(tx, a.placed_day);
        let charged_until = tx.today().year() + 1;
        tombstones.extend(tombstone(tx, year, ORDER, &a.order, None)?);
        tombstones.extend(tombstone(tx, charged_until, SUBSCRIPTION, &a.subscription, None)?);
        // The order must not be processed under this slot any more.
        tx.delete_pending_order(pending.id).await?;
    }
    // The person's conversations are deleted at once, so that nothing of them can be recognised later.
    let mut conversations = tx.conversations_of_person(of).await?;
    if why == ErasureReason::Erasure {
        conversations.extend(tx.conversations_with_address(&tag).await?);
        remove_address_from_conversations(tx, of, &tag, &mut slots_to_forget).await?;
    }
    for conversation in &conversations {
        tx.purge_slot(conversation.slot).await?;
    }
    tx.detach_renewals(of).await?;
    tx.end_sessions_of(of).await?;
    tx.delete_magic_links_of(of).await?;
    tx.delete_outbox_of(of).await?;
    let mut slots = vec![of];
    slots.extend(conversations.iter().map(|t| t.slot));
    slots.extend(slots_to_forget);
    let (id, day) = (erasure_intent_id(tx, of)?, tx.today());
    tx.add_erasure_intent(&ErasureIntent { id, slots, tombstones, day, reason: why }).await?;
    audit_erasure(tx, why).await
}

/// Records an erasure in the audit log, without identity.
pub(crate) async fn audit_erasure(tx: &mut Tx, why: ErasureReason) -> Result<(), Error> {
    let entry = NewAuditEntry {
        kind: AuditKind::Erasure,
        name: why.as_str(),
        actor: &Actor::System,
        slot: None,
        cause: 0,
        recipient: &[],
        digest: &[],
    };
    tx.append_audit(&entry).await?;
    Ok(())
}

/// Removes a person's address from conversations of others that mention it. Each is sealed again under a new slot
/// without the address, so that no backup holds it either.
async fn remove_address_from_conversations(
    tx: &mut Tx,
    of: Slot,
    tag: &Tag16,
    slots_to_forget: &mut Vec<Slot>,
) -> Result<(), Error> {
    for mut conversation in tx.linked_conversations_with_address(tag).await? {
        if conversation.person == Some(of) {
            continue;
        }
        let (was, fresh) = (conversation.slot, tx.keyring().allocate_slot()?);
        let what = "conversation.subject conversation.contact conversation.tags message.body attachment.name chunk.bytes outbox.email";
        let permit = tx.permit::<Erasing>(was, what, &Actor::System, "").await?;
        tx.reseal_conversation(&mut conversation, fresh, |_, _| None, &permit).await?;
        tx.set_contact(&mut conversation, &[])?;
        tx.set_address_tag(&mut conversation, None)?;
        tx.save_conversation(&mut conversation).await?;
        slots_to_forget.push(was);
    }
    Ok(())
}

/// Removes a person's orders from the blind index and adds their tombstones. It repeats until there is no new
/// order, since a charge may arrive while its subscription is still indexed.
async fn add_tombstones_of_orders(
    tx: &mut Tx,
    settings: &VendorSettings,
    of: Slot,
    permit: &Permit<Erasing>,
    tombstones: &mut Vec<Tombstone>,
    slots_to_forget: &mut Vec<Slot>,
) -> Result<(), Error> {
    let mut done = Vec::new();
    loop {
        let mut orders = tx.orders_of(of).await?;
        orders.retain(|order| !done.contains(&order.id));
        if orders.is_empty() {
            return Ok(());
        }
        for order in orders {
            let numbers = tx.open_provider_ids(&order, permit)?;
            unindex_numbers(tx, &numbers, slots_to_forget).await?;
            // The order may have been reassigned to another person while this transaction waited for the index.
            if tx.order(order.id).await?.is_none_or(|now| now.slot != of) {
                return Err(Error::Conflict);
            }
            add_tombstones(tx, settings, &order, &numbers, tombstones).await?;
            let processed = tx.open_processed_notifications(&order, permit)?;
            keep_processed_marks(tx, settings.tombstone_year(tx, order.placed_day), &processed).await?;
            done.push(order.id);
        }
    }
}

async fn unindex_numbers(
    tx: &mut Tx,
    numbers: &ProviderIds,
    slots_to_forget: &mut Vec<Slot>,
) -> Result<(), Error> {
    for (kind, number) in [
        (ITEM, &item(&numbers.order, &numbers.item)),
        (SUBSCRIPTION, &numbers.subscription),
        (ORDER, &numbers.order),
    ] {
        if !number.is_empty() {
            let tag = number_tag(tx.keyring(), kind, number)?;
            tx.index_remove(store::BlindIndex::Order, &tag, slots_to_forget).await?;
        }
    }
    Ok(())
}

/// Adds the tombstones of an order, as keyed hashes: the order item with its grants, the order, the subscription.
async fn add_tombstones(
    tx: &mut Tx,
    settings: &VendorSettings,
    order: &Order,
    numbers: &ProviderIds,
    tombstones: &mut Vec<Tombstone>,
) -> Result<(), Error> {
    let year = settings.tombstone_year(tx, order.placed_day);
    // A subscription is still charged after the erasure. Its tombstone must outlive its first year, and the next
    // charge may be a year away and late.
    let next_year = tx.today().year() + 1;
    let item = item(&numbers.order, &numbers.item);
    tombstones.extend(tombstone(tx, year, ORDER, &numbers.order, None)?);
    for grant in tx.grants(order.id).await? {
        let granted = Some((grant.serial, grant.term));
        tombstones.extend(tombstone(tx, year, ITEM, &item, granted)?);
        tombstones.extend(tombstone(tx, next_year, SUBSCRIPTION, &numbers.subscription, granted)?);
    }
    Ok(())
}

fn tombstone(
    tx: &Tx,
    year: i32,
    kind: u8,
    number: &str,
    granted: Option<(Serial, TermNumber)>,
) -> Result<Option<Tombstone>, Error> {
    if number.is_empty() {
        return Ok(None);
    }
    let tag = tx.keyring().year_tag(year, word(kind), number.as_bytes())?;
    Ok(tag.map(|tag| tombstone_of(year, tag, kind, granted)))
}

/// Keeps the records of processed notifications (idempotency keys) under the year's key. Records of changed
/// addresses and cards are left out: they relate to the person.
async fn keep_processed_marks(tx: &mut Tx, year: i32, processed: &[u8]) -> Result<(), Error> {
    for identity in processed.chunks(17).filter(|identity| !relates_to_person(identity)) {
        if let Some(tag) = processed_tag(tx.keyring(), year, identity)? {
            tx.add_processed_notification(&tag, i64::from(year)).await?;
        }
    }
    Ok(())
}

/// Tells whether a record is of a changed address or card. Its first byte is the kind of the notification.
fn relates_to_person(identity: &[u8]) -> bool {
    matches!(
        NotificationKind::from_id(u32::from(identity[0])),
        NotificationKind::CustomerChanged | NotificationKind::PaymentChanged
    )
}
