//! Starts an erasure to which a person agreed outside the portal, and audits how the agreement reached staff.

use store::{Actor, AuditKind, Error, NewAuditEntry, Operation, Tx};

use crate::erasure::request::{AgreeToErasure, AgreementOutcome};

/// How a person's agreement reached staff. A closed list, because a free text could identify the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreementChannel {
    /// By e-mail.
    Email,
    /// By post.
    Post,
    /// By telephone.
    Phone,
    InPerson,
}

/// An agreement that a person gave to staff, with its channel.
pub struct AgreeByChannel<'a> {
    /// The agreement.
    pub agree: AgreeToErasure<'a>,
    /// How it reached staff.
    pub channel: AgreementChannel,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for AgreeByChannel<'_> {
    const NAME: &'static str = AgreeToErasure::NAME;
    type Output = AgreementOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AgreementOutcome, Error> {
        let agreed = self.agree.execute(tx).await?;
        if agreed != AgreementOutcome::UnknownPerson {
            // The names of audit entries stay in English: the audit chain covers them.
            let what = match self.channel {
                AgreementChannel::Email => "the agreement came by e-mail",
                AgreementChannel::Post => "the agreement came by post",
                AgreementChannel::Phone => "the agreement came by phone",
                AgreementChannel::InPerson => "the agreement was given in person",
            };
            let entry = NewAuditEntry {
                kind: AuditKind::Change,
                name: what,
                actor: self.actor,
                slot: None,
                cause: 0,
                recipient: &[],
                digest: &[],
            };
            tx.append_audit(&entry).await?;
        }
        Ok(agreed)
    }
}
