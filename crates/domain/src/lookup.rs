//! Support finds a customer for a stated reason: by order number, address or licence number, with a case.

use keyring::Slot;
use policy::purpose::Support;
use serde::Serialize;
use store::{Actor, BlindIndex, Error, Operation, Tx};

use crate::licensing::purchase::address_tag;
use crate::licensing::purchase::find::{ORDER, SUBSCRIPTION, number_tag};
use crate::{day, licensing::issue};

/// What staff search by.
pub enum By<'a> {
    /// The provider's number of an order or subscription.
    Order(&'a str),
    /// An address.
    Email(&'a str),
    /// A licence number.
    Licence(i64),
}

/// What support sees of a person. No Debug: it is about a person.
#[derive(Serialize)]
pub struct Found {
    /// E-mail address.
    pub email: String,
    /// Name; empty for none.
    pub name: String,
    /// Company; empty for none.
    pub company: String,
    /// Language code; empty for none.
    pub language: String,
    /// Customer since.
    pub since: String,
    /// Their licences.
    pub licences: Vec<FoundLicence>,
    /// Their orders.
    pub orders: Vec<FoundOrder>,
}

/// A licence as support sees it.
#[derive(Serialize)]
pub struct FoundLicence {
    /// Licence number.
    pub number: String,
    /// The product's name.
    pub product: String,
    /// The product's edition.
    pub edition: u8,
    /// active, suspended, ended, revoked or held.
    pub state: String,
    /// Until; empty without end.
    pub until: String,
    /// Seats.
    pub seats: u16,
}

/// An order as support sees it.
#[derive(Serialize)]
pub struct FoundOrder {
    /// The provider's number.
    pub order: String,
    /// Day of the order.
    pub placed: String,
    /// How it stands.
    pub standing: String,
    /// Last four digits, to confirm the purchase; empty for none.
    pub last4: String,
    /// Why staff should look; empty for no reason.
    pub flag: String,
}

/// Finds persons. An erased customer and a stranger get the same answer: nobody.
pub struct Find<'a> {
    /// By what.
    pub by: By<'a>,
    /// The case that it is for.
    pub case: &'a str,
    /// Who asks.
    pub who: &'a Actor,
}

impl Operation for Find<'_> {
    const NAME: &'static str = "find for support";
    type Done = Vec<Found>;

    async fn act(&self, tx: &mut Tx) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        for slot in self.slots(tx).await? {
            found.extend(open(tx, slot, self.who, self.case).await?);
        }
        Ok(found)
    }
}

impl Find<'_> {
    async fn slots(&self, tx: &mut Tx) -> Result<Vec<Slot>, Error> {
        match self.by {
            By::Email(address) => {
                let tag = address_tag(tx.vault(), address)?;
                Ok(tx.index_find(BlindIndex::Address, &tag).await?.map(Slot).into_iter().collect())
            }
            By::Order(number) => {
                for kind in [ORDER, SUBSCRIPTION] {
                    let tag = number_tag(tx.vault(), kind, number)?;
                    let Some(row) = tx.index_find(BlindIndex::Order, &tag).await? else { continue };
                    let order = tx.order(i64::try_from(row).unwrap_or(0)).await?;
                    return Ok(order.map(|o| o.slot).into_iter().collect());
                }
                Ok(Vec::new())
            }
            By::Licence(serial) => Ok(tx.holders(serial).await?.into_iter().map(|h| h.slot).collect()),
        }
    }
}

/// Opens a person's record; nobody where their erasure is under way.
pub(crate) async fn open(tx: &mut Tx, of: Slot, who: &Actor, case: &str) -> Result<Option<Found>, Error> {
    const WHAT: &str =
        "person.email person.name person.company person.language orders.numbers orders.payment";
    let Some(person) = tx.person(of).await? else { return Ok(None) };
    if !findable(tx, of).await? {
        return Ok(None);
    }
    let leave = tx.leave::<Support>(of, WHAT, who, case).await?;
    let mut found = Found {
        email: tx.open_email(&person, &leave)?.text().to_owned(),
        name: tx.open_name(&person, &leave)?.map(|o| o.text().to_owned()).unwrap_or_default(),
        company: tx.open_company(&person, &leave)?.map(|o| o.text().to_owned()).unwrap_or_default(),
        language: tx.open_language(&person, &leave)?.map(|o| o.text().to_owned()).unwrap_or_default(),
        since: day::text(person.since_day),
        licences: Vec::new(),
        orders: Vec::new(),
    };
    for l in tx.licences_of(of).await? {
        found.licences.push(licence(tx, &l).await?);
    }
    for order in tx.orders_of(of).await? {
        found.orders.push(FoundOrder {
            order: tx.open_numbers(&order, &leave)?.order,
            placed: day::text(order.placed_day),
            standing: order.standing.word().to_owned(),
            last4: tx.open_payment(&order, &leave)?.last4,
            flag: order.flag.clone(),
        });
    }
    Ok(Some(found))
}

/// A licence as support sees it.
pub(crate) async fn licence(tx: &mut Tx, l: &store::Licence) -> Result<FoundLicence, Error> {
    let product = tx.product(l.product).await?;
    Ok(FoundLicence {
        number: issue::number(l.serial),
        product: product.map_or_else(|| format!("product {}", l.product), |p| p.name),
        edition: l.edition,
        state: l.state.word().to_owned(),
        until: day::text(l.until_day),
        seats: l.seats,
    })
}

/// A person whose erasure is under way is nobody already, by whatever way they are looked for.
async fn findable(tx: &mut Tx, of: Slot) -> Result<bool, Error> {
    Ok(!tx.intents().await?.iter().any(|intent| intent.slots.contains(&of)))
}
