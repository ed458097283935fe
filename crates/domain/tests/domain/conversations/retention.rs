//! Retention of conversations, with an advanced clock.

use domain::conversations::StartConversation;
use domain::conversations::staff::SetConversationState;
use domain::erasure::retention::{RetentionReport, run_retention};
use store::ConversationState;

use crate::conversations::support::form;
use crate::kit::Shop;

async fn retention_report(shop: &Shop) -> RetentionReport {
    run_retention(shop.db(), &shop.settings).await.unwrap()
}

#[tokio::test]
async fn a_waiting_conversation_is_closed_after_30_days_and_erased_after_the_retention_of_its_kind() {
    let shop = Shop::open().await;
    let (anonymous, code) = shop.start(&StartConversation { message: "Hello", ..form(&shop) }).await;
    let named = shop.start_by_mail("bea@example.org", "Hello").await;
    let open = shop.start_by_mail("eve@example.org", "Nobody has answered").await;
    shop.reply(anonymous, "Hello.", false).await;
    shop.reply(named, "Hello.", false).await;
    shop.send().await.unwrap();
    shop.pass_days(29);
    assert_eq!(retention_report(&shop).await.closed, 0);
    shop.pass_days(1);
    assert_eq!(retention_report(&shop).await.closed, 2);
    let closed = shop.today();
    assert_eq!(shop.view_by_code(&code).await.unwrap().state, "closed");
    assert_eq!(shop.view_by_code(&code).await.unwrap().forgotten_on, (closed + 90).to_string());
    shop.set_day(closed + 89);
    assert_eq!(retention_report(&shop).await.conversations, 0);
    shop.set_day(closed + 90);
    assert_eq!(retention_report(&shop).await.conversations, 1);
    assert!(shop.view_by_code(&code).await.is_none());
    let slot = shop.conversation(named).await.slot;
    shop.set_day(closed.plus_months(12) - 1);
    assert_eq!(retention_report(&shop).await.conversations, 0);
    shop.set_day(closed.plus_months(12));
    assert_eq!(retention_report(&shop).await.conversations, 1);
    assert!(shop.db().keyring().is_forgotten(slot).unwrap());
    assert_eq!(
        shop.conversation(open).await.state,
        ConversationState::Open,
        "a conversation without a reply was closed"
    );
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_person_is_kept_as_long_as_their_conversation() {
    let shop = Shop::open().await;
    let (_, key) = shop.customer("1", "ada@example.org").await;
    let serial = shop.licence(&key).await.serial;
    let revoke = domain::licensing::manual_licensing::RevokeLicence {
        serial,
        revoked: true,
        actor: &store::Actor::System,
    };
    shop.execute(revoke).await.unwrap();
    retention_report(&shop).await;
    shop.set_day(shop.today().plus_months(24) - 10);
    let id = shop.start_by_mail("ada@example.org", "Do you still know me?").await;
    shop.pass_days(20);
    assert_eq!(retention_report(&shop).await.forgotten, 0, "there is something to support");
    shop.execute(SetConversationState { id, state: ConversationState::Closed }).await;
    let closed = shop.today();
    shop.set_day(closed.plus_months(12));
    let done = retention_report(&shop).await;
    assert_eq!((done.conversations, done.forgotten), (1, 1));
    assert_eq!((shop.rows("conversation").await, shop.rows("person").await), (0, 0));
    shop.check_integrity().await;
}

#[tokio::test]
async fn email_tokens_and_records_of_processed_mail_expire() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    assert_eq!((shop.rows("conversation_access").await, shop.rows("processed_mail").await), (1, 1));
    shop.pass_days(31);
    retention_report(&shop).await;
    assert_eq!((shop.rows("conversation_access").await, shop.rows("processed_mail").await), (1, 0));
    shop.pass_days(31);
    retention_report(&shop).await;
    assert_eq!(shop.rows("conversation_access").await, 0);
}

#[tokio::test]
async fn an_email_is_not_sent_30_days_after_its_cause() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "Hello").await;
    shop.pass_days(30);
    shop.reply(id, "Sorry that it took so long.", false).await;
    assert_eq!(shop.email_count().await, 1);
    shop.pass_days(1);
    assert!(shop.send().await.is_none());
    assert_eq!(shop.email_count().await, 0);
}
