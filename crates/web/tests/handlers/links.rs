//! Links and open pages: once, not for long, and only by a button.

use crate::http::form;
use crate::kit::Kit;

#[tokio::test]
async fn following_a_link_uses_nothing_up_and_its_button_does() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let link = kit.link("ada@example.com").await;
    for method in ["GET", "HEAD", "GET", "HEAD", "GET"] {
        let answer = kit.send(method, &link, &[], "").await;
        assert_eq!((answer.status, answer.header("set-cookie")), (200, ""));
    }
    let opened = kit.post(&link, &[], "").await;
    assert_eq!(opened.status, 303);
    let cookie = opened.header("set-cookie");
    for part in ["Path=/licence", "HttpOnly", "SameSite=Strict", "Max-Age=1800", "Secure"] {
        assert!(cookie.split("; ").any(|p| p == part), "{part} of the cookie");
    }
    assert_eq!(kit.post(&link, &[], "").await.status, 410, "a second time");
    assert_eq!(kit.get(&link, "").await.status, 410);
}

#[tokio::test]
async fn a_link_ends_after_an_hour() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let link = kit.link("ada@example.com").await;
    kit.later(3599).await;
    assert_eq!(kit.get(&link, "").await.status, 200);
    kit.later(1).await;
    assert_eq!(kit.get(&link, "").await.status, 410);
    assert_eq!(kit.post(&link, &[], "").await.status, 410);
}

#[tokio::test]
async fn an_open_page_closes_after_half_an_hour() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.page("ada@example.com").await;
    kit.later(1799).await;
    assert_eq!(kit.get("/licence/page", &cookie).await.status, 200);
    kit.later(1).await;
    assert_eq!(kit.get("/licence/page", &cookie).await.header("location"), "/licence?closed");
}

#[tokio::test]
async fn a_closed_page_stays_closed_and_its_cookie_is_dropped() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.page("ada@example.com").await;
    let other = kit.page("ada@example.com").await;
    let closed = kit.post("/licence/close", &[("Cookie", &cookie)], "").await;
    assert!(closed.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(kit.get("/licence/page", &cookie).await.status, 303);
    assert_eq!(kit.get("/licence/page", &other).await.status, 200, "another window's page is its own");
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let mut kit = Kit::open().await;
    let key = kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.page("ada@example.com").await;
    let yes = form(&[("agree", "yes"), ("word", "ERASE")]);
    for site in ["cross-site", "same-site", "something-new"] {
        for (path, body) in
            [("/licence/erase", &*yes), ("/licence/close", ""), ("/licence", "email=ada%40example.com")]
        {
            let answer = kit.post(path, &[("Cookie", &cookie), ("Sec-Fetch-Site", site)], body).await;
            assert_eq!(answer.status, 403, "{path} from {site}");
        }
    }
    assert!(kit.letters().await.is_empty());
    assert!(kit.get("/licence/page", &cookie).await.body.contains(&key));
}

#[tokio::test]
async fn a_new_address_is_confirmed_from_its_own_mailbox() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.page("ada@example.com").await;
    let asked = kit
        .post("/licence/address", &[("Cookie", &cookie)], &form(&[("email", "ada@lovelace.example")]))
        .await;
    assert_eq!(asked.status, 200);
    let again =
        kit.post("/licence/address", &[("Cookie", &cookie)], &form(&[("email", "x@lovelace.example")])).await;
    assert_eq!(again.status, 409, "once for each open page");
    let letters = kit.letters().await;
    let [(to, link)] = &letters[..] else { panic!("one letter") };
    assert_eq!(to, "ada@lovelace.example");
    assert_eq!(kit.get(link, "").await.status, 200);
    assert!(
        kit.get("/licence/held", &cookie).await.body.contains("ada@example.com"),
        "nothing changed by a look"
    );
    assert_eq!(kit.post(link, &[], "").await.status, 200);
    assert_eq!(kit.post(link, &[], "").await.status, 410);
    kit.ask("ada@example.com").await;
    assert!(kit.letters().await.is_empty(), "the old address is nobody's");
    assert!(kit.link("ada@lovelace.example").await.starts_with("/licence/open/"));
}
