//! What is kept of those who write: what they chose to give, and of the nameless nothing but sealed text.

use domain::conversations::{StartConversation, Started};
use policy::promise as p;

use crate::shop::{Shop, assert_breaks, assert_names};

/// Somebody writes; without an address they stay nameless.
async fn write(shop: &Shop, address: &str) -> i64 {
    let begin = StartConversation {
        message: "Does it run on my old machine?",
        name: "",
        address,
        licence: "",
        subject: "",
        files: &[],
        slot: None,
        quarantined: false,
        person: None,
        settings: &shop.settings,
    };
    match shop.does(&begin).await {
        Started::Started { id, .. } => id,
        Started::Refused(why) => panic!("{why}"),
    }
}

async fn with_conversations() -> Shop {
    let shop = Shop::with_customers().await;
    write(&shop, "").await;
    write(&shop, "carl@example.org").await;
    shop
}

#[tokio::test]
async fn conversations_are_looked_at_and_nothing_of_them_is_shown() {
    let shop = with_conversations().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof}");
    let evidence = proof.finding(p::CONTACT_ANONYMOUS).unwrap().evidence.join("\n");
    assert!(evidence.contains("conversations: 2; anonymous ones among them: 1;"), "{evidence}");
    assert!(!proof.to_string().contains("carl@") && !proof.to_string().contains("old machine"));
}

#[tokio::test]
async fn a_nameless_conversation_that_names_somebody_is_found() {
    let shop = with_conversations().await;
    let named = "UPDATE conversation SET kind = 'anonymous'";
    assert_breaks(
        &shop.prove_after(named).await,
        p::CONTACT_ANONYMOUS,
        "anonymous conversations with a name",
    );
}

#[tokio::test]
async fn a_conversation_tied_to_nobody_who_is_there_is_found() {
    let shop = with_conversations().await;
    let tied = "UPDATE conversation SET person = 987654321 WHERE kind = 'address'";
    assert_breaks(
        &shop.prove_after(tied).await,
        p::CONTACT_ANONYMOUS,
        "linked to a person who does not exist",
    );
}

#[tokio::test]
async fn a_message_in_clear_is_found() {
    let shop = with_conversations().await;
    let sql = format!("UPDATE message SET body = {}", shop.blob("Does it run?"));
    assert_names(
        &shop.prove_after(&sql).await,
        p::DETAILS_SECURE,
        "message.body: unencrypted, damaged or moved values",
    );
}

#[tokio::test]
async fn a_word_in_clear_that_is_none_of_the_programs_is_found() {
    let shop = with_conversations().await;
    let sql = "UPDATE message SET via = '192.0.2.7'";
    assert_breaks(&shop.prove_after(sql).await, p::CONTACT_ANONYMOUS, "message.via");
}

#[tokio::test]
async fn a_message_that_lost_its_conversation_is_found() {
    let shop = with_conversations().await;
    let sql = "DELETE FROM conversation WHERE kind = 'anonymous'";
    assert_names(&shop.prove_after(sql).await, p::CONTACT_ANONYMOUS, "messages with another key slot");
}

#[tokio::test]
async fn a_column_for_what_a_request_tells_is_found() {
    let shop = with_conversations().await;
    let sql = "ALTER TABLE message ADD COLUMN user_agent TEXT NOT NULL DEFAULT ''";
    let proof = shop.prove_after(sql).await;
    assert_names(&proof, p::CONTACT_VOLUNTARY, "message.user_agent");
    assert_names(&proof, p::DETAILS_SECURE, "message.user_agent");
}

#[tokio::test]
async fn a_closed_conversation_that_is_kept_beyond_its_time_is_found() {
    let shop = with_conversations().await;
    let day = shop.scratch.db.clock.today() - 93;
    let closed = format!("UPDATE conversation SET state = 'closed', closed_day = {day}");
    let proof = shop.prove_after(&closed).await;
    assert_breaks(
        &proof,
        p::DETAILS_SUPPORT,
        "conversation: kept beyond the retention time (at most 500 are counted): 1",
    );
}
