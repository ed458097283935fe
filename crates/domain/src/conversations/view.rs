//! Reading one's own thread with its code. The look leaves a line in the journal that tells only the day: no visit, and
//! not of which thread.

use keyring::{Permit, Slot};
use policy::inventory::sealed::ChunkBytes;
use policy::purpose::Access;
use policy::{OpenFor, Purpose};
use serde::Serialize;
use store::{Actor, Attachment, Db, Error, Message, MessageKind, Operation, Thread, ThreadKind, Tx, Via};
use zeroize::Zeroizing;

use super::answer::by_code;
pub use super::files::FileSeen;
use super::{Body, contact_of, files, name};
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
    pub messages: Vec<Said>,
    /// How long after its end it is forgotten: `90 days`, `12 months`.
    pub forgotten_after: String,
    /// Day on which it is forgotten; empty while it isn't closed.
    pub forgotten_on: String,
}

/// A message as its writer sees it.
#[derive(Serialize)]
pub struct Said {
    /// Its place in the thread.
    pub n: i64,
    /// `you` or `staff`.
    pub from: &'static str,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    /// What was said.
    pub text: String,
    /// Its files.
    pub files: Vec<FileSeen>,
}

/// What a look opens.
const ALL: &str = "message.body attachment.name thread.contact";

/// Looks at a thread with its code.
pub struct Look<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for Look<'_> {
    const NAME: &'static str = "look at thread";
    type Done = Option<ConversationView>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<ConversationView>, Error> {
        let Some(thread) = by_code(tx, self.tag).await? else { return Ok(None) };
        let messages = tx.messages_of(thread.id).await?;
        let leave = tx.leave_unnamed::<Access>(ALL, &Actor::Person).await?;
        let (files, mut said) = (tx.attachments_of_thread(thread.id).await?, Vec::new());
        for message in visible(&thread, &messages) {
            said.push(Said {
                n: message.n,
                from: if message.kind == MessageKind::Staff { "staff" } else { "you" },
                day: day::text(message.day),
                text: Body::open(tx, message, &leave)?.text.clone(),
                files: files_of(tx, message, &files, &leave)?,
            });
        }
        let contact = contact_of(tx, &thread, &leave)?;
        Ok(Some(ConversationView {
            name: name(thread.id),
            number: issue::number(thread.id),
            id: thread.id,
            state: if thread.state.word() == "held" { "open" } else { thread.state.word() }.to_owned(),
            kind: thread.kind.word().to_owned(),
            address_given: !contact.address.is_empty(),
            tied: thread.person != Slot(0),
            by_mail: by_mail_from(&thread, &messages).is_some(),
            messages: said,
            forgotten_after: retention(self.house, &thread),
            forgotten_on: forgotten_on(self.house, &thread),
        }))
    }
}

/// From which message on a thread that began on the page goes on by mail. Whoever typed an address need not be the one
/// who has it: what is said from then on is for the mailbox, and the code shows no more than what it brought itself.
/// Where a person tied the thread to their own page, both are the same.
pub(super) fn by_mail_from(thread: &Thread, messages: &[Message]) -> Option<i64> {
    if thread.person != Slot(0) {
        return None;
    }
    messages.iter().find(|m| m.kind == MessageKind::Person && m.via == Via::Mail).map(|m| m.n)
}

/// What a code shows: what its holder wrote and what staff answered; no notes, and nothing that a machine sent.
fn visible<'m>(thread: &Thread, messages: &'m [Message]) -> impl Iterator<Item = &'m Message> {
    let end = by_mail_from(thread, messages).unwrap_or(i64::MAX);
    messages.iter().filter(move |m| match m.kind {
        MessageKind::Person => m.via == Via::Page || m.n < end,
        MessageKind::Staff => m.n < end,
        MessageKind::Note | MessageKind::Machine => false,
    })
}

/// How long after its end a thread is forgotten.
pub(crate) fn retention(house: &VendorSettings, thread: &Thread) -> String {
    match thread.kind {
        ThreadKind::Anonymous => format!("{} days", house.anonymous_days),
        ThreadKind::Address | ThreadKind::Customer => format!("{} months", house.thread_months),
    }
}

