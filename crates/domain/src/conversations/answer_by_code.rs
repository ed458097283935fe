//! Somebody comes back with their code and writes again.

use store::{Conversation, ConversationAccessKind, ConversationState, Error, Operation, Tx, Via};

use super::start::add_person_message;
use super::{attachments, body::Body, body::clean_text, limits::MAX_MESSAGE_CHARS, suppression};

/// A further message, by code.
pub struct AnswerByCode<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// What is said.
    pub message: &'a str,
    /// Files that were uploaded before, under the thread's slot.
    pub files: &'a [i64],
    /// It looks like spam: staff may look.
    pub held: bool,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerOutcome {
    /// It is in the thread.
    Done,
    /// No thread has this code.
    NoConversation,
    /// It can't be taken, and why; for whoever wrote.
    Refused(&'static str),
}

impl Operation for AnswerByCode<'_> {
    const NAME: &'static str = "answer by access code";
    type Output = AnswerOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AnswerOutcome, Error> {
        let Some(mut conversation) = conversation_of_code(tx, self.tag).await? else {
            return Ok(AnswerOutcome::NoConversation);
        };
        if self.message.trim().is_empty() && self.files.is_empty() {
            return Ok(AnswerOutcome::Refused("Enter a message"));
        }
        if self.message.chars().count() > MAX_MESSAGE_CHARS {
            return Ok(AnswerOutcome::Refused("The message must have 100,000 characters or fewer"));
        }
        if let Some(why) = attachments::limit_exceeded(tx, self.files).await? {
            return Ok(AnswerOutcome::Refused(why));
        }
        let text = clean_text(self.message, MAX_MESSAGE_CHARS);
        let (thanks, stops) = (inbound_mail::is_thanks(&text), inbound_mail::is_stop(&text, ""));
        let body = Body::of_text(text, conversation.person != keyring::Slot(0));
        add_person_message(tx, &mut conversation, Via::Web, &body, self.files).await?;
        if stops {
            suppression::stop(tx, &mut conversation, suppression::STOP, false).await?;
        } else if !thanks || !self.files.is_empty() {
            reopen(&mut conversation);
        }
        if self.held {
            conversation.state = ConversationState::Quarantined;
            conversation.closed_day = 0;
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(AnswerOutcome::Done)
    }
}

/// The thread that a code opens.
pub(super) async fn conversation_of_code(tx: &mut Tx, tag: &[u8; 32]) -> Result<Option<Conversation>, Error> {
    match tx.conversation_access(tag).await?.filter(|way| way.kind == ConversationAccessKind::Code) {
        Some(way) => tx.conversation(way.conversation).await,
        None => Ok(None),
    }
}

/// It is staff's turn again, unless the thread is held.
pub(super) fn reopen(conversation: &mut Conversation) {
    if conversation.state != ConversationState::Quarantined {
        conversation.state = ConversationState::Open;
        conversation.closed_day = 0;
    }
    conversation.snoozed_day = 0;
}
