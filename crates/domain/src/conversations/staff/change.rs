//! The smaller things that staff do with a thread.

use store::{
    Actor, Conversation, ConversationState, ErasureReason, Error, MessageKind, NewMessage, Operation, Tx, Via,
};

use super::reply::newer;
use super::{ChangeOutcome, NewerMessage};
use crate::audit::audit_change;
use crate::conversations::body::clean_line;
use crate::conversations::{
    body::Body, body::clean_text, close_and_erase, close_and_erase::forget, limits::MAX_MESSAGE_CHARS,
    suppression,
};

/// What became of a note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AddNoteOutcome {
    /// It is in the thread.
    Done,
    /// There are newer messages than whoever notes has seen; nothing was written.
    Collision(Vec<NewerMessage>),
    /// It can't be noted, and why.
    Refused(String),
    /// There is no such thread.
    NoConversation,
}

/// A note of staff among themselves.
pub struct AddNote<'a> {
    /// Number of the thread.
    pub id: i64,
    /// What is noted.
    pub text: &'a str,
    /// How many messages whoever notes has seen; none where they don't say.
    pub seen: Option<i64>,
    /// Note it although there are newer messages.
    pub anyway: bool,
    /// Who notes.
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
            return Ok(AddNoteOutcome::Refused("the text is empty".to_owned()));
        }
        if !self.anyway
            && let Some(newer) = newer(&tx.messages_of(conversation.id).await?, self.seen)
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

/// Gives a thread to a member of staff, or to nobody.
pub struct AssignConversation<'a> {
    /// Number of the thread.
    pub id: i64,
    /// To whom.
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

/// Whether a thread is held, or was when it was closed: nobody has said that a person wrote it.
fn was_held(conversation: &Conversation) -> bool {
    conversation.state == ConversationState::Quarantined
        || (conversation.state == ConversationState::Closed && conversation.last_action == 0)
}

/// Opens, closes or holds a thread, or lets it wait.
pub struct SetConversationState {
    /// Number of the thread.
    pub id: i64,
    /// How it is to stand.
    pub state: ConversationState,
}

impl Operation for SetConversationState {
    const NAME: &'static str = "set conversation state";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if was_held(&conversation)
            && matches!(self.state, ConversationState::Open | ConversationState::Waiting)
        {
            return Ok(ChangeOutcome::refused(
                "the conversation is held as spam or automatic mail; release it first",
            ));
        }
        if self.state == ConversationState::Closed {
            close_and_erase::close(tx, &mut conversation);
        } else {
            conversation.state = self.state;
            conversation.closed_day = 0;
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Puts a thread aside until a day; a day that isn't after today wakes it.
pub struct SnoozeConversation {
    /// Number of the thread.
    pub id: i64,
    /// Day, since 1970.
    pub until_day: i64,
}

impl Operation for SnoozeConversation {
    const NAME: &'static str = "snooze conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !matches!(conversation.state, ConversationState::Open | ConversationState::Waiting) {
            return Ok(ChangeOutcome::refused("only an open or waiting conversation can be snoozed"));
        }
        if self.until_day > tx.today() + 366 {
            return Ok(ChangeOutcome::refused("a conversation can be snoozed for 1 year at most"));
        }
        conversation.snoozed_day = if self.until_day > tx.today() { self.until_day } else { 0 };
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Gives a thread its tags, in place of those that it has.
pub struct TagConversation<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Words by which staff sort it.
    pub tags: &'a [String],
}

impl Operation for TagConversation<'_> {
    const NAME: &'static str = "tag conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if self.tags.len() > 20 {
            return Ok(ChangeOutcome::refused("a conversation can have up to 20 tags"));
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

/// Releases a thread that was held: a person wrote it after all, and that is their act.
pub struct ReleaseConversation<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who releases it.
    pub actor: &'a Actor,
}

impl Operation for ReleaseConversation<'_> {
    const NAME: &'static str = "release conversation";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !was_held(&conversation) {
            return Ok(ChangeOutcome::refused("the conversation is not held"));
        }
        audit_change(tx, "conversation released manually", self.actor).await?;
        (conversation.state, conversation.closed_day) = (ConversationState::Open, 0);
        if conversation.last_action == 0 {
            suppression::record_message(tx, &mut conversation, None).await?;
            // They wrote when the message came, and not when staff looked at it.
            conversation.last_action_day = conversation.last_message_day;
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}

/// Erases a thread. The caller rolls forgettings forward then.
pub struct EraseConversation<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who erases it.
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
