//! What the search of staff reads: the text of threads that are not closed, once for each change. It stays in memory;
//! what is found is looked up among the living rows before it is shown.

use std::collections::BTreeSet;

use policy::purpose::Finding;
use store::{Actor, Error, Operation, Thread, ThreadState, Tx};
use zeroize::Zeroizing;

use super::{Body, contact_of};
use crate::licensing::issue;

/// The text of a thread for the search, in small letters; empty where it is not to be found any more.
pub struct Text {
    /// Number of the thread.
    pub id: i64,
    /// Its turn: the highest that was read is where the next reading goes on.
    pub turn: i64,
    /// What is searched.
    pub text: Zeroizing<String>,
}

/// Reads up to 500 threads that changed after a turn; the next reading goes on at the last one's. None: there are no
/// further changes.
pub struct ReadOpen {
    /// The turn.
    pub after: i64,
}

const ALL: &str = "thread.subject thread.contact thread.tags message.body attachment.name";

impl Operation for ReadOpen {
    const NAME: &'static str = "read for the search";
    type Done = Vec<Text>;

    async fn act(&self, tx: &mut Tx) -> Result<Vec<Text>, Error> {
        let threads = tx.turns_after(self.after).await?;
        if threads.is_empty() {
            return Ok(Vec::new());
        }
        let leave = tx.leave_unnamed::<Finding>(ALL, &Actor::System).await?;
        let mut texts = Vec::with_capacity(threads.len());
        let was = damaged_threads(tx).await?;
        let mut damaged = was.clone();
        for thread in threads {
            let text = match read(tx, &thread, &leave).await {
                // Forgotten between the search and the look.
                Err(Error::Forgotten { .. }) => Zeroizing::new(String::new()),
                // One damaged row must not keep staff from finding all others: the doctor names its thread.
                Err(Error::Damaged { .. } | Error::Unknown(_)) => {
                    damaged.insert(thread.id);
                    texts.push(Text { id: thread.id, turn: thread.turn, text: Zeroizing::default() });
                    continue;
                }
                read => read?,
            };
            damaged.remove(&thread.id);
            texts.push(Text { id: thread.id, turn: thread.turn, text });
        }
        if damaged != was {
            let numbers: Vec<String> = damaged.iter().map(i64::to_string).collect();
            tx.set_fact(DAMAGED, &numbers.join(" ")).await?;
        }
        Ok(texts)
    }
}

/// The fact that names the threads that the search could not read.
const DAMAGED: &str = "search left out";

/// Numbers of the threads that the search could not read, for a value in them doesn't open.
pub(crate) async fn damaged_threads(tx: &mut Tx) -> Result<BTreeSet<i64>, Error> {
    let known = tx.fact(DAMAGED).await?.unwrap_or_default();
    let mut living = BTreeSet::new();
    for id in known.split(' ').filter_map(|id| id.parse().ok()) {
        if tx.thread(id).await?.is_some() {
            living.insert(id);
        }
    }
    Ok(living)
}

/// Notes that a member of staff searched; not for what.
pub struct NoteSearch<'a> {
    /// Who.
    pub who: &'a Actor,
}

impl Operation for NoteSearch<'_> {
    const NAME: &'static str = "note search";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.leave_unnamed::<Finding>(ALL, self.who).await?;
        Ok(())
    }
}

async fn read(
    tx: &mut Tx,
    thread: &Thread,
    leave: &keyring::Permit<Finding>,
) -> Result<Zeroizing<String>, Error> {
    if thread.state == ThreadState::Closed {
        return Ok(Zeroizing::new(String::new()));
    }
    let mut parts: Vec<Zeroizing<String>> = Vec::new();
    let mut add = |text: &str| parts.push(Zeroizing::new(text.to_lowercase()));
    add(&issue::number(thread.id));
    add(&super::name(thread.id));
    if let Some(subject) = tx.open_subject(thread, leave)? {
        add(subject.text());
    }
    let contact = contact_of(tx, thread, leave)?;
    add(&contact.address);
    add(&contact.name);
    if let Some(tags) = tx.open_tags(thread, leave)? {
        add(tags.text());
    }
    for message in tx.messages_of(thread.id).await? {
        let body = Body::open(tx, &message, leave)?;
        add(&body.text);
    }
    for file in tx.attachments_of_thread(thread.id).await? {
        if let Some(name) = tx.open_file_name(&file, leave)? {
            add(name.text());
        }
    }
    // Room for all of it from the start: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(parts.iter().map(|p| p.len() + 1).sum()));
    for part in parts {
        text.push_str(&part);
        text.push('\n');
    }
    Ok(text)
}

/// What somebody typed into the search, folded as the texts are.
#[must_use]
pub fn folded(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(typed.trim().to_lowercase())
}
