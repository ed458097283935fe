//! Magic links and sessions: a link works once, for a short time, and only by its button.

use crate::http::form;
use crate::kit::Kit;

#[tokio::test]
async fn following_a_link_does_not_use_it_up_and_its_button_does() {
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
    assert_eq!(kit.post(&link, &[], "").await.status, 410, "second use");
    assert_eq!(kit.get(&link, "").await.status, 410);
}

#[tokio::test]
async fn a_link_expires_after_an_hour() {
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
async fn a_session_expires_after_half_an_hour() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    kit.later(1799).await;
    assert_eq!(kit.get("/licence/portal", &cookie).await.status, 200);
    kit.later(1).await;
    assert_eq!(kit.get("/licence/portal", &cookie).await.header("location"), "/licence?signed-out");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_deletes_its_cookie() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let other = kit.sign_in("ada@example.com").await;
    let closed = kit.post("/licence/sign-out", &[("Cookie", &cookie)], "").await;
    assert!(closed.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(kit.get("/licence/portal", &cookie).await.status, 303);
    assert_eq!(kit.get("/licence/portal", &other).await.status, 200, "another browser has its own session");
}

#[tokio::test]
async fn a_cross_site_form_is_refused() {
    let mut kit = Kit::open().await;
    let key = kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let yes = form(&[("agree", "yes"), ("confirmation", "ERASE")]);
    for site in ["cross-site", "same-site", "something-new"] {
        for (path, body) in
            [("/licence/erase", &*yes), ("/licence/sign-out", ""), ("/licence", "email=ada%40example.com")]
        {
            let answer = kit.post(path, &[("Cookie", &cookie), ("Sec-Fetch-Site", site)], body).await;
            assert_eq!(answer.status, 403, "{path} from {site}");
        }
    }
    assert!(kit.emails().await.is_empty());
    assert!(kit.get("/licence/portal", &cookie).await.body.contains(&key));
}

#[tokio::test]
async fn a_new_address_is_confirmed_from_its_own_mailbox() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let asked = kit
        .post("/licence/address", &[("Cookie", &cookie)], &form(&[("email", "ada@lovelace.example")]))
        .await;
    assert_eq!(asked.status, 200);
    let again =
        kit.post("/licence/address", &[("Cookie", &cookie)], &form(&[("email", "x@lovelace.example")])).await;
    assert_eq!(again.status, 409, "once for each session");
    let emails = kit.emails().await;
    let [(to, link)] = &emails[..] else { panic!("one e-mail") };
    assert_eq!(to, "ada@lovelace.example");
    assert_eq!(kit.get(link, "").await.status, 200);
    assert!(
        kit.get("/licence/data", &cookie).await.body.contains("ada@example.com"),
        "following the link changes nothing"
    );
    assert_eq!(kit.post(link, &[], "").await.status, 200);
    assert_eq!(kit.post(link, &[], "").await.status, 410);
    kit.request_magic_link("ada@example.com").await;
    assert!(kit.emails().await.is_empty(), "the old address no longer works");
    assert!(kit.link("ada@lovelace.example").await.starts_with("/licence/open/"));
}
