//! The customer context of a conversation: what staff see and change there.

use domain::conversations::customer_context::{
    ExtendLinkedLicence, ResendKeys, RevokeLinkedLicence, StartCustomerErasure, ViewCustomerContext,
};
use domain::conversations::staff::ChangeOutcome;
use domain::conversations::{ChangeRefusal, ResendRefusal, StartConversation};
use domain::email::EmailKind;
use domain::erasure::request::AgreementOutcome;
use domain::licensing::manual_licensing::ExtensionRefusal;
use domain::token::Token;

use crate::conversations::support::{form, staff};
use crate::kit::Shop;

#[tokio::test]
async fn staff_see_the_customer_with_licences_orders_renewals_and_earlier_conversations() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let earlier = shop.start_by_mail("ada@example.org", "Earlier").await;
    let id = shop.start_by_mail("ada@example.org", "Now").await;
    let context = shop.execute(ViewCustomerContext { id, actor: &staff() }).await.unwrap();
    let customer = context.customer.as_ref().unwrap();
    assert_eq!((&*customer.email, customer.licences.len(), customer.orders.len()), ("ada@example.org", 1, 1));
    assert_eq!(context.renewals.iter().map(|r| r.state).collect::<Vec<_>>(), ["later"]);
    assert_eq!(context.earlier.iter().map(|r| r.id).collect::<Vec<_>>(), [earlier]);
    let counts = shop.db().read().await.unwrap().audit_counts().await.unwrap();
    assert_eq!(counts.without_case, 0);
}

#[tokio::test]
async fn a_licence_number_shows_the_licence_without_its_holder() {
    let shop = Shop::open().await;
    let (_, key) = shop.customer("1", "ada@example.org").await;
    let number = shop.licence(&key).await.serial.to_string().to_lowercase();
    let (id, _) = shop.start(&StartConversation { message: "Hello", licence: &number, ..form(&shop) }).await;
    let context = shop.execute(ViewCustomerContext { id, actor: &staff() }).await.unwrap();
    let named = context.named.as_ref().unwrap();
    assert_eq!((&*named.product, named.edition, &*named.state), ("Product 101", 1, "active"));
    assert!(context.customer.is_none() && context.earlier.is_empty());
    // An unknown licence number is accepted, so that the form reveals nothing.
    let (other, _) =
        shop.start(&StartConversation { message: "Hello", licence: "0000-0001", ..form(&shop) }).await;
    assert!(shop.execute(ViewCustomerContext { id: other, actor: &staff() }).await.unwrap().named.is_none());
}

#[tokio::test]
async fn keys_are_resent_once_for_each_message_and_to_the_customers_own_address() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let id = shop.start_by_mail("ada@example.org", "My key is lost").await;
    let actor = staff();
    let resend = || ResendKeys { id, actor: &actor, settings: &shop.settings };
    assert_eq!(shop.execute(resend()).await, ChangeOutcome::Done);
    let email = shop.send().await.unwrap();
    assert_eq!((email.kind, &*email.content.to), (EmailKind::MagicLink, "ada@example.org"));
    let token = Token::presented(email.content.link.rsplit_once('/').unwrap().1);
    assert!(shop.execute(domain::portal::magic_link::RedeemMagicLink { token: &token }).await.is_some());
    let refused = |why| ChangeOutcome::Refused(ChangeRefusal::Resend(why));
    assert_eq!(shop.execute(resend()).await, refused(ResendRefusal::AlreadySent));
    shop.answer_by_mail(id, "ada@example.org", true, "Please once more").await;
    assert_eq!(shop.execute(resend()).await, ChangeOutcome::Done);
    shop.check_causes().await;
    shop.send().await.unwrap();
    shop.pass_days(31);
    assert_eq!(shop.execute(resend()).await, refused(ResendRefusal::LastMessageTooOld));
    let stranger = shop.start_by_mail("bea@example.org", "Send me Ada's key").await;
    let to_stranger = ResendKeys { id: stranger, actor: &actor, settings: &shop.settings };
    assert_eq!(shop.execute(to_stranger).await, refused(ResendRefusal::NotLinked));
    shop.check_causes().await;
}

#[tokio::test]
async fn only_licences_of_the_linked_customer_are_extended_and_revoked() {
    let shop = Shop::open().await;
    let (_, key) = shop.customer("1", "ada@example.org").await;
    let (_, others) = shop.customer("2", "bea@example.org").await;
    let id = shop.start_by_mail("ada@example.org", "A month more, please").await;
    let (before, until, actor) = (shop.licence(&key).await, shop.until(&key).await, staff());
    let extend = |serial, months| ExtendLinkedLicence { id, serial, months, actor: &actor };
    let refused = ChangeOutcome::Refused;
    let of_other = extend(shop.licence(&others).await.serial, 1);
    assert_eq!(shop.execute(of_other).await, refused(ChangeRefusal::UnrelatedLicence));
    for months in [0, 121] {
        let expected = refused(ChangeRefusal::Extension(ExtensionRefusal::Months));
        assert_eq!(shop.execute(extend(before.serial, months)).await, expected);
    }
    assert_eq!(shop.execute(extend(before.serial, 1)).await, ChangeOutcome::Done);
    assert_eq!(shop.until(&key).await, until.plus_months(1));
    let revoke = |revoked| RevokeLinkedLicence { id, serial: before.serial, revoked, actor: &actor };
    assert_eq!(shop.execute(revoke(true)).await, ChangeOutcome::Done);
    assert_eq!(shop.licence(&key).await.state.as_str(), "revoked");
    let expected = refused(ChangeRefusal::Extension(ExtensionRefusal::NotActive));
    assert_eq!(shop.execute(extend(before.serial, 1)).await, expected);
    assert_eq!(shop.execute(revoke(false)).await, ChangeOutcome::Done);
    assert_eq!(shop.licence(&key).await.state.as_str(), "active");
}

#[tokio::test]
async fn an_erasure_agreed_in_a_conversation_erases_the_conversation_too() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let id = shop.start_by_mail("ada@example.org", "Erase me, I know what that means").await;
    let erase = |agreement| StartCustomerErasure {
        id,
        agreement,
        actor: Box::leak(Box::new(staff())),
        settings: &shop.settings,
    };
    assert!(shop.execute(erase(" ")).await.is_none());
    assert!(matches!(
        shop.execute(erase("Erase me, I know what that means")).await,
        Some(AgreementOutcome::Started { .. })
    ));
    shop.roll_forward().await;
    assert_eq!((shop.rows("person").await, shop.rows("conversation").await), (0, 0));
    let counts = shop.db().read().await.unwrap().audit_counts().await.unwrap();
    assert_eq!((counts.agreements, counts.erasures, counts.with_identity), (1, 1, 0));
    shop.check_integrity().await;
}
