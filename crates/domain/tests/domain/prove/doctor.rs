//! The doctor names each problem, and what to do.

use domain::compliance::doctor::{Advice, Facts, Level, RecordMailStatus, RecordRetentionRun, doctor};
use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};

use crate::prove::shop::{AppendChange, Shop};

fn facts() -> Facts {
    Facts { smtp_configured: true, validation_key_set: true, ..Facts::default() }
}

async fn diagnose(shop: &Shop, facts: &Facts) -> Vec<Advice> {
    doctor(&shop.scratch.db, &shop.settings, facts).await
}

#[track_caller]
fn find<'a>(advice: &'a [Advice], message: &str) -> &'a Advice {
    advice
        .iter()
        .find(|a| a.message.contains(message))
        .unwrap_or_else(|| panic!("{message} is not in {advice:#?}"))
}

#[tokio::test]
async fn a_healthy_shop_gets_no_warning() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let advice = diagnose(&shop, &facts()).await;
    for expected in [
        "2 persons",
        "notifications (webhooks) can be verified",
        "no erasure waits",
        "no e-mail waits",
        "covers every audit entry",
    ] {
        assert_eq!(find(&advice, expected).level, Level::Ok);
    }
    assert!(advice.iter().all(|a| a.level != Level::Bad), "{advice:#?}");
    assert!(advice.iter().all(|a| a.level < Level::Warn || !a.action.is_empty()), "{advice:#?}");
}

#[tokio::test]
async fn missing_settings_are_named_by_their_key() {
    let shop = Shop::open().await;
    let lacking = Facts {
        checkout_key_error: Some("15 bytes".into()),
        public_url_is_local: true,
        allow_test_orders: true,
        ..Facts::default()
    };
    let advice = diagnose(&shop, &lacking).await;
    assert!(find(&advice, "paypro.validation_key is not set").level == Level::Bad);
    assert!(find(&advice, "renewal links cannot be made: 15 bytes").action.contains("paypro.checkout_key"));
    assert!(find(&advice, "only this machine").action.contains("server.public_url"));
    assert!(find(&advice, "test orders").action.contains("paypro.allow_test_orders"));
    assert!(find(&advice, "no mail server").action.contains("mail.smtp"));
    assert!(
        find(&diagnose(&shop, &facts()).await, "no checkout key").action.contains("paypro.checkout_vector")
    );
}

#[tokio::test]
async fn an_order_of_an_unknown_product_is_named_with_the_command_that_adds_it() {
    let shop = Shop::open().await;
    shop.order(&shop.purchase("5001", "9999", "ada@example.org")).await;
    let advice = diagnose(&shop, &facts()).await;
    let advice_on_order = find(&advice, "wait for the unknown product 9999");
    assert!(
        advice_on_order.level == Level::Bad
            && advice_on_order.action.starts_with("scruple product add --id 9999 --name "),
        "{advice_on_order}"
    );
}

#[tokio::test]
async fn an_order_on_hold_is_named() {
    let shop = Shop::open().await;
    let mut purchase = shop.purchase("5002", crate::prove::shop::PRODUCT, "ada@example.org");
    purchase.dynamic_discount = "10.00".into();
    shop.order(&purchase).await;
    let advice = diagnose(&shop, &facts()).await;
    assert!(find(&advice, "1 order items need a check").action.contains("scruple licence release --order"));
}

#[tokio::test]
async fn emails_that_wait_or_were_given_up_are_named_with_the_failure() {
    let shop = Shop::with_customers().await;
    shop.request_magic_link("ada@example.org").await;
    assert_eq!(find(&diagnose(&shop, &facts()).await, "1 e-mails wait to be sent").level, Level::Note);
    let without = Facts { smtp_configured: false, ..facts() };
    assert_eq!(
        find(&diagnose(&shop, &without).await, "no mail server is configured: 1 e-mails").level,
        Level::Bad
    );
    let email = shop.execute(&ClaimEmail).await.unwrap();
    shop.execute(&RecordDelivery { email: &email, outcome: DeliveryOutcome::Rejected("refused".into()) })
        .await;
    assert_eq!(find(&diagnose(&shop, &facts()).await, "1 e-mails were given up: refused").level, Level::Warn);
}

