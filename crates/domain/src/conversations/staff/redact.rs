//! A third party's passage is taken out of a message: the thread is sealed anew without it, and its old slot is
//! forgotten, so that no backup holds the passage either.

use keyring::Permit;
use policy::purpose::Erasing;
use store::{Actor, Attachment, Error, FileKind, Operation, Thread, Tx, Why};
use zeroize::Zeroizing;

use super::Changed;
use crate::conversations::{Body, case, clean, contact_of, forget_quietly};
use crate::licensing::products::note;

/// What is opened, and sealed anew.
const ALL: &str =
    "thread.subject thread.contact thread.tags message.body attachment.name chunk.bytes outbox.letter";

/// What stands where something was taken out.
const REMOVED: &str = "[removed]";

/// Takes a passage out of a message, and out of all that says it too: what quotes it, subject, the writer's name, tags,
/// names of files, and files of text, which go as a whole. And takes files out. The caller rolls forgettings forward
/// then.
pub struct Redact<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Place of the message in the thread.
    pub message: i64,
    /// The passage, word for word, as it stands in the message, in the name of one of its files, or in subject or tags.
    /// Empty where only files are taken out.
    pub passage: &'a str,
    /// Numbers of files to be taken out of the thread.
    pub files: &'a [i64],
    /// Who takes it out.
    pub who: &'a Actor,
}

impl Operation for Redact<'_> {
    const NAME: &'static str = "redact message";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        let passage = clean(self.passage, crate::conversations::LONGEST_MESSAGE);
        let leave = tx.leave::<Erasing>(thread.slot, ALL, self.who, &case(thread.id)).await?;
        let files = tx.attachments_of_thread(thread.id).await?;
        if let Some(why) = self.refused(tx, &thread, &passage, &files, &leave).await? {
            return Ok(Changed::refused(why));
        }
        note(tx, "passage removed by hand", self.who).await?;
        for file in &files {
            if self.files.contains(&file.id) || holds_file(tx, file, &passage, &leave).await? {
                tx.drop_attachment(file.id).await?;
            }
        }
        let (old, fresh) = (thread.slot, tx.vault().take_slot()?);
        let mut unreadable = false;
        let edit = |_: &store::Message, text: &str| {
            if passage.is_empty() {
                return None;
            }
            let Ok(body) = Body::read(text.as_bytes()) else {
                unreadable = true;
                return None;
            };
            let edited = without(&body, &passage)?.bytes().ok()?;
            String::from_utf8(edited.to_vec()).ok()
        };
        tx.reseal_thread(&mut thread, fresh, edit, &leave).await?;
        if unreadable {
            return Err(Error::Unknown("message.body"));
        }
        if !passage.is_empty() {
            around(tx, &mut thread, &passage, &leave).await?;
        }
        forget_quietly(tx, vec![old], Why::Thread).await?;
        Ok(Changed::Done)
    }
}

impl Redact<'_> {
    async fn refused(
        &self,
        tx: &mut Tx,
        thread: &Thread,
        passage: &str,
        files: &[Attachment],
        leave: &Permit<Erasing>,
    ) -> Result<Option<&'static str>, Error> {
        if self.files.iter().any(|id| !files.iter().any(|file| file.id == *id)) {
            return Ok(Some("the thread has no such file"));
        }
        let said = tx.messages_of(thread.id).await?.into_iter().find(|m| m.n == self.message);
        let Some(said) = said else { return Ok(Some("the thread has no such message")) };
        if passage.is_empty() && !self.files.is_empty() {
            return Ok(None);
        }
        if folded(passage).chars().count() < 3 {
            return Ok(Some("the passage has three characters at least"));
        }
        let body = Body::open(tx, &said, leave)?;
        let mut holds = [&body.text, &body.quoted, &body.signature].iter().any(|part| part.contains(passage));
        for file in files.iter().filter(|file| file.message == said.id) {
            holds |= tx.open_file_name(file, leave)?.is_some_and(|name| name.text().contains(passage));
        }
        holds |= tx.open_subject(thread, leave)?.is_some_and(|subject| subject.text().contains(passage));
        holds |= tx.open_tags(thread, leave)?.is_some_and(|tags| tags.text().contains(passage));
        Ok((!holds).then_some(
            "the passage stands neither in that message nor in the names of its files, in subject or tags, word for word",
        ))
    }
}

