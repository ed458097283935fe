//! Conversations hold only what their senders chose to give. Anonymous ones hold nothing but sealed text.

use domain::compliance::prove::findings::contact::{Fault, Observation, Violation};
use domain::compliance::prove::findings::{persons, schema};
use domain::conversations::{StartConversation, Started};
use policy::promise as p;

use crate::prove::shop::{Shop, assert_breaks, assert_names, assert_observes, counted};
use store::ConversationId;

/// Starts a conversation by form; it is anonymous without an address.
async fn start_conversation(shop: &Shop, address: &str) -> ConversationId {
    let start = StartConversation {
        address,
        ..StartConversation::with_message("Does it run on my old machine?", &shop.settings)
    };
    match shop.execute(&start).await {
        Started::Started { id, .. } => id,
        Started::Refused(why) => panic!("{why:?}"),
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
    assert!(proof.all_kept(), "{proof:#?}");
    let expected =
        Observation::Conversations { conversations: 2, anonymous: 1, messages: 2, files: 0, access: 2 };
    assert_observes(&proof, p::CONTACT_ANONYMOUS, expected);
    let all = format!("{proof:?}");
    assert!(!all.contains("carl@") && !all.contains("old machine"), "{all}");
}

#[tokio::test]
async fn an_anonymous_conversation_with_a_name_is_found() {
    let shop = with_conversations().await;
    let named = "UPDATE conversation SET kind = 'anonymous'";
    let expected = counted(1, Fault::NotAnonymous);
    assert_breaks(&shop.prove_after(named).await, p::CONTACT_ANONYMOUS, expected);
}

#[tokio::test]
async fn a_conversation_linked_to_a_missing_person_is_found() {
    let shop = with_conversations().await;
    let linked = "UPDATE conversation SET person = 987654321 WHERE kind = 'address'";
    let expected = counted(1, Fault::WithoutPerson);
    assert_breaks(&shop.prove_after(linked).await, p::CONTACT_ANONYMOUS, expected);
}

#[tokio::test]
async fn a_message_in_clear_is_found() {
    let shop = with_conversations().await;
    let sql = format!("UPDATE message SET body = {}", shop.blob("Does it run?"));
    let expected = counted(2, schema::Fault::Unreadable { column: "message.body".to_owned() });
    assert_names(&shop.prove_after(&sql).await, p::DETAILS_SECURE, expected);
}

#[tokio::test]
async fn an_unknown_value_in_clear_is_found() {
    let shop = with_conversations().await;
    let sql = "UPDATE message SET via = '192.0.2.7'";
    let expected = Violation::UnknownWord { column: "message.via".to_owned() };
    assert_breaks(&shop.prove_after(sql).await, p::CONTACT_ANONYMOUS, expected);
}

#[tokio::test]
async fn a_message_without_its_conversation_is_found() {
    let shop = with_conversations().await;
    let sql = "DELETE FROM conversation WHERE kind = 'anonymous'";
    let expected = counted(1, Fault::MessageOfOtherSlot);
    assert_names(&shop.prove_after(sql).await, p::CONTACT_ANONYMOUS, expected);
}

#[tokio::test]
async fn a_column_for_data_of_the_request_is_found() {
    let shop = with_conversations().await;
    let sql = "ALTER TABLE message ADD COLUMN user_agent TEXT NOT NULL DEFAULT ''";
    let proof = shop.prove_after(sql).await;
    let column = "message.user_agent".to_owned();
    assert_names(&proof, p::CONTACT_VOLUNTARY, Violation::RequestData { column: column.clone() });
    assert_names(&proof, p::DETAILS_SECURE, schema::Violation::NotInInventory { column });
}

#[tokio::test]
async fn a_closed_conversation_kept_beyond_its_retention_is_found() {
    let shop = with_conversations().await;
    let day = (shop.scratch.db.clock.today() - 93).to_unix_days();
    let closed = format!("UPDATE conversation SET state = 'closed', closed_day = {day}");
    let proof = shop.prove_after(&closed).await;
    let expected = counted(1, persons::Fault::ConversationPastRetention);
    assert_breaks(&proof, p::DETAILS_SUPPORT, expected);
}
