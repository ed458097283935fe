//! E-mails: each is caused by an action of its one recipient that may cause this e-mail, and an action causes it once
//! (`mail.solicited`).

use store::{EmailStage, EmailWithCause, Error, RepeatedEmail, Tx};

use super::Evidence;
use crate::conversations::limits::MAX_ACTION_AGE_DAYS;
use crate::email::{Action, EmailKind};

/// Maximum number of violations that are named one by one; further ones are only counted.
const MAX_NAMED: usize = 20;

/// Checks all e-mails, sent and queued.
pub(crate) async fn evidence(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let mut more = 0;
    for (stage, row) in [(EmailStage::Sent, "audit entry"), (EmailStage::Queued, "outbox row")] {
        let (mut after, mut checked) = (i64::MIN, 0_u64);
        loop {
            let page = tx.emails_with_cause(stage, after).await?;
            let Some(last) = page.last() else { break };
            (after, checked) = (last.id, checked + page.len() as u64);
            for email in &page {
                let Some(violation) = violation_of(email) else { continue };
                if evidence.violations.len() < MAX_NAMED {
                    evidence.violation(format!("{row} {}: {violation}", email.id));
                } else {
                    more += 1;
                }
            }
        }
        let what = if stage == EmailStage::Sent { "sent" } else { "in the outbox" };
        evidence
            .observed(format!("e-mails {what}, each checked against the action that caused it: {checked}"));
    }
    evidence.expect_zero(more, "more e-mails without a valid cause");
    // Staff may reply to one message several times. Every other e-mail is caused once.
    let once = |kind: &str| EmailKind::from_name(kind) != Some(EmailKind::StaffReply);
    for RepeatedEmail { cause, kind, count } in tx.repeated_emails().await? {
        if !once(&kind) {
            continue;
        }
        evidence.violation(format!(
            "audit entry {cause}: e-mails of the kind {kind} caused by this one action: {count}"
        ));
    }
    let kinds: Vec<&str> = EmailKind::ALL.iter().map(|k| k.name()).collect();
    evidence.observed(format!("the closed list of e-mails: {}", kinds.join(", ")));
    Ok(evidence)
}

fn violation_of(email: &EmailWithCause) -> Option<&'static str> {
    let Some(kind) = EmailKind::from_name(&email.email) else {
        return Some("the e-mail's kind is not in the closed list");
    };
    if email.kind.is_empty() {
        return Some("the e-mail has no cause");
    }
    if email.kind != "action" || email.actor != "person" {
        return Some("its cause is not an action of a person");
    }
    if !kind.caused_by().iter().any(|action| action.name() == email.name) {
        return Some("its cause is an action that does not allow this e-mail");
    }
    if email.cause_slot != email.slot {
        return Some("its cause is an action of another person");
    }
    if email.name == Action::AnsweredWithMagicLink.name() && email.root_cause != Action::SentMessage.name() {
        return Some("its cause is an action without a message of that person");
    }
    // A queued e-mail expires before the end of the last day on which its action is recent enough.
    let days = (email.at - email.action_at).div_euclid(86_400);
    (days > MAX_ACTION_AGE_DAYS).then_some("its cause is an action that was too old")
}
