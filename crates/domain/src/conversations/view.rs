//! A person views their own conversation with its access code.
//!
//! The audit entry of the access tells only the day. It names neither the conversation nor the person.

use keyring::{Permit, Slot};
use policy::inventory::sealed::ChunkBytes;
use policy::purpose::Access;
use policy::{OpenFor, Purpose};
use serde::Serialize;
use store::{
    Actor, Attachment, Conversation, ConversationId, ConversationKind, Db, Error, Message, MessageKind,
    Operation, Tx, Via,
};
use zeroize::Zeroizing;

use super::answer_by_code::conversation_of_code;
pub use super::attachments::FileView;
use super::{attachments, body::Body, body::open_contact, codename::codename};
use crate::day;
use crate::settings::VendorSettings;

/// A conversation as its sender sees it. Not `Debug`, because it holds personal data.
#[derive(Serialize)]
pub struct ConversationView {
    /// The codename by which staff call it.
    pub name: String,
    /// The number as displayed.
    pub number: String,
    pub id: ConversationId,
    /// `open`, `waiting` or `closed`. A quarantined conversation is shown as `open`.
    pub state: String,
    /// `anonymous`, `address` or `customer`.
    pub kind: String,
    /// The sender gave an e-mail address.
    pub address_given: bool,
    /// The conversation is linked to a customer.
    pub has_customer: bool,
    /// The conversation continued by e-mail. The owner of the address reads that part in their mailbox.
    pub by_mail: bool,
    /// Messages that the access code shows.
    pub messages: Vec<MessageView>,
    /// Retention after closing, such as `90 days` or `12 months`.
    pub forgotten_after: String,
    /// Day on which it is erased; empty while it is not closed.
    pub forgotten_on: String,
}

/// A message as the sender of the conversation sees it.
#[derive(Serialize)]
pub struct MessageView {
    /// Position in the conversation, from 1.
    pub n: i64,
    /// `you` or `staff`.
    pub from: &'static str,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    pub text: String,
    pub files: Vec<FileView>,
}

/// Columns that the view opens.
const ALL: &str = "message.body attachment.name conversation.contact";

/// Opens a conversation with its access code.
pub struct ViewConversation<'a> {
    /// Lookup hash of the access code.
    pub code_hash: &'a [u8; 32],
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for ViewConversation<'_> {
    const NAME: &'static str = "view conversation";
    type Output = Option<ConversationView>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<ConversationView>, Error> {
        let Some(conversation) = conversation_of_code(tx, self.code_hash).await? else { return Ok(None) };
        let messages = tx.messages_of(conversation.id).await?;
        let permit = tx.permit_unattributed::<Access>(ALL, &Actor::Person).await?;
        let (files, mut shown) = (tx.attachments_of_conversation(conversation.id).await?, Vec::new());
        for message in visible(&conversation, &messages) {
            shown.push(MessageView {
                n: message.number,
                from: if message.kind == MessageKind::Staff { "staff" } else { "you" },
                day: message.day.to_string(),
                text: Body::open(tx, message, &permit)?.text.clone(),
                files: files_of(tx, message, &files, &permit)?,
            });
        }
        let contact = open_contact(tx, &conversation, &permit)?;
        Ok(Some(ConversationView {
            name: codename(conversation.id),
            number: conversation.id.to_string(),
            id: conversation.id,
            state: if conversation.state == store::ConversationState::Quarantined {
                "open"
            } else {
                conversation.state.as_str()
            }
            .to_owned(),
            kind: conversation.kind.as_str().to_owned(),
            address_given: !contact.address.is_empty(),
            has_customer: conversation.person.is_some(),
            by_mail: first_email_message(&conversation, &messages).is_some(),
            messages: shown,
            forgotten_after: retention(self.settings, &conversation),
            forgotten_on: forgotten_on(self.settings, &conversation),
        }))
    }
}

/// Returns the number of the first message by e-mail in a conversation that began on the web.
///
/// A sender may type the address of another person. From that message on, the content is for the mailbox, so the
/// access code does not show it. If a person linked the conversation to their portal, sender and owner of the address
/// are the same, so the result is `None`.
pub(super) fn first_email_message(conversation: &Conversation, messages: &[Message]) -> Option<i64> {
    if conversation.person.is_some() {
        return None;
    }
    messages.iter().find(|m| m.kind == MessageKind::Person && m.via == Via::Email).map(|m| m.number)
}

/// Returns the messages that the access code shows. Those written on the web always show, e-mails and replies only
/// before the first message by e-mail. Notes and automatic messages never show.
fn visible<'m>(conversation: &Conversation, messages: &'m [Message]) -> impl Iterator<Item = &'m Message> {
    let end = first_email_message(conversation, messages).unwrap_or(i64::MAX);
    messages.iter().filter(move |m| match m.kind {
        MessageKind::Person => m.via == Via::Web || m.number < end,
        MessageKind::Staff => m.number < end,
        MessageKind::Note | MessageKind::Machine => false,
    })
}

