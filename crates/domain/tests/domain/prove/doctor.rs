//! The doctor finds each condition. The message catalogue says what to do about it.

use domain::compliance::doctor::conditions::{
    ConfigurationCondition, DatabaseCondition, KeyringCondition, LicensingCondition, OutboxCondition,
    ReceivedMailCondition, RecordsCondition,
};
use domain::compliance::doctor::{
    Advice, CheckoutKeyFault, Condition, Facts, Level, MailboxFault, RecordMailStatus, RecordRetentionRun,
    doctor,
};
use domain::counter::Counter;
use domain::email::{ClaimEmail, DeliveryFailure, DeliveryOutcome, RecordDelivery};
use keyring::KeyringWarning;
use paypro::DynamicKeyError;

use crate::prove::shop::{AppendChange, Shop};

fn facts() -> Facts {
    Facts { smtp_configured: true, validation_key_set: true, ..Facts::default() }
}

async fn diagnose(shop: &Shop, facts: &Facts) -> Vec<Advice> {
    doctor(&shop.scratch.db, &shop.settings, facts).await
}

/// The level of the condition that matches a pattern; `None` if there is none.
macro_rules! level {
    ($advice:expr, $area:ident, $condition:pat) => {
        $advice.iter().find(|a| matches!(&a.condition, Condition::$area($condition))).map(|a| a.level)
    };
}

#[tokio::test]
async fn a_healthy_shop_gets_no_warning() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let advice = diagnose(&shop, &facts()).await;
    for level in [
        level!(advice, Database, DatabaseCondition::Answers { persons: 2, .. }),
        level!(advice, Configuration, ConfigurationCondition::NotificationsVerifiable),
        level!(advice, Records, RecordsCondition::NoErasureWaits),
        level!(advice, Outbox, OutboxCondition::Empty),
        level!(advice, Records, RecordsCondition::ChainComplete),
    ] {
        assert_eq!(level, Some(Level::Ok), "{advice:#?}");
    }
    assert!(advice.iter().all(|a| a.level != Level::Bad), "{advice:#?}");
}

#[tokio::test]
async fn missing_settings_are_named() {
    let shop = Shop::open().await;
    let error = DynamicKeyError::Key { key: 7, product: 4 };
    let fault = CheckoutKeyFault { product: "4711".into(), error };
    let lacking = Facts {
        checkout_key_fault: Some(fault),
        public_url_is_local: true,
        allow_test_orders: true,
        ..Facts::default()
    };
    let advice = diagnose(&shop, &lacking).await;
    use ConfigurationCondition as Found;
    assert_eq!(level!(advice, Configuration, Found::NoValidationKey), Some(Level::Bad));
    assert_eq!(level!(advice, Configuration, Found::UnusableCheckoutKey(_)), Some(Level::Bad));
    assert_eq!(level!(advice, Configuration, Found::LocalPublicUrl { .. }), Some(Level::Warn));
    assert_eq!(level!(advice, Configuration, Found::TestOrdersAllowed), Some(Level::Warn));
    assert_eq!(level!(advice, Outbox, OutboxCondition::NoMailServer { emails: 0 }), Some(Level::Warn));
    let advice = diagnose(&shop, &facts()).await;
    assert_eq!(level!(advice, Configuration, Found::NoCheckoutKey), Some(Level::Note));
    assert_eq!(level!(advice, Configuration, Found::TestOrdersAllowed), None);
}

#[tokio::test]
async fn an_order_of_an_unknown_product_is_named() {
    let shop = Shop::open().await;
    shop.order(&shop.purchase("5001", "9999", "ada@example.org")).await;
    let advice = diagnose(&shop, &facts()).await;
    let expected = LicensingCondition::UnknownProduct { product: "9999".into(), notifications: 1 };
    let is_expected = |a: &&Advice| matches!(&a.condition, Condition::Licensing(found) if *found == expected);
    assert_eq!(advice.iter().find(is_expected).map(|a| a.level), Some(Level::Bad), "{advice:#?}");
}

