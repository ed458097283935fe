//! Magic links and sessions: a link works once, for a short time, and only by its button.

use domain::conversations::staff::ReplyOutcome;
use domain::token::{AddressChange, MagicLink, PortalSession, Token};
use keyring::Slot;
use store::{ConversationId, Error, MagicLinkKind, Operation, Tx};

use super::contact::reply;
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

/// Returns the last part of a path, or the value of a cookie.
fn token(text: &str) -> String {
    text.rsplit(['/', '=']).next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_of_one_purpose_opens_nothing_of_another() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    kit.post("/licence/address", &[("Cookie", &cookie)], &form(&[("email", "ada@lovelace.example")])).await;
    let change = kit.emails().await.remove(0).1;
    let sign_in = kit.link("ada@example.com").await;
    kit.write("A question", &[("email", "eve@example.net")]).await;
    let id = kit.scratch.numbers("SELECT id FROM conversation").await[0];
    assert_eq!(reply(&kit, ConversationId::new(id), "An answer.").await, ReplyOutcome::Sent);
    let conversation = kit.emails().await.remove(0).1;
    for path in [&sign_in, &change, &conversation] {
        assert_eq!(kit.get(path, "").await.status, 200, "{path}");
    }
    for (own, text) in [
        ("/licence/open/", &sign_in),
        ("/licence/address/", &change),
        ("/conversation/email/", &conversation),
        ("cookie", &cookie),
    ] {
        let token = token(text);
        for other in ["/licence/open/", "/licence/address/", "/conversation/email/"] {
            if other != own {
                let answers = [
                    kit.get(&format!("{other}{token}"), "").await.status,
                    kit.post(&format!("{other}{token}"), &[], "action=close").await.status,
                ];
                assert!(
                    answers.iter().all(|status| matches!(status, 410 | 429)),
                    "{own} at {other}: {answers:?}"
                );
            }
        }
        if own != "cookie" {
            let portal = kit.get("/licence/portal", &format!("scruple_session={token}")).await;
            assert_ne!(portal.status, 200, "{own} as a cookie");
        }
        let bearer = format!("Bearer {token}");
        let api = kit.send("GET", "/api/v1/conversations", &[("Authorization", &bearer)], "").await;
        assert!(matches!(api.status, 401 | 429), "{own} as a bearer token: {}", api.status);
    }
    for path in [&sign_in, &change, &conversation] {
        kit.later(60).await;
        assert_eq!(kit.get(path, "").await.status, 200, "{path} was not used up");
    }
}

struct AddLink {
    hash: [u8; 32],
    of: Slot,
}

impl Operation for AddLink {
    const NAME: &'static str = "add a link";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let expires_at = tx.now + 60;
        tx.add_magic_link(&self.hash, self.of, MagicLinkKind::Portal, expires_at, &[], "").await
    }
}

/// The hash of a token in the table of another purpose opens nothing either.
#[tokio::test]
async fn a_stored_hash_is_that_of_its_purpose_alone() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    kit.sign_in("ada@example.com").await;
    let of = Slot(kit.scratch.numbers("SELECT slot FROM person").await[0].cast_unsigned());
    let text = "the same text for all";
    let session = Token::<PortalSession>::presented(text).hash();
    let change = Token::<AddressChange>::presented(text).hash();
    let link = Token::<MagicLink>::presented(text).hash();
    for (hash, status) in [(session, 410), (change, 410), (link, 200)] {
        kit.app.db.execute(&AddLink { hash, of }).await.unwrap();
        assert_eq!(kit.get("/licence/open/the%20same%20text%20for%20all", "").await.status, status);
    }
}
