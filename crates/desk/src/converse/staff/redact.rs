//! A third party's passage is taken out of a message: the thread is sealed anew without it, and its old slot is
//! forgotten, so that no backup holds the passage either.

use policy::purpose::Erasing;
use store::{Deed, Error, Tx, Who, Why};

use super::Changed;
use crate::converse::{Body, case, clean, forget_quietly};
use crate::shop::note;

/// What stands where something was taken out.
const REMOVED: &str = "[removed]";

/// Takes a passage out of a message, and out of all that quote it. The caller rolls forgettings forward then.
pub struct Redact<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Place of the message in the thread.
    pub message: i64,
    /// The passage, word for word.
    pub passage: &'a str,
    /// Who takes it out.
    pub who: &'a Who,
}

impl Deed for Redact<'_> {
    const NAME: &'static str = "redact message";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        let passage = clean(self.passage, crate::converse::LONGEST_MESSAGE);
        if folded(&passage).chars().count() < 3 {
            return Ok(Changed::refused("the passage has three characters at least"));
        }
        let what = "thread.subject thread.contact thread.tags message.body attachment.name chunk.bytes outbox.letter";
        let leave = tx.leave::<Erasing>(thread.slot, what, self.who, &case(thread.id)).await?;
        let said = tx.messages_of(thread.id).await?.into_iter().find(|m| m.n == self.message);
        let Some(said) = said else { return Ok(Changed::refused("the thread has no such message")) };
        let body = Body::open(tx, &said, &leave)?;
        if ![&body.text, &body.quoted, &body.signature].iter().any(|part| part.contains(&passage)) {
            return Ok(Changed::refused("the passage does not stand in that message, word for word"));
        }
        note(tx, "passage removed by hand", self.who).await?;
        let (old, fresh) = (thread.slot, tx.vault().take_slot()?);
        let mut unreadable = false;
        let edit = |_: &store::Message, text: &str| {
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
        if let Some(subject) = tx.open_subject(&thread, &leave)?.filter(|s| s.text().contains(&passage)) {
            tx.set_subject(&mut thread, &subject.text().replace(&passage, REMOVED))?;
            tx.save_thread(&mut thread).await?;
        }
        forget_quietly(tx, vec![old], Why::Thread).await?;
        Ok(Changed::Done)
    }
}

/// A body without a passage; none where it isn't in it. Its HTML goes as a whole, for there the passage may be spelled
/// otherwise.
fn without(body: &Body, passage: &str) -> Option<Body> {
    let sought = folded(passage);
    let holds = |part: &str| folded(part).contains(&sought);
    let parts = [&body.text, &body.quoted, &body.signature];
    if !parts.iter().any(|part| holds(part)) && !holds(&inbox::text_of_html(&body.html)) {
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
