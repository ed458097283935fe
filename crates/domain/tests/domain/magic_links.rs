//! Magic links and changes of address: limits to the second, and each refusal.

use domain::portal::address_change::{
    AddressConfirmation, AddressRequestOutcome, ConfirmAddressChange, RequestAddressChange,
};
use domain::portal::magic_link::{
    EndSession, RedeemMagicLink, RequestMagicLink, find_session, is_link_valid,
};
use domain::token::{AddressChange, MagicLink, PortalSession, Token};
use keyring::Slot;
use store::{Error, MagicLinkKind, Operation, Tx};

use crate::kit::{Shop, products};

const ADA: &str = "ada@example.org";
const BEA: &str = "bea@example.org";

/// A shop with two customers.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    for (order, address) in [("1", ADA), ("2", BEA)] {
        shop.keys(&shop.purchase(order, products::EDITOR, address)).await;
    }
    shop
}

async fn request(shop: &Shop, address: &str) {
    shop.execute(RequestMagicLink { address, settings: &shop.settings }).await;
}

/// How many links a number of requests creates.
async fn created(shop: &Shop, requests: usize) -> i64 {
    let before = shop.rows("magic_link").await;
    for _ in 0..requests {
        request(shop, ADA).await;
    }
    shop.rows("magic_link").await - before
}

/// How often requests were refused, by the counter of today.
async fn refused(shop: &Shop, why: &str) -> i64 {
    let counters = shop.db().read().await.unwrap().counters_since(shop.today()).await.unwrap();
    counters.into_iter().find(|(name, _)| name == why).map_or(0, |(_, count)| count)
}

const OF_ADDRESS: &str = "magic-link-address-limit";
const OF_ALL: &str = "magic-link-global-limit";

/// The token in the link of the next e-mail, and its recipient.
async fn next_token(shop: &Shop) -> (String, String) {
    let email = shop.send().await.expect("an e-mail");
    let token = email.content.link.rsplit_once('/').expect("a link").1.to_owned();
    (token, email.content.to.clone())
}

/// Signs in.
async fn session(shop: &Shop, address: &str) -> Token<PortalSession> {
    request(shop, address).await;
    let token = Token::<MagicLink>::presented(&next_token(shop).await.0);
    shop.execute(RedeemMagicLink { token: &token }).await.expect("a session")
}

#[tokio::test]
async fn an_address_gets_three_links_in_any_hour() {
    let shop = shop().await;
    assert_eq!((created(&shop, 5).await, refused(&shop, OF_ADDRESS).await), (3, 2));
    shop.pass_seconds(3_599);
    assert_eq!(created(&shop, 1).await, 0, "a second before the hour is over");
    shop.pass_seconds(1);
    assert_eq!(created(&shop, 5).await, 3);
    // The limit of one address is not that of another.
    request(&shop, BEA).await;
    assert_eq!(shop.rows("magic_link").await, 7);
}

#[tokio::test]
async fn an_address_gets_ten_links_in_any_day() {
    let shop = shop().await;
    for (hour, links) in [(0, 3), (1, 3), (2, 3), (3, 1), (4, 0), (22, 0)] {
        if hour > 0 {
            shop.pass_seconds(if hour == 22 { 18 * 3_600 } else { 3_600 });
        }
        assert_eq!(created(&shop, 4).await, links, "hour {hour}");
    }
    shop.pass_seconds(2 * 3_600 - 1);
    assert_eq!(created(&shop, 1).await, 0, "a second before the day is over");
    shop.pass_seconds(1);
    assert_eq!(created(&shop, 4).await, 3);
}

/// Adds links of one person that count for the limit of all.
struct AddLinks(Slot, u32);

