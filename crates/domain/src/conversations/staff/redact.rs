//! A third party's passage is taken out of a message: the thread is sealed anew without it, and its old slot is
//! forgotten, so that no backup holds the passage either.

use keyring::Permit;
use policy::purpose::Erasing;
use store::{Actor, Attachment, Conversation, ErasureReason, Error, FileKind, Operation, Tx};
use zeroize::Zeroizing;

use super::ChangeOutcome;
use crate::audit::audit_change;
use crate::conversations::{
    body::Body, body::clean_text, body::open_contact, close_and_erase::forget_slots, number::case_of,
};

/// What is opened, and sealed anew.
const ALL: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name chunk.bytes outbox.email";

/// What stands where something was taken out.
const REMOVED: &str = "[removed]";

/// Takes a passage out of a message, and out of all that says it too: what quotes it, subject, the writer's name, tags,
/// names of files, and files of text, which go as a whole. And takes files out. The caller rolls forgettings forward
/// then.
pub struct RedactMessage<'a> {
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
    pub actor: &'a Actor,
}

impl Operation for RedactMessage<'_> {
    const NAME: &'static str = "redact message";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        let passage = clean_text(self.passage, crate::conversations::limits::MAX_MESSAGE_CHARS);
        let permit =
            tx.permit::<Erasing>(conversation.slot, ALL, self.actor, &case_of(conversation.id)).await?;
        let files = tx.attachments_of_conversation(conversation.id).await?;
        if let Some(why) = self.refused(tx, &conversation, &passage, &files, &permit).await? {
            return Ok(ChangeOutcome::refused(why));
        }
        audit_change(tx, "passage redacted manually", self.actor).await?;
        for file in &files {
            if self.files.contains(&file.id) || file_contains(tx, file, &passage, &permit).await? {
                tx.delete_attachment(file.id).await?;
            }
        }
        let (old, fresh) = (conversation.slot, tx.keyring().allocate_slot()?);
        let mut unreadable = false;
        let edit = |_: &store::Message, text: &str| {
            if passage.is_empty() {
                return None;
            }
            let Ok(body) = Body::read(text.as_bytes()) else {
                unreadable = true;
                return None;
            };
            let edited = without_passage(&body, &passage)?.bytes().ok()?;
            String::from_utf8(edited.to_vec()).ok()
        };
        tx.reseal_conversation(&mut conversation, fresh, edit, &permit).await?;
        if unreadable {
            return Err(Error::Unknown("message.body"));
        }
        if !passage.is_empty() {
            redact_metadata(tx, &mut conversation, &passage, &permit).await?;
        }
        forget_slots(tx, vec![old], ErasureReason::Conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

impl RedactMessage<'_> {
    async fn refused(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        passage: &str,
        files: &[Attachment],
        permit: &Permit<Erasing>,
    ) -> Result<Option<&'static str>, Error> {
        if self.files.iter().any(|id| !files.iter().any(|file| file.id == *id)) {
            return Ok(Some("the conversation has no such file"));
        }
        let said = tx.messages_of(conversation.id).await?.into_iter().find(|m| m.number == self.message);
        let Some(said) = said else { return Ok(Some("the conversation has no such message")) };
        if passage.is_empty() && !self.files.is_empty() {
            return Ok(None);
        }
        if joined_words(passage).chars().count() < 3 {
            return Ok(Some("the passage must have 3 characters or more"));
        }
        let body = Body::open(tx, &said, permit)?;
        let mut holds = [&body.text, &body.quoted, &body.signature].iter().any(|part| part.contains(passage));
        for file in files.iter().filter(|file| file.message == said.id) {
            holds |= tx.open_file_name(file, permit)?.is_some_and(|name| name.text().contains(passage));
        }
        holds |=
            tx.open_subject(conversation, permit)?.is_some_and(|subject| subject.text().contains(passage));
        holds |= tx.open_tags(conversation, permit)?.is_some_and(|tags| tags.text().contains(passage));
        Ok((!holds).then_some(
            "the passage does not occur exactly like this in the message, its file names, the subject or the tags",
        ))
    }
}

/// Whether a file of text says it; in others it can't be looked for.
async fn file_contains(
    tx: &mut Tx,
    file: &Attachment,
    passage: &str,
    permit: &Permit<Erasing>,
) -> Result<bool, Error> {
    if passage.is_empty() || file.kind != Some(FileKind::Text) {
        return Ok(false);
    }
    let size = usize::try_from(file.size).unwrap_or(0);
    // Room for all of it from the start: what grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    let mut n = 0;
    while let Some(piece) = tx.open_chunk(file, n, permit).await? {
        bytes.extend_from_slice(piece.bytes());
        n += 1;
    }
    let words = |text: &str| Zeroizing::new(joined_words(text));
    Ok(words(&String::from_utf8_lossy(&bytes)).contains(&**words(passage)))
}

/// Takes it out of what stands around the messages.
async fn redact_metadata(
    tx: &mut Tx,
    conversation: &mut Conversation,
    passage: &str,
    permit: &Permit<Erasing>,
) -> Result<(), Error> {
    let other = |text: &str| text.contains(passage).then(|| text.replace(passage, REMOVED));
    if let Some(subject) = tx.open_subject(conversation, permit)?.and_then(|s| other(s.text())) {
        tx.set_subject(conversation, &subject)?;
    }
    if let Some(tags) = tx.open_tags(conversation, permit)?.and_then(|tags| other(tags.text())) {
        tx.set_tags(conversation, tags.as_bytes())?;
    }
    let mut contact = open_contact(tx, conversation, permit)?;
    if let Some(name) = other(&contact.name) {
        contact.name = name;
        let bytes = contact.bytes()?;
        tx.set_contact(conversation, &bytes)?;
    }
    tx.save_conversation(conversation).await?;
    for mut file in tx.attachments_of_conversation(conversation.id).await? {
        if let Some(name) = tx.open_file_name(&file, permit)?.and_then(|name| other(name.text())) {
            tx.set_file_name(&mut file, &name).await?;
        }
    }
    Ok(())
}

/// A body without a passage; none where it isn't in it. Its HTML goes as a whole, for there the passage may be spelled
/// otherwise.
fn without_passage(body: &Body, passage: &str) -> Option<Body> {
    let sought = joined_words(passage);
    let holds = |part: &str| joined_words(part).contains(&sought);
    let parts = [&body.text, &body.quoted, &body.signature];
    if !parts.iter().any(|part| holds(part)) && !holds(&inbound_mail::html_to_text(&body.html)) {
        return None;
    }
    let [text, quoted, signature] = parts.map(|part| part.replace(passage, REMOVED));
    // Programs that quote break lines anew: what can't be told from the rest goes with it.
    let whole = |part: String| if holds(&part) { REMOVED.to_owned() } else { part };
    let text = if holds(&text) { whole(without_quoted_lines(&text)) } else { text };
    let mut kept = Body::of_text(text, body.verified);
    (kept.quoted, kept.signature) = (whole(quoted), whole(signature));
    kept.message_id.clone_from(&body.message_id);
    kept.references.clone_from(&body.references);
    kept.refused.clone_from(&body.refused);
    kept.machine.clone_from(&body.machine);
    Some(kept)
}

/// A text without its breaks and marks of quotation.
fn joined_words(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c == '>')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A text without the lines that it quotes between its own.
fn without_quoted_lines(text: &str) -> String {
    let own = |line| if str::starts_with(line, '>') { REMOVED } else { line };
    let mut lines: Vec<&str> = text.lines().map(own).collect();
    lines.dedup_by(|next, line| next == line && *line == REMOVED);
    lines.join("\n")
}
