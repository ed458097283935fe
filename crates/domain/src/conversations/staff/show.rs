//! Staff open a thread: all of it, and the journal says who did.

use keyring::{Permit, Slot};
use policy::purpose::Support;
use serde::Serialize;
use store::{Actor, Attachment, Conversation, Error, Message, Operation, Tx};

use crate::conversations::attachments::FileView;
use crate::conversations::reply_route::{ReplyRoute, reply_route};
use crate::conversations::view::{FileHandle, files_of, handle};
use crate::conversations::{body::Body, body::open_contact, codename::codename, number::case_of};
use crate::{day, licensing::issue};

/// A thread as staff see it. No Debug: a person wrote it.
#[derive(Serialize)]
pub struct StaffView {
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
    pub messages: Vec<StaffMessageView>,
}

/// A message as staff see it.
#[derive(Serialize)]
pub struct StaffMessageView {
    /// Its place in the thread.
    pub n: i64,
    /// `person`, `staff`, `note` or `machine`.
    pub kind: String,
    /// `page`, `mail` or `desk`.
    pub via: String,
    /// The member of staff who wrote it; empty for others.
    pub actor: String,
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
    pub files: Vec<FileView>,
}

const ALL: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name";

/// Opens a thread.
pub struct ViewAsStaff<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who looks.
    pub actor: &'a Actor,
}

impl Operation for ViewAsStaff<'_> {
    const NAME: &'static str = "view conversation as staff";
    type Output = Option<StaffView>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<StaffView>, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else { return Ok(None) };
        let permit =
            tx.permit::<Support>(conversation.slot, ALL, self.actor, &case_of(conversation.id)).await?;
        let messages = tx.messages_of(conversation.id).await?;
        let contact = open_contact(tx, &conversation, &permit)?;
        let answer = reply_route(tx, &conversation, &messages, !contact.address.is_empty()).await?;
        let files = tx.attachments_of_conversation(conversation.id).await?;
        let show = |message| show(tx, message, &files, &permit);
        let shown = messages.iter().map(show).collect::<Result<Vec<_>, Error>>()?;
        let tags = tx.open_tags(&conversation, &permit)?;
        let subject = tx.open_subject(&conversation, &permit)?;
        Ok(Some(StaffView {
            id: conversation.id,
            number: issue::display_number(conversation.id),
            name: codename(conversation.id),
            kind: conversation.kind.as_str().to_owned(),
            state: conversation.state.as_str().to_owned(),
            snoozed_until: snoozed_until(tx, &conversation),
            subject: subject.map(|s| s.text().to_owned()).unwrap_or_default(),
            address: contact.address.clone(),
            writer: contact.name.clone(),
            tags: tags.map(|t| t.text().lines().map(str::to_owned).collect()).unwrap_or_default(),
            linked: linked(&conversation),
            verified: conversation.verified,
            tied: conversation.person != Slot(0),
            licence: if conversation.licence == 0 {
                String::new()
            } else {
                issue::display_number(conversation.licence)
            },
            opened: day::text(conversation.opened_day),
            touched: day::text(conversation.last_message_day),
            closed: day::text(conversation.closed_day),
            messages_seen: conversation.messages,
            assigned: conversation.assigned,
            stopped: conversation.suppression,
            answer,
            messages: shown,
        }))
    }
}

/// The day until which a thread is snoozed today; empty for none.
pub(in crate::conversations) fn snoozed_until(tx: &Tx, conversation: &Conversation) -> String {
    if conversation.snoozed_day > tx.today() { day::text(conversation.snoozed_day) } else { String::new() }
}

/// The number of the thread that may belong to this one; empty for none.
pub(in crate::conversations) fn linked(conversation: &Conversation) -> String {
    if conversation.related == 0 { String::new() } else { issue::display_number(conversation.related) }
}

fn show(
    tx: &Tx,
    message: &Message,
    files: &[Attachment],
    permit: &Permit<Support>,
) -> Result<StaffMessageView, Error> {
    let body = Body::open(tx, message, permit)?;
    Ok(StaffMessageView {
        n: message.number,
        kind: message.kind.as_str().to_owned(),
        via: message.via.as_str().to_owned(),
        actor: message.actor.clone(),
        day: day::text(message.day),
        text: body.text.clone(),
        quoted: body.quoted.clone(),
        signature: body.signature.clone(),
        html: body.html.clone(),
        refused: body.refused.clone(),
        verified: body.verified,
        machine: body.machine.clone(),
        files: files_of(tx, message, files, permit)?,
    })
}

/// A file of a thread, to be read piece by piece with [`crate::conversations::view::chunk`].
pub struct OpenFileForStaff<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Number of the file.
    pub file: i64,
    /// Who looks.
    pub actor: &'a Actor,
}

impl Operation for OpenFileForStaff<'_> {
    const NAME: &'static str = "open file for staff";
    type Output = Option<FileHandle<Support>>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else { return Ok(None) };
        handle(tx, &conversation, self.file, self.actor).await
    }
}
