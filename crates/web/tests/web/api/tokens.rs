//! Tokens of the API: their form in the header, their end, and their name in the audit log.

use domain::api_token::{AddApiToken, RevokeApiToken, Scopes};
use store::Actor;

use crate::kit::Kit;

const PATH: &str = "/api/v1/canned";

/// Adds a token for so many days.
async fn token_for(kit: &Kit, name: &str, days: i64) -> Option<String> {
    let scopes: Scopes = "conversations:read".parse().unwrap();
    let add = AddApiToken { name, staff: "ada", scopes: &scopes, days, actor: &Actor::System };
    kit.app.db.execute(&add).await.unwrap().map(|(token, _)| token.text().to_owned())
}

async fn status(kit: &Kit, authorization: &str) -> u16 {
    let answer = kit.send("GET", PATH, &[("Authorization", authorization)], "").await;
    if answer.status == 401 {
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{authorization}");
        assert!(answer.body.contains("invalid-token"), "{authorization}");
    }
    answer.status
}

#[tokio::test]
async fn only_a_bearer_token_in_the_header_opens_the_api() {
    let kit = Kit::open().await;
    let token = token_for(&kit, "one", 7).await.unwrap();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(status(&kit, &format!("{scheme} {token}")).await, 200, "{scheme}");
    }
    assert_eq!(status(&kit, &format!("Bearer   {token}  ")).await, 200);
    let (capital, without) = (token.to_uppercase(), token.replace("scruple_", ""));
    let mut last = token.clone();
    last.pop();
    for wrong in [
        String::new(),
        token.clone(),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Token {token}"),
        format!("Basic {token}"),
        format!("Bearer: {token}"),
        format!("Bearer {capital}"),
        format!("Bearer {without}"),
        format!("Bearer {last}"),
        format!("Bearer {token}x"),
        format!("Bearer {token},{token}"),
        format!("Bearer \"{token}\""),
    ] {
        assert_eq!(status(&kit, &wrong).await, 401, "{wrong}");
    }
    // Nowhere else: not in the address, not in a cookie.
    let by_address = kit.get(&format!("{PATH}?access_token={token}"), "").await;
    let by_cookie = kit.get(PATH, &format!("token={token}; scruple_session={token}")).await;
    assert_eq!((by_address.status, by_cookie.status), (401, 401));
}

#[tokio::test]
async fn a_token_works_until_the_day_before_its_end() {
    for days in [1, 7, 365] {
        let kit = Kit::open().await;
        let bearer = format!("Bearer {}", token_for(&kit, "one", days).await.unwrap());
        kit.later((days - 1) * 86_400).await;
        assert_eq!(status(&kit, &bearer).await, 200, "on the last of {days} days");
        // The clock of the test begins at noon.
        kit.later(43_199).await;
        assert_eq!(status(&kit, &bearer).await, 200, "in the last second of {days} days");
        kit.later(1).await;
        assert_eq!(status(&kit, &bearer).await, 401, "after {days} days");
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_its_name_is_free_again() {
    let kit = Kit::open().await;
    let token = token_for(&kit, "one", 7).await.unwrap();
    let other = token_for(&kit, "other", 7).await.unwrap();
    assert!(token_for(&kit, "one", 7).await.is_none(), "the name is in use");
    let revoke = async |name| {
        kit.app.db.execute(&RevokeApiToken { name, actor: &Actor::Staff("grace".into()) }).await.unwrap()
    };
    assert!(!revoke("nothing").await && !revoke("").await);
    assert!(revoke("one").await);
    assert!(!revoke("one").await, "there is none any more");
    assert_eq!(status(&kit, &format!("Bearer {token}")).await, 401);
    assert_eq!(status(&kit, &format!("Bearer {other}")).await, 200);
    assert!(token_for(&kit, "one", 7).await.is_some());
    let entries =
        kit.app.db.read().await.unwrap().audit_entries_of_kind(store::AuditKind::Change).await.unwrap();
    let count = |name: &str, actor: &str| {
        entries.iter().filter(|entry| entry.name == name && entry.actor == actor).count()
    };
    assert_eq!(count("API token added", "system"), 3);
    assert_eq!(count("API token revoked", "grace"), 1);
}
