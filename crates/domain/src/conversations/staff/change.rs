//! Changes of a conversation by staff: notes, assignment, state, snoozing, tags, release and erasure.

use calendar::Day;
use store::{
    Actor, Conversation, ConversationId, ConversationState, ErasureReason, Error, MessageKind, NewMessage,
    Operation, Tx, Via,
};

use super::reply::newer_messages;
use super::{ChangeOutcome, NewerMessage};
use crate::audit::audit_change;
use crate::conversations::body::clean_line;
use crate::conversations::limits::MAX_TAGS;
use crate::conversations::refusal::{ChangeRefusal, NoteRefusal};
use crate::conversations::{
    body::Body, body::clean_text, close_and_erase, close_and_erase::forget, limits::MAX_MESSAGE_CHARS,
    suppression,
};

/// Outcome of [`AddNote`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AddNoteOutcome {
    /// The note was added.
    Done,
    /// The conversation has messages that the author of the note has not seen, so nothing was written.
    Collision(Vec<NewerMessage>),
    Refused(NoteRefusal),
    /// The conversation does not exist.
    NoConversation,
}

/// Adds a note, which only staff see.
pub struct AddNote<'a> {
    pub id: ConversationId,
    pub text: &'a str,
    /// Number of messages that the author has seen; `None` skips the check.
    pub seen: Option<i64>,
    /// Add the note even if there are newer messages.
    pub force: bool,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for AddNote<'_> {
    const NAME: &'static str = "add note";
    type Output = AddNoteOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AddNoteOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(AddNoteOutcome::NoConversation);
        };
        let text = clean_text(self.text, MAX_MESSAGE_CHARS);
        if text.is_empty() {
            return Ok(AddNoteOutcome::Refused(NoteRefusal::EmptyText));
        }
        if !self.force
            && let Some(newer) = newer_messages(&tx.messages_of(conversation.id).await?, self.seen)
        {
            return Ok(AddNoteOutcome::Collision(newer));
        }
        let body = Body::of_text(text, true).bytes()?;
        let (kind, actor) = (MessageKind::Note, self.actor.as_str());
        let new =
            NewMessage { conversation: &conversation, kind, via: Via::Staff, actor, action: 0, body: &body };
        tx.add_message(&new).await?;
        conversation.messages += 1;
        tx.save_conversation(&mut conversation).await?;
        Ok(AddNoteOutcome::Done)
    }
}

/// Assigns a conversation to a member of staff, or removes the assignment.
pub struct AssignConversation<'a> {
    pub id: ConversationId,
    /// The member of staff; `None` removes the assignment.
    pub to: Option<&'a str>,
}

impl Operation for AssignConversation<'_> {
    const NAME: &'static str = "assign conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        conversation.assigned = clean_line(self.to.unwrap_or_default());
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Tells whether a conversation is quarantined, or was closed without being released.
fn is_unreleased(conversation: &Conversation) -> bool {
    conversation.state == ConversationState::Quarantined
        || (conversation.state == ConversationState::Closed && conversation.last_action == 0)
}

pub struct SetConversationState {
    pub id: ConversationId,
    /// The new state.
    pub state: ConversationState,
}

impl Operation for SetConversationState {
    const NAME: &'static str = "set conversation state";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if is_unreleased(&conversation)
            && matches!(self.state, ConversationState::Open | ConversationState::Waiting)
        {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::Held));
        }
        if self.state == ConversationState::Closed {
            close_and_erase::close(tx, &mut conversation);
        } else {
            conversation.state = self.state;
            conversation.closed_day = None;
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Snoozes a conversation until a day. A day that is not after today ends snoozing.
pub struct SnoozeConversation {
    pub id: ConversationId,
    /// The day; none ends snoozing.
    pub until_day: Option<Day>,
}

impl Operation for SnoozeConversation {
    const NAME: &'static str = "snooze conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !matches!(conversation.state, ConversationState::Open | ConversationState::Waiting) {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::NotOpenOrWaiting));
        }
        if self.until_day > Some(tx.today() + 366) {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::SnoozedTooLong));
        }
        conversation.snoozed_day = self.until_day.filter(|day| *day > tx.today());
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Replaces the tags of a conversation.
pub struct TagConversation<'a> {
    pub id: ConversationId,
    /// The new tags.
    pub tags: &'a [String],
}

impl Operation for TagConversation<'_> {
    const NAME: &'static str = "tag conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if self.tags.len() > MAX_TAGS {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::TooManyTags));
        }
        let mut tags: Vec<String> =
            self.tags.iter().map(|t| clean_line(t)).filter(|t| !t.is_empty()).collect();
        tags.sort();
        tags.dedup();
        tx.set_tags(&mut conversation, tags.join("\n").as_bytes())?;
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Releases a quarantined conversation. Its message then counts as an action of a person.
pub struct ReleaseConversation<'a> {
    pub id: ConversationId,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for ReleaseConversation<'_> {
    const NAME: &'static str = "release conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !is_unreleased(&conversation) {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::NotHeld));
        }
        audit_change(tx, "conversation released manually", self.actor).await?;
        (conversation.state, conversation.closed_day) = (ConversationState::Open, None);
        if conversation.last_action == 0 {
            suppression::record_message(tx, &mut conversation, None).await?;
            // The action happened when the message came, not when staff released it.
            conversation.last_action_day = Some(conversation.last_message_day);
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Erases a conversation. The caller completes the erasure (`roll_forward`).
pub struct EraseConversation<'a> {
    pub id: ConversationId,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for EraseConversation<'_> {
    const NAME: &'static str = "erase conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        audit_change(tx, "conversation erased manually", self.actor).await?;
        forget(tx, &[conversation], ErasureReason::Conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}