#[tokio::test]
async fn missing_incoming_mail_is_named_until_it_arrives() {
    let shop = Shop::open().await;
    let without_mailbox = Facts { reply_configured: true, ..facts() };
    assert!(
        find(&diagnose(&shop, &without_mailbox).await, "no mail arrives")
            .action
            .contains("scruple mail receive")
    );
    shop.execute(&RecordMailStatus::Received).await;
    let advice = diagnose(&shop, &without_mailbox).await;
    assert_eq!(find(&advice, "mail was last received on").level, Level::Ok);
    assert_eq!(find(&advice, "mail.authserv is not set").level, Level::Warn);
    assert!(!advice.iter().any(|a| a.message.contains("no mail arrives")));

    let complete = Facts { imap_configured: true, authserv_configured: true, ..without_mailbox };
    for status in [
        RecordMailStatus::MailboxError("the mailbox took too long".into()),
        RecordMailStatus::Unprocessable(2),
        RecordMailStatus::Quarantined,
    ] {
        shop.execute(&status).await;
    }
    shop.execute(&RecordMailStatus::Quarantined).await;
    let advice = diagnose(&shop, &complete).await;
    assert_eq!(find(&advice, "the mailbox took too long").level, Level::Bad);
    assert_eq!(find(&advice, "2 messages in the mailbox cannot be received").level, Level::Bad);
    assert!(find(&advice, "2 messages were larger than 40 MB").action.contains("delete them"));
    shop.execute(&RecordMailStatus::MailboxError(String::new())).await;
    shop.execute(&RecordMailStatus::Unprocessable(0)).await;
    assert!(diagnose(&shop, &complete).await.iter().all(|a| a.level != Level::Bad));
}

#[tokio::test]
async fn a_signing_key_without_a_backup_is_named_until_it_has_one() {
    let shop = Shop::open().await;
    assert!(
        find(&diagnose(&shop, &facts()).await, "has no backup")
            .action
            .contains("scruple licence keys backup")
    );
    shop.execute(&domain::licensing::signing_keys::BackUpSigningKeys { actor: &store::Actor::System }).await;
    assert!(!diagnose(&shop, &facts()).await.iter().any(|a| a.message.contains("has no backup")));
    shop.scratch.now.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    shop.execute(&domain::licensing::signing_keys::AddSigningKey { actor: &store::Actor::System }).await;
    find(&diagnose(&shop, &facts()).await, "has no backup");
}

#[tokio::test]
async fn a_single_replica_is_named_and_an_unreachable_one_is_bad() {
    let shop = Shop::open().await;
    assert_eq!(find(&diagnose(&shop, &facts()).await, "a single replica").level, Level::Warn);
    std::fs::rename(shop.scratch.replica(), shop.scratch.folder.path().join("elsewhere")).unwrap();
    let advice = diagnose(&shop, &facts()).await;
    assert_eq!(find(&advice, "the keyring cannot be used").level, Level::Bad);
}

#[tokio::test]
async fn a_waiting_erasure_is_named() {
    let shop = Shop::with_customers().await;
    shop.agree(shop.slots().await[0]).await;
    assert_eq!(find(&diagnose(&shop, &facts()).await, "1 persons, 0 conversations").level, Level::Note);
    shop.scratch.now.fetch_add(3 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(find(&diagnose(&shop, &facts()).await, "1 persons, 0 conversations").level, Level::Bad);
}

#[tokio::test]
async fn orders_from_before_the_horizon_are_counted_for_thirty_days() {
    let shop = Shop::open().await;
    let mut old = shop.purchase("6001", crate::prove::shop::PRODUCT, "ada@example.org");
    old.placed = old.placed - 3_000 * 86_400;
    shop.order(&old).await;
    find(&diagnose(&shop, &facts()).await, "from before the horizon (1)");
    shop.scratch.now.fetch_add(40 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert!(!diagnose(&shop, &facts()).await.iter().any(|a| a.message.contains("horizon")));
}

#[tokio::test]
async fn entries_outside_of_the_chain_and_a_late_retention_run_are_named() {
    let shop = Shop::open().await;
    shop.execute(&AppendChange("something")).await;
    assert_eq!(find(&diagnose(&shop, &facts()).await, "not covered by the audit chain").level, Level::Note);
    assert_eq!(find(&diagnose(&shop, &facts()).await, "there was no retention run yet").level, Level::Note);
    shop.execute(&RecordRetentionRun).await;
    assert_eq!(
        find(&diagnose(&shop, &facts()).await, "the last retention run was on 2026-11-22").level,
        Level::Ok
    );
    shop.scratch.now.fetch_add(3 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        find(&diagnose(&shop, &facts()).await, "the last retention run was on 2026-11-22").level,
        Level::Warn
    );
}

#[tokio::test]
async fn an_unreachable_database_is_advice_and_no_failure() {
    let shop = Shop::open().await;
    shop.scratch.db.close().await;
    assert!(
        diagnose(&shop, &facts())
            .await
            .iter()
            .any(|a| a.level == Level::Bad && a.message.contains("database"))
    );
}
