//! Staff open a thread: all of it, and the journal says who did.

use keyring::{Permit, Slot};
use policy::purpose::Support;
use serde::Serialize;
use store::{Actor, Attachment, Error, Message, Operation, Thread, Tx};

use crate::conversations::files::FileSeen;
use crate::conversations::reply_route::{ReplyRoute, reply_route};
use crate::conversations::view::{FileHandle, files_of, handle};
use crate::conversations::{Body, case, contact_of, name};
use crate::{day, licensing::issue};

/// A thread as staff see it. No Debug: a person wrote it.
#[derive(Serialize)]
pub struct Seen {
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
    /// Subject; may be empty.
    pub subject: String,
    /// The address that was given; empty for none.
    pub address: String,
    /// The name that was given; empty for none.
    pub writer: String,
    /// Words by which staff sort it.
    pub tags: Vec<String>,
    /// Number of another thread that may belong to it; empty for none.
    pub linked: String,
    /// The writer's address, or page, was proved.
    pub verified: bool,
    /// It is tied to a person of the shop.
    pub tied: bool,
    /// Why no letter goes; empty for no reason.
    pub stopped: String,
    /// Number of the licence that it is about; empty for none.
    pub licence: String,
    /// Day of its beginning.
    pub opened: String,
    /// Day of its last message.
    pub touched: String,
    /// Day of its end; empty while there is none.
    pub closed: String,
    /// How many messages it has had: what a reply says it has seen.
    pub messages_seen: i64,
    /// Which way an answer goes.
    pub answer: ReplyRoute,
    /// What was said.
    pub messages: Vec<SeenMessage>,
}

/// A message as staff see it.
#[derive(Serialize)]
pub struct SeenMessage {
    /// Its place in the thread.
    pub n: i64,
    /// `person`, `staff`, `note` or `machine`.
    pub kind: String,
    /// `page`, `mail` or `desk`.
    pub via: String,
    /// The member of staff who wrote it; empty for others.
    pub who: String,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    /// What was said.
    pub text: String,
    /// What it quotes.
    pub quoted: String,
    /// Its signature.
    pub signature: String,
    /// The same as safe HTML; empty for none.
    pub html: String,
    /// What was attached and not taken.
    pub refused: Vec<String>,
    /// Who wrote it was proved.
    pub verified: bool,
    /// What kind of machine wrote it; empty for none.
    pub machine: String,
    /// Its files.
    pub files: Vec<FileSeen>,
}

const ALL: &str = "thread.subject thread.contact thread.tags message.body attachment.name";

/// Opens a thread.
pub struct Show<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who looks.
    pub who: &'a Actor,
}

impl Operation for Show<'_> {
    const NAME: &'static str = "show thread";
    type Done = Option<Seen>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Seen>, Error> {
        let Some(thread) = tx.thread(self.id).await? else { return Ok(None) };
        let leave = tx.leave::<Support>(thread.slot, ALL, self.who, &case(thread.id)).await?;
        let messages = tx.messages_of(thread.id).await?;
        let contact = contact_of(tx, &thread, &leave)?;
        let answer = reply_route(tx, &thread, &messages, !contact.address.is_empty()).await?;
        let files = tx.attachments_of_thread(thread.id).await?;
        let show = |message| show(tx, message, &files, &leave);
        let shown = messages.iter().map(show).collect::<Result<Vec<_>, Error>>()?;
        let tags = tx.open_tags(&thread, &leave)?;
        let subject = tx.open_subject(&thread, &leave)?;
        Ok(Some(Seen {
            id: thread.id,
            number: issue::number(thread.id),
            name: name(thread.id),
            kind: thread.kind.word().to_owned(),
            state: thread.state.word().to_owned(),
            snoozed_until: snoozed_until(tx, &thread),
            subject: subject.map(|s| s.text().to_owned()).unwrap_or_default(),
            address: contact.address.clone(),
            writer: contact.name.clone(),
            tags: tags.map(|t| t.text().lines().map(str::to_owned).collect()).unwrap_or_default(),
            linked: linked(&thread),
            verified: thread.verified,
            tied: thread.person != Slot(0),
            licence: if thread.licence == 0 { String::new() } else { issue::number(thread.licence) },
            opened: day::text(thread.opened_day),
            touched: day::text(thread.touched_day),
            closed: day::text(thread.closed_day),
            messages_seen: thread.messages,
            assigned: thread.assigned,
            stopped: thread.stopped,
            answer,
            messages: shown,
        }))
    }
}

/// The day until which a thread is snoozed today; empty for none.
pub(in crate::conversations) fn snoozed_until(tx: &Tx, thread: &Thread) -> String {
    if thread.snoozed_day > tx.today() { day::text(thread.snoozed_day) } else { String::new() }
}

/// The number of the thread that may belong to this one; empty for none.
pub(in crate::conversations) fn linked(thread: &Thread) -> String {
    if thread.linked == 0 { String::new() } else { issue::number(thread.linked) }
}

fn show(
    tx: &Tx,
    message: &Message,
    files: &[Attachment],
    leave: &Permit<Support>,
) -> Result<SeenMessage, Error> {
    let body = Body::open(tx, message, leave)?;
    Ok(SeenMessage {
        n: message.n,
        kind: message.kind.word().to_owned(),
        via: message.via.word().to_owned(),
        who: message.who.clone(),
        day: day::text(message.day),
        text: body.text.clone(),
        quoted: body.quoted.clone(),
        signature: body.signature.clone(),
        html: body.html.clone(),
        refused: body.refused.clone(),
        verified: body.verified,
        machine: body.machine.clone(),
        files: files_of(tx, message, files, leave)?,
    })
}

/// A file of a thread, to be read piece by piece with [`crate::conversations::view::chunk`].
pub struct FileOf<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Number of the file.
    pub file: i64,
    /// Who looks.
    pub who: &'a Actor,
}

impl Operation for FileOf<'_> {
    const NAME: &'static str = "file for staff";
    type Done = Option<FileHandle<Support>>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        let Some(thread) = tx.thread(self.id).await? else { return Ok(None) };
        handle(tx, &thread, self.file, self.who).await
    }
}
