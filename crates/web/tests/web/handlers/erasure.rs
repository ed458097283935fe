//! Erasure over HTTP: its page, its agreement and its result.

use crate::http::form;
use crate::kit::Kit;

fn agreed() -> String {
    form(&[("agree", "yes"), ("confirmation", "ERASE")])
}

/// The pick-up code on a page.
fn code(page: &str) -> &str {
    let (_, rest) = page.split_once("<p class=\"code\" tabindex=\"0\">").expect("a code");
    rest.split_once('<').expect("its end").0
}

#[tokio::test]
async fn the_page_lists_the_consequences_and_offers_the_keys_first() {
    let mut kit = Kit::open().await;
    let key = kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let page = kit.get("/licence/erase", &cookie).await.body;
    for says in [
        "Lantern Studio (licence ",
        "we cannot recover a lost key",
        "you lose the renewal discount",
        "Order 1001",
    ] {
        assert!(page.contains(says), "{says}");
    }
    assert!(page.find("/licence/keys.txt") < page.find("<form method=\"post\" action=\"/licence/erase\""));
    let keys = kit.get("/licence/keys.txt", &cookie).await;
    assert!(keys.body.contains(&key) && keys.header("content-disposition").starts_with("attachment"));
}

#[tokio::test]
async fn without_checkbox_and_confirmation_nothing_is_erased() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    for fields in [
        &[][..],
        &[("agree", "yes")],
        &[("confirmation", "ERASE")],
        &[("agree", "yes"), ("confirmation", "erase")],
        &[("agree", "no"), ("confirmation", "ERASE")],
    ] {
        let answer = kit.post("/licence/erase", &[("Cookie", &cookie)], &form(fields)).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("We did not erase anything"));
    }
    assert_eq!(kit.get("/licence/portal", &cookie).await.status, 200);
}

#[tokio::test]
async fn an_erased_customer_and_a_stranger_get_the_same_response() {
    let mut kit = Kit::open().await;
    let key = kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let (cookie, other) = (kit.sign_in("ada@example.com").await, kit.sign_in("ada@example.com").await);
    let erased = kit.post("/licence/erase", &[("Cookie", &cookie)], &agreed()).await;
    assert_eq!(erased.status, 200);
    assert!(erased.header("set-cookie").contains("Max-Age=0"), "the cookie is deleted");
    assert!(erased.body.contains("scruple erasure receipt") && !erased.body.contains("ada@"));
    for closed in [&cookie, &other] {
        assert_eq!(kit.get("/licence/portal", closed).await.header("location"), "/licence?signed-out");
    }
    assert_eq!(
        kit.request_magic_link("ada@example.com").await.but_the_date(),
        kit.request_magic_link("nobody@example.com").await.but_the_date()
    );
    assert!(kit.emails().await.is_empty());
    let refreshed = kit.send("POST", "/licence/refresh", &[], &key).await;
    assert_eq!((refreshed.status, refreshed.body.trim()), (200, &*key), "the licence continues to work");

    let picked = kit.post("/receipt", &[], &form(&[("code", code(&erased.body))])).await;
    assert_eq!(picked.status, 200);
    let mut tx = kit.app.db.read().await.unwrap();
    let signers = domain::licensing::issue::Signers::load(&mut tx).await.unwrap();
    domain::erasure::receipt::verify(&picked.body, &signers.public).unwrap();
}

#[tokio::test]
async fn a_scheduled_erasure_shows_its_day_and_can_be_cancelled() {
    let mut kit = Kit::with_cooling(7).await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    assert!(kit.get("/licence/erase", &cookie).await.body.contains("in 7 days"));
    let waits = kit.post("/licence/erase", &[("Cookie", &cookie)], &agreed()).await;
    assert!(waits.body.contains("2026-11-29"), "the day");
    assert!(kit.get("/licence/portal", &cookie).await.body.contains("/licence/erase/cancel"));
    let agreed_already = kit.get("/licence/erase", &cookie).await.body;
    assert!(
        agreed_already.contains("You have already agreed")
            && !agreed_already.contains("name=\"confirmation\"")
    );
    let withheld = kit.post("/receipt", &[], &form(&[("code", code(&waits.body))])).await;
    assert_eq!(withheld.status, 202);
    kit.post("/licence/erase/cancel", &[("Cookie", &cookie)], "").await;
    assert!(!kit.get("/licence/portal", &cookie).await.body.contains("cancel"));
}

#[tokio::test]
async fn while_a_replica_of_the_keyring_is_unavailable_the_receipt_is_withheld() {
    let mut kit = Kit::with_two_replicas().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let folder = kit.scratch.folder.path();
    let (here, away) = (folder.join("two"), folder.join("away"));
    std::fs::rename(&here, &away).unwrap();
    let pending = kit.post("/licence/erase", &[("Cookie", &cookie)], &agreed()).await;
    assert_eq!(pending.status, 200);
    assert!(pending.body.contains("Your data is being erased") && !pending.body.contains("receipt 1"));
    let code = code(&pending.body).to_owned();
    assert_eq!(kit.post("/receipt", &[], &form(&[("code", &code)])).await.status, 202);
    assert_eq!(kit.get("/licence/portal", &cookie).await.status, 303, "can no longer be identified");
    std::fs::rename(&away, &here).unwrap();
    domain::erasure::completion::roll_forward(&kit.app.db).await.unwrap();
    let receipt = kit.post("/receipt", &[], &form(&[("code", &code.to_lowercase().replace('-', " "))])).await;
    assert_eq!(receipt.status, 200);
    assert!(receipt.body.contains("scruple erasure receipt"));
}
