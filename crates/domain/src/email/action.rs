//! The actions of persons that may cause an e-mail, recorded in the audit log.

use keyring::Slot;
use store::{Actor, AuditKind, Error, NewAuditEntry, Tx};

/// An action of a person that may cause an e-mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Requested the magic link to their portal.
    RequestedMagicLink,
    /// Requested, on their portal, a change of address.
    RequestedAddressChange,
    /// Wrote a message, by e-mail or on a page.
    SentMessage,
    /// Wrote a message that staff answer with a magic link. The audit entry of the message is its cause.
    AnsweredWithMagicLink,
}

impl Action {
    /// The name in the audit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestedMagicLink => "requested the magic link",
            Self::RequestedAddressChange => "requested a change of address",
            Self::SentMessage => "sent a message",
            Self::AnsweredWithMagicLink => "sent a message answered with the magic link",
        }
    }
}

/// Records an action of a person in the audit log and returns its entry. The action may have an earlier entry as
/// its cause (0 for none).
pub(crate) async fn record_action(tx: &mut Tx, action: Action, of: Slot, cause: i64) -> Result<i64, Error> {
    let entry = NewAuditEntry {
        kind: AuditKind::Action,
        name: action.name(),
        actor: &Actor::Person,
        slot: Some(of),
        cause,
        recipient: &[],
        digest: &[],
    };
    tx.append_audit(&entry).await
}
