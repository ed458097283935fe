//! The customer of a conversation.

use domain::conversations::customer_context;
use domain::conversations::queue::ConversationRow;
use domain::lookup;
use serde::Serialize;
use utoipa::ToSchema;

use super::{State, some};

/// A licence.
#[derive(Serialize, ToSchema)]
pub struct LicenceRow {
    /// The licence number.
    pub number: String,
    /// The product's name.
    pub product: String,
    /// The product's edition.
    pub edition: u8,
    /// active, suspended, ended, revoked or on hold.
    pub state: String,
    /// The last day. Null without an end.
    pub until: Option<String>,
    /// Number of seats.
    pub seats: u16,
}

impl From<lookup::CustomerLicence> for LicenceRow {
    fn from(found: lookup::CustomerLicence) -> Self {
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
    /// The provider's order number.
    pub order: String,
    /// The day of the order.
    pub placed: String,
    /// The payment status.
    pub payment_status: String,
    /// The last four digits of the card, to confirm the purchase. Null for none.
    pub last4: Option<String>,
    /// Why staff should check the order. Null for no reason.
    pub flag: Option<String>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
pub struct Customer {
    /// The e-mail address.
    pub email: String,
    /// The name. Null for none.
    pub name: Option<String>,
    /// The company. Null for none.
    pub company: Option<String>,
    /// The language code. Null for none.
    pub language: Option<String>,
    /// The day of the first order.
    pub since: String,
    /// The licences.
    pub licences: Vec<LicenceRow>,
    /// The orders.
    pub orders: Vec<OrderRow>,
}

impl From<lookup::CustomerRecord> for Customer {
    fn from(found: lookup::CustomerRecord) -> Self {
        let order = |order: lookup::CustomerOrder| OrderRow {
            order: order.order,
            placed: order.placed,
            payment_status: order.payment_status,
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

/// The renewal discount of a licence.
#[derive(Serialize, ToSchema)]
pub struct Renewal {
    /// The licence number.
    pub licence: String,
    /// now, later, over or none.
    pub state: String,
    /// The last day of the offer. Null for none.
    pub until: Option<String>,
}

/// Another conversation of the same customer.
#[derive(Serialize, ToSchema)]
pub struct EarlierConversation {
    /// Its number (8 characters).
    pub id: String,
    /// Its codename.
    pub codename: String,
    /// Its state.
    pub state: State,
    /// Number of its messages.
    pub messages: i64,
    /// The day on which it started.
    pub opened: String,
    /// The day of its last message.
    pub updated: String,
}

impl From<ConversationRow> for EarlierConversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: row.number,
            codename: row.name,
            state: State::parse(&row.state),
            messages: row.messages,
            opened: row.opened,
            updated: row.last_message,
        }
    }
}

/// The customer of a conversation, with their purchases.
#[derive(Serialize, ToSchema)]
pub struct CustomerContext {
    /// The customer to whom the conversation is linked. Null for none.
    pub customer: Option<Customer>,
    /// The renewals of their licences.
    pub renewals: Vec<Renewal>,
    /// The licence whose number was given with the first message, without its holder. Null for none.
    pub given_licence: Option<LicenceRow>,
    /// Other conversations of the same customer or the same verified address, latest change first.
    pub earlier_conversations: Vec<EarlierConversation>,
}

impl From<customer_context::CustomerContext> for CustomerContext {
    fn from(context: customer_context::CustomerContext) -> Self {
        let renewal = |renewal: customer_context::RenewalOffer| Renewal {
            licence: renewal.licence,
            state: renewal.state.to_owned(),
            until: some(renewal.until),
        };
        Self {
            customer: context.customer.map(Customer::from),
            renewals: context.renewals.into_iter().map(renewal).collect(),
            given_licence: context.named.map(LicenceRow::from),
            earlier_conversations: context.earlier.into_iter().map(EarlierConversation::from).collect(),
        }
    }
}
