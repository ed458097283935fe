//! Every route with no token, with the wrong scope and with the right one. The routes are those of the description,
//! which `description.rs` compares with the program's.

use serde_json::{Value, json};
use web::handlers::api::description;
use web::routes::ROUTES;

use crate::api::client::all_but;
use crate::kit::Kit;

/// All operations: method, path, scope.
fn operations() -> Vec<(String, String, String)> {
    let described: Value = serde_json::from_str(&description::text(ROUTES).unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if path == "/licence/refresh" {
                continue; // proved by a licence key, not by a token
            }
            let scope = operation["security"][0]["bearer"][0].as_str().unwrap_or_default();
            all.push((method.to_uppercase(), path.clone(), scope.to_owned()));
        }
    }
    all
}

/// Returns a body that is valid JSON, but names no existing object.
fn body(method: &str) -> Value {
    if method == "GET" || method == "DELETE" { Value::Null } else { json!({}) }
}

#[tokio::test]
async fn every_operation_names_one_scope_and_asks_for_it() {
    let kit = Kit::open().await;
    let operations = operations();
    assert!(operations.len() > 10, "{} operations", operations.len());
    for (method, path, scope) in operations {
        assert!(!scope.is_empty(), "{method} {path} names no scope");
        let at = path
            .replace("{id}", "00000000")
            .replace("{file}", "1")
            .replace("{name}", "x")
            .replace("{by}", "page");
        let at = at.strip_prefix("/api/v1").unwrap();
        let at = at.to_owned() + if at == "/search" { "?q=x" } else { "" };
        let nobody = kit.call("", &method, &at, &body(&method)).await;
        assert_eq!(nobody.raw.header("www-authenticate"), "Bearer", "{method} {path}");
        let nobody = nobody.problem(401, "invalid-token");
        let unknown = format!("scruple_{}", "A".repeat(43));
        assert_eq!(
            kit.call(&unknown, &method, &at, &body(&method)).await.problem(401, "invalid-token"),
            nobody
        );
        let wrong = kit.token(&format!("w {method} {path}"), &all_but(&scope)).await;
        let lacks = kit.call(&wrong, &method, &at, &body(&method)).await.problem(403, "missing-scope");
        assert!(lacks["detail"].as_str().unwrap().contains(&scope), "{method} {path}");
        let right = kit.token(&format!("r {method} {path}"), &scope).await;
        let passed = kit.call(&right, &method, &at, &body(&method)).await;
        assert!(![401, 403, 405, 500, 503].contains(&passed.status), "{method} {path}: {}", passed.raw.body);
    }
}

#[tokio::test]
async fn a_token_ends_with_its_days_or_when_it_is_revoked() {
    let kit = Kit::open().await;
    let token = kit.token("ada", "conversations:read").await;
    kit.fetch(&token, "/conversations").await.done();
    let revoked =
        domain::api_token::RevokeApiToken { name: "ada conversations:read", actor: &store::Actor::System };
    let other = kit.token("grace", "conversations:read").await;
    assert!(kit.app.db.execute(&revoked).await.unwrap());
    let ended = kit.fetch(&token, "/conversations").await.problem(401, "invalid-token");
    kit.fetch(&other, "/conversations").await.done();
    kit.later(7 * 86_400).await;
    assert_eq!(
        kit.fetch(&other, "/conversations").await.problem(401, "invalid-token"),
        ended,
        "whatever the reason"
    );
}

#[tokio::test]
async fn no_cookie_and_no_other_scheme_is_taken() {
    let kit = Kit::open().await;
    let token = kit.token("ada", "conversations:read").await;
    for (name, value) in [
        ("Cookie", format!("scruple_session={token}; token={token}; Authorization=Bearer {token}")),
        ("Authorization", format!("Basic {token}")),
        ("Authorization", token.clone()),
        ("X-Api-Key", token.clone()),
        ("Authorization", "Bearer ".to_owned()),
        ("Authorization", format!("Bearer {token} {token}")),
    ] {
        let answer = kit.send("GET", "/api/v1/conversations", &[(name, &value)], "").await;
        assert_eq!(answer.status, 401, "{name}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let query = kit.send("GET", &format!("/api/v1/conversations?access_token={token}"), &[], "").await;
    assert_eq!(query.status, 401);
    let lower =
        kit.send("GET", "/api/v1/conversations", &[("authorization", &format!("bearer {token}"))], "").await;
    assert_eq!(lower.status, 200, "the scheme's case doesn't matter");
}

#[tokio::test]
async fn guessing_tokens_is_slowed_and_right_ones_still_pass() {
    let kit = Kit::open().await;
    let token = kit.token("ada", "conversations:read").await;
    let mut last = 0;
    for n in 0..62 {
        last = kit.fetch(&format!("scruple_{n:043}"), "/conversations").await.status;
    }
    assert_eq!(last, 429);
    kit.fetch(&token, "/conversations").await.done();
}
