//! What the API and `--json` show of threads. Days are YYYY-MM-DD; nothing has a time.

mod beside;
mod opened;

use domain::{conversations, day, licensing::issue};
use keyring::Slot;
use serde::{Deserialize, Serialize};
use store::{Thread, ThreadKind, ThreadState};
use utoipa::ToSchema;

pub use beside::{Customer, EarlierThread, LicenceRow, OrderRow, Panel, Renewal};
pub use opened::{Answer, FileRow, OpenMessage, OpenThread, ReplyRoute, Speaker};

/// What is known of the writer.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nothing: they come back with their code.
    Anonymous,
    /// An address.
    Address,
    /// They are a customer, which was proved.
    Customer,
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The staff's.
    Open,
    /// The person's.
    Waiting,
    /// Nobody's; forgotten after a while.
    Closed,
    /// Suspected spam, or a machine's: staff may release it.
    Held,
}

impl Kind {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Address => "address",
            Self::Customer => "customer",
        }
    }

    fn of_word(word: &str) -> Self {
        [Self::Anonymous, Self::Address]
            .into_iter()
            .find(|kind| kind.word() == word)
            .unwrap_or(Self::Customer)
    }
}

impl State {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Closed => "closed",
            Self::Held => "held",
        }
    }

    fn of_word(word: &str) -> Self {
        [Self::Open, Self::Waiting, Self::Closed]
            .into_iter()
            .find(|state| state.word() == word)
            .unwrap_or(Self::Held)
    }
}

impl From<ThreadKind> for Kind {
    fn from(kind: ThreadKind) -> Self {
        match kind {
            ThreadKind::Anonymous => Self::Anonymous,
            ThreadKind::Address => Self::Address,
            ThreadKind::Customer => Self::Customer,
        }
    }
}

impl From<ThreadState> for State {
    fn from(state: ThreadState) -> Self {
        match state {
            ThreadState::Open => Self::Open,
            ThreadState::Waiting => Self::Waiting,
            ThreadState::Closed => Self::Closed,
            ThreadState::Held => Self::Held,
        }
    }
}

/// A thread as a queue shows it: nothing of it was opened.
#[derive(Serialize, ToSchema)]
pub struct ThreadRow {
    /// Its number: 8 symbols.
    #[schema(example = "7K3M9QXD")]
    pub id: String,
    /// Two words to speak of it, made from the number.
    #[schema(example = "quiet-harbour")]
    pub name: String,
    /// What is known of the writer.
    pub kind: Kind,
    /// Whose turn it is.
    pub state: State,
    /// The member of staff who has it; null for nobody.
    pub assigned: Option<String>,
    /// It rests through the day before this one; null where it doesn't.
    pub snoozed_until: Option<String>,
    /// How many messages it has, of all kinds, notes included: what an answer says it has `seen`.
    pub messages: i64,
    /// Day it began.
    pub opened: String,
    /// Day of its last message.
    pub touched: String,
    /// Day it was closed; null while it isn't.
    pub closed: Option<String>,
    /// Whether the writer's address, or page, was proved.
    pub verified: bool,
    /// Whether it is tied to a person of the shop, so that there is a panel.
    pub tied: bool,
    /// Number of the licence that it is about; null for none.
    pub licence: Option<String>,
    /// Number of another thread that may belong to it; null for none.
    pub linked: Option<String>,
    /// Why no letter goes until the writer writes again: bounce, complaint or stop; null for no reason.
    pub stopped: Option<String>,
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn some_number(number: i64) -> Option<String> {
    (number != 0).then(|| issue::number(number))
}

fn some_day(day: i64) -> Option<String> {
    (day != 0).then(|| day::text(day))
}

impl ThreadRow {
    /// A row as it is shown on a day since 1970.
    #[must_use]
    pub fn of(thread: &Thread, today: i64) -> Self {
        Self {
            id: issue::number(thread.id),
            name: conversations::name(thread.id),
            kind: thread.kind.into(),
            state: thread.state.into(),
            assigned: some(thread.assigned.clone()),
            snoozed_until: some_day(thread.snoozed_day).filter(|_| thread.snoozed_day > today),
            messages: thread.messages,
            opened: day::text(thread.opened_day),
            touched: day::text(thread.touched_day),
            closed: some_day(thread.closed_day),
            verified: thread.verified,
            tied: thread.person != Slot(0),
            licence: some_number(thread.licence),
            linked: some_number(thread.linked),
            stopped: some(thread.stopped.clone()),
        }
    }
}

/// Queues, by name.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Queue {
    /// Open ones of the token's member of staff.
    Mine,
    /// Open ones of nobody.
    Unassigned,
    /// All open ones: it is the staff's turn.
    Open,
    /// It is the person's turn.
    Waiting,
    /// Resting until a day.
    Snoozed,
    /// Suspected spam, and mail of machines.
    Held,
    /// Closed ones, until they are forgotten.
    Closed,
}

impl Queue {
    /// As the store names it, for whom.
    #[must_use]
    pub fn of<'a>(self, who: &'a store::Actor) -> store::Queue<'a> {
        match self {
            Self::Mine => store::Queue::Mine(who.word()),
            Self::Unassigned => store::Queue::Unassigned,
            Self::Open => store::Queue::Open,
            Self::Waiting => store::Queue::Waiting,
            Self::Snoozed => store::Queue::Snoozed,
            Self::Held => store::Queue::Held,
            Self::Closed => store::Queue::Closed,
        }
    }
}

/// A page of a queue.
#[derive(Serialize, ToSchema)]
pub struct ThreadList {
    /// Latest change first.
    pub threads: Vec<ThreadRow>,
    /// The `after` of the next page; null at the end.
    pub next: Option<i64>,
}

impl ThreadList {
    /// A page of threads, of which one more than `most` was asked for.
    #[must_use]
    pub fn of(mut threads: Vec<Thread>, most: usize, today: i64) -> Self {
        let more = threads.len() > most;
        threads.truncate(most);
        let next = threads.last().filter(|_| more).map(|thread| thread.turn);
        Self { threads: threads.iter().map(|thread| ThreadRow::of(thread, today)).collect(), next }
    }
}
