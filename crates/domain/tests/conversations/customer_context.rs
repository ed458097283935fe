//! Beside a thread: the customer, and what staff do about them.

use domain::conversations::StartConversation;
use domain::conversations::customer_context::{
    ExtendLinkedLicence, ResendKeys, RevokeLinkedLicence, StartCustomerErasure, ViewCustomerContext,
};
use domain::conversations::staff::ChangeOutcome;
use domain::email::EmailKind;
use domain::erasure::request::AgreementOutcome;

use crate::kit::Shop;
use crate::support::{form, staff};

#[tokio::test]
async fn staff_see_the_customer_with_licences_orders_renewals_and_earlier_threads() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let earlier = shop.writes("ada@example.org", "Earlier").await;
    let id = shop.writes("ada@example.org", "Now").await;
    let panel = shop.does(ViewCustomerContext { id, actor: &staff() }).await.unwrap();
    let customer = panel.customer.as_ref().unwrap();
    assert_eq!((&*customer.email, customer.licences.len(), customer.orders.len()), ("ada@example.org", 1, 1));
    assert_eq!(panel.renewals.iter().map(|r| r.state).collect::<Vec<_>>(), ["later"]);
    assert_eq!(panel.earlier.iter().map(|r| r.id).collect::<Vec<_>>(), [earlier]);
    let told = shop.db().read().await.unwrap().audit_counts().await.unwrap();
    assert_eq!(told.without_case, 0);
}

#[tokio::test]
async fn a_licence_number_shows_the_licence_and_not_whose_it_is() {
    let shop = Shop::open().await;
    let (_, key) = shop.customer("1", "ada@example.org").await;
    let number = domain::licensing::issue::display_number(shop.licence(&key).await.serial).to_lowercase();
    let (id, _) = shop.begin(&StartConversation { message: "Hello", licence: &number, ..form(&shop) }).await;
    let panel = shop.does(ViewCustomerContext { id, actor: &staff() }).await.unwrap();
    let named = panel.named.as_ref().unwrap();
    assert_eq!((&*named.product, named.edition, &*named.state), ("Product 101", 1, "active"));
    assert!(panel.customer.is_none() && panel.earlier.is_empty());
    // One that nobody was given looks the same to whoever typed it.
    let (other, _) =
        shop.begin(&StartConversation { message: "Hello", licence: "0000-0001", ..form(&shop) }).await;
    assert!(shop.does(ViewCustomerContext { id: other, actor: &staff() }).await.unwrap().named.is_none());
}

#[tokio::test]
async fn keys_are_resent_once_for_each_message_and_to_the_customers_own_address() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let id = shop.writes("ada@example.org", "My key is lost").await;
    let actor = staff();
    let resend = || ResendKeys { id, actor: &actor, settings: &shop.settings };
    assert_eq!(shop.does(resend()).await, ChangeOutcome::Done);
    let letter = shop.send().await.unwrap();
    assert_eq!((letter.kind, &*letter.content.to), (EmailKind::MagicLink, "ada@example.org"));
    let token = letter.content.link.rsplit_once('/').unwrap().1.to_owned();
    assert!(shop.does(domain::portal::magic_link::RedeemMagicLink { token: &token }).await.is_some());
    assert!(matches!(shop.does(resend()).await, ChangeOutcome::Refused(_)));
    shop.answers(id, "ada@example.org", true, "Please once more").await;
    assert_eq!(shop.does(resend()).await, ChangeOutcome::Done);
    shop.solicited().await;
    shop.send().await.unwrap();
    shop.pass_days(31);
    assert!(matches!(shop.does(resend()).await, ChangeOutcome::Refused(_)));
    let stranger = shop.writes("bea@example.org", "Send me Ada's key").await;
    let to_stranger = ResendKeys { id: stranger, actor: &actor, settings: &shop.settings };
    assert!(matches!(shop.does(to_stranger).await, ChangeOutcome::Refused(_)));
    shop.solicited().await;
}

#[tokio::test]
async fn licences_of_the_thread_are_extended_and_revoked_and_no_others() {
    let shop = Shop::open().await;
    let (_, key) = shop.customer("1", "ada@example.org").await;
    let (_, others) = shop.customer("2", "bea@example.org").await;
    let id = shop.writes("ada@example.org", "A month more, please").await;
    let (before, actor) = (shop.licence(&key).await, staff());
    let extend = |serial, months| ExtendLinkedLicence { id, serial, months, actor: &actor };
    assert!(matches!(
        shop.does(extend(shop.licence(&others).await.serial, 1)).await,
        ChangeOutcome::Refused(_)
    ));
    assert!(matches!(shop.does(extend(before.serial, 0)).await, ChangeOutcome::Refused(_)));
    assert_eq!(shop.does(extend(before.serial, 1)).await, ChangeOutcome::Done);
    assert_eq!(shop.licence(&key).await.until_day, domain::day::add_months(before.until_day, 1));
    let revoke = |revoked| RevokeLinkedLicence { id, serial: before.serial, revoked, actor: &actor };
    assert_eq!(shop.does(revoke(true)).await, ChangeOutcome::Done);
    assert_eq!(shop.licence(&key).await.state.as_str(), "revoked");
    assert_eq!(shop.does(revoke(false)).await, ChangeOutcome::Done);
    assert_eq!(shop.licence(&key).await.state.as_str(), "active");
}

#[tokio::test]
async fn an_erasure_that_the_customer_agreed_to_in_the_thread_takes_the_thread_along() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let id = shop.writes("ada@example.org", "Erase me, I know what that means").await;
    let erase = |agreement| StartCustomerErasure {
        id,
        agreement,
        actor: Box::leak(Box::new(staff())),
        settings: &shop.settings,
    };
    assert!(shop.does(erase(" ")).await.is_none());
    assert!(matches!(
        shop.does(erase("Erase me, I know what that means")).await,
        Some(AgreementOutcome::Started { .. })
    ));
    shop.roll_forward().await;
    assert_eq!((shop.rows("person").await, shop.rows("conversation").await), (0, 0));
    let told = shop.db().read().await.unwrap().audit_counts().await.unwrap();
    assert_eq!((told.agreements, told.erasures, told.with_identity), (1, 1, 0));
    shop.holds().await;
}
