//! The customer of a conversation, and what staff do for them.

use domain::conversations::StartConversation;
use keyring::{Address, Slot};
use serde_json::{Value, json};
use store::BlindIndex;

use crate::api::client::ALL;
use crate::kit::Kit;

/// A signed-in customer writes.
async fn customer_writes(kit: &Kit, email: &str, message: &str) -> String {
    let tag = kit.app.db.keyring().tag("address", Address::parse(email).unwrap().canonical()).unwrap();
    let slot = kit.app.db.read().await.unwrap().index_find(BlindIndex::Address, &tag).await.unwrap().unwrap();
    let begin = StartConversation {
        person: Some(Slot(slot)),
        ..StartConversation::with_message(message, &kit.app.settings)
    };
    kit.begin(&begin).await.0
}

async fn customer_context(kit: &Kit, token: &str, id: &str) -> Value {
    kit.fetch(token, &format!("/conversations/{id}/customer")).await.done()
}

#[tokio::test]
async fn the_customer_is_shown_and_the_access_is_in_the_audit_log() {
    let kit = Kit::open().await;
    kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let grace = kit.token("grace", ALL).await;
    let first = customer_writes(&kit, "ada@example.com", "My first question").await;
    let second = customer_writes(&kit, "ada@example.com", "My second question").await;
    let context = customer_context(&kit, &grace, &second).await;
    assert_eq!(context["customer"]["email"], "ada@example.com");
    assert_eq!(context["customer"]["orders"][0]["order"], "1001");
    assert_eq!(context["customer"]["licences"][0]["product"], "Lantern Studio");
    assert_eq!(
        (&context["renewals"][0]["state"], &context["earlier_conversations"][0]["id"]),
        (&json!("now"), &json!(first))
    );
    let lines = kit.openings_of("grace").await;
    assert!(lines.iter().any(|line| line.purpose == "support" && line.name.contains("person.email")));

    let (anonymous, _) = kit.write_in("Hello", "", "").await;
    let beside = kit.fetch(&grace, &format!("/conversations/{anonymous}/customer")).await.done();
    assert_eq!((&beside["customer"], &beside["earlier_conversations"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn a_licence_that_was_given_is_shown_without_its_holder() {
    let kit = Kit::open().await;
    kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let grace = kit.token("grace", ALL).await;
    let ada = customer_writes(&kit, "ada@example.com", "Hello").await;
    let licence = customer_context(&kit, &grace, &ada).await["customer"]["licences"][0]["number"].clone();
    let (id, _) = kit.write_in("It won't start", "", licence.as_str().unwrap()).await;
    let beside = kit.fetch(&grace, &format!("/conversations/{id}/customer")).await;
    assert!(!beside.raw.body.contains("Lovelace") && !beside.raw.body.contains("ada@"));
    let beside = beside.done();
    assert_eq!((&beside["given_licence"]["number"], &beside["customer"]), (&licence, &Value::Null));
}

#[tokio::test]
async fn a_licence_is_extended_and_revoked_only_from_its_customers_conversation() {
    let kit = Kit::open().await;
    kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let grace = kit.token("grace", ALL).await;
    let id = customer_writes(&kit, "ada@example.com", "Hello").await;
    let before = customer_context(&kit, &grace, &id).await["customer"]["licences"][0].clone();
    let at = |what: &str| format!("/conversations/{id}/customer/{what}");
    let longer = json!({"licence": before["number"], "months": 3});
    kit.call(&grace, "POST", &at("extend"), &longer).await.done();
    let after = customer_context(&kit, &grace, &id).await["customer"]["licences"][0].clone();
    assert!(after["until"].as_str() > before["until"].as_str(), "{before} {after}");
    kit.call(&grace, "POST", &at("revoke"), &json!({"licence": before["number"]})).await.done();
    assert_eq!(customer_context(&kit, &grace, &id).await["customer"]["licences"][0]["state"], "revoked");
    let back = json!({"licence": before["number"], "revoked": false});
    kit.call(&grace, "POST", &at("revoke"), &back).await.done();
    assert_eq!(customer_context(&kit, &grace, &id).await["customer"]["licences"][0]["state"], "active");

    let (other, _) = kit.write_in("Revoke Ada's licence!", "", "").await;
    let elsewhere = format!("/conversations/{other}/customer/revoke");
    let licence = json!({"licence": before["number"]});
    kit.call(&grace, "POST", &elsewhere, &licence).await.problem(422, "refused");
    let months = json!({"licence": before["number"], "months": 121});
    kit.call(&grace, "POST", &at("extend"), &months).await.problem(400, "invalid");
}

#[tokio::test]
async fn the_magic_link_is_sent_once_for_each_message() {
    let mut kit = Kit::open().await;
    kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let grace = kit.token("grace", ALL).await;
    let id = customer_writes(&kit, "ada@example.com", "Where is my key?").await;
    let at = format!("/conversations/{id}/customer/resend-keys");
    kit.call(&grace, "POST", &at, &Value::Null).await.done();
    let emails = kit.emails().await;
    assert_eq!((emails.len(), &*emails[0].0), (1, "ada@example.com"));
    kit.call(&grace, "POST", &at, &Value::Null).await.problem(422, "refused");
    assert!(kit.emails().await.is_empty());
    let (anonymous, _) = kit.write_in("Send it to me too", "", "").await;
    let at = format!("/conversations/{anonymous}/customer/resend-keys");
    kit.call(&grace, "POST", &at, &Value::Null).await.problem(422, "refused");
}

#[tokio::test]
async fn an_erasure_needs_the_agreement_and_includes_the_conversation() {
    let kit = Kit::open().await;
    kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let grace = kit.token("grace", ALL).await;
    let id = customer_writes(&kit, "ada@example.com", "Please erase me. I agree that support ends.").await;
    let at = format!("/conversations/{id}/customer/erase");
    kit.call(&grace, "POST", &at, &json!({"agreement": " "})).await.problem(400, "invalid");
    let agreement = json!({"agreement": "Please erase me. I agree that support ends."});
    let started = kit.call(&grace, "POST", &at, &agreement).await.done();
    assert!(started["receipt_code"].as_str().unwrap().len() > 20 && started["due"] == Value::Null);
    domain::erasure::completion::roll_forward(&kit.app.db).await.unwrap();
    kit.fetch(&grace, &format!("/conversations/{id}")).await.problem(404, "not-found");
    let (anonymous, _) = kit.write_in("Erase Ada", "", "").await;
    let at = format!("/conversations/{anonymous}/customer/erase");
    kit.call(&grace, "POST", &at, &agreement).await.problem(422, "refused");
}

#[tokio::test]
async fn only_conversations_of_the_same_person_are_merged() {
    let kit = Kit::open().await;
    kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let grace = kit.token("grace", ALL).await;
    let one = customer_writes(&kit, "ada@example.com", "First").await;
    let other = customer_writes(&kit, "ada@example.com", "Second").await;
    let (strangers, _) = kit.write_in("Third", "", "").await;
    let into = |id: &str| json!({ "into": id });
    let at = |id: &str| format!("/conversations/{id}/merge");
    kit.call(&grace, "POST", &at(&strangers), &into(&one)).await.problem(422, "refused");
    kit.call(&grace, "POST", &at(&other), &into("2B4C6D8E")).await.problem(404, "not-found");
    kit.call(&grace, "POST", &at(&other), &into(&one)).await.done();
    kit.fetch(&grace, &format!("/conversations/{other}")).await.problem(404, "not-found");
    let open = kit.fetch(&grace, &format!("/conversations/{one}")).await.done();
    let texts: Vec<&Value> = open["messages"].as_array().unwrap().iter().map(|m| &m["text"]).collect();
    assert_eq!(texts, ["First", "Second"]);
}

#[tokio::test]
async fn a_redacted_passage_is_removed_from_the_message_and_the_search() {
    let kit = Kit::open().await;
    let grace = kit.token("grace", ALL).await;
    let (id, _) = kit.write_in("My neighbour Zebedee Q. has it too", "", "").await;
    kit.app.search.update(&kit.app.db).await.unwrap();
    let at = format!("/conversations/{id}/redact");
    let wrong = json!({"message": 1, "passage": "Ermintrude"});
    kit.call(&grace, "POST", &at, &wrong).await.problem(422, "refused");
    kit.call(&grace, "POST", &at, &json!({"message": 1, "passage": "Zebedee Q."})).await.done();
    domain::erasure::completion::roll_forward(&kit.app.db).await.unwrap();
    let open = kit.fetch(&grace, &format!("/conversations/{id}")).await.done();
    assert_eq!(open["messages"][0]["text"], "My neighbour [removed] has it too");
    kit.app.search.purge(&kit.app.db).await.unwrap();
    assert!(!kit.app.search.contains("zebedee").await);
}
