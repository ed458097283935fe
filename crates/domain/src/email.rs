//! The mail gate: the closed list of e-mails, and the actions that may cause each (`mail.solicited`).
//!
//! An e-mail enters the outbox only through `enqueue` or `enqueue_with_cause`. Both require the audit entry of
//! an action of its one recipient.

pub(crate) mod action;
mod delivery_failure;
mod reply;

pub use action::Action;
pub use delivery_failure::DeliveryFailure;
pub use reply::ReplyContent;

use action::record_action;
use calendar::Timestamp;

use keyring::{Permit, Slot};
use policy::purpose::{Erasing, Writing};
use serde::{Deserialize, Serialize};
use store::{Actor, AuditKind, Error, NewAuditEntry, Operation, OutboxEmail, Tx};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::counter::Counter;

/// The closed list of e-mails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EmailKind {
    /// The magic link to the recipient's portal.
    MagicLink,
    /// The request to confirm a new address, sent to that address.
    NewAddress,
    /// A reply of staff in a conversation.
    StaffReply,
}

impl EmailKind {
    /// All e-mails.
    pub const ALL: [Self; 3] = [Self::MagicLink, Self::NewAddress, Self::StaffReply];

    /// The name in tables, in the audit log and of its template folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MagicLink => "magic-link",
            Self::NewAddress => "new-address",
            Self::StaffReply => "staff-reply",
        }
    }

    /// The e-mail with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The actions that may cause this e-mail. Each action causes at most one e-mail, except replies.
    #[must_use]
    pub fn caused_by(self) -> &'static [Action] {
        match self {
            Self::MagicLink => &[Action::RequestedMagicLink, Action::AnsweredWithMagicLink],
            Self::NewAddress => &[Action::RequestedAddressChange],
            Self::StaffReply => &[Action::SentMessage],
        }
    }
}

/// The content of an e-mail. No `Debug`: it holds personal data.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct EmailContent {
    /// The address of its one recipient.
    pub to: String,
    /// The link in the e-mail, to this installation. In a reply it is the link that closes and erases the
    /// conversation.
    pub link: String,
    /// In a reply, the row of the message that it delivers.
    #[serde(default)]
    pub message: i64,
    /// In a reply, the row of the person's message that it answers; 0 for none.
    #[serde(default)]
    pub answers: i64,
    /// In a reply, whether it quotes that message.
    #[serde(default)]
    pub quote: bool,
}

impl EmailContent {
    /// Creates the content of an e-mail with one link.
    pub(crate) fn link(to: String, link: String) -> Self {
        Self { to, link, message: 0, answers: 0, quote: false }
    }
}

/// Adds an e-mail to the outbox and records the action that causes it.
pub(crate) async fn enqueue_with_cause(
    tx: &mut Tx,
    kind: EmailKind,
    action: Action,
    of: Slot,
    content: &EmailContent,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let cause = record_action(tx, action, of, 0).await?;
    enqueue(tx, kind, cause, of, content, expires_at).await
}

/// Adds an e-mail to the outbox. Its cause is an action already recorded for the same slot.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    kind: EmailKind,
    cause: i64,
    of: Slot,
    content: &EmailContent,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let bytes = serde_json::to_vec(content).map_err(|_| Error::Unknown("outbox.email"))?;
    let bytes = zeroize::Zeroizing::new(bytes);
    tx.add_outbox_email(&store::NewOutboxEmail {
        slot: of,
        kind: kind.name(),
        cause,
        expires_at,
        content: &bytes,
    })
    .await?;
    Ok(())
}

/// Cancels the queued e-mails of a conversation that deliver one of these messages.
pub(crate) async fn cancel_queued(
    tx: &mut Tx,
    of: Slot,
    messages: &[i64],
    permit: &Permit<Erasing>,
) -> Result<(), Error> {
    for queued in tx.outbox_of(of).await? {
        let Some(opened) = tx.open_outbox_email(&queued, permit)? else { continue };
        if messages.contains(&parse_content(opened.bytes())?.message) {
            tx.give_up_email(queued.id, &DeliveryFailure::Cancelled.name()).await?;
        }
    }
    Ok(())
}

fn parse_content(bytes: &[u8]) -> Result<EmailContent, Error> {
    serde_json::from_slice(bytes).map_err(|_| Error::Unknown("outbox.email"))
}

/// Deletes expired e-mails and returns their number. An e-mail that was never sent is counted. Where it was a
/// reply, its conversation tells staff, who would otherwise wait for an answer.
pub(crate) async fn delete_expired(tx: &mut Tx) -> Result<u64, Error> {
    for expired in tx.expired_emails().await? {
        Counter::ExpiredEmail.add_one(tx).await?;
        if EmailKind::from_name(&expired.kind) == Some(EmailKind::StaffReply) {
            reply::record_unsent(tx, expired.slot, DeliveryFailure::Expired).await?;
        }
    }
    tx.delete_expired_emails().await
}

