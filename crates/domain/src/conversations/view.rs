//! Reading one's own thread with its code. The look leaves a line in the journal that tells only the day: no visit, and
//! not of which thread.

use keyring::{Permit, Slot};
use policy::inventory::sealed::ChunkBytes;
use policy::purpose::Access;
use policy::{OpenFor, Purpose};
use serde::Serialize;
use store::{
    Actor, Attachment, Conversation, ConversationKind, Db, Error, Message, MessageKind, Operation, Tx, Via,
};
use zeroize::Zeroizing;

use super::answer_by_code::conversation_of_code;
pub use super::attachments::FileView;
use super::{attachments, body::Body, body::open_contact, codename::codename};
use crate::settings::VendorSettings;
use crate::{day, licensing::issue};

/// A conversation as its writer sees it. No Debug: a person wrote it.
#[derive(Serialize)]
pub struct ConversationView {
    /// The two words by which staff call it.
    pub name: String,
    /// Its number as it is shown.
    pub number: String,
    /// Its number.
    pub id: i64,
    /// `open`, `waiting`, `closed` or `held`; the last is shown as open.
    pub state: String,
    /// `anonymous`, `address` or `customer`.
    pub kind: String,
    /// An address was given.
    pub address_given: bool,
    /// It is tied to the page of a person.
    pub tied: bool,
    /// From some message on it went on by mail, with whoever has the address: that part is read there.
    pub by_mail: bool,
    /// What was said.
    pub messages: Vec<MessageView>,
    /// How long after its end it is forgotten: `90 days`, `12 months`.
    pub forgotten_after: String,
    /// Day on which it is forgotten; empty while it isn't closed.
    pub forgotten_on: String,
}

/// A message as its writer sees it.
#[derive(Serialize)]
pub struct MessageView {
    /// Its place in the thread.
    pub n: i64,
    /// `you` or `staff`.
    pub from: &'static str,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    /// What was said.
    pub text: String,
    /// Its files.
    pub files: Vec<FileView>,
}

/// What a look opens.
const ALL: &str = "message.body attachment.name conversation.contact";

/// Looks at a thread with its code.
pub struct ViewConversation<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for ViewConversation<'_> {
    const NAME: &'static str = "view conversation";
    type Output = Option<ConversationView>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<ConversationView>, Error> {
        let Some(conversation) = conversation_of_code(tx, self.tag).await? else { return Ok(None) };
        let messages = tx.messages_of(conversation.id).await?;
        let permit = tx.permit_unattributed::<Access>(ALL, &Actor::Person).await?;
        let (files, mut said) = (tx.attachments_of_conversation(conversation.id).await?, Vec::new());
        for message in visible(&conversation, &messages) {
            said.push(MessageView {
                n: message.number,
                from: if message.kind == MessageKind::Staff { "staff" } else { "you" },
                day: day::text(message.day),
                text: Body::open(tx, message, &permit)?.text.clone(),
                files: files_of(tx, message, &files, &permit)?,
            });
        }
        let contact = open_contact(tx, &conversation, &permit)?;
        Ok(Some(ConversationView {
            name: codename(conversation.id),
            number: issue::display_number(conversation.id),
            id: conversation.id,
            state: if conversation.state == store::ConversationState::Quarantined {
                "open"
            } else {
                conversation.state.as_str()
            }
            .to_owned(),
            kind: conversation.kind.as_str().to_owned(),
            address_given: !contact.address.is_empty(),
            tied: conversation.person != Slot(0),
            by_mail: first_email_message(&conversation, &messages).is_some(),
            messages: said,
            forgotten_after: retention(self.settings, &conversation),
            forgotten_on: forgotten_on(self.settings, &conversation),
        }))
    }
}

/// From which message on a thread that began on the page goes on by mail. Whoever typed an address need not be the one
/// who has it: what is said from then on is for the mailbox, and the code shows no more than what it brought itself.
/// Where a person tied the thread to their own page, both are the same.
pub(super) fn first_email_message(conversation: &Conversation, messages: &[Message]) -> Option<i64> {
    if conversation.person != Slot(0) {
        return None;
    }
    messages.iter().find(|m| m.kind == MessageKind::Person && m.via == Via::Email).map(|m| m.number)
}

