//! Rate limits of the routes.

use paypro::simulator::Party;
use paypro::{Purchase, Secret};

use crate::http::form;
use crate::kit::Kit;

#[tokio::test]
async fn requests_for_magic_links_are_rate_limited() {
    let kit = Kit::open().await;
    for _ in 0..20 {
        assert_eq!(kit.request_magic_link("nobody@example.com").await.status, 200);
    }
    let refused = kit.request_magic_link("nobody@example.com").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    assert!(refused.body.contains("Too many attempts"));
    assert_eq!(kit.get("/licence", "").await.status, 200, "the form itself is not limited");
}

#[tokio::test]
async fn guessing_links_cookies_and_codes_shares_one_limit_and_valid_ones_are_not_counted() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let (link, cookie) = (kit.link("ada@example.com").await, kit.sign_in("ada@example.com").await);
    let mut last = 0;
    for n in 0..66 {
        last = match n % 3 {
            0 => kit.get(&format!("/licence/open/{n}"), "").await.status,
            1 => kit.get("/licence/portal", &format!("scruple_session={n}")).await.status,
            _ => kit.post("/receipt", &[], &form(&[("code", &n.to_string())])).await.status,
        };
    }
    assert_eq!(last, 429);
    assert_eq!(kit.get("/licence/portal", &cookie).await.status, 200);
    assert_eq!(kit.get(&link, "").await.status, 200);
}

#[tokio::test]
async fn refused_webhooks_are_rate_limited_and_valid_ones_never_are() {
    let kit = Kit::open().await;
    let forger = paypro::Shop::new(Secret::new("a guess").unwrap());
    let purchase = Purchase::new("7", "4711", Party::new("ada@example.com", "Ada Lovelace"));
    let mut answers = Vec::new();
    for _ in 0..70 {
        answers.push(kit.post("/paypro", &[], &forger.charged(&purchase).body()).await);
    }
    assert_eq!(answers[0].status, 403);
    assert_eq!((answers[69].status, &*answers[69].body), (429, ""));
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
}

#[tokio::test]
async fn an_address_gets_three_e_mails_an_hour_and_the_response_hides_it() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(kit.request_magic_link("ada@example.com").await);
    }
    assert!(answers.iter().all(|a| a.but_the_date() == answers[0].but_the_date()));
    assert_eq!(kit.emails().await.len(), 3);
}
