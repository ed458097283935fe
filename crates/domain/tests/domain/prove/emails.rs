//! `mail.solicited`: an e-mail needs an action of its one recipient as cause.

use domain::compliance::prove::findings::emails::{CauseFault, Fault, Violation};
use domain::compliance::prove::{Counted, Fault as All, Proof, Violation as Found};
use policy::promise as p;
use store::EmailStage;

use crate::prove::shop::{Shop, assert_breaks, assert_finds, assert_names, broken, counted};

/// A shop with two customers and their waiting e-mails.
async fn with_waiting_emails() -> Shop {
    let shop = Shop::with_customers().await;
    shop.request_magic_link("ada@example.org").await;
    shop.request_magic_link("bea@example.org").await;
    shop
}

/// Asserts that only the promise about e-mails is broken: a waiting e-mail has this fault.
#[track_caller]
fn assert_waiting(proof: &Proof, expected: CauseFault) {
    assert_finds(proof, p::MAIL_SOLICITED, |found| {
        let Found::Emails(Violation::Cause { stage, fault, .. }) = found else { return false };
        (*stage, *fault) == (EmailStage::Queued, expected)
    });
    assert_eq!(broken(proof), [p::MAIL_SOLICITED.id], "{proof:#?}");
}

#[tokio::test]
async fn a_waiting_email_without_a_cause_is_found() {
    let proof = with_waiting_emails().await.prove_after("UPDATE outbox SET cause = 12345").await;
    assert_waiting(&proof, CauseFault::Missing);
}

#[tokio::test]
async fn a_sent_email_without_a_cause_is_found() {
    let shop = with_waiting_emails().await;
    let insert = shop.insert_audit_entry("email", "magic-link", "", "system", shop.slots().await[0], 0);
    let expected = Violation::Cause { stage: EmailStage::Sent, id: 1, fault: CauseFault::Missing };
    assert_breaks(&shop.prove_after(&insert).await, p::MAIL_SOLICITED, expected);
}

#[tokio::test]
async fn an_email_caused_by_another_person_is_found() {
    let shop = with_waiting_emails().await;
    let [ada, bea] = shop.slots().await[..] else { panic!("two customers") };
    let sql = format!(
        "UPDATE outbox SET cause = (SELECT MAX(cause) FROM outbox WHERE slot = {}) WHERE slot = {}",
        bea.0, ada.0
    );
    let cause = format!("SELECT cause FROM outbox WHERE slot = {}", bea.0);
    let cause = shop.scratch.numbers(&cause).await[0];
    let proof = shop.prove_after(&sql).await;
    assert_waiting(&proof, CauseFault::OtherPerson);
    let twice = counted(2, Fault::Repeated { cause, kind: "magic-link".to_owned() });
    assert_names(&proof, p::MAIL_SOLICITED, twice);
}

#[tokio::test]
async fn an_email_that_its_action_does_not_allow_is_found() {
    let proof = with_waiting_emails().await.prove_after("UPDATE outbox SET kind = 'new-address'").await;
    assert_waiting(&proof, CauseFault::DisallowedAction);
}

#[tokio::test]
async fn an_email_of_an_unknown_kind_is_found() {
    let proof = with_waiting_emails().await.prove_after("UPDATE outbox SET kind = 'newsletter'").await;
    assert_waiting(&proof, CauseFault::UnknownKind);
}

#[tokio::test]
async fn an_email_whose_cause_is_no_action_is_found() {
    let sql = "UPDATE outbox SET cause = (SELECT MIN(id) FROM audit_entry WHERE kind = 'opening')";
    let proof = with_waiting_emails().await.prove_after(sql).await;
    assert_waiting(&proof, CauseFault::NotAction);
}

#[tokio::test]
async fn a_second_email_for_one_action_is_found() {
    let shop = with_waiting_emails().await;
    let ada = shop.slots().await[0];
    let sent = format!("SELECT cause FROM audit_entry WHERE kind = 'email' AND slot = {}", ada.0);
    let cause = shop.scratch.numbers(&sent).await[0];
    let insert = shop.insert_audit_entry("email", "magic-link", "", "system", ada, cause);
    let proof = shop.prove_after(&insert).await;
    let twice = counted(2, Fault::Repeated { cause, kind: "magic-link".to_owned() });
    assert_breaks(&proof, p::MAIL_SOLICITED, twice);
}

#[tokio::test]
async fn a_waiting_email_for_an_answered_action_is_found() {
    let sql = "UPDATE outbox SET cause = (SELECT MAX(cause) FROM audit_entry WHERE kind = 'email' \
               AND audit_entry.slot = outbox.slot)";
    let proof = with_waiting_emails().await.prove_after(sql).await;
    assert_finds(&proof, p::MAIL_SOLICITED, |found| {
        matches!(found, Found::Counted(Counted { fault: All::Emails(Fault::Repeated { .. }), number: 2 }))
    });
    assert_eq!(broken(&proof), [p::MAIL_SOLICITED.id], "{proof:#?}");
}

#[tokio::test]
async fn many_faults_are_counted_and_the_first_are_named() {
    let shop = Shop::open().await;
    for n in 0..30 {
        shop.buy(&format!("40{n:02}"), &format!("p{n}@example.org")).await;
        shop.request_magic_link(&format!("p{n}@example.org")).await;
    }
    let proof = shop.prove_after("UPDATE outbox SET cause = id").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, counted(10, Fault::FurtherWithoutCause));
    assert_eq!(proof.finding(p::MAIL_SOLICITED).unwrap().violations.len(), 21);
}