/// What a code shows: what its holder wrote and what staff answered; no notes, and nothing that a machine sent.
fn visible<'m>(conversation: &Conversation, messages: &'m [Message]) -> impl Iterator<Item = &'m Message> {
    let end = first_email_message(conversation, messages).unwrap_or(i64::MAX);
    messages.iter().filter(move |m| match m.kind {
        MessageKind::Person => m.via == Via::Web || m.number < end,
        MessageKind::Staff => m.number < end,
        MessageKind::Note | MessageKind::Machine => false,
    })
}

/// How long after its end a thread is forgotten.
pub(crate) fn retention(settings: &VendorSettings, conversation: &Conversation) -> String {
    match conversation.kind {
        ConversationKind::Anonymous => format!("{} days", settings.anonymous_days),
        ConversationKind::Address | ConversationKind::Customer => {
            format!("{} months", settings.conversation_months)
        }
    }
}

/// The day on which a closed thread is forgotten; empty while it isn't closed.
pub(crate) fn forgotten_on(settings: &VendorSettings, conversation: &Conversation) -> String {
    match (conversation.closed_day, conversation.kind) {
        (0, _) => String::new(),
        (closed, ConversationKind::Anonymous) => day::text(closed + settings.anonymous_days),
        (closed, _) => day::text(day::add_months(closed, settings.conversation_months)),
    }
}

/// Those of a thread's files that a message has, as they are shown.
pub(crate) fn files_of<P: Purpose>(
    tx: &Tx,
    message: &Message,
    files: &[Attachment],
    permit: &Permit<P>,
) -> Result<Vec<FileView>, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    files.iter().filter(|file| file.message == message.id).map(|file| seen(tx, file, permit)).collect()
}

fn seen<P: Purpose>(tx: &Tx, file: &Attachment, permit: &Permit<P>) -> Result<FileView, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    let name = tx.open_file_name(file, permit)?;
    Ok(attachments::seen(file, name.as_ref().map_or("file", |n| n.text())))
}

/// A file that may be read now, piece by piece, with [`chunk`].
pub struct FileHandle<P: Purpose> {
    /// What it is.
    pub meta: FileView,
    file: Attachment,
    permit: Permit<P>,
}

const FILE: &str = "attachment.name chunk.bytes";

/// A file of one's own thread, by code.
pub struct OpenFileByCode<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// Number of the file.
    pub file: i64,
}

impl Operation for OpenFileByCode<'_> {
    const NAME: &'static str = "open file by access code";
    type Output = Option<FileHandle<Access>>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let Some(conversation) = conversation_of_code(tx, self.tag).await? else { return Ok(None) };
        let messages = tx.messages_of(conversation.id).await?;
        let shown: Vec<i64> = visible(&conversation, &messages).map(|m| m.id).collect();
        let Some(file) = file_in(tx, &conversation, self.file).await?.filter(|f| shown.contains(&f.message))
        else {
            return Ok(None);
        };
        let permit = tx.permit_unattributed::<Access>(FILE, &Actor::Person).await?;
        Ok(Some(FileHandle { meta: seen(tx, &file, &permit)?, file, permit }))
    }
}

/// A file of a thread that is tied to a person, on their open page.
pub struct OpenFileInPortal {
    /// Whose page.
    pub person: Slot,
    /// Number of the file.
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
                return Ok(Some(FileHandle { meta: seen(tx, &file, &permit)?, file, permit }));
            }
        }
        Ok(None)
    }
}

/// Opens a file of a thread under a leave for its slot.
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
    Ok(Some(FileHandle { meta: seen(tx, &file, &permit)?, file, permit }))
}

async fn file_in(tx: &mut Tx, conversation: &Conversation, file: i64) -> Result<Option<Attachment>, Error> {
    Ok(tx.attachment(file).await?.filter(|f| f.slot == conversation.slot && f.message != 0))
}

/// Piece `n`, from 0, of a file; none behind the last, or where it was erased meanwhile.
///
/// # Errors
/// When database or keyring is away.
pub async fn chunk<P: Purpose>(
    db: &Db,
    of: &FileHandle<P>,
    n: i64,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error>
where
    ChunkBytes: OpenFor<P>,
{
    match db.read().await?.open_chunk(&of.file, n, &of.permit).await {
        Ok(piece) => Ok(piece.map(|p| Zeroizing::new(p.bytes().to_vec()))),
        Err(Error::Forgotten { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
