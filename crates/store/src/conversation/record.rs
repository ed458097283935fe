//! The row of a conversation.

use calendar::Day;
use keyring::{Slot, Tag16};
use licence::Serial;

use crate::ids::ConversationId;
use crate::suppression::Suppression;
use crate::tx::string_enum;

string_enum! { "conversation.kind",
    /// What is known about the sender.
    ConversationKind {
        /// Nothing. The access code permits reading and writing.
        Anonymous = "anonymous",
        /// An e-mail address.
        Address = "address",
        Customer = "customer",
    }
}

string_enum! { "conversation.state",
    ConversationState {
        /// Waits for staff.
        Open = "open",
        /// Waits for the sender.
        Waiting = "waiting",
        Closed = "closed",
        /// Looks like spam or an automatic message; staff can release it.
        Quarantined = "quarantined",
    }
}

/// A row of `conversation`. Personal values stay sealed until an `open_` method is called.
/// [`Tx::save_conversation`](crate::Tx::save_conversation) writes changed fields.
#[derive(Clone)]
pub struct Conversation {
    /// Random number of 40 bits.
    pub id: ConversationId,
    /// Its own key slot.
    pub slot: Slot,
    /// What is known about the sender.
    pub kind: ConversationKind,
    pub state: ConversationState,
    /// Key slot of the linked person.
    pub person: Option<Slot>,
    /// The member of staff to whom it is assigned; empty for none.
    pub assigned: String,
    /// Day on which snoozing ends, if staff chose one. A conversation is snoozed while this day is after today.
    pub snoozed_day: Option<Day>,
    /// Number of messages so far, of all kinds.
    pub messages: i64,
    /// Day on which it was started.
    pub opened_day: Day,
    pub last_message_day: Day,
    /// Day on which it was closed; none while it is not closed.
    pub closed_day: Option<Day>,
    /// Position of its last change among the changes of all conversations, from 1. The store sets it.
    pub revision: i64,
    /// The licence that it is about.
    pub licence: Option<Serial>,
    /// Another conversation that staff should see.
    pub related: Option<ConversationId>,
    /// The audit entry of the sender's last action; 0 for none.
    pub last_action: i64,
    pub last_action_day: Option<Day>,
    /// E-mails sent since that action. For an unverified address: since the last action of its owner.
    pub emails_since_action: i64,
    /// Whether the sender's address is verified.
    pub verified: bool,
    /// Why e-mails are suppressed until the sender's next action.
    pub suppression: Option<Suppression>,
    pub(crate) subject: Vec<u8>,
    pub(crate) contact: Vec<u8>,
    pub(crate) tags: Vec<u8>,
    pub(crate) address_tag: Vec<u8>,
}

/// A conversation to be started today.
pub struct NewConversation<'a> {
    /// Random number of 40 bits. If it exists already, the operation runs again.
    pub id: ConversationId,
    /// A fresh key slot, or the one under which its files are sealed already.
    pub slot: Slot,
    /// What is known about the sender.
    pub kind: ConversationKind,
    pub state: ConversationState,
    /// Key slot of the linked person.
    pub person: Option<Slot>,
    /// The licence that it is about.
    pub licence: Option<Serial>,
    /// Another conversation that staff should see.
    pub related: Option<ConversationId>,
    /// Whether the sender's address is verified.
    pub verified: bool,
    /// Subject, to be sealed; may be empty.
    pub subject: &'a str,
    /// Name and address, to be sealed; empty if none was given.
    pub contact: &'a [u8],
    /// Index tag of the normalised address, to be sealed.
    pub address_tag: Option<&'a Tag16>,
}
