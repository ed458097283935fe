//! Conversations hold only what their senders chose to give. Anonymous ones hold nothing but sealed text.

use domain::conversations::{StartConversation, Started};
use policy::promise as p;

use crate::prove::shop::{Shop, assert_breaks, assert_names};
use store::ConversationId;

/// Starts a conversation by form; it is anonymous without an address.
async fn start_conversation(shop: &Shop, address: &str) -> ConversationId {
    let start = StartConversation {
        address,
        ..StartConversation::with_message("Does it run on my old machine?", &shop.settings)
    };
    match shop.execute(&start).await {
        Started::Started { id, .. } => id,
        Started::Refused(why) => panic!("{why}"),
    }
}

async fn with_conversations() -> Shop {
    let shop = Shop::with_customers().await;
    start_conversation(&shop, "").await;
    start_conversation(&shop, "carl@example.org").await;
    shop
}

#[tokio::test]
async fn conversations_are_examined_and_the_proof_shows_no_content() {
    let shop = with_conversations().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof}");
    let evidence = proof.finding(p::CONTACT_ANONYMOUS).unwrap().evidence.join("\n");
    assert!(evidence.contains("conversations: 2; anonymous ones among them: 1;"), "{evidence}");
    assert!(!proof.to_string().contains("carl@") && !proof.to_string().contains("old machine"));
}

#[tokio::test]
async fn an_anonymous_conversation_with_a_name_is_found() {
    let shop = with_conversations().await;
    let named = "UPDATE conversation SET kind = 'anonymous'";
    assert_breaks(
        &shop.prove_after(named).await,
        p::CONTACT_ANONYMOUS,
        "anonymous conversations with a name",
    );
}

#[tokio::test]
async fn a_conversation_linked_to_a_missing_person_is_found() {
    let shop = with_conversations().await;
    let linked = "UPDATE conversation SET person = 987654321 WHERE kind = 'address'";
    assert_breaks(
        &shop.prove_after(linked).await,
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
async fn an_unknown_value_in_clear_is_found() {
    let shop = with_conversations().await;
    let sql = "UPDATE message SET via = '192.0.2.7'";
    assert_breaks(&shop.prove_after(sql).await, p::CONTACT_ANONYMOUS, "message.via");
}

#[tokio::test]
async fn a_message_without_its_conversation_is_found() {
    let shop = with_conversations().await;
    let sql = "DELETE FROM conversation WHERE kind = 'anonymous'";
    assert_names(&shop.prove_after(sql).await, p::CONTACT_ANONYMOUS, "messages with another key slot");
}

#[tokio::test]
async fn a_column_for_data_of_the_request_is_found() {
    let shop = with_conversations().await;
    let sql = "ALTER TABLE message ADD COLUMN user_agent TEXT NOT NULL DEFAULT ''";
    let proof = shop.prove_after(sql).await;
    assert_names(&proof, p::CONTACT_VOLUNTARY, "message.user_agent");
    assert_names(&proof, p::DETAILS_SECURE, "message.user_agent");
}

#[tokio::test]
async fn a_closed_conversation_kept_beyond_its_retention_is_found() {
    let shop = with_conversations().await;
    let day = (shop.scratch.db.clock.today() - 93).to_unix_days();
    let closed = format!("UPDATE conversation SET state = 'closed', closed_day = {day}");
    let proof = shop.prove_after(&closed).await;
    assert_breaks(
        &proof,
        p::DETAILS_SUPPORT,
        "conversation: kept beyond the retention time (at most 500 are counted): 1",
    );
}