/// Whether a file of text says it; in others it can't be looked for.
async fn holds_file(
    tx: &mut Tx,
    file: &Attachment,
    passage: &str,
    leave: &Permit<Erasing>,
) -> Result<bool, Error> {
    if passage.is_empty() || file.kind != Some(FileKind::Text) {
        return Ok(false);
    }
    let size = usize::try_from(file.size).unwrap_or(0);
    // Room for all of it from the start: what grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    let mut n = 0;
    while let Some(piece) = tx.open_chunk(file, n, leave).await? {
        bytes.extend_from_slice(piece.bytes());
        n += 1;
    }
    let words = |text: &str| Zeroizing::new(folded(text));
    Ok(words(&String::from_utf8_lossy(&bytes)).contains(&**words(passage)))
}

/// Takes it out of what stands around the messages.
async fn around(
    tx: &mut Tx,
    thread: &mut Thread,
    passage: &str,
    leave: &Permit<Erasing>,
) -> Result<(), Error> {
    let other = |text: &str| text.contains(passage).then(|| text.replace(passage, REMOVED));
    if let Some(subject) = tx.open_subject(thread, leave)?.and_then(|s| other(s.text())) {
        tx.set_subject(thread, &subject)?;
    }
    if let Some(tags) = tx.open_tags(thread, leave)?.and_then(|tags| other(tags.text())) {
        tx.set_tags(thread, tags.as_bytes())?;
    }
    let mut contact = contact_of(tx, thread, leave)?;
    if let Some(name) = other(&contact.name) {
        contact.name = name;
        let bytes = contact.bytes()?;
        tx.set_contact(thread, &bytes)?;
    }
    tx.save_thread(thread).await?;
    for mut file in tx.attachments_of_thread(thread.id).await? {
        if let Some(name) = tx.open_file_name(&file, leave)?.and_then(|name| other(name.text())) {
            tx.set_file_name(&mut file, &name).await?;
        }
    }
    Ok(())
}

/// A body without a passage; none where it isn't in it. Its HTML goes as a whole, for there the passage may be spelled
/// otherwise.
fn without(body: &Body, passage: &str) -> Option<Body> {
    let sought = folded(passage);
    let holds = |part: &str| folded(part).contains(&sought);
    let parts = [&body.text, &body.quoted, &body.signature];
    if !parts.iter().any(|part| holds(part)) && !holds(&inbound_mail::text_of_html(&body.html)) {
        return None;
    }
    let [text, quoted, signature] = parts.map(|part| part.replace(passage, REMOVED));
    // Programs that quote break lines anew: what can't be told from the rest goes with it.
    let whole = |part: String| if holds(&part) { REMOVED.to_owned() } else { part };
    let text = if holds(&text) { whole(unquoted(&text)) } else { text };
    let mut kept = Body::said(text, body.verified);
    (kept.quoted, kept.signature) = (whole(quoted), whole(signature));
    kept.message_id.clone_from(&body.message_id);
    kept.references.clone_from(&body.references);
    kept.refused.clone_from(&body.refused);
    kept.machine.clone_from(&body.machine);
    Some(kept)
}

/// A text without its breaks and marks of quotation.
fn folded(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c == '>')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A text without the lines that it quotes between its own.
fn unquoted(text: &str) -> String {
    let own = |line| if str::starts_with(line, '>') { REMOVED } else { line };
    let mut lines: Vec<&str> = text.lines().map(own).collect();
    lines.dedup_by(|next, line| next == line && *line == REMOVED);
    lines.join("\n")
}
