//! Each row of the rate limits in docs/http.md, at the route that it limits.

use std::time::Instant;

use domain::api_token::parse_api_token;
use web::rate_limit::RateLimitKey;

use crate::handlers::multipart::{MULTIPART, fields};
use crate::http::{Answer, FORM, form};
use crate::kit::Kit;
use crate::sample_figures::site;

/// Makes an attempt that a limit counts, from a network.
async fn attempt(kit: &Kit, key: RateLimitKey, network: &str, bearer: &str) -> Answer {
    let from = ("X-Forwarded-For", network);
    let post = async |path: &str, body: &str| kit.post(path, &[from], body).await;
    match key {
        RateLimitKey::MagicLink => post("/licence", &form(&[("email", "nobody")])).await,
        RateLimitKey::Token => kit.send("GET", "/licence/open/guess", &[from], "").await,
        RateLimitKey::Refresh => post("/licence/refresh", "guess").await,
        RateLimitKey::RefusedNotification => post("/paypro", "guess").await,
        RateLimitKey::Staff => {
            kit.send("GET", "/api/v1/canned", &[from, ("Authorization", bearer)], "").await
        }
        RateLimitKey::Contact => {
            kit.send("POST", "/contact", &[from, MULTIPART], &fields(&[("message", "")])).await
        }
        RateLimitKey::AccessCode => post("/conversation", &form(&[("code", "guess")])).await,
        RateLimitKey::PublicStatistics => kit.send("GET", "/api/v1/sites/open/now", &[from], "").await,
    }
}

/// How many attempts a network may make at once and a minute after that, by docs/http.md.
const TABLE: [(RateLimitKey, u32, u32); 8] = [
    (RateLimitKey::MagicLink, 20, 10),
    (RateLimitKey::Token, 60, 60),
    (RateLimitKey::Refresh, 120, 120),
    (RateLimitKey::RefusedNotification, 60, 60),
    (RateLimitKey::Staff, 1200, 1200),
    (RateLimitKey::Contact, 20, 10),
    (RateLimitKey::AccessCode, 30, 10),
    (RateLimitKey::PublicStatistics, 120, 120),
];

async fn kit() -> Kit {
    let kit = Kit::behind_a_proxy().await;
    site(&kit.app.db, "open", true).await;
    kit
}

#[tokio::test]
async fn every_row_of_the_table_holds_at_its_route() {
    for (key, burst, rate) in TABLE.into_iter().filter(|(key, ..)| *key != RateLimitKey::Staff) {
        let (kit, began) = (kit().await, Instant::now());
        let mut allowed = 0;
        let refused = loop {
            let answer = attempt(&kit, key, "192.0.2.7", "").await;
            if answer.status == 429 {
                break answer;
            }
            allowed += 1;
        };
        // While the test runs, a few more become allowed.
        let more = (began.elapsed().as_secs_f64() / 60.0 * f64::from(rate)).ceil() as u32;
        assert!((burst..=burst + more).contains(&allowed), "{key:?}: {allowed} attempts");
        let silent = matches!(key, RateLimitKey::Contact | RateLimitKey::RefusedNotification);
        assert_eq!(refused.header("retry-after"), if silent { "" } else { "60" }, "{key:?}");
        let other = attempt(&kit, key, "192.0.2.8", "").await;
        assert_ne!(other.status, 429, "{key:?}: another network has a limit of its own");
    }
}

#[tokio::test]
async fn the_limit_of_an_api_token_holds_in_every_network_and_for_no_other_token() {
    let kit = kit().await;
    let token = kit.token("ada", "conversations:read").await;
    let hash = parse_api_token(&token).unwrap().hash();
    let (bearer, other) =
        (format!("Bearer {token}"), format!("Bearer {}", kit.token("bea", "conversations:read").await));
    let mut network = 0;
    let refused = loop {
        network += 1;
        // As many requests as are left. A slow machine may allow another one meanwhile.
        let left = (0..).take_while(|_| kit.app.rate_limiter.allow_token(RateLimitKey::Staff, hash)).count();
        assert!(network > 1 || left >= 1200, "{left}");
        let answer = attempt(&kit, RateLimitKey::Staff, &format!("192.0.2.{network}"), &bearer).await;
        if answer.status == 429 {
            break answer;
        }
        assert!(network < 200, "no request is refused");
    };
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(attempt(&kit, RateLimitKey::Staff, "192.0.2.1", &other).await.status, 200);
}

#[tokio::test]
async fn attempts_of_one_network_count_together_in_every_notation() {
    for (one, other, together) in [
        ("192.0.2.7", "::ffff:192.0.2.7", true),
        ("192.0.2.7", "192.0.2.6", false),
        ("2001:db8:0:7::1", "2001:db8:0:7:ffff:ffff:ffff:ffff", true),
        ("2001:db8:0:7::1", "2001:db8:0:8::1", false),
        ("2001:db8:0:7::1", "2001:db8:0:6:ffff:ffff:ffff:ffff", false),
        // The last address that is no proxy's counts.
        ("192.0.2.7", "203.0.113.9, 192.0.2.7, 127.0.0.2", true),
        ("192.0.2.7", "192.0.2.7, 203.0.113.9", false),
    ] {
        let kit = kit().await;
        while attempt(&kit, RateLimitKey::MagicLink, one, "").await.status != 429 {}
        let status = attempt(&kit, RateLimitKey::MagicLink, other, "").await.status;
        assert_eq!(status == 429, together, "{one} and {other}: {status}");
    }
}

#[tokio::test]
async fn what_is_right_is_not_counted_as_an_attempt() {
    let mut kit = kit().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let (cookie, code) = (kit.sign_in("ada@example.com").await, kit.write("hello", &[]).await);
    let token = kit.token("ada", "conversations:read").await;
    let bearer = format!("Bearer {token}");
    // More often than each limit allows at once.
    for _ in 0..65 {
        assert_eq!(kit.get("/licence/portal", &cookie).await.status, 200);
        assert_eq!(kit.send("GET", "/api/v1/canned", &[("Authorization", &bearer)], "").await.status, 200);
        assert_eq!(kit.send("POST", "/conversation", &[FORM], &form(&[("code", &code)])).await.status, 200);
    }
    // A header that is no token of this program is refused and looks nothing up.
    for _ in 0..65 {
        assert_eq!(kit.send("GET", "/api/v1/canned", &[("Authorization", "Bearer x")], "").await.status, 401);
    }
    assert_eq!(kit.get("/licence/portal", &cookie).await.status, 200);
}
