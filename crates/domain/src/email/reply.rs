//! What the letter of a member of staff says: it is read from the message when the letter is taken, so that what was
//! redacted or forgotten meanwhile isn't sent.

use keyring::{Permit, Slot};
use policy::purpose::Writing;
use store::{Error, MessageKind, NewMessage, Outgoing, ThreadState, Tx, Via};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Content;
use crate::conversations::{Body, token};
use crate::day;

/// What the mail wire needs for a reply, besides recipient and link. No Debug: it is about a person.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Reply {
    /// The thread's subject; empty where there is none, or where nobody proved that the recipient typed it.
    pub subject: String,
    /// What staff say.
    pub text: String,
    /// The message that is answered, where staff chose to quote it and its writer was proved; else empty.
    pub quoted: String,
    /// The token of the reply address and of the Message-ID, which is `r.TOKEN.N@domain`.
    pub token: String,
    /// The place of the message in its thread: the N of its Message-ID.
    pub n: i64,
    /// The N of the letter before it in this thread; 0 for none.
    pub previous: i64,
    /// Message-ID of the message that is answered, without angle brackets; empty where it didn't come by mail.
    pub in_reply_to: String,
    /// The Message-IDs before that one, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// Day of the person's last message, `YYYY-MM-DD`: why this letter comes.
    pub wrote_on: String,
    /// They wrote by mail, and not on the page.
    pub by_mail: bool,
}

/// Notes in its thread that a reply could not be sent, where staff see it.
pub(super) async fn given_up(tx: &mut Tx, of: Slot, why: &str) -> Result<(), Error> {
    let Some(mut thread) = tx.thread_of_slot(of).await? else { return Ok(()) };
    let mut body = Body::said(String::new(), false);
    body.machine = format!("a letter could not be sent: {why}");
    let (kind, via, body) = (MessageKind::Machine, Via::Desk, body.bytes()?);
    tx.add_message(&NewMessage { thread: &thread, kind, via, who: "", act: 0, body: &body }).await?;
    thread.messages += 1;
    if thread.state == ThreadState::Waiting {
        thread.state = ThreadState::Open;
    }
    tx.save_thread(&mut thread).await
}

/// Opens what a waiting reply says; nothing where it must not go any more.
pub(super) async fn open(
    tx: &mut Tx,
    next: &Outgoing,
    content: &Content,
    leave: &Permit<Writing>,
) -> Result<Option<Reply>, Error> {
    let Some(thread) = tx.thread_of_slot(next.slot).await? else { return Ok(None) };
    if !thread.stopped.is_empty() || crate::conversations::is_stopped(tx, &thread).await? {
        return Ok(None);
    }
    let messages = tx.messages_of(thread.id).await?;
    let Some(said) = messages.iter().find(|m| m.id == content.message) else { return Ok(None) };
    let body = Body::open(tx, said, leave)?;
    let mut reply = Reply {
        subject: String::new(),
        text: body.text.clone(),
        quoted: String::new(),
        token: token(tx.vault(), thread.id)?,
        n: said.n,
        previous: 0,
        in_reply_to: String::new(),
        references: Vec::new(),
        wrote_on: String::new(),
        by_mail: false,
    };
    if thread.verified {
        reply.subject = tx.open_subject(&thread, leave)?.map(|o| o.text().to_owned()).unwrap_or_default();
    }
    let before = messages.iter().filter(|m| m.n < said.n && m.kind == MessageKind::Staff);
    reply.previous = before.map(|m| m.n).max().unwrap_or(0);
    if let Some(answered) = messages.iter().find(|m| m.id == content.answers) {
        let theirs = Body::open(tx, answered, leave)?;
        reply.wrote_on = day::text(answered.day);
        reply.by_mail = answered.via == Via::Mail;
        reply.in_reply_to = theirs.message_id.clone();
        if theirs.verified {
            reply.references = theirs.references.clone();
            if content.quote {
                reply.quoted = theirs.text.clone();
            }
        }
    }
    Ok(Some(reply))
}