impl Operation for AddLinks {
    const NAME: &'static str = "add links, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for n in 0..self.1 {
            let hash = Token::<MagicLink>::presented(&n.to_string()).hash();
            let expires_at = tx.now + 3_600;
            tx.add_magic_link(&hash, self.0, MagicLinkKind::Address, expires_at, &[], "x@example.org")
                .await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn all_forms_together_cause_a_thousand_links_in_an_hour() {
    let shop = shop().await;
    let other = shop.slot(BEA).await.unwrap();
    shop.execute(AddLinks(other, 999)).await;
    assert_eq!((created(&shop, 1).await, refused(&shop, OF_ALL).await), (1, 0));
    assert_eq!((created(&shop, 1).await, refused(&shop, OF_ALL).await), (0, 1));
    shop.pass_seconds(3_600);
    assert_eq!(created(&shop, 1).await, 1);
}

#[tokio::test]
async fn an_unknown_address_leaves_no_trace() {
    let shop = shop().await;
    let before = shop.rows("audit_entry").await;
    for unknown in ["", "nobody", "nobody@example.org", "ada@example.com"] {
        // A text that is no address has no tag. The handler refuses it before.
        let operation = RequestMagicLink { address: unknown, settings: &shop.settings };
        drop(shop.db().execute(&operation).await);
    }
    assert_eq!((shop.rows("magic_link").await, shop.email_count().await), (0, 0));
    assert_eq!((shop.rows("audit_entry").await, refused(&shop, OF_ADDRESS).await), (before, 0));
    // Capitals and spaces around it are the same address.
    request(&shop, " ADA@Example.ORG ").await;
    assert_eq!(next_token(&shop).await.1, ADA, "it is sent to the stored address");
}

#[tokio::test]
async fn a_link_opens_a_session_once_within_its_hour() {
    let shop = shop().await;
    for (seconds, opens) in [(0, true), (3_599, true), (3_600, false), (90_000, false)] {
        request(&shop, ADA).await;
        let token = Token::<MagicLink>::presented(&next_token(&shop).await.0);
        shop.pass_seconds(seconds);
        let mut tx = shop.db().read().await.unwrap();
        assert_eq!(is_link_valid(&mut tx, &token).await.unwrap(), opens, "after {seconds} seconds");
        drop(tx);
        let redeem = || RedeemMagicLink { token: &token };
        assert_eq!(shop.execute(redeem()).await.is_some(), opens, "after {seconds} seconds");
        assert!(shop.execute(redeem()).await.is_none(), "twice, after {seconds} seconds");
        shop.pass_seconds(90_000);
    }
}

#[tokio::test]
async fn of_two_browsers_that_use_a_link_at_once_one_gets_a_session() {
    let shop = shop().await;
    request(&shop, ADA).await;
    let token = Token::<MagicLink>::presented(&next_token(&shop).await.0);
    let redeem = || shop.execute(RedeemMagicLink { token: &token });
    let (one, other) = tokio::join!(redeem(), redeem());
    assert_eq!(usize::from(one.is_some()) + usize::from(other.is_some()), 1);
    assert_eq!(shop.rows("session").await, 1);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_or_when_it_is_left() {
    let shop = shop().await;
    let found = async |token: &Token<PortalSession>| {
        let mut tx = shop.db().read().await.unwrap();
        find_session(&mut tx, token).await.unwrap().map(|session| session.slot)
    };
    let (ada, slot) = (session(&shop, ADA).await, shop.slot(ADA).await);
    assert_eq!(found(&ada).await, slot);
    shop.pass_seconds(1_799);
    assert_eq!(found(&ada).await, slot);
    shop.pass_seconds(1);
    assert_eq!(found(&ada).await, None);
    let (one, other) = (session(&shop, ADA).await, session(&shop, BEA).await);
    shop.execute(EndSession { token: &one }).await;
    assert_eq!((found(&one).await, found(&other).await), (None, shop.slot(BEA).await));
}

async fn ask(shop: &Shop, session: &Token<PortalSession>, address: &str) -> AddressRequestOutcome {
    shop.execute(RequestAddressChange { session, address, settings: &shop.settings }).await
}

async fn confirm(shop: &Shop, token: &str) -> AddressConfirmation {
    let token = &Token::<AddressChange>::presented(token);
    shop.execute(ConfirmAddressChange { token, settings: &shop.settings }).await
}

#[tokio::test]
async fn a_session_asks_for_one_new_address_and_a_typing_mistake_does_not_count() {
    let shop = shop().await;
    let ada = session(&shop, ADA).await;
    for wrong in ["", "ada", "ada@", "@example.org", "two words@example.org", "a@b\nBcc: c@d"] {
        assert_eq!(ask(&shop, &ada, wrong).await, AddressRequestOutcome::InvalidAddress, "{wrong}");
    }
    assert_eq!(shop.email_count().await, 0);
    assert_eq!(ask(&shop, &ada, "new@example.org").await, AddressRequestOutcome::EmailSent);
    assert_eq!(ask(&shop, &ada, "newer@example.org").await, AddressRequestOutcome::AlreadyRequested);
    assert_eq!(next_token(&shop).await.1, "new@example.org");
    let next = session(&shop, ADA).await;
    assert_eq!(ask(&shop, &next, "newer@example.org").await, AddressRequestOutcome::EmailSent);
    shop.pass_seconds(1_800);
    assert_eq!(ask(&shop, &next, "newer@example.org").await, AddressRequestOutcome::SessionEnded);
    let unknown = Token::<PortalSession>::presented("no session");
    assert_eq!(ask(&shop, &unknown, "x@example.org").await, AddressRequestOutcome::SessionEnded);
}

#[tokio::test]
async fn a_new_address_is_confirmed_once_within_its_hour() {
    for (seconds, expected) in
        [(3_599, AddressConfirmation::Changed), (3_600, AddressConfirmation::InvalidLink)]
    {
        let shop = shop().await;
        let ada = session(&shop, ADA).await;
        ask(&shop, &ada, "new@example.org").await;
        let token = next_token(&shop).await.0;
        shop.pass_seconds(seconds);
        assert_eq!(confirm(&shop, &token).await, expected, "after {seconds} seconds");
        assert_eq!(confirm(&shop, &token).await, AddressConfirmation::InvalidLink, "again");
        let changed = expected == AddressConfirmation::Changed;
        assert_eq!(shop.slot("new@example.org").await.is_some(), changed);
        assert_eq!(shop.slot(ADA).await.is_some(), !changed);
    }
    let shop = shop().await;
    request(&shop, ADA).await;
    let sign_in = next_token(&shop).await.0;
    for token in ["", "no token", &sign_in] {
        assert_eq!(confirm(&shop, token).await, AddressConfirmation::InvalidLink, "{token}");
    }
}

#[tokio::test]
async fn the_address_of_another_customer_is_refused_only_to_the_owner_of_its_mailbox() {
    let shop = shop().await;
    let (ada, before) = (session(&shop, ADA).await, [shop.slot(ADA).await, shop.slot(BEA).await]);
    // The page says the same as for an unknown address.
    assert_eq!(ask(&shop, &ada, BEA).await, AddressRequestOutcome::EmailSent);
    let (token, to) = next_token(&shop).await;
    assert_eq!(to, BEA);
    assert_eq!(confirm(&shop, &token).await, AddressConfirmation::AddressInUse);
    assert_eq!([shop.slot(ADA).await, shop.slot(BEA).await], before);
    shop.check_seals().await;
}

#[tokio::test]
async fn the_own_address_in_another_spelling_is_a_change() {
    let shop = shop().await;
    let (ada, before) = (session(&shop, ADA).await, shop.slot(ADA).await);
    ask(&shop, &ada, "Ada@Example.org").await;
    let (token, _) = next_token(&shop).await;
    assert_eq!(confirm(&shop, &token).await, AddressConfirmation::Changed);
    assert_eq!(shop.slot(ADA).await, before);
    shop.check_seals().await;
}
