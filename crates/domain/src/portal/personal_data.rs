//! Access and portability (GDPR Art. 15 and 20): all personal data of a person, to view and to download.

mod conversations;

pub use conversations::{ConversationData, MessageData};

use keyring::{Permit, Slot};
use policy::purpose::Access;
use serde::Serialize;
use store::{Actor, AuditEntry, Error, Licence, Operation, Order, Person, Tx};

use crate::conversations::ConversationEvent;
use crate::licensing::issue::Signers;
use crate::licensing::renewal_offer::{RenewalOffer, renewal_offer};
use crate::settings::VendorSettings;
use crate::{day, licensing::purchase::OrderNotification};

/// All personal data of a person. No `Debug`.
#[derive(Serialize)]
pub struct PersonalData {
    /// E-mail address.
    pub email: String,
    /// Name; empty for none.
    pub name: String,
    /// Company; empty for none.
    pub company: String,
    /// Language code; empty for none.
    pub language: String,
    /// Day of the first notification.
    pub since: String,
    /// Day on which the last licence ended; empty while one is supported.
    pub ended: String,
    /// Day on which this person is erased unless they buy something before; empty while a licence is supported.
    pub forgotten_on: String,
    /// Day on which an agreed erasure is due; empty for none.
    pub erased_on: String,
    /// Their licences.
    pub licences: Vec<LicenceData>,
    /// Their orders.
    pub orders: Vec<OrderData>,
    /// Orders of products that are not in the catalogue yet.
    pub pending_orders: Vec<PendingOrderData>,
    /// Queued e-mails to them, by name.
    pub queued_emails: Vec<String>,
    /// Conversations linked to them.
    pub conversations: Vec<ConversationData>,
    /// Accesses to their record, from the audit log.
    pub accesses: Vec<AccessRecord>,
}

/// A licence, as the person sees it.
#[derive(Serialize)]
pub struct LicenceData {
    pub number: String,
    /// The product's name.
    pub product: String,
    /// active, suspended, ended, revoked or on hold.
    pub state: String,
    /// They bought it; otherwise they are its licensee.
    pub bought: bool,
    pub seats: u16,
    /// `perpetual`, `subscription` or `trial`.
    pub kind: String,
    /// Updates until, or paid until; empty where it has no end.
    pub until: String,
    /// The licence key; empty where the licence is revoked or on hold.
    pub key: String,
    /// A renewal offer, where one is open today.
    pub renewal: Option<RenewalOffer>,
    /// A renewal at a discount is possible today or later; erasure gives it up.
    pub renewable: bool,
}

/// An order, as the person sees it.
#[derive(Serialize)]
pub struct OrderData {
    /// The provider's number of the order.
    pub order: String,
    /// The provider's number of the item.
    pub item: String,
    /// The provider's number of the subscription; empty for none.
    pub subscription: String,
    /// The product's name.
    pub product: String,
    /// Units.
    pub quantity: u32,
    /// Day of the order.
    pub placed: String,
    /// How it stands.
    pub payment_status: String,
    /// The provider's number of the payment method; empty for none.
    pub payment_method: String,
    /// Last four digits of the card; empty for none.
    pub last4: String,
    /// Custom fields that the vendor keeps, as `name=value` lines.
    pub custom: String,
}

/// A pending order, as the person sees it.
#[derive(Serialize)]
pub struct PendingOrderData {
    /// The provider's number of the order.
    pub order: String,
    /// Day of arrival.
    pub since: String,
}

#[derive(Serialize)]
pub struct AccessRecord {
    pub day: String,
    pub actor: String,
    pub purpose: String,
    /// The columns that were opened.
    pub columns: String,
    /// The case that staff stated; empty for none.
    pub case: String,
}

/// Reads all personal data of a person. This access is itself audited.
pub struct ReadPersonalData<'a> {
    pub slot: Slot,
    /// The person, or the member of staff who carries out their request.
    pub actor: &'a Actor,
    /// The case that staff stated; empty for the person.
    pub case: &'a str,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
    /// Says what the program recorded in a conversation, in the language of the reader.
    pub describe: fn(&ConversationEvent) -> String,
}

const COLUMNS: &str = "person.email person.name person.company person.language orders.provider_ids orders.payment \
                   orders.custom pending_order.notification outbox.email audit_entry.case_text";

