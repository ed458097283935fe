//! Staff view a conversation completely. The audit log names who did.

use inbound_mail::OmittedPart;
use keyring::Permit;
use policy::purpose::Support;
use store::{Actor, Attachment, Conversation, ConversationId, Error, Message, Operation, Suppression, Tx};

use crate::conversations::attachments::FileView;
use crate::conversations::event::ConversationEvent;
use crate::conversations::reply_route::{ReplyRoute, reply_route};
use crate::conversations::view::{FileHandle, files_of, handle};
use crate::conversations::{
    body::Body, body::Contact, body::open_contact, codename::codename, number::case_of,
};
use crate::day;

/// A conversation as staff see it. Not `Debug`, because it holds personal data.
pub struct StaffView {
    pub id: ConversationId,
    /// The number as displayed.
    pub number: String,
    /// The codename.
    pub name: String,
    /// `anonymous`, `address` or `customer`.
    pub kind: String,
    /// `open`, `waiting`, `closed` or `quarantined`.
    pub state: String,
    /// The member of staff to whom it is assigned; empty for none.
    pub assigned: String,
    /// Day until which it is snoozed; empty for none.
    pub snoozed_until: String,
    /// Subject; may be empty.
    pub subject: String,
    /// E-mail address that the sender gave; empty for none.
    pub address: String,
    /// Name that the sender gave; empty for none.
    pub sender: String,
    /// Tags that staff gave it.
    pub tags: Vec<String>,
    /// Number of another conversation that may belong to it; empty for none.
    pub related: String,
    /// The sender proved an e-mail address or was signed in to the portal.
    pub verified: bool,
    /// It is linked to a customer.
    pub has_customer: bool,
    /// Why e-mails are stopped: `bounce`, `complaint` or `stop`; empty if they are not.
    pub suppression: String,
    /// Number of the licence that it is about; empty for none.
    pub licence: String,
    /// Day of the first message.
    pub opened: String,
    /// Day of its last message.
    pub last_message: String,
    /// Day on which it was closed; empty while it is not.
    pub closed: String,
    /// Number of messages, to be sent back as `seen` with a reply.
    pub messages_seen: i64,
    pub answer: ReplyRoute,
    /// All messages.
    pub messages: Vec<StaffMessageView>,
}

/// A message as staff see it.
pub struct StaffMessageView {
    /// Position in the conversation, from 1.
    pub n: i64,
    /// `person`, `staff`, `note` or `machine`.
    pub kind: String,
    /// `web`, `email` or `staff`.
    pub via: String,
    /// The member of staff who wrote it; empty for others.
    pub actor: String,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    pub text: String,
    /// Quoted text of earlier messages.
    pub quoted: String,
    /// Signature and footers.
    pub signature: String,
    /// The message as safe HTML; empty for none.
    pub html: String,
    /// Parts of the e-mail that were not kept.
    pub refused: Vec<OmittedPart>,
    /// The identity of the sender was proved.
    pub verified: bool,
    /// What the program recorded about it.
    pub event: Option<ConversationEvent>,
    pub files: Vec<FileView>,
}

const ALL: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name";

/// Opens a conversation for staff.
pub struct ViewAsStaff<'a> {
    pub id: ConversationId,
    /// The member of staff.
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
        let Contact { address, name } = &contact;
        let answer = reply_route(tx, &conversation, &messages, !contact.address.is_empty()).await?;
        let files = tx.attachments_of_conversation(conversation.id).await?;
        let show = |message| show(tx, message, &files, &permit);
        let shown = messages.iter().map(show).collect::<Result<Vec<_>, Error>>()?;
        let tags = tx.open_tags(&conversation, &permit)?;
        let subject = tx.open_subject(&conversation, &permit)?;
        Ok(Some(StaffView {
            id: conversation.id,
            number: conversation.id.to_string(),
            name: codename(conversation.id),
            kind: conversation.kind.as_str().to_owned(),
            state: conversation.state.as_str().to_owned(),
            snoozed_until: snoozed_until(tx, &conversation),
            subject: subject.map(|s| s.text().to_owned()).unwrap_or_default(),
            address: address.clone(),
            sender: name.clone(),
            tags: tags.map(|t| t.text().lines().map(str::to_owned).collect()).unwrap_or_default(),
            related: related_number(&conversation),
            verified: conversation.verified,
            has_customer: conversation.person.is_some(),
            licence: conversation.licence.map(|serial| serial.to_string()).unwrap_or_default(),
            opened: conversation.opened_day.to_string(),
            last_message: conversation.last_message_day.to_string(),
            closed: day::text(conversation.closed_day),
            messages_seen: conversation.messages,
            assigned: conversation.assigned,
            suppression: conversation.suppression.map(Suppression::as_str).unwrap_or_default().to_owned(),
            answer,
            messages: shown,
        }))
    }
}

/// Returns the day until which a conversation is snoozed; empty for none.
pub(in crate::conversations) fn snoozed_until(tx: &Tx, conversation: &Conversation) -> String {
    day::text(conversation.snoozed_day.filter(|day| *day > tx.today()))
}

/// Returns the number of another conversation that may belong to this one; empty for none.
pub(in crate::conversations) fn related_number(conversation: &Conversation) -> String {
    conversation.related.map(|id| id.to_string()).unwrap_or_default()
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
        day: message.day.to_string(),
        text: body.text.clone(),
        quoted: body.quoted.clone(),
        signature: body.signature.clone(),
        html: body.html.clone(),
        refused: body.refused.clone(),
        verified: body.verified,
        event: body.event,
        files: files_of(tx, message, files, permit)?,
    })
}

/// Opens a file of a conversation for staff. [`crate::conversations::view::chunk`] reads its chunks.
pub struct OpenFileForStaff<'a> {
    pub id: ConversationId,
    /// Id of the file.
    pub file: i64,
    /// The member of staff.
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