#[tokio::test]
async fn an_order_on_hold_is_named() {
    let shop = Shop::open().await;
    let mut purchase = shop.purchase("5002", crate::prove::shop::PRODUCT, "ada@example.org");
    purchase.dynamic_discount = "10.00".into();
    shop.order(&purchase).await;
    let advice = diagnose(&shop, &facts()).await;
    let flagged = level!(advice, Licensing, LicensingCondition::FlaggedOrders { items: 1 });
    assert_eq!(flagged, Some(Level::Warn), "{advice:#?}");
}

#[tokio::test]
async fn emails_that_wait_or_were_given_up_are_named_with_the_failure() {
    let shop = Shop::with_customers().await;
    shop.request_magic_link("ada@example.org").await;
    let advice = diagnose(&shop, &facts()).await;
    assert_eq!(level!(advice, Outbox, OutboxCondition::Waiting { emails: 1 }), Some(Level::Note));
    let advice = diagnose(&shop, &Facts { smtp_configured: false, ..facts() }).await;
    assert_eq!(level!(advice, Outbox, OutboxCondition::NoMailServer { emails: 1 }), Some(Level::Bad));
    let email = shop.execute(&ClaimEmail).await.unwrap();
    shop.execute(&RecordDelivery {
        email: &email,
        outcome: DeliveryOutcome::Rejected(DeliveryFailure::Reply(550)),
    })
    .await;
    let advice = diagnose(&shop, &facts()).await;
    let expected = OutboxCondition::GivenUp { failure: DeliveryFailure::Reply(550), emails: 1 };
    let is_expected = |a: &&Advice| matches!(&a.condition, Condition::Outbox(found) if *found == expected);
    assert_eq!(advice.iter().find(is_expected).map(|a| a.level), Some(Level::Warn), "{advice:#?}");
}

#[tokio::test]
async fn missing_incoming_mail_is_named_until_it_arrives() {
    use ReceivedMailCondition as Found;
    let shop = Shop::open().await;
    let without_mailbox = Facts { reply_configured: true, ..facts() };
    let advice = diagnose(&shop, &without_mailbox).await;
    assert_eq!(level!(advice, ReceivedMail, Found::NoMailArrives), Some(Level::Warn));
    shop.execute(&RecordMailStatus::Received).await;
    let advice = diagnose(&shop, &without_mailbox).await;
    assert_eq!(level!(advice, ReceivedMail, Found::LastReceived { .. }), Some(Level::Ok));
    assert_eq!(level!(advice, ReceivedMail, Found::NoAuthserv), Some(Level::Warn));
    assert_eq!(level!(advice, ReceivedMail, Found::NoMailArrives), None);

    let complete = Facts { imap_configured: true, authserv_configured: true, ..without_mailbox };
    for status in [
        RecordMailStatus::Mailbox(Some(MailboxFault::TimedOut)),
        RecordMailStatus::Unprocessable(2),
        RecordMailStatus::Quarantined,
    ] {
        shop.execute(&status).await;
    }
    shop.execute(&RecordMailStatus::Quarantined).await;
    let advice = diagnose(&shop, &complete).await;
    let timed_out = level!(advice, ReceivedMail, Found::MailboxUnreadable(MailboxFault::TimedOut));
    assert_eq!(timed_out, Some(Level::Bad));
    assert_eq!(level!(advice, ReceivedMail, Found::Unprocessable { messages: 2 }), Some(Level::Bad));
    assert_eq!(level!(advice, ReceivedMail, Found::TooLarge { messages: 2 }), Some(Level::Note));
    shop.execute(&RecordMailStatus::Mailbox(None)).await;
    shop.execute(&RecordMailStatus::Unprocessable(0)).await;
    assert!(diagnose(&shop, &complete).await.iter().all(|a| a.level != Level::Bad));
}

#[tokio::test]
async fn a_signing_key_without_a_backup_is_named_until_it_has_one() {
    let shop = Shop::open().await;
    let without_backup = async || {
        let advice = diagnose(&shop, &facts()).await;
        level!(advice, Licensing, LicensingCondition::NoSigningKeyBackup)
    };
    assert_eq!(without_backup().await, Some(Level::Warn));
    shop.execute(&domain::licensing::signing_keys::BackUpSigningKeys { actor: &store::Actor::System }).await;
    assert_eq!(without_backup().await, None);
    shop.scratch.now.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    shop.execute(&domain::licensing::signing_keys::AddSigningKey { actor: &store::Actor::System }).await;
    assert_eq!(without_backup().await, Some(Level::Warn));
}