impl Operation for ReadPersonalData<'_> {
    const NAME: &'static str = "read personal data";
    type Output = Option<PersonalData>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<PersonalData>, Error> {
        let Some(person) = tx.person(self.slot).await? else { return Ok(None) };
        // The list shows earlier accesses, not this one.
        let entries = tx.audit_entries_of(self.slot).await?;
        let permit = tx.permit::<Access>(self.slot, COLUMNS, self.actor, self.case).await?;
        let accesses = accesses(tx, entries, &permit)?;
        let text = |o: Option<String>| o.unwrap_or_default();
        let mut data = PersonalData {
            email: tx.open_email(&person, &permit)?.text().to_owned(),
            name: text(tx.open_name(&person, &permit)?.map(|o| o.text().to_owned())),
            company: text(tx.open_company(&person, &permit)?.map(|o| o.text().to_owned())),
            language: text(tx.open_language(&person, &permit)?.map(|o| o.text().to_owned())),
            since: person.since_day.to_string(),
            ended: day::text(person.ended_day),
            forgotten_on: self.forgotten_on(&person),
            erased_on: day::text(person.erase_day),
            licences: self.licences(tx).await?,
            orders: Vec::new(),
            pending_orders: Vec::new(),
            queued_emails: tx.outbox_of(self.slot).await?.into_iter().map(|l| l.kind).collect(),
            conversations: conversations::read_conversations(tx, self).await?,
            accesses,
        };
        for order in tx.orders_of(self.slot).await? {
            data.orders.push(order_data(tx, &order, &permit).await?);
        }
        for pending in tx.pending_orders_of(self.slot).await? {
            let notification = tx.open_pending_order(&pending, &permit)?;
            let arrival: OrderNotification = serde_json::from_slice(notification.bytes())
                .map_err(|_| Error::Unknown("pending_order.notification"))?;
            data.pending_orders
                .push(PendingOrderData { order: arrival.order.clone(), since: pending.day.to_string() });
        }
        Ok(Some(data))
    }
}

impl ReadPersonalData<'_> {
    fn forgotten_on(&self, person: &Person) -> String {
        day::text(person.ended_day.map(|ended| ended.plus_months(self.settings.person_months)))
    }

    async fn licences(&self, tx: &mut Tx) -> Result<Vec<LicenceData>, Error> {
        let signers = Signers::load(tx).await?;
        let mut licences = Vec::new();
        for licence in tx.licences_of(self.slot).await? {
            licences.push(self.licence(tx, &signers, &licence).await?);
        }
        Ok(licences)
    }

    async fn licence(&self, tx: &mut Tx, signers: &Signers, l: &Licence) -> Result<LicenceData, Error> {
        let product = tx.product(l.product).await?;
        let holders = tx.holders(l.serial).await?;
        let gives = !matches!(l.state, store::LicenceState::Revoked | store::LicenceState::OnHold);
        let key = if gives { signers.text(&l.current_key)? } else { String::new() };
        let (mut renewal, mut renewable) = (None, false);
        if let Some(p) = &product {
            renewable = crate::licensing::renewal_offer::renewal_window(l, p)
                .is_some_and(|(_, last)| tx.today() <= last);
            renewal = renewal_offer(tx, self.settings, self.slot, l, p).await?;
        }
        Ok(LicenceData {
            number: l.serial.to_string(),
            product: product.map_or_else(|| format!("product {}", l.product), |p| p.name),
            state: l.state.as_str().to_owned(),
            bought: holders.iter().any(|h| h.slot == self.slot && h.buyer),
            seats: l.seats,
            kind: l.kind.as_str().to_owned(),
            until: day::text(l.until_day),
            key,
            renewal,
            renewable,
        })
    }
}

async fn order_data(tx: &mut Tx, order: &Order, permit: &Permit<Access>) -> Result<OrderData, Error> {
    let numbers = tx.open_provider_ids(order, permit)?;
    let payment = tx.open_payment(order, permit)?;
    let custom = tx.open_custom(order, permit)?;
    let product = tx.product(order.product).await?;
    Ok(OrderData {
        order: numbers.order,
        item: numbers.item,
        subscription: numbers.subscription,
        product: product.map_or_else(|| format!("product {}", order.product), |p| p.name),
        quantity: order.quantity,
        placed: order.placed_day.to_string(),
        payment_status: order.payment_status.as_str().to_owned(),
        payment_method: payment.method,
        last4: payment.last4,
        custom: custom.map(|c| c.text().to_owned()).unwrap_or_default(),
    })
}

fn accesses(tx: &Tx, entries: Vec<AuditEntry>, permit: &Permit<Access>) -> Result<Vec<AccessRecord>, Error> {
    let mut accesses = Vec::new();
    for entry in entries {
        if entry.kind != store::AuditKind::Opening.as_str() {
            continue;
        }
        let case = tx.open_case(&entry, permit)?.unwrap_or_default();
        accesses.push(AccessRecord {
            day: entry.at.day().to_string(),
            actor: entry.actor,
            purpose: entry.purpose,
            columns: entry.name,
            case,
        });
    }
    Ok(accesses)
}
