//! Each limit of a field of the API, on both sides.

use serde_json::{Value, json};

use crate::api::client::ALL;
use crate::kit::Kit;

/// A text of so many characters of two bytes.
fn of(length: usize) -> String {
    "ä".repeat(length)
}

#[tokio::test]
async fn the_greatest_value_of_a_field_is_accepted_and_a_greater_one_is_named() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Hello", "", "").await;
    let at = |rest: &str| format!("/conversations/{id}{rest}");
    let numbers = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    for (method, path, field, good, bad) in [
        ("POST", at("/replies"), "text", json!({"text": of(100_000)}), json!({"text": of(100_001)})),
        ("POST", at("/notes"), "text", json!({"text": of(100_000)}), json!({"text": of(100_001)})),
        ("POST", at("/notes"), "text", json!({"text": "a\tb\r\nc"}), json!({"text": "a\u{7}b"})),
        (
            "POST",
            at("/notes"),
            "seen",
            json!({"text": "x", "seen": 0, "force": true}),
            json!({"text": "x", "seen": -1}),
        ),
        ("PATCH", at(""), "assigned", json!({"assigned": of(64)}), json!({"assigned": of(65)})),
        ("PATCH", at(""), "assigned", json!({"assigned": "persons"}), json!({"assigned": "person"})),
        ("PATCH", at(""), "assigned", json!({"assigned": null}), json!({"assigned": " "})),
        ("PATCH", at(""), "tags", json!({"tags": numbers(20)}), json!({"tags": numbers(21)})),
        ("PATCH", at(""), "tags", json!({"tags": [of(64)]}), json!({"tags": [of(65)]})),
        ("PATCH", at(""), "tags", json!({"tags": []}), json!({"tags": [""]})),
        (
            "PATCH",
            at(""),
            "snoozed_until",
            json!({"snoozed_until": "2026-12-31"}),
            json!({"snoozed_until": "2026-12-32"}),
        ),
        (
            "PATCH",
            at(""),
            "snoozed_until",
            json!({"state": "closed"}),
            json!({"state": "closed", "snoozed_until": "2026-12-31"}),
        ),
        ("PUT", "/canned/x".into(), "text", json!({"text": of(100_000)}), json!({"text": of(100_001)})),
        ("GET", format!("/search?q={}", "x".repeat(200)), "q", Value::Null, Value::Null),
        ("GET", "/conversations?limit=1".into(), "limit", Value::Null, Value::Null),
        ("GET", "/conversations?limit=200".into(), "limit", Value::Null, Value::Null),
        ("GET", "/conversations?after=1".into(), "after", Value::Null, Value::Null),
    ] {
        let path_of_bad = path.replace("limit=200", "limit=201").replace("limit=1", "limit=0");
        let path_of_bad = path_of_bad.replace("after=1", "after=0").replace("q=x", "q=xx");
        kit.call(&token, method, &path, &good).await.done();
        let refused = kit.call(&token, method, &path_of_bad, &bad).await.problem(400, "invalid");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("`{field}`")), "{method} {path}: {detail}");
    }
}

#[tokio::test]
async fn values_that_only_the_data_can_refuse_are_refused_with_a_reason() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Hello", "", "").await;
    let at = format!("/conversations/{id}");
    // Today is 2026-11-22.
    for (until, accepted) in [("2027-11-23", true), ("2027-11-24", false), ("9999-12-31", false)] {
        let answer = kit.call(&token, "PATCH", &at, &json!({ "snoozed_until": until })).await;
        if accepted {
            answer.done();
        } else {
            answer.problem(422, "refused");
        }
    }
    let name = |length| format!("/canned/{}", "x".repeat(length));
    kit.call(&token, "PUT", &name(60), &json!({"text": "x"})).await.done();
    kit.call(&token, "PUT", &name(61), &json!({"text": "x"})).await.problem(422, "refused");
    for (message, passage, status) in
        [(1, "ell", 204), (1, "ell", 422), (2, "H", 422), (1, "", 422), (0, "x", 400)]
    {
        let body = json!({"message": message, "passage": passage});
        let answer = kit.call(&token, "POST", &format!("{at}/redact"), &body).await;
        assert_eq!(answer.status, status, "message {message}, {passage}: {}", answer.raw.body);
    }
    let files = |count: usize| json!({"message": 1, "files": vec!["7"; count]});
    kit.call(&token, "POST", &format!("{at}/redact"), &files(100)).await.problem(422, "refused");
    kit.call(&token, "POST", &format!("{at}/redact"), &files(101)).await.problem(400, "invalid");
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_read_and_a_longer_one_is_not() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Hello", "", "").await;
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", &*bearer), ("Content-Type", "application/json")];
    for (length, status, kind) in [(1 << 20, 400, "invalid"), ((1 << 20) + 1, 413, "too-large")] {
        // Spaces, which JSON allows around a value.
        let body = format!("{{\"text\": \"\"{}}}", " ".repeat(length - 12));
        assert_eq!(body.len(), length);
        let answer = kit.send("POST", &format!("/api/v1/conversations/{id}/notes"), &headers, &body).await;
        assert_eq!(answer.status, status, "{length} bytes");
        assert!(answer.body.contains(kind), "{}", answer.body);
    }
}

#[tokio::test]
async fn json_that_is_not_what_a_route_takes_is_refused_by_every_route() {
    let kit = Kit::open().await;
    let token = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Hello", "", "").await;
    let bearer = format!("Bearer {token}");
    let json = [("Authorization", &*bearer), ("Content-Type", "application/json")];
    for (method, path) in [
        ("PATCH", ""),
        ("POST", "/replies"),
        ("POST", "/notes"),
        ("POST", "/merge"),
        ("POST", "/redact"),
        ("POST", "/customer/extend"),
        ("POST", "/customer/revoke"),
        ("POST", "/customer/erase"),
    ] {
        let path = format!("/api/v1/conversations/{id}{path}");
        for (body, status) in [
            ("", 400),
            ("{", 400),
            ("null", 400),
            ("[]", 400),
            ("7", 400),
            ("{\"unknown\": 1}", 400),
            ("{\"text\": \"x\"} trailing", 400),
            ("\u{feff}{}", 400),
        ] {
            let answer = kit.send(method, &path, &json, body).await;
            assert_eq!(answer.status, status, "{method} {path} {body}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path} {body}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            let headers = [("Authorization", &*bearer), ("Content-Type", kind)];
            let answer = kit.send(method, &path, &headers, "{\"text\": \"x\"}").await;
            assert_eq!(answer.status, 415, "{method} {path} {kind}");
        }
    }
    let open = kit.fetch(&token, &format!("/conversations/{id}")).await.done();
    assert_eq!(open["messages"].as_array().unwrap().len(), 1, "nothing was changed");
}
