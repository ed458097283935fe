//! `mail.solicited`: a letter needs an act of its one recipient.

use policy::promise as p;

use crate::shop::{Shop, assert_breaks, assert_names};

/// A shop with two customers, whose letters wait.
async fn with_letters() -> Shop {
    let shop = Shop::with_customers().await;
    shop.ask("ada@example.org").await;
    shop.ask("bea@example.org").await;
    shop
}

#[tokio::test]
async fn a_waiting_letter_without_a_cause_is_found() {
    let proof = with_letters().await.prove_after("UPDATE outbox SET cause = 12345").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "the e-mail has no cause");
    assert_names(&proof, p::MAIL_SOLICITED, "outbox row");
}

#[tokio::test]
async fn a_letter_that_was_sent_without_a_cause_is_found() {
    let shop = with_letters().await;
    let line = shop.line("email", "magic-link", "", "system", shop.slots().await[0], 0);
    assert_breaks(
        &shop.prove_after(&line).await,
        p::MAIL_SOLICITED,
        "audit entry 1: the e-mail has no cause",
    );
}

#[tokio::test]
async fn a_letter_that_was_caused_by_another_person_is_found() {
    let shop = with_letters().await;
    let [ada, bea] = shop.slots().await[..] else { panic!("two customers") };
    let sql = format!(
        "UPDATE outbox SET cause = (SELECT MAX(cause) FROM outbox WHERE slot = {}) WHERE slot = {}",
        bea.0, ada.0
    );
    let proof = shop.prove_after(&sql).await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "its cause is an action of another person");
    assert_names(&proof, p::MAIL_SOLICITED, "e-mails of the kind magic-link caused by this one action: 2");
}

#[tokio::test]
async fn a_letter_that_its_act_does_not_allow_is_found() {
    let proof = with_letters().await.prove_after("UPDATE outbox SET kind = 'new-address'").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "an action that does not allow this e-mail");
}

#[tokio::test]
async fn a_letter_that_is_not_of_the_list_is_found() {
    let proof = with_letters().await.prove_after("UPDATE outbox SET kind = 'newsletter'").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "the e-mail's kind is not in the closed list");
}

#[tokio::test]
async fn a_letter_caused_by_something_else_than_an_act_is_found() {
    let sql = "UPDATE outbox SET cause = (SELECT MIN(id) FROM audit_entry WHERE kind = 'opening')";
    let proof = with_letters().await.prove_after(sql).await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "its cause is not an action of a person");
}

#[tokio::test]
async fn a_second_letter_of_one_act_is_found() {
    let shop = with_letters().await;
    let ada = shop.slots().await[0];
    let sent = format!("SELECT cause FROM audit_entry WHERE kind = 'email' AND slot = {}", ada.0);
    let cause = shop.scratch.numbers(&sent).await[0];
    let line = shop.line("email", "magic-link", "", "system", ada, cause);
    let proof = shop.prove_after(&line).await;
    assert_breaks(&proof, p::MAIL_SOLICITED, &format!("audit entry {cause}: e-mails of the kind magic-link"));
}

#[tokio::test]
async fn a_letter_that_waits_although_it_was_sent_is_found() {
    let sql = "UPDATE outbox SET cause = (SELECT MAX(cause) FROM audit_entry WHERE kind = 'email' \
               AND audit_entry.slot = outbox.slot)";
    let proof = with_letters().await.prove_after(sql).await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "e-mails of the kind magic-link caused by this one action: 2");
}

#[tokio::test]
async fn many_faults_are_counted_and_some_are_named() {
    let shop = Shop::open().await;
    for n in 0..30 {
        shop.buy(&format!("40{n:02}"), &format!("p{n}@example.org")).await;
        shop.ask(&format!("p{n}@example.org")).await;
    }
    let proof = shop.prove_after("UPDATE outbox SET cause = id").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "more e-mails without a valid cause: 10");
}
