//! A person's own page: everything held about them, to see and to take along.

mod conversations;

pub use conversations::{HeldMessage, HeldThread};

use keyring::{Permit, Slot};
use policy::purpose::Access;
use serde::Serialize;
use store::{Actor, Error, Licence, Line, Operation, Order, Person, Tx};

use crate::licensing::issue::Signers;
use crate::licensing::renew::{Offer, offer};
use crate::settings::VendorSettings;
use crate::{day, licensing::purchase::OrderNotification};

/// Everything held about a person. No Debug: it is about a person.
#[derive(Serialize)]
pub struct Held {
    /// E-mail address.
    pub email: String,
    /// Name; empty for none.
    pub name: String,
    /// Company; empty for none.
    pub company: String,
    /// Language code; empty for none.
    pub language: String,
    /// Day of the first notice.
    pub since: String,
    /// Day on which the last licence ended; empty while one lives.
    pub ended: String,
    /// Day on which this person is forgotten if nothing is bought until then; empty while a licence lives.
    pub forgotten_on: String,
    /// Day on which an agreed erasure falls due; empty for none.
    pub erased_on: String,
    /// Licences that they hold.
    pub licences: Vec<HeldLicence>,
    /// Their orders.
    pub orders: Vec<HeldOrder>,
    /// Orders that wait for the shop to know their product.
    pub waiting_orders: Vec<HeldWaiting>,
    /// Letters that wait to be sent to them, by name.
    pub waiting_letters: Vec<String>,
    /// Conversations that are tied to them.
    pub threads: Vec<HeldThread>,
    /// Who opened their record, why and when.
    pub openings: Vec<HeldOpening>,
}

/// A licence on the page.
#[derive(Serialize)]
pub struct HeldLicence {
    /// Licence number.
    pub number: String,
    /// The product's name.
    pub product: String,
    /// active, suspended, ended, revoked or held.
    pub state: String,
    /// Bought it (otherwise: licensed to them).
    pub bought: bool,
    /// Seats.
    pub seats: u16,
    /// perpetual, subscription or trial.
    pub kind: String,
    /// Updates until, or paid until; empty without end.
    pub until: String,
    /// The key; empty while there is none to give.
    pub key: String,
    /// A renewal, if one is offered today.
    pub renewal: Option<Offer>,
    /// A renewal with a discount could be had, today or later: erasure gives that up.
    pub renewable: bool,
}

/// An order on the page.
#[derive(Serialize)]
pub struct HeldOrder {
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
    pub standing: String,
    /// The provider's number of the kind of payment; empty for none.
    pub payment_method: String,
    /// Last four digits of the card; empty for none.
    pub last4: String,
    /// Custom fields that the shop keeps, as `name=value` lines.
    pub custom: String,
}

/// A waiting order on the page.
#[derive(Serialize)]
pub struct HeldWaiting {
    /// The provider's number of the order.
    pub order: String,
    /// Day of arrival.
    pub since: String,
}

/// An opening of the record.
#[derive(Serialize)]
pub struct HeldOpening {
    /// Day.
    pub day: String,
    /// Who.
    pub who: String,
    /// The purpose.
    pub purpose: String,
    /// What was opened.
    pub what: String,
    /// The case that staff named; empty for none.
    pub case: String,
}

/// Shows a person what is held about them. The look itself is in the journal.
pub struct Show<'a> {
    /// Whose.
    pub slot: Slot,
    /// Who looks: the person, or staff carrying out their request.
    pub who: &'a Actor,
    /// The case that staff name; empty for the person.
    pub case: &'a str,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

const ALL: &str = "person.email person.name person.company person.language orders.numbers orders.payment \
                   orders.custom pending.notice outbox.letter journal.case_text";