/// Returns how long after closing a conversation is kept.
pub(crate) fn retention(settings: &VendorSettings, conversation: &Conversation) -> String {
    match conversation.kind {
        ConversationKind::Anonymous => format!("{} days", settings.anonymous_days),
        ConversationKind::Address | ConversationKind::Customer => {
            format!("{} months", settings.conversation_months)
        }
    }
}

/// Returns the day on which a closed conversation is erased; empty while it is not closed.
pub(crate) fn forgotten_on(settings: &VendorSettings, conversation: &Conversation) -> String {
    day::text(conversation.closed_day.map(|closed| match conversation.kind {
        ConversationKind::Anonymous => closed + settings.anonymous_days,
        ConversationKind::Address | ConversationKind::Customer => {
            closed.plus_months(settings.conversation_months)
        }
    }))
}

/// Returns those of a conversation's files that belong to a message.
pub(crate) fn files_of<P: Purpose>(
    tx: &Tx,
    message: &Message,
    files: &[Attachment],
    permit: &Permit<P>,
) -> Result<Vec<FileView>, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    files.iter().filter(|file| file.message == message.id).map(|file| file_view(tx, file, permit)).collect()
}

fn file_view<P: Purpose>(tx: &Tx, file: &Attachment, permit: &Permit<P>) -> Result<FileView, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    let name = tx.open_file_name(file, permit)?;
    Ok(attachments::file_view(file, name.as_ref().map_or("file", |n| n.text())))
}

/// A file that may be read chunk by chunk with [`chunk`].
pub struct FileHandle<P: Purpose> {
    /// Name, size and kind of the file.
    pub meta: FileView,
    file: Attachment,
    permit: Permit<P>,
}

const FILE: &str = "attachment.name chunk.bytes";

/// Opens a file of a conversation with its access code.
pub struct OpenFileByCode<'a> {
    /// Lookup hash of the access code.
    pub code_hash: &'a [u8; 32],
    /// Id of the file.
    pub file: i64,
}

impl Operation for OpenFileByCode<'_> {
    const NAME: &'static str = "open file by access code";
    type Output = Option<FileHandle<Access>>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let Some(conversation) = conversation_of_code(tx, self.code_hash).await? else { return Ok(None) };
        let messages = tx.messages_of(conversation.id).await?;
        let shown: Vec<i64> = visible(&conversation, &messages).map(|m| m.id).collect();
        let Some(file) = file_in(tx, &conversation, self.file).await?.filter(|f| shown.contains(&f.message))
        else {
            return Ok(None);
        };
        let permit = tx.permit_unattributed::<Access>(FILE, &Actor::Person).await?;
        Ok(Some(FileHandle { meta: file_view(tx, &file, &permit)?, file, permit }))
    }
}

/// Opens a file of a conversation that is linked to the signed-in customer.
pub struct OpenFileInPortal {
    /// The customer of the portal session.
    pub person: Slot,
    /// Id of the file.
    pub file: i64,
}

impl Operation for OpenFileInPortal {
    const NAME: &'static str = "open file in portal";
    type Output = Option<FileHandle<Access>>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        for conversation in tx.conversations_of_person(self.person).await? {
            let Some(file) = file_in(tx, &conversation, self.file).await? else { continue };
            let sent = tx.message(file.message).await?.is_some_and(|m| m.kind != MessageKind::Machine);
            if sent {
                let permit = tx.permit::<Access>(conversation.slot, FILE, &Actor::Person, "").await?;
                return Ok(Some(FileHandle { meta: file_view(tx, &file, &permit)?, file, permit }));
            }
        }
        Ok(None)
    }
}

/// Opens a file of a conversation under a permit for its slot.
pub(super) async fn handle<P: Purpose>(
    tx: &mut Tx,
    conversation: &Conversation,
    file: i64,
    actor: &Actor,
) -> Result<Option<FileHandle<P>>, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    let Some(file) = file_in(tx, conversation, file).await? else { return Ok(None) };
    let permit =
        tx.permit::<P>(conversation.slot, FILE, actor, &super::number::case_of(conversation.id)).await?;
    Ok(Some(FileHandle { meta: file_view(tx, &file, &permit)?, file, permit }))
}

async fn file_in(tx: &mut Tx, conversation: &Conversation, file: i64) -> Result<Option<Attachment>, Error> {
    Ok(tx.attachment(file).await?.filter(|f| f.slot == conversation.slot && f.message != 0))
}

/// Returns chunk `n`, from 0, of a file. `None` after the last chunk, or if the file was erased meanwhile.
pub async fn chunk<P: Purpose>(
    db: &Db,
    of: &FileHandle<P>,
    n: i64,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error>
where
    ChunkBytes: OpenFor<P>,
{
    match db.read().await?.open_chunk(&of.file, n, &of.permit).await {
        Ok(chunk) => Ok(chunk.map(|chunk| Zeroizing::new(chunk.bytes().to_vec()))),
        Err(Error::Forgotten { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
