//! `mail.solicited`: an e-mail needs an action of its one recipient as cause.

use policy::promise as p;

use crate::prove::shop::{Shop, assert_breaks, assert_names};

/// A shop with two customers and their waiting e-mails.
async fn with_waiting_emails() -> Shop {
    let shop = Shop::with_customers().await;
    shop.request_magic_link("ada@example.org").await;
    shop.request_magic_link("bea@example.org").await;
    shop
}

#[tokio::test]
async fn a_waiting_email_without_a_cause_is_found() {
    let proof = with_waiting_emails().await.prove_after("UPDATE outbox SET cause = 12345").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "the e-mail has no cause");
    assert_names(&proof, p::MAIL_SOLICITED, "outbox row");
}

#[tokio::test]
async fn a_sent_email_without_a_cause_is_found() {
    let shop = with_waiting_emails().await;
    let insert = shop.insert_audit_entry("email", "magic-link", "", "system", shop.slots().await[0], 0);
    assert_breaks(
        &shop.prove_after(&insert).await,
        p::MAIL_SOLICITED,
        "audit entry 1: the e-mail has no cause",
    );
}

#[tokio::test]
async fn an_email_caused_by_another_person_is_found() {
    let shop = with_waiting_emails().await;
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
async fn an_email_that_its_action_does_not_allow_is_found() {
    let proof = with_waiting_emails().await.prove_after("UPDATE outbox SET kind = 'new-address'").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "an action that does not allow this e-mail");
}

#[tokio::test]
async fn an_email_of_an_unknown_kind_is_found() {
    let proof = with_waiting_emails().await.prove_after("UPDATE outbox SET kind = 'newsletter'").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "the e-mail's kind is not in the closed list");
}

#[tokio::test]
async fn an_email_whose_cause_is_no_action_is_found() {
    let sql = "UPDATE outbox SET cause = (SELECT MIN(id) FROM audit_entry WHERE kind = 'opening')";
    let proof = with_waiting_emails().await.prove_after(sql).await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "its cause is not an action of a person");
}

#[tokio::test]
async fn a_second_email_for_one_action_is_found() {
    let shop = with_waiting_emails().await;
    let ada = shop.slots().await[0];
    let sent = format!("SELECT cause FROM audit_entry WHERE kind = 'email' AND slot = {}", ada.0);
    let cause = shop.scratch.numbers(&sent).await[0];
    let insert = shop.insert_audit_entry("email", "magic-link", "", "system", ada, cause);
    let proof = shop.prove_after(&insert).await;
    assert_breaks(&proof, p::MAIL_SOLICITED, &format!("audit entry {cause}: e-mails of the kind magic-link"));
}

#[tokio::test]
async fn a_waiting_email_for_an_answered_action_is_found() {
    let sql = "UPDATE outbox SET cause = (SELECT MAX(cause) FROM audit_entry WHERE kind = 'email' \
               AND audit_entry.slot = outbox.slot)";
    let proof = with_waiting_emails().await.prove_after(sql).await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "e-mails of the kind magic-link caused by this one action: 2");
}

#[tokio::test]
async fn many_faults_are_counted_and_the_first_are_named() {
    let shop = Shop::open().await;
    for n in 0..30 {
        shop.buy(&format!("40{n:02}"), &format!("p{n}@example.org")).await;
        shop.request_magic_link(&format!("p{n}@example.org")).await;
    }
    let proof = shop.prove_after("UPDATE outbox SET cause = id").await;
    assert_breaks(&proof, p::MAIL_SOLICITED, "more e-mails without a valid cause: 10");
}
