//! A person adds a message to a conversation with its access code.

use store::{
    Conversation, ConversationAccessKind, ConversationState, Error, Operation, Suppression, Tx, Via,
};

use super::refusal::MessageRefusal;
use super::start::add_person_message;
use super::{attachments, body::Body, body::clean_text, limits::MAX_MESSAGE_CHARS, suppression};

/// Adds a message of the person who has the access code.
pub struct AnswerByCode<'a> {
    /// Lookup hash of the access code.
    pub code_hash: &'a [u8; 32],
    /// Text of the message.
    pub message: &'a str,
    /// Files already uploaded under the key slot of the conversation.
    pub files: &'a [i64],
    /// The message looks like spam, so the conversation is quarantined for review by staff.
    pub quarantined: bool,
}

/// Outcome of [`AnswerByCode`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerOutcome {
    /// The message is stored.
    Done,
    /// No conversation has this access code.
    NoConversation,
    Refused(MessageRefusal),
}

impl Operation for AnswerByCode<'_> {
    const NAME: &'static str = "answer by access code";
    type Output = AnswerOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AnswerOutcome, Error> {
        let Some(mut conversation) = conversation_of_code(tx, self.code_hash).await? else {
            return Ok(AnswerOutcome::NoConversation);
        };
        if self.message.trim().is_empty() && self.files.is_empty() {
            return Ok(AnswerOutcome::Refused(MessageRefusal::Empty));
        }
        if self.message.chars().count() > MAX_MESSAGE_CHARS {
            return Ok(AnswerOutcome::Refused(MessageRefusal::TooLong));
        }
        if let Some(reason) = attachments::limit_exceeded(tx, self.files).await? {
            return Ok(AnswerOutcome::Refused(reason));
        }
        let text = clean_text(self.message, MAX_MESSAGE_CHARS);
        let (thanks, stops) = (inbound_mail::is_thanks(&text), inbound_mail::is_stop(&text, ""));
        let body = Body::of_text(text, conversation.person.is_some());
        add_person_message(tx, &mut conversation, Via::Web, &body, self.files).await?;
        if stops {
            suppression::stop(tx, &mut conversation, Suppression::Stop, false).await?;
        } else if !thanks || !self.files.is_empty() {
            reopen(&mut conversation);
        }
        if self.quarantined {
            conversation.state = ConversationState::Quarantined;
            conversation.closed_day = None;
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(AnswerOutcome::Done)
    }
}

/// Finds the conversation that an access code opens.
pub(super) async fn conversation_of_code(
    tx: &mut Tx,
    code_hash: &[u8; 32],
) -> Result<Option<Conversation>, Error> {
    match tx
        .conversation_access(code_hash)
        .await?
        .filter(|access| access.kind == ConversationAccessKind::Code)
    {
        Some(access) => tx.conversation(access.conversation).await,
        None => Ok(None),
    }
}

/// Reopens a conversation for staff, unless it is quarantined.
pub(super) fn reopen(conversation: &mut Conversation) {
    if conversation.state != ConversationState::Quarantined {
        conversation.state = ConversationState::Open;
        conversation.closed_day = None;
    }
    conversation.snoozed_day = None;
}
