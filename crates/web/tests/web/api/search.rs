//! Full-text search: what it finds, and what it no longer contains.

use serde_json::{Value, json};

use crate::api::client::ALL;
use crate::kit::Kit;

async fn found(kit: &Kit, token: &str, q: &str) -> Vec<String> {
    let found = kit.fetch(token, &format!("/search?q={}", q.replace(' ', "%20"))).await.done();
    assert_eq!(found["complete"], true);
    let conversations = found["conversations"].as_array().unwrap().iter();
    conversations.map(|conversation| conversation["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn open_conversations_are_found_by_their_words_and_closed_ones_are_not() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (one, _) = kit.write_in("My Lantern flickers at night", "", "").await;
    let (two, code) = kit.write_in("The lantern won't start", "grace@example.net", "").await;
    assert_eq!(found(&kit, &token, "LANTERN").await, [two.clone(), one.clone()]);
    assert_eq!(found(&kit, &token, "night lantern").await, std::slice::from_ref(&one));
    assert_eq!(found(&kit, &token, "grace@example.net").await, std::slice::from_ref(&two));
    kit.write_again(&code, "Now it smells of marzipan").await;
    assert_eq!(found(&kit, &token, "marzipan").await, std::slice::from_ref(&two), "what came since is found");
    kit.call(&token, "PATCH", &format!("/conversations/{two}"), &json!({"state": "closed"})).await.done();
    assert_eq!(found(&kit, &token, "lantern").await, [one]);
    let searches = kit.openings_of("ada").await;
    assert_eq!(searches.len(), 5, "each search names who searched, and nothing else");
}

#[tokio::test]
async fn an_erased_conversation_leaves_the_index_without_a_search() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("A secret called marzipan", "", "").await;
    let (kept, _) = kit.write_in("Nothing about sweets", "", "").await;
    kit.app.search.update(&kit.app.db).await.unwrap();
    kit.app.search.purge(&kit.app.db).await.unwrap();
    assert!(kit.app.search.contains("marzipan").await);
    // Another process erases it. This process learns of it only from the keyring and the database.
    let other = kit.scratch.again().await;
    let erase = domain::conversations::staff::EraseConversation {
        id: domain::conversations::parse_conversation_id(&id).unwrap(),
        actor: &store::Actor::Staff("grace".into()),
    };
    other.execute(&erase).await.unwrap();
    domain::erasure::completion::roll_forward(&other).await.unwrap();
    kit.app.search.purge(&kit.app.db).await.unwrap();
    assert!(!kit.app.search.contains("marzipan").await);
    assert!(kit.app.search.contains("sweets").await);
    assert_eq!(found(&kit, &token, "sweets").await, [kept]);
}

#[tokio::test]
async fn a_closed_conversation_leaves_the_index_without_a_search() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("A secret called marzipan", "", "").await;
    kit.app.search.update(&kit.app.db).await.unwrap();
    kit.call(&token, "PATCH", &format!("/conversations/{id}"), &json!({"state": "closed"})).await.done();
    kit.app.search.purge(&kit.app.db).await.unwrap();
    assert!(!kit.app.search.contains("marzipan").await);
}

#[tokio::test]
async fn an_erased_conversation_is_not_found_even_before_the_index_is_purged() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("A secret called marzipan", "", "").await;
    kit.app.search.update(&kit.app.db).await.unwrap();
    kit.call(&token, "DELETE", &format!("/conversations/{id}"), &Value::Null).await.done();
    assert!(found(&kit, &token, "marzipan").await.is_empty());
    assert!(!kit.app.search.contains("marzipan").await, "and the search has noticed");
}