#[tokio::test]
async fn a_single_replica_is_named_and_an_unreachable_one_is_bad() {
    let shop = Shop::open().await;
    let advice = diagnose(&shop, &facts()).await;
    let single = level!(advice, Keyring, KeyringCondition::Warning(KeyringWarning::SingleReplica));
    assert_eq!(single, Some(Level::Warn), "{advice:#?}");
    std::fs::rename(shop.scratch.replica(), shop.scratch.folder.path().join("elsewhere")).unwrap();
    let advice = diagnose(&shop, &facts()).await;
    assert_eq!(level!(advice, Keyring, KeyringCondition::Unusable(_)), Some(Level::Bad), "{advice:#?}");
}

#[tokio::test]
async fn a_waiting_erasure_is_named() {
    let shop = Shop::with_customers().await;
    shop.agree(shop.slots().await[0]).await;
    let waits = async || {
        let advice = diagnose(&shop, &facts()).await;
        level!(advice, Records, RecordsCondition::ErasuresWait { persons: 1, conversations: 0, .. })
    };
    assert_eq!(waits().await, Some(Level::Note));
    shop.scratch.now.fetch_add(3 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(waits().await, Some(Level::Bad));
}

#[tokio::test]
async fn orders_from_before_the_horizon_are_counted_for_thirty_days() {
    let shop = Shop::open().await;
    let mut old = shop.purchase("6001", crate::prove::shop::PRODUCT, "ada@example.org");
    old.placed = old.placed - 3_000 * 86_400;
    shop.order(&old).await;
    let expected = RecordsCondition::NotKept { counter: Counter::BeforeHorizon, number: 1, days: 30 };
    let counted = async || {
        let advice = diagnose(&shop, &facts()).await;
        advice.iter().any(|a| matches!(&a.condition, Condition::Records(found) if *found == expected))
    };
    assert!(counted().await);
    shop.scratch.now.fetch_add(40 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert!(!counted().await);
}

#[tokio::test]
async fn entries_outside_of_the_chain_and_a_late_retention_run_are_named() {
    let shop = Shop::open().await;
    shop.execute(&AppendChange("something")).await;
    let advice = diagnose(&shop, &facts()).await;
    let uncovered = level!(advice, Records, RecordsCondition::ChainIncomplete { .. });
    assert_eq!(uncovered, Some(Level::Note), "{advice:#?}");
    assert_eq!(level!(advice, Records, RecordsCondition::NoRetentionRun), Some(Level::Note));
    let today = shop.scratch.db.clock.today();
    shop.execute(&RecordRetentionRun).await;
    let advice = diagnose(&shop, &facts()).await;
    let on_time = RecordsCondition::RetentionRun { day: today };
    assert!(advice.iter().any(|a| matches!(&a.condition, Condition::Records(found) if *found == on_time)));
    shop.scratch.now.fetch_add(3 * 86_400, std::sync::atomic::Ordering::SeqCst);
    let advice = diagnose(&shop, &facts()).await;
    assert_eq!(level!(advice, Records, RecordsCondition::RetentionRunLate { .. }), Some(Level::Warn));
    assert_eq!(level!(advice, Records, RecordsCondition::RetentionRun { .. }), None);
}

#[tokio::test]
async fn an_unreachable_database_is_advice_and_no_failure() {
    let shop = Shop::open().await;
    shop.scratch.db.close().await;
    let advice = diagnose(&shop, &facts()).await;
    assert_eq!(level!(advice, Database, DatabaseCondition::Unreadable(_)), Some(Level::Bad));
}

#[tokio::test]
async fn a_stored_word_of_a_newer_version_is_bad() {
    let today = Shop::open().await.scratch.db.clock.today().to_unix_days();
    for sql in [
        format!("INSERT INTO counter (day, name, total) VALUES ({today}, 'of-tomorrow', 1)"),
        "INSERT INTO meta (name, value) VALUES ('mailbox trouble', 'of-tomorrow')".to_owned(),
    ] {
        let shop = Shop::open().await;
        shop.scratch.tamper(&sql).await;
        let advice = diagnose(&shop, &facts()).await;
        assert_eq!(level!(advice, Database, DatabaseCondition::Unreadable(_)), Some(Level::Bad), "{sql}");
    }
}