/// An e-mail that a sender has claimed and sends now.
pub struct ClaimedEmail {
    /// Its row.
    pub id: i64,
    /// Which e-mail.
    pub kind: EmailKind,
    /// The slot under which it is sealed.
    pub slot: Slot,
    /// The audit entry of the action that caused it.
    pub cause: i64,
    /// The number of attempts, this one included.
    pub attempts: i64,
    pub content: EmailContent,
    /// The further content of a reply.
    pub reply: Option<ReplyContent>,
}

/// Seconds that a claim lasts; afterwards another sender may claim the e-mail.
const CLAIM_SECONDS: i64 = 300;

/// Claims the next e-mail that is due for sending.
pub struct ClaimEmail;

impl Operation for ClaimEmail {
    const NAME: &'static str = "claim e-mail";
    type Output = Option<ClaimedEmail>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<ClaimedEmail>, Error> {
        delete_expired(tx).await?;
        // An e-mail that can't be sent any more is given up here, and must not hold up the next one.
        while let Some(next) = tx.claim_email(CLAIM_SECONDS).await? {
            if let Some(claimed) = open_claimed(tx, &next).await? {
                return Ok(Some(claimed));
            }
        }
        Ok(None)
    }
}

/// Opens a claimed e-mail, or gives it up.
async fn open_claimed(tx: &mut Tx, next: &OutboxEmail) -> Result<Option<ClaimedEmail>, Error> {
    let kind = EmailKind::from_name(&next.kind);
    let columns = match kind {
        Some(EmailKind::StaffReply) => "outbox.email conversation.subject message.body",
        _ => "outbox.email",
    };
    let permit = tx.permit::<Writing>(next.slot, columns, &Actor::System, "").await?;
    let opened = match tx.open_outbox_email(next, &permit) {
        // Erased between the query and this access: the recipient no longer exists.
        Err(Error::Forgotten { .. }) => None,
        opened => opened?,
    };
    let (Some(opened), Some(kind)) = (opened, kind) else {
        tx.give_up_email(next.id, &DeliveryFailure::Unreadable.name()).await?;
        return Ok(None);
    };
    let content = parse_content(opened.bytes())?;
    let mut reply_content = None;
    if kind == EmailKind::StaffReply {
        reply_content = reply::load(tx, next, &content, &permit).await?;
        if reply_content.is_none() {
            tx.give_up_email(next.id, &DeliveryFailure::Cancelled.name()).await?;
            return Ok(None);
        }
    }
    let (id, slot, cause, attempts) = (next.id, next.slot, next.cause, next.attempts);
    Ok(Some(ClaimedEmail { id, kind, slot, cause, attempts, content, reply: reply_content }))
}

/// The outcome of an attempt to send.
pub enum DeliveryOutcome {
    /// The mail server accepted it; this is the hash of what was sent.
    Sent([u8; 32]),
    /// Retry later.
    Retry(DeliveryFailure),
    /// It can never be sent.
    Rejected(DeliveryFailure),
}

/// Attempts before an e-mail is abandoned. The backoff between them grows.
const MAX_ATTEMPTS: i64 = 8;

/// Records the outcome of an attempt to send an e-mail.
pub struct RecordDelivery<'a> {
    /// The e-mail.
    pub email: &'a ClaimedEmail,
    pub outcome: DeliveryOutcome,
}

impl Operation for RecordDelivery<'_> {
    const NAME: &'static str = "record delivery";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let email = self.email;
        match &self.outcome {
            DeliveryOutcome::Sent(digest) => {
                // When the person was erased while the e-mail was being sent, the audit entry has no recipient.
                let recipient = tx.keyring().slot_tag(email.slot, "recipient", email.content.to.as_bytes());
                let recipient = recipient.map(|tag| tag.to_vec()).unwrap_or_default();
                let entry = NewAuditEntry {
                    kind: AuditKind::Email,
                    name: email.kind.name(),
                    actor: &Actor::System,
                    slot: Some(email.slot),
                    cause: email.cause,
                    recipient: &recipient,
                    digest,
                };
                tx.append_audit(&entry).await?;
                tx.delete_sent_email(email.id).await
            }
            DeliveryOutcome::Retry(why) if email.attempts >= MAX_ATTEMPTS => abandon(tx, email, *why).await,
            DeliveryOutcome::Retry(_) => {
                // Retry with backoff: after 1, 4, 9, ... minutes.
                let at = tx.now + 60 * email.attempts * email.attempts;
                tx.postpone_email(email.id, at).await
            }
            DeliveryOutcome::Rejected(why) => abandon(tx, email, *why).await,
        }
    }
}

/// Abandons an e-mail. Where it was a reply, its conversation tells staff, who would otherwise wait for an answer.
async fn abandon(tx: &mut Tx, email: &ClaimedEmail, why: DeliveryFailure) -> Result<(), Error> {
    tx.give_up_email(email.id, &why.name()).await?;
    match email.kind {
        EmailKind::StaffReply => reply::record_unsent(tx, email.slot, why).await,
        EmailKind::MagicLink | EmailKind::NewAddress => Ok(()),
    }
}