/// The day on which a closed thread is forgotten; empty while it isn't closed.
pub(crate) fn forgotten_on(house: &VendorSettings, thread: &Thread) -> String {
    match (thread.closed_day, thread.kind) {
        (0, _) => String::new(),
        (closed, ThreadKind::Anonymous) => day::text(closed + house.anonymous_days),
        (closed, _) => day::text(day::months_later(closed, house.thread_months)),
    }
}

/// Those of a thread's files that a message has, as they are shown.
pub(crate) fn files_of<P: Purpose>(
    tx: &Tx,
    message: &Message,
    files: &[Attachment],
    leave: &Permit<P>,
) -> Result<Vec<FileSeen>, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    files.iter().filter(|file| file.message == message.id).map(|file| seen(tx, file, leave)).collect()
}

fn seen<P: Purpose>(tx: &Tx, file: &Attachment, leave: &Permit<P>) -> Result<FileSeen, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    let name = tx.open_file_name(file, leave)?;
    Ok(files::seen(file, name.as_ref().map_or("file", |n| n.text())))
}

/// A file that may be read now, piece by piece, with [`chunk`].
pub struct FileHandle<P: Purpose> {
    /// What it is.
    pub meta: FileSeen,
    file: Attachment,
    leave: Permit<P>,
}

const FILE: &str = "attachment.name chunk.bytes";

/// A file of one's own thread, by code.
pub struct FileOf<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// Number of the file.
    pub file: i64,
}

impl Operation for FileOf<'_> {
    const NAME: &'static str = "file by code";
    type Done = Option<FileHandle<Access>>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        let Some(thread) = by_code(tx, self.tag).await? else { return Ok(None) };
        let messages = tx.messages_of(thread.id).await?;
        let shown: Vec<i64> = visible(&thread, &messages).map(|m| m.id).collect();
        let Some(file) = file_in(tx, &thread, self.file).await?.filter(|f| shown.contains(&f.message)) else {
            return Ok(None);
        };
        let leave = tx.leave_unnamed::<Access>(FILE, &Actor::Person).await?;
        Ok(Some(FileHandle { meta: seen(tx, &file, &leave)?, file, leave }))
    }
}

/// A file of a thread that is tied to a person, on their open page.
pub struct FileOfPerson {
    /// Whose page.
    pub person: Slot,
    /// Number of the file.
    pub file: i64,
}

impl Operation for FileOfPerson {
    const NAME: &'static str = "file on own page";
    type Done = Option<FileHandle<Access>>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        for thread in tx.threads_of_person(self.person).await? {
            let Some(file) = file_in(tx, &thread, self.file).await? else { continue };
            let sent = tx.message(file.message).await?.is_some_and(|m| m.kind != MessageKind::Machine);
            if sent {
                let leave = tx.leave::<Access>(thread.slot, FILE, &Actor::Person, "").await?;
                return Ok(Some(FileHandle { meta: seen(tx, &file, &leave)?, file, leave }));
            }
        }
        Ok(None)
    }
}

/// Opens a file of a thread under a leave for its slot.
pub(super) async fn handle<P: Purpose>(
    tx: &mut Tx,
    thread: &Thread,
    file: i64,
    who: &Actor,
) -> Result<Option<FileHandle<P>>, Error>
where
    policy::inventory::sealed::AttachmentName: OpenFor<P>,
{
    let Some(file) = file_in(tx, thread, file).await? else { return Ok(None) };
    let leave = tx.leave::<P>(thread.slot, FILE, who, &super::case(thread.id)).await?;
    Ok(Some(FileHandle { meta: seen(tx, &file, &leave)?, file, leave }))
}

async fn file_in(tx: &mut Tx, thread: &Thread, file: i64) -> Result<Option<Attachment>, Error> {
    Ok(tx.attachment(file).await?.filter(|f| f.slot == thread.slot && f.message != 0))
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
    match db.read().await?.open_chunk(&of.file, n, &of.leave).await {
        Ok(piece) => Ok(piece.map(|p| Zeroizing::new(p.bytes().to_vec()))),
        Err(Error::Forgotten { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
