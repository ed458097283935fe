//! Two threads of the same person become one.

use keyring::Slot;
use policy::purpose::Erasing;
use store::{Actor, ConversationAccessKind, ConversationState, ErasureReason, Error, Operation, Tx};

use super::ChangeOutcome;
use crate::audit::audit_change;
use crate::conversations::{close_and_erase::forget_slots, number::case_of, reply_token};
use crate::token;

/// Moves all messages of a thread behind those of another. Only where both are tied to one person, or bear one address
/// that was proved for both: nobody gets to read what another wrote.
pub struct MergeConversations<'a> {
    /// Number of the thread that ends.
    pub id: i64,
    /// Number of the thread that stays.
    pub into: i64,
    /// Who merges them.
    pub actor: &'a Actor,
}

impl Operation for MergeConversations<'_> {
    const NAME: &'static str = "merge conversations";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        if self.id == self.into {
            return Ok(ChangeOutcome::refused("a conversation cannot be merged with itself"));
        }
        let Some(from) = tx.conversation(self.id).await? else { return Ok(ChangeOutcome::NoConversation) };
        let Some(mut into) = tx.conversation(self.into).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        let one_person = from.person != Slot(0) && from.person == into.person;
        let nobodys = from.person == Slot(0) && into.person == Slot(0);
        let one_address = nobodys && from.verified && into.verified && tx.have_same_address(&from, &into)?;
        if !one_person && !one_address {
            return Ok(ChangeOutcome::refused(
                "only conversations of one person can be merged: both linked to the same customer, or both with the same proved address",
            ));
        }
        audit_change(tx, "conversations merged manually", self.actor).await?;
        if from.state == ConversationState::Open && into.state != ConversationState::Quarantined {
            into.state = ConversationState::Open;
            into.closed_day = 0;
            into.snoozed_day = 0;
        }
        if into.licence == 0 {
            into.licence = from.licence;
        }
        if into.suppression.is_empty() {
            into.suppression.clone_from(&from.suppression);
        }
        let what = "message.body attachment.name chunk.bytes outbox.email";
        let permit = tx.permit::<Erasing>(from.slot, what, self.actor, &case_of(from.id)).await?;
        tx.merge_conversation(&from, &mut into, &permit).await?;
        // Answers to the letters of the thread that ended find the one that stays.
        let old = token::token_hash(&reply_token::reply_token(tx.keyring(), from.id)?);
        tx.add_conversation_access(&old, into.id, into.slot, ConversationAccessKind::Merged, 0).await?;
        forget_slots(tx, vec![from.slot], ErasureReason::Conversation).await?;
        Ok(ChangeOutcome::Done)
    }
}
