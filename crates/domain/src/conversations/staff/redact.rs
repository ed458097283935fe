//! Redacts personal data of a third party in a message.
//!
//! The conversation is sealed again without the passage, and its old slot is forgotten. So no backup holds the passage
//! either.

use keyring::Permit;
use policy::purpose::Erasing;
use store::{Actor, Attachment, Conversation, ConversationId, ErasureReason, Error, FileKind, Operation, Tx};
use zeroize::Zeroizing;

use super::ChangeOutcome;
use crate::audit::audit_change;
use crate::conversations::{
    body::Body, body::Contact, body::clean_text, body::open_contact, close_and_erase::forget_slots,
    number::case_of, refusal::ChangeRefusal,
};

/// Columns that are opened and sealed again.
const ALL: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name \
                   chunk.bytes outbox.email";

/// Text that replaces a redacted passage.
const REMOVED: &str = "[removed]";

/// Removes a passage from a message and from everything that repeats it: quotes, subject, sender's name, tags and file
/// names. Text files with the passage are deleted as a whole. Files can also be deleted by id.
///
/// The caller completes the erasure (`roll_forward`).
pub struct RedactMessage<'a> {
    pub id: ConversationId,
    /// Position of the message in the conversation, from 1.
    pub message: i64,
    /// The exact passage of the message, of one of its file names, or of subject or tags. Empty if only files are
    /// deleted.
    pub passage: &'a str,
    /// Ids of the files to delete.
    pub files: &'a [i64],
    /// The member of staff.
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
        if let Some(refusal) = self.refusal(tx, &conversation, &passage, &files, &permit).await? {
            return Ok(ChangeOutcome::Refused(refusal));
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
    async fn refusal(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        passage: &str,
        files: &[Attachment],
        permit: &Permit<Erasing>,
    ) -> Result<Option<ChangeRefusal>, Error> {
        if self.files.iter().any(|id| !files.iter().any(|file| file.id == *id)) {
            return Ok(Some(ChangeRefusal::NoSuchFile));
        }
        let message = tx.messages_of(conversation.id).await?.into_iter().find(|m| m.number == self.message);
        let Some(message) = message else { return Ok(Some(ChangeRefusal::NoSuchMessage)) };
        if passage.is_empty() && !self.files.is_empty() {
            return Ok(None);
        }
        if joined_words(passage).chars().count() < 3 {
            return Ok(Some(ChangeRefusal::PassageTooShort));
        }
        let body = Body::open(tx, &message, permit)?;
        let mut found = [&body.text, &body.quoted, &body.signature].iter().any(|part| part.contains(passage));
        for file in files.iter().filter(|file| file.message == message.id) {
            found |= tx.open_file_name(file, permit)?.is_some_and(|name| name.text().contains(passage));
        }
        found |=
            tx.open_subject(conversation, permit)?.is_some_and(|subject| subject.text().contains(passage));
        found |= tx.open_tags(conversation, permit)?.is_some_and(|tags| tags.text().contains(passage));
        Ok((!found).then_some(ChangeRefusal::PassageNotFound))
    }
}

/// Tells whether a text file contains the passage. Other kinds of files are not searched.
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
    // The buffer has its full size from the start, because a buffer that grows leaves copies in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    let mut n = 0;
    while let Some(chunk) = tx.open_chunk(file, n, permit).await? {
        bytes.extend_from_slice(chunk.bytes());
        n += 1;
    }
    let words = |text: &str| Zeroizing::new(joined_words(text));
    Ok(words(&String::from_utf8_lossy(&bytes)).contains(&**words(passage)))
}

/// Removes the passage from subject, tags, contact and file names.
async fn redact_metadata(
    tx: &mut Tx,
    conversation: &mut Conversation,
    passage: &str,
    permit: &Permit<Erasing>,
) -> Result<(), Error> {
    let redacted = |text: &str| text.contains(passage).then(|| text.replace(passage, REMOVED));
    if let Some(subject) = tx.open_subject(conversation, permit)?.and_then(|s| redacted(s.text())) {
        tx.set_subject(conversation, &subject)?;
    }
    if let Some(tags) = tx.open_tags(conversation, permit)?.and_then(|tags| redacted(tags.text())) {
        tx.set_tags(conversation, tags.as_bytes())?;
    }
    let mut contact = open_contact(tx, conversation, permit)?;
    let Contact { address: _, name } = &mut contact;
    if let Some(shorter) = redacted(name) {
        *name = shorter;
        let bytes = contact.bytes()?;
        tx.set_contact(conversation, &bytes)?;
    }
    tx.save_conversation(conversation).await?;
    for mut file in tx.attachments_of_conversation(conversation.id).await? {
        if let Some(name) = tx.open_file_name(&file, permit)?.and_then(|name| redacted(name.text())) {
            tx.set_file_name(&mut file, &name).await?;
        }
    }
    Ok(())
}

/// Returns a body without the passage, or `None` if it does not contain it. HTML is removed as a whole, because markup
/// may split the passage.
fn without_passage(body: &Body, passage: &str) -> Option<Body> {
    let sought = joined_words(passage);
    let contains = |part: &str| joined_words(part).contains(&sought);
    let parts = [&body.text, &body.quoted, &body.signature];
    if !parts.iter().any(|part| contains(part)) && !contains(&inbound_mail::html_to_text(&body.html)) {
        return None;
    }
    let [text, quoted, signature] = parts.map(|part| part.replace(passage, REMOVED));
    // Mail programs wrap quoted lines again. If the passage still occurs across lines, the whole part is removed.
    let redact_rest = |part: String| if contains(&part) { REMOVED.to_owned() } else { part };
    let text = if contains(&text) { redact_rest(without_quoted_lines(&text)) } else { text };
    let mut kept = Body::of_text(text, body.verified);
    (kept.quoted, kept.signature) = (redact_rest(quoted), redact_rest(signature));
    kept.message_id.clone_from(&body.message_id);
    kept.references.clone_from(&body.references);
    kept.refused.clone_from(&body.refused);
    kept.event = body.event;
    Some(kept)
}

/// Joins the words of a text with single blanks, without line breaks and quote marks.
fn joined_words(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c == '>')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Replaces the quoted lines of a text with [`REMOVED`], once for each run of lines.
fn without_quoted_lines(text: &str) -> String {
    let own = |line| if str::starts_with(line, '>') { REMOVED } else { line };
    let mut lines: Vec<&str> = text.lines().map(own).collect();
    lines.dedup_by(|next, line| next == line && *line == REMOVED);
    lines.join("\n")
}
