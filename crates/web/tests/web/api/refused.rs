//! Refused requests of the API.

use serde_json::{Value, json};

use crate::api::client::ALL;
use crate::kit::Kit;

#[tokio::test]
async fn an_invalid_field_is_named() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Hello", "", "").await;
    let at = |rest: &str| format!("/conversations/{id}{rest}");
    for (method, path, body, field) in [
        ("GET", "/conversations?limit=0".to_owned(), Value::Null, "limit"),
        ("GET", "/conversations?limit=201".to_owned(), Value::Null, "limit"),
        ("GET", "/conversations?queue=all".to_owned(), Value::Null, "queue"),
        ("GET", "/conversations?after=x".to_owned(), Value::Null, "after"),
        ("GET", "/conversations?before=1".to_owned(), Value::Null, "before"),
        ("GET", "/search".to_owned(), Value::Null, "q"),
        ("GET", "/search?q=%20".to_owned(), Value::Null, "q"),
        ("POST", at("/replies"), json!({}), "text"),
        ("POST", at("/replies"), json!({"text": " \n"}), "text"),
        ("POST", at("/replies"), json!({"text": "a\u{1b}[2J"}), "text"),
        ("POST", at("/replies"), json!({"text": "x".repeat(100_001)}), "text"),
        ("POST", at("/replies"), json!({"text": "x", "seen": -1}), "seen"),
        ("POST", at("/replies"), json!({"text": "x", "to": "eve@example.com"}), "to"),
        ("POST", at("/notes"), json!({"text": 7}), "text"),
        ("PATCH", at(""), json!({"state": "held"}), "state"),
        ("PATCH", at(""), json!({"assigned": "two\nlines"}), "assigned"),
        ("PATCH", at(""), json!({"assigned": "system"}), "assigned"),
        ("PATCH", at(""), json!({"snoozed_until": "2026-02-30"}), "snoozed_until"),
        ("PATCH", at(""), json!({"tags": vec!["x"; 21]}), "tags"),
        ("PATCH", at(""), json!({"tags": ["a\nb"]}), "tags"),
        ("PUT", "/canned/x".to_owned(), json!({}), "text"),
    ] {
        let refused = kit.call(&token, method, &path, &body).await.problem(400, "invalid");
        assert!(refused["detail"].as_str().unwrap().contains(field), "{method} {path}: {refused}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_or_too_long_is_refused() {
    let kit = Kit::open().await;
    let bearer = format!("Bearer {}", kit.token("ada", ALL).await);
    let (id, _) = kit.write_in("Hello", "", "").await;
    let path = format!("/api/v1/conversations/{id}/notes");
    let as_form = [("Authorization", &*bearer), ("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(kit.send("POST", &path, &as_form, "text=x").await.status, 415);
    let as_json = [("Authorization", &*bearer), ("Content-Type", "application/json")];
    assert_eq!(kit.send("POST", &path, &as_json, "{\"text\": \"x\"").await.status, 400);
    assert_eq!(kit.send("POST", &path, &as_json, "\"\\ud800\"").await.status, 400);
    let long = json!({"text": "x".repeat(1024 * 1024)}).to_string();
    let refused = kit.send("POST", &path, &as_json, &long).await;
    assert_eq!((refused.status, refused.header("content-type")), (413, "application/problem+json"));
}

#[tokio::test]
async fn erased_and_unknown_conversations_have_the_same_answer() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Hello", "", "").await;
    kit.call(&token, "DELETE", &format!("/conversations/{id}"), &Value::Null).await.done();
    let erased = kit.fetch(&token, &format!("/conversations/{id}")).await.problem(404, "not-found");
    for stranger in ["00000000", "7K3M9QXD", "x", "%00", "..%2f..", "999999999999"] {
        let nothing =
            kit.fetch(&token, &format!("/conversations/{stranger}")).await.problem(404, "not-found");
        assert_eq!(nothing, erased, "{stranger}");
    }
    for (method, rest, body) in [
        ("POST", "/replies", json!({"text": "x"})),
        ("POST", "/notes", json!({"text": "x"})),
        ("POST", "/release", json!({})),
        ("PATCH", "", json!({"state": "closed"})),
        ("DELETE", "", Value::Null),
        ("GET", "/files/1", Value::Null),
        ("GET", "/files/x/preview", Value::Null),
    ] {
        kit.call(&token, method, &format!("/conversations/{id}{rest}"), &body)
            .await
            .problem(404, "not-found");
    }
    assert!(kit.openings_of("ada").await.is_empty(), "nothing was opened");
}

#[tokio::test]
async fn a_refused_change_has_a_reason_and_changes_nothing() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Hello", "", "").await;
    let at = format!("/conversations/{id}");
    let far = json!({"snoozed_until": "2031-01-01", "assigned": "grace"});
    kit.call(&token, "PATCH", &at, &far).await.problem(422, "refused");
    let not_held =
        kit.call(&token, "POST", &format!("{at}/release"), &Value::Null).await.problem(422, "refused");
    assert!(not_held["detail"].as_str().unwrap().contains("not held"));
    kit.call(&token, "PATCH", &at, &json!({"state": "closed"})).await.done();
    let asleep = json!({"snoozed_until": "2026-12-01", "tags": ["x"], "assigned": "grace"});
    kit.call(&token, "PATCH", &at, &asleep).await.problem(422, "refused");
    let open = kit.fetch(&token, &at).await.done();
    assert_eq!((&open["conversation"]["assigned"], &open["tags"]), (&Value::Null, &json!([])));
    for (name, text) in [("Big Name", "x"), ("a", "Dear {name}"), ("a", "write to ada@example.com")] {
        let path = format!("/canned/{}", name.replace(' ', "%20"));
        kit.call(&token, "PUT", &path, &json!({"text": text})).await.problem(422, "refused");
    }
}
