//! Applies several changes of a conversation together.

use calendar::Day;
use store::{Conversation, ConversationId, ConversationState, Error, Operation, Tx};

use super::ChangeOutcome;
use super::change::{AssignConversation, SetConversationState, SnoozeConversation, TagConversation};

/// Applies all changes of a conversation in one transaction, or none of them. Fields that are `None` stay unchanged.
#[derive(Clone, Copy)]
pub struct UpdateConversation<'a> {
    pub id: ConversationId,
    /// The new state.
    pub state: Option<ConversationState>,
    /// The day until which it is snoozed; `Some(None)` ends snoozing.
    pub snoozed_until: Option<Option<Day>>,
    /// The tags that replace the current ones.
    pub tags: Option<&'a [String]>,
    /// The member of staff to whom it is assigned; `Some(None)` removes the assignment.
    pub assigned: Option<Option<&'a str>>,
}

impl UpdateConversation<'_> {
    async fn apply(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let id = self.id;
        // Changes that can be refused come first. Those after them always succeed.
        if let Some(state) = self.state {
            let outcome = SetConversationState { id, state }.execute(tx).await?;
            if outcome != ChangeOutcome::Done {
                return Ok(outcome);
            }
        }
        if let Some(until_day) = self.snoozed_until {
            let outcome = SnoozeConversation { id, until_day }.execute(tx).await?;
            if outcome != ChangeOutcome::Done {
                return Ok(outcome);
            }
        }
        if let Some(tags) = self.tags {
            let outcome = TagConversation { id, tags }.execute(tx).await?;
            if outcome != ChangeOutcome::Done {
                return Ok(outcome);
            }
        }
        match self.assigned {
            Some(to) => AssignConversation { id, to }.execute(tx).await,
            None => Ok(ChangeOutcome::Done),
        }
    }
}

impl Operation for UpdateConversation<'_> {
    const NAME: &'static str = "update conversation";
    /// The conversation after the changes, or why it was not changed.
    type Output = Result<Conversation, ChangeOutcome>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        match self.apply(tx).await? {
            ChangeOutcome::Done => Ok(tx.conversation(self.id).await?.ok_or(ChangeOutcome::NoConversation)),
            refused => Ok(Err(refused)),
        }
    }
}
