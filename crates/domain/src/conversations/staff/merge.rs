//! Two threads of the same person become one.

use keyring::Slot;
use policy::purpose::Erasing;
use store::{Actor, ConversationAccessKind, Error, Operation, ThreadState, Tx, Why};

use super::Changed;
use crate::conversations::{case, forget_quietly, mail_token};
use crate::licensing::products::note;
use crate::token;

/// Moves all messages of a thread behind those of another. Only where both are tied to one person, or bear one address
/// that was proved for both: nobody gets to read what another wrote.
pub struct Merge<'a> {
    /// Number of the thread that ends.
    pub id: i64,
    /// Number of the thread that stays.
    pub into: i64,
    /// Who merges them.
    pub who: &'a Actor,
}

impl Operation for Merge<'_> {
    const NAME: &'static str = "merge threads";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        if self.id == self.into {
            return Ok(Changed::refused("this is one thread"));
        }
        let Some(from) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        let Some(mut into) = tx.thread(self.into).await? else { return Ok(Changed::NoThread) };
        let one_person = from.person != Slot(0) && from.person == into.person;
        let nobodys = from.person == Slot(0) && into.person == Slot(0);
        let one_address = nobodys && from.verified && into.verified && tx.marked_alike(&from, &into)?;
        if !one_person && !one_address {
            return Ok(Changed::refused(
                "only threads of one person can be merged: both tied to the same one, or with the same proved address",
            ));
        }
        note(tx, "threads merged by hand", self.who).await?;
        if from.state == ThreadState::Open && into.state != ThreadState::Held {
            into.state = ThreadState::Open;
            into.closed_day = 0;
            into.snoozed_day = 0;
        }
        if into.licence == 0 {
            into.licence = from.licence;
        }
        if into.stopped.is_empty() {
            into.stopped.clone_from(&from.stopped);
        }
        let what = "message.body attachment.name chunk.bytes outbox.letter";
        let leave = tx.leave::<Erasing>(from.slot, what, self.who, &case(from.id)).await?;
        tx.merge_thread(&from, &mut into, &leave).await?;
        // Answers to the letters of the thread that ended find the one that stays.
        let old = token::tag(&mail_token::token(tx.vault(), from.id)?);
        tx.add_way(&old, into.id, into.slot, ConversationAccessKind::Merged, 0).await?;
        forget_quietly(tx, vec![from.slot], Why::Thread).await?;
        Ok(Changed::Done)
    }
}
