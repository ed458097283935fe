//! A person's conversations on their own page: all that was said, the notes of staff too.

use keyring::Permit;
use policy::purpose::Access;
use serde::Serialize;
use store::{Attachment, Error, Message, MessageKind, Thread, Tx};

use super::Show;
use crate::conversations::view::{FileSeen, files_of, forgotten_on};
use crate::conversations::{Body, contact_of, name};
use crate::{day, licensing::issue};

/// A conversation on the page. No Debug: it is about a person.
#[derive(Serialize)]
pub struct HeldThread {
    /// Its number as it is shown.
    pub number: String,
    /// Its number.
    pub id: i64,
    /// The two words by which staff call it.
    pub name: String,
    /// `open`, `waiting`, `closed` or `held`.
    pub state: String,
    /// Subject; may be empty.
    pub subject: String,
    /// The address that was given with it; empty for none.
    pub address: String,
    /// The name that was given with it; empty for none.
    pub writer: String,
    /// Words by which staff sort it.
    pub tags: Vec<String>,
    /// Why no letter goes; empty for no reason.
    pub stopped: String,
    /// Day on which it is forgotten; empty while it isn't closed.
    pub forgotten_on: String,
    /// What was said.
    pub messages: Vec<HeldMessage>,
    /// Letters about it that wait to be sent.
    pub waiting_letters: usize,
    /// Who opened it, why and when.
    pub openings: Vec<super::HeldOpening>,
}

/// A message on the page.
#[derive(Serialize)]
pub struct HeldMessage {
    /// Its place in the thread.
    pub n: i64,
    /// `you`, `staff`, `note` (of staff among themselves) or `machine`.
    pub from: &'static str,
    /// Day.
    pub day: String,
    /// What was said. Of a machine's message only what kind of machine sent it: whoever sent it may be a stranger.
    pub text: String,
    /// What it quotes.
    pub quoted: String,
    /// Its signature.
    pub signature: String,
    /// Its files.
    pub files: Vec<FileSeen>,
}

const ALL: &str =
    "thread.subject thread.contact thread.tags message.body attachment.name outbox.letter journal.case_text";

/// The conversations of the person whose page it is.
pub(super) async fn held(tx: &mut Tx, page: &Show<'_>) -> Result<Vec<HeldThread>, Error> {
    let mut held = Vec::new();
    for thread in tx.threads_of_person(page.slot).await? {
        let lines = tx.lines_about(thread.slot).await?;
        let leave = tx.leave::<Access>(thread.slot, ALL, page.who, page.case).await?;
        let openings = super::openings(tx, lines, &leave)?;
        held.push(show(tx, page, &thread, openings, &leave).await?);
    }
    Ok(held)
}

async fn show(
    tx: &mut Tx,
    page: &Show<'_>,
    thread: &Thread,
    openings: Vec<super::HeldOpening>,
    leave: &Permit<Access>,
) -> Result<HeldThread, Error> {
    let contact = contact_of(tx, thread, leave)?;
    let files = tx.attachments_of_thread(thread.id).await?;
    let all = tx.messages_of(thread.id).await?;
    let messages =
        all.iter().map(|message| said(tx, message, &files, leave)).collect::<Result<Vec<_>, Error>>()?;
    let tags = tx.open_tags(thread, leave)?;
    Ok(HeldThread {
        number: issue::number(thread.id),
        id: thread.id,
        name: name(thread.id),
        state: thread.state.word().to_owned(),
        subject: tx.open_subject(thread, leave)?.map(|s| s.text().to_owned()).unwrap_or_default(),
        address: contact.address.clone(),
        writer: contact.name.clone(),
        tags: tags.map(|t| t.text().lines().map(str::to_owned).collect()).unwrap_or_default(),
        stopped: thread.stopped.clone(),
        forgotten_on: forgotten_on(page.house, thread),
        messages,
        waiting_letters: tx.letters_of(thread.slot).await?.len(),
        openings,
    })
}

fn said(
    tx: &Tx,
    message: &Message,
    files: &[Attachment],
    leave: &Permit<Access>,
) -> Result<HeldMessage, Error> {
    let body = Body::open(tx, message, leave)?;
    let (n, day) = (message.n, day::text(message.day));
    let from = match message.kind {
        MessageKind::Person => "you",
        MessageKind::Staff => "staff",
        MessageKind::Note => "note",
        MessageKind::Machine => {
            let (text, quoted, signature) = (body.machine.clone(), String::new(), String::new());
            return Ok(HeldMessage { n, from: "machine", day, text, quoted, signature, files: Vec::new() });
        }
    };
    let (text, quoted, signature) = (body.text.clone(), body.quoted.clone(), body.signature.clone());
    Ok(HeldMessage { n, from, day, text, quoted, signature, files: files_of(tx, message, files, leave)? })
}
