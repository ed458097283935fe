//! What stands beside a thread.

use domain::conversations::customer_context;
use domain::conversations::queue::Row;
use domain::lookup;
use serde::Serialize;
use utoipa::ToSchema;

use super::{State, some};

/// A licence.
#[derive(Serialize, ToSchema)]
pub struct LicenceRow {
    /// Its number.
    pub number: String,
    /// The product's name.
    pub product: String,
    /// The product's edition.
    pub edition: u8,
    /// active, suspended, ended, revoked or held.
    pub state: String,
    /// Last day; null without end.
    pub until: Option<String>,
    /// Seats.
    pub seats: u16,
}

impl From<lookup::FoundLicence> for LicenceRow {
    fn from(found: lookup::FoundLicence) -> Self {
        Self {
            number: found.number,
            product: found.product,
            edition: found.edition,
            state: found.state,
            until: some(found.until),
            seats: found.seats,
        }
    }
}

/// An order.
#[derive(Serialize, ToSchema)]
pub struct OrderRow {
    /// The provider's number.
    pub order: String,
    /// Day of the order.
    pub placed: String,
    /// How it stands.
    pub standing: String,
    /// Last four digits of the card, to confirm the purchase; null for none.
    pub last4: Option<String>,
    /// Why staff should look; null for no reason.
    pub flag: Option<String>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
pub struct Customer {
    /// E-mail address.
    pub email: String,
    /// Name; null for none.
    pub name: Option<String>,
    /// Company; null for none.
    pub company: Option<String>,
    /// Language code; null for none.
    pub language: Option<String>,
    /// Customer since.
    pub since: String,
    /// Their licences.
    pub licences: Vec<LicenceRow>,
    /// Their orders.
    pub orders: Vec<OrderRow>,
}

impl From<lookup::Found> for Customer {
    fn from(found: lookup::Found) -> Self {
        let order = |order: lookup::FoundOrder| OrderRow {
            order: order.order,
            placed: order.placed,
            standing: order.standing,
            last4: some(order.last4),
            flag: some(order.flag),
        };
        Self {
            email: found.email,
            name: some(found.name),
            company: some(found.company),
            language: some(found.language),
            since: found.since,
            licences: found.licences.into_iter().map(LicenceRow::from).collect(),
            orders: found.orders.into_iter().map(order).collect(),
        }
    }
}

/// Whether a licence can be renewed at a discount.
#[derive(Serialize, ToSchema)]
pub struct Renewal {
    /// Number of the licence.
    pub licence: String,
    /// now, later, over or none.
    pub state: String,
    /// Last day on which it is offered; null for none.
    pub until: Option<String>,
}

/// Another thread of the same customer.
#[derive(Serialize, ToSchema)]
pub struct EarlierThread {
    /// Its number: 8 symbols.
    pub id: String,
    /// Its two words.
    pub name: String,
    /// Whose turn it is.
    pub state: State,
    /// How many messages it has.
    pub messages: i64,
    /// Day it began.
    pub opened: String,
    /// Day of its last message.
    pub touched: String,
}

impl From<Row> for EarlierThread {
    fn from(row: Row) -> Self {
        Self {
            id: row.number,
            name: row.name,
            state: State::of_word(&row.state),
            messages: row.messages,
            opened: row.opened,
            touched: row.touched,
        }
    }
}

/// What stands beside a thread.
#[derive(Serialize, ToSchema)]
pub struct Panel {
    /// The customer to whom the thread is tied; null for none.
    pub customer: Option<Customer>,
    /// Their licences' renewals.
    pub renewals: Vec<Renewal>,
    /// The licence whose number was given with the first message: what it is, and not whose; null for none.
    pub named: Option<LicenceRow>,
    /// Other threads of the same customer, or of the same proved address, latest change first.
    pub earlier: Vec<EarlierThread>,
}

impl From<customer_context::Panel> for Panel {
    fn from(panel: customer_context::Panel) -> Self {
        let renewal = |renewal: customer_context::Renewal| Renewal {
            licence: renewal.licence,
            state: renewal.state.to_owned(),
            until: some(renewal.until),
        };
        Self {
            customer: panel.customer.map(Customer::from),
            renewals: panel.renewals.into_iter().map(renewal).collect(),
            named: panel.named.map(LicenceRow::from),
            earlier: panel.earlier.into_iter().map(EarlierThread::from).collect(),
        }
    }
}
