//! JSON types of conversations, shared by the API and `--json`. Days are YYYY-MM-DD. Nothing has a time of day.

mod customer;
mod open_conversation;

use calendar::Day;
use serde::{Deserialize, Serialize};
use store::{Conversation, ConversationKind, ConversationState};
use utoipa::ToSchema;

pub use customer::{Customer, CustomerContext, EarlierConversation, LicenceRow, OrderRow, Renewal};
pub use open_conversation::{
    Author, FileRow, OpenConversation, OpenMessage, ReplyRoute, ReplyRouteAndReason,
};

/// What is known about the sender.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SenderKind {
    /// Nothing: the sender comes back with an access code.
    Anonymous,
    /// An e-mail address.
    Address,
    /// The sender is a verified customer.
    Customer,
}

/// The state of a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Staff must answer.
    Open,
    /// Staff have answered, and the person may answer.
    Waiting,
    /// Closed. It is erased after a while.
    Closed,
    /// Held: suspected spam, or mail of a machine. Staff may release it.
    Held,
}

impl SenderKind {
    /// Returns the name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Address => "address",
            Self::Customer => "customer",
        }
    }

    fn parse(word: &str) -> Self {
        [Self::Anonymous, Self::Address]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .unwrap_or(Self::Customer)
    }
}

impl State {
    /// Returns the name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Closed => "closed",
            Self::Held => "held",
        }
    }

    fn parse(word: &str) -> Self {
        [Self::Open, Self::Waiting, Self::Closed]
            .into_iter()
            .find(|state| state.as_str() == word)
            .unwrap_or(Self::Held)
    }
}

impl From<ConversationKind> for SenderKind {
    fn from(kind: ConversationKind) -> Self {
        match kind {
            ConversationKind::Anonymous => Self::Anonymous,
            ConversationKind::Address => Self::Address,
            ConversationKind::Customer => Self::Customer,
        }
    }
}

impl From<ConversationState> for State {
    fn from(state: ConversationState) -> Self {
        match state {
            ConversationState::Open => Self::Open,
            ConversationState::Waiting => Self::Waiting,
            ConversationState::Closed => Self::Closed,
            ConversationState::Quarantined => Self::Held,
        }
    }
}

/// A conversation in a queue. No personal data was opened for it.
#[derive(Serialize, ToSchema)]
pub struct ConversationRow {
    /// Its number (8 characters).
    #[schema(example = "7K3M9QXD")]
    pub id: String,
    /// Its codename: two words that are derived from the number.
    #[schema(example = "quiet-harbour")]
    pub codename: String,
    /// What is known about the sender.
    pub kind: SenderKind,
    /// Its state.
    pub state: State,
    /// The staff member to whom it is assigned. Null for none.
    pub assigned: Option<String>,
    /// The day on which it returns to its queue. Null if it isn't snoozed.
    pub snoozed_until: Option<String>,
    /// Number of its messages, including notes. A reply sends this number as `seen`.
    pub messages: i64,
    /// The day on which it started.
    pub opened: String,
    /// The day of its last message.
    pub updated: String,
    /// The day on which it was closed. Null while it is open.
    pub closed: Option<String>,
    /// Whether the sender's address or portal session was verified.
    pub verified: bool,
    /// Whether it is linked to a customer.
    pub has_customer: bool,
    /// The number of the licence that it is about. Null for none.
    pub licence: Option<String>,
    /// The number of another conversation that may belong to it. Null for none.
    pub related: Option<String>,
    /// Why no e-mail is sent until the person writes again: bounce, complaint or stop (suppression). Null for no reason.
    pub suppressed: Option<String>,
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl ConversationRow {
    /// A row as of a day.
    #[must_use]
    pub fn of(conversation: &Conversation, today: Day) -> Self {
        Self {
            id: conversation.id.to_string(),
            codename: domain::conversations::codename(conversation.id),
            kind: conversation.kind.into(),
            state: conversation.state.into(),
            assigned: some(conversation.assigned.clone()),
            snoozed_until: conversation.snoozed_day.filter(|day| *day > today).map(|day| day.to_string()),
            messages: conversation.messages,
            opened: conversation.opened_day.to_string(),
            updated: conversation.last_message_day.to_string(),
            closed: conversation.closed_day.map(|day| day.to_string()),
            verified: conversation.verified,
            has_customer: conversation.person.is_some(),
            licence: conversation.licence.map(|serial| serial.to_string()),
            related: conversation.related.map(|id| id.to_string()),
            suppressed: conversation.suppression.map(|reason| reason.as_str().to_owned()),
        }
    }
}

/// The queues.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Queue {
    /// Open conversations that are assigned to the token's staff member.
    Mine,
    /// Open conversations that are assigned to no one.
    Unassigned,
    /// All open conversations: staff must answer.
    Open,
    /// Conversations that staff have answered.
    Waiting,
    /// Conversations that are snoozed until a day.
    Snoozed,
    /// Held conversations: suspected spam, and mail of machines.
    Held,
    /// Closed conversations, until they are erased.
    Closed,
}

impl Queue {
    /// Converts it to a query of the store.
    #[must_use]
    pub fn of<'a>(self, actor: &'a store::Actor) -> store::Queue<'a> {
        match self {
            Self::Mine => store::Queue::Mine(actor.as_str()),
            Self::Unassigned => store::Queue::Unassigned,
            Self::Open => store::Queue::Open,
            Self::Waiting => store::Queue::Waiting,
            Self::Snoozed => store::Queue::Snoozed,
            Self::Held => store::Queue::Quarantined,
            Self::Closed => store::Queue::Closed,
        }
    }
}

/// A page of a queue.
#[derive(Serialize, ToSchema)]
pub struct ConversationList {
    /// The conversations, latest change first.
    pub conversations: Vec<ConversationRow>,
    /// The `after` of the next page. Null on the last page.
    pub next: Option<i64>,
}

impl ConversationList {
    /// A page of a queue. `limit + 1` conversations were queried, to see whether there is another page.
    #[must_use]
    pub fn of(mut conversations: Vec<Conversation>, limit: usize, today: Day) -> Self {
        let more = conversations.len() > limit;
        conversations.truncate(limit);
        let next = conversations.last().filter(|_| more).map(|conversation| conversation.revision);
        Self {
            conversations: conversations
                .iter()
                .map(|conversation| ConversationRow::of(conversation, today))
                .collect(),
            next,
        }
    }
}
