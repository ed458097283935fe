//! Queues: rows of threads, of which nothing is opened.

use keyring::Slot;
use serde::Serialize;
use store::{Error, Thread, Tx};

use super::name;
use super::staff::show::{linked, snoozed_until};
use crate::{day, licensing::issue};

pub use store::Queue;

/// Rows of a page.
const PAGE: i64 = 100;

/// A thread in a queue.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number.
    pub id: i64,
    /// Its number as it is shown.
    pub number: String,
    /// Its two words.
    pub name: String,
    /// `anonymous`, `address` or `customer`.
    pub kind: String,
    /// `open`, `waiting`, `closed` or `held`.
    pub state: String,
    /// Who has it; empty for nobody.
    pub assigned: String,
    /// Day until which it is snoozed; empty for none.
    pub snoozed_until: String,
    /// How many messages it has had.
    pub messages: i64,
    /// Day of its beginning.
    pub opened: String,
    /// Day of its last message.
    pub touched: String,
    /// Number of the licence that it is about; empty for none.
    pub licence: String,
    /// Number of another thread that may belong to it; empty for none.
    pub linked: String,
    /// The writer's address, or page, was proved.
    pub verified: bool,
    /// It is tied to a person of the shop.
    pub tied: bool,
    /// Why no letter goes; empty for no reason.
    pub stopped: String,
    /// Its place in the order of changes: the last of a page is what the next is asked for with.
    pub turn: i64,
}

impl Row {
    /// The row of a thread.
    #[must_use]
    pub fn of(tx: &Tx, thread: &Thread) -> Self {
        Self {
            id: thread.id,
            number: issue::number(thread.id),
            name: name(thread.id),
            kind: thread.kind.word().to_owned(),
            state: thread.state.word().to_owned(),
            assigned: thread.assigned.clone(),
            snoozed_until: snoozed_until(tx, thread),
            messages: thread.messages,
            opened: day::text(thread.opened_day),
            touched: day::text(thread.touched_day),
            licence: if thread.licence == 0 { String::new() } else { issue::number(thread.licence) },
            linked: linked(thread),
            verified: thread.verified,
            tied: thread.person != Slot(0),
            stopped: thread.stopped.clone(),
            turn: thread.turn,
        }
    }
}

/// A page of a queue, newest change first: rows whose turn is before `before`, or the first where there is none. One
/// statement; nothing is opened.
///
/// # Errors
/// When the database is away.
pub async fn queue(
    tx: &mut Tx,
    of: &Queue<'_>,
    before: Option<i64>,
    limit: Option<i64>,
) -> Result<Vec<Row>, Error> {
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE * 10);
    let threads = tx.queue(of, before.unwrap_or(i64::MAX), limit).await?;
    Ok(threads.iter().map(|thread| Row::of(tx, thread)).collect())
}

/// The rows of some threads, those that are gone left out: for what a search found.
///
/// # Errors
/// When the database is away.
pub async fn rows(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for id in ids {
        if let Some(thread) = tx.thread(*id).await? {
            rows.push(Row::of(tx, &thread));
        }
    }
    Ok(rows)
}
