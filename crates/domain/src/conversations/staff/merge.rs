//! Merges two conversations of the same person.

use policy::purpose::Erasing;
use store::{
    Actor, ConversationAccessKind, ConversationId, ConversationState, ErasureReason, Error, Operation, Tx,
};

use super::ChangeOutcome;
use crate::audit::audit_change;
use crate::conversations::{
    close_and_erase::forget_slots, number::case_of, refusal::ChangeRefusal, reply_token,
};

/// Appends all messages of a conversation to another one. Both must be linked to one customer, or have the same
/// address, proved for both. So no person can read what another wrote.
pub struct MergeConversations<'a> {
    /// The conversation that is merged and then deleted.
    pub id: ConversationId,
    /// The conversation that receives the messages.
    pub into: ConversationId,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for MergeConversations<'_> {
    const NAME: &'static str = "merge conversations";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        if self.id == self.into {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::MergedWithItself));
        }
        let Some(from) = tx.conversation(self.id).await? else { return Ok(ChangeOutcome::NoConversation) };
        let Some(mut into) = tx.conversation(self.into).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        let same_customer = from.person.is_some() && from.person == into.person;
        let without_customer = from.person.is_none() && into.person.is_none();
        let same_address =
            without_customer && from.verified && into.verified && tx.have_same_address(&from, &into)?;
        if !same_customer && !same_address {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::OtherPerson));
        }
        audit_change(tx, "conversations merged manually", self.actor).await?;
        if from.state == ConversationState::Open && into.state != ConversationState::Quarantined {
            into.state = ConversationState::Open;
            into.closed_day = None;
            into.snoozed_day = None;
        }
        if into.licence.is_none() {
            into.licence = from.licence;
        }
        into.suppression = into.suppression.or(from.suppression);
        let columns = "message.body attachment.name chunk.bytes outbox.email";
        let permit = tx.permit::<Erasing>(from.slot, columns, self.actor, &case_of(from.id)).await?;
        tx.merge_conversation(&from, &mut into, &permit).await?;
        // Replies to e-mails of the deleted conversation are added to the remaining one.
        let old = reply_token::stored_hash(tx.keyring(), from.id)?;
        tx.add_conversation_access(&old, into.id, into.slot, ConversationAccessKind::Merged, None).await?;
        forget_slots(tx, vec![from.slot], ErasureReason::Conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}
