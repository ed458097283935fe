//! E-mails: each is caused by an action of its one recipient that may cause this e-mail, and an action causes it once
//! (`mail.solicited`).

use store::{EmailStage, EmailWithCause, Error, RepeatedEmail, Tx};

use super::findings::Evidence;
use super::findings::emails::{CauseFault, Fault, Observation, Violation};
use crate::conversations::limits::MAX_ACTION_AGE_DAYS;
use crate::email::{Action, EmailKind};

/// Maximum number of violations that are named one by one; further ones are only counted.
const MAX_NAMED: usize = 20;

/// Checks all e-mails, sent and queued.
pub(crate) async fn evidence(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let mut more = 0;
    for stage in [EmailStage::Sent, EmailStage::Queued] {
        let (mut after, mut checked) = (i64::MIN, 0_u64);
        loop {
            let page = tx.emails_with_cause(stage, after).await?;
            let Some(last) = page.last() else { break };
            (after, checked) = (last.id, checked + page.len() as u64);
            for email in &page {
                let Some(fault) = fault_of(email) else { continue };
                if evidence.violations.len() < MAX_NAMED {
                    evidence.violation(Violation::Cause { stage, id: email.id, fault });
                } else {
                    more += 1;
                }
            }
        }
        evidence.observed(Observation::Checked { stage, emails: checked });
    }
    evidence.expect_zero(more, Fault::FurtherWithoutCause);
    // Staff may reply to one message several times. Every other e-mail is caused once.
    let once = |kind: &str| EmailKind::from_name(kind) != Some(EmailKind::StaffReply);
    for RepeatedEmail { cause, kind, count } in tx.repeated_emails().await? {
        if !once(&kind) {
            continue;
        }
        evidence.expect_zero(count, Fault::Repeated { cause, kind });
    }
    evidence.observed(Observation::ClosedList(&EmailKind::ALL));
    Ok(evidence)
}

fn fault_of(email: &EmailWithCause) -> Option<CauseFault> {
    let Some(kind) = EmailKind::from_name(&email.email) else {
        return Some(CauseFault::UnknownKind);
    };
    if email.kind.is_empty() {
        return Some(CauseFault::Missing);
    }
    if email.kind != "action" || email.actor != "person" {
        return Some(CauseFault::NotAction);
    }
    if !kind.caused_by().iter().any(|action| action.name() == email.name) {
        return Some(CauseFault::DisallowedAction);
    }
    if email.cause_slot != email.slot {
        return Some(CauseFault::OtherPerson);
    }
    if email.name == Action::AnsweredWithMagicLink.name() && email.root_cause != Action::SentMessage.name() {
        return Some(CauseFault::WithoutMessage);
    }
    // A queued e-mail expires before the end of the last day on which its action is recent enough.
    let days = (email.at - email.action_at).div_euclid(86_400);
    (days > MAX_ACTION_AGE_DAYS).then_some(CauseFault::TooOld)
}
