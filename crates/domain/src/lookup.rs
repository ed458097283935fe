//! Customer lookup for support: by order number, e-mail address or licence number, for a stated case.

use keyring::Slot;
use licence::Serial;
use policy::purpose::Support;
use serde::Serialize;
use store::{Actor, BlindIndex, Error, Operation, Tx};

use crate::day;
use crate::licensing::purchase::address_tag;
use crate::licensing::purchase::order_match::order_of;
use crate::licensing::purchase::order_match::{ORDER, SUBSCRIPTION, number_tag};

/// The number or address that staff search for.
pub enum LookupQuery<'a> {
    /// An order or subscription number of the payment provider.
    Order(&'a str),
    /// An e-mail address.
    Email(&'a str),
    /// A licence number.
    Licence(Serial),
}

/// The record of a customer, as support sees it. No `Debug`: it holds personal data.
#[derive(Serialize)]
pub struct CustomerRecord {
    /// E-mail address.
    pub email: String,
    /// Name; empty for none.
    pub name: String,
    /// Company; empty for none.
    pub company: String,
    /// Language code; empty for none.
    pub language: String,
    /// Day since which they are a customer.
    pub since: String,
    /// Their licences.
    pub licences: Vec<CustomerLicence>,
    /// Their orders.
    pub orders: Vec<CustomerOrder>,
}

/// A licence, as support sees it.
#[derive(Serialize)]
pub struct CustomerLicence {
    pub number: String,
    /// The product's name.
    pub product: String,
    /// The product's edition.
    pub edition: u8,
    /// `active`, `suspended`, `ended`, `revoked` or `on hold`.
    pub state: String,
    /// Last day; empty where it has no end.
    pub until: String,
    pub seats: u16,
}

/// An order, as support sees it.
#[derive(Serialize)]
pub struct CustomerOrder {
    /// The provider's number.
    pub order: String,
    /// Day of the order.
    pub placed: String,
    pub payment_status: String,
    /// Last four digits, to confirm the purchase; empty for none.
    pub last4: String,
    /// Why staff should review the order; empty for no reason.
    pub flag: String,
}

/// Looks up customers. The answer for an erased customer and for a stranger is the same: an empty list.
pub struct LookUpCustomer<'a> {
    /// What to search for.
    pub query: LookupQuery<'a>,
    /// The support case, for the audit log.
    pub case: &'a str,
    /// The member of staff who searches.
    pub actor: &'a Actor,
}

impl Operation for LookUpCustomer<'_> {
    const NAME: &'static str = "look up customer";
    type Output = Vec<CustomerRecord>;

    async fn execute(&self, tx: &mut Tx) -> Result<Vec<CustomerRecord>, Error> {
        let mut found = Vec::new();
        for slot in self.slots(tx).await? {
            found.extend(open_customer(tx, slot, self.actor, self.case).await?);
        }
        Ok(found)
    }
}

impl LookUpCustomer<'_> {
    async fn slots(&self, tx: &mut Tx) -> Result<Vec<Slot>, Error> {
        match self.query {
            LookupQuery::Email(address) => {
                let tag = address_tag(tx.keyring(), address)?;
                Ok(tx.index_find(BlindIndex::Address, &tag).await?.map(Slot).into_iter().collect())
            }
            LookupQuery::Order(number) => {
                for kind in [ORDER, SUBSCRIPTION] {
                    let tag = number_tag(tx.keyring(), kind, number)?;
                    let Some(row) = tx.index_find(BlindIndex::Order, &tag).await? else { continue };
                    let order = tx.order(order_of(row)).await?;
                    return Ok(order.map(|o| o.slot).into_iter().collect());
                }
                Ok(Vec::new())
            }
            LookupQuery::Licence(serial) => {
                Ok(tx.holders(serial).await?.into_iter().map(|h| h.slot).collect())
            }
        }
    }
}

/// Opens a customer's record; `None` where their erasure is in progress.
pub(crate) async fn open_customer(
    tx: &mut Tx,
    of: Slot,
    actor: &Actor,
    case: &str,
) -> Result<Option<CustomerRecord>, Error> {
    const COLUMNS: &str =
        "person.email person.name person.company person.language orders.provider_ids orders.payment";
    let Some(person) = tx.person(of).await? else { return Ok(None) };
    if !is_findable(tx, of).await? {
        return Ok(None);
    }
    let permit = tx.permit::<Support>(of, COLUMNS, actor, case).await?;
    let mut found = CustomerRecord {
        email: tx.open_email(&person, &permit)?.text().to_owned(),
        name: tx.open_name(&person, &permit)?.map(|o| o.text().to_owned()).unwrap_or_default(),
        company: tx.open_company(&person, &permit)?.map(|o| o.text().to_owned()).unwrap_or_default(),
        language: tx.open_language(&person, &permit)?.map(|o| o.text().to_owned()).unwrap_or_default(),
        since: person.since_day.to_string(),
        licences: Vec::new(),
        orders: Vec::new(),
    };
    for l in tx.licences_of(of).await? {
        found.licences.push(customer_licence(tx, &l).await?);
    }
    for order in tx.orders_of(of).await? {
        found.orders.push(CustomerOrder {
            order: tx.open_provider_ids(&order, &permit)?.order,
            placed: order.placed_day.to_string(),
            payment_status: order.payment_status.as_str().to_owned(),
            last4: tx.open_payment(&order, &permit)?.last4,
            flag: order.flag.clone(),
        });
    }
    Ok(Some(found))
}

/// A licence, as support sees it.
pub(crate) async fn customer_licence(tx: &mut Tx, l: &store::Licence) -> Result<CustomerLicence, Error> {
    let product = tx.product(l.product).await?;
    Ok(CustomerLicence {
        number: l.serial.to_string(),
        product: product.map_or_else(|| format!("product {}", l.product), |p| p.name),
        edition: l.edition,
        state: l.state.as_str().to_owned(),
        until: day::text(l.until_day),
        seats: l.seats,
    })
}

/// Tells whether a person may be found. One whose erasure is in progress counts as erased already, however staff
/// search for them.
async fn is_findable(tx: &mut Tx, of: Slot) -> Result<bool, Error> {
    Ok(!tx.erasure_intents().await?.iter().any(|intent| intent.slots.contains(&of)))
}