impl Operation for Show<'_> {
    const NAME: &'static str = "show held";
    type Done = Option<Held>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Held>, Error> {
        let Some(person) = tx.person(self.slot).await? else { return Ok(None) };
        // This look itself is not among them yet: the page tells of those before.
        let lines = tx.lines_about(self.slot).await?;
        let leave = tx.leave::<Access>(self.slot, ALL, self.who, self.case).await?;
        let openings = openings(tx, lines, &leave)?;
        let text = |o: Option<String>| o.unwrap_or_default();
        let mut held = Held {
            email: tx.open_email(&person, &leave)?.text().to_owned(),
            name: text(tx.open_name(&person, &leave)?.map(|o| o.text().to_owned())),
            company: text(tx.open_company(&person, &leave)?.map(|o| o.text().to_owned())),
            language: text(tx.open_language(&person, &leave)?.map(|o| o.text().to_owned())),
            since: day::text(person.since_day),
            ended: day::text(person.ended_day),
            forgotten_on: self.forgotten_on(&person),
            erased_on: day::text(person.erase_day),
            licences: self.licences(tx).await?,
            orders: Vec::new(),
            waiting_orders: Vec::new(),
            waiting_letters: tx.letters_of(self.slot).await?.into_iter().map(|l| l.kind).collect(),
            threads: conversations::held(tx, self).await?,
            openings,
        };
        for order in tx.orders_of(self.slot).await? {
            held.orders.push(show_order(tx, &order, &leave).await?);
        }
        for waiting in tx.pending_of(self.slot).await? {
            let notice = tx.open_pending(&waiting, &leave)?;
            let arrival: OrderNotification =
                serde_json::from_slice(notice.bytes()).map_err(|_| Error::Unknown("pending.notice"))?;
            held.waiting_orders
                .push(HeldWaiting { order: arrival.order.clone(), since: day::text(waiting.day) });
        }
        Ok(Some(held))
    }
}

impl Show<'_> {
    fn forgotten_on(&self, person: &Person) -> String {
        match person.ended_day {
            0 => String::new(),
            ended => day::text(day::months_later(ended, self.house.person_months)),
        }
    }

    async fn licences(&self, tx: &mut Tx) -> Result<Vec<HeldLicence>, Error> {
        let signers = Signers::load(tx).await?;
        let mut shown = Vec::new();
        for licence in tx.licences_of(self.slot).await? {
            shown.push(self.licence(tx, &signers, &licence).await?);
        }
        Ok(shown)
    }

    async fn licence(&self, tx: &mut Tx, signers: &Signers, l: &Licence) -> Result<HeldLicence, Error> {
        let product = tx.product(l.product).await?;
        let holders = tx.holders(l.serial).await?;
        let gives = !matches!(l.state, store::State::Revoked | store::State::Held);
        let key = if gives { signers.text(&l.current_key)? } else { String::new() };
        let (mut renewal, mut renewable) = (None, false);
        if let Some(p) = &product {
            renewable = crate::licensing::renew::window(l, p).is_some_and(|(_, last)| tx.today() <= last);
            renewal = offer(tx, self.house, self.slot, l, p).await?;
        }
        Ok(HeldLicence {
            number: crate::licensing::issue::number(l.serial),
            product: product.map_or_else(|| format!("product {}", l.product), |p| p.name),
            state: l.state.word().to_owned(),
            bought: holders.iter().any(|h| h.slot == self.slot && h.buyer),
            seats: l.seats,
            kind: l.kind.word().to_owned(),
            until: day::text(l.until_day),
            key,
            renewal,
            renewable,
        })
    }
}

async fn show_order(tx: &mut Tx, order: &Order, leave: &Permit<Access>) -> Result<HeldOrder, Error> {
    let numbers = tx.open_numbers(order, leave)?;
    let payment = tx.open_payment(order, leave)?;
    let custom = tx.open_custom(order, leave)?;
    let product = tx.product(order.product).await?;
    Ok(HeldOrder {
        order: numbers.order,
        item: numbers.item,
        subscription: numbers.subscription,
        product: product.map_or_else(|| format!("product {}", order.product), |p| p.name),
        quantity: order.quantity,
        placed: day::text(order.placed_day),
        standing: order.standing.word().to_owned(),
        payment_method: payment.method,
        last4: payment.last4,
        custom: custom.map(|c| c.text().to_owned()).unwrap_or_default(),
    })
}

fn openings(tx: &Tx, lines: Vec<Line>, leave: &Permit<Access>) -> Result<Vec<HeldOpening>, Error> {
    let mut openings = Vec::new();
    for line in lines {
        if line.kind != store::AuditKind::Opening.word() {
            continue;
        }
        let case = tx.open_case_for(&line, leave)?.unwrap_or_default();
        openings.push(HeldOpening {
            day: day::text(line.at.div_euclid(86_400)),
            who: line.who,
            purpose: line.purpose,
            what: line.what,
            case,
        });
    }
    Ok(openings)
}
