//! The doctor names each ill, and what to do.

use domain::compliance::doctor::{Advice, Facts, Level, RecordMailStatus, RecordRetentionRun, doctor};
use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};

use crate::shop::{Note, Shop};

fn facts() -> Facts {
    Facts { smtp_configured: true, validation_key_set: true, ..Facts::default() }
}

async fn of(shop: &Shop, facts: &Facts) -> Vec<Advice> {
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
async fn a_shop_that_is_well_is_told_so() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let advice = of(&shop, &facts()).await;
    for well in [
        "2 persons",
        "notifications (webhooks) can be verified",
        "no erasure waits",
        "no e-mail waits",
        "covers every audit entry",
    ] {
        assert_eq!(find(&advice, well).level, Level::Ok);
    }
    assert!(advice.iter().all(|a| a.level != Level::Bad), "{advice:#?}");
    assert!(advice.iter().all(|a| a.level < Level::Warn || !a.action.is_empty()), "{advice:#?}");
}

#[tokio::test]
async fn what_the_configuration_lacks_is_named_by_its_key() {
    let shop = Shop::open().await;
    let lacking = Facts {
        checkout_key_error: Some("15 bytes".into()),
        public_url_is_local: true,
        allow_test_orders: true,
        ..Facts::default()
    };
    let advice = of(&shop, &lacking).await;
    assert!(find(&advice, "paypro.validation_key is not set").level == Level::Bad);
    assert!(find(&advice, "renewal links cannot be made: 15 bytes").action.contains("paypro.checkout_key"));
    assert!(find(&advice, "only this machine").action.contains("server.public_url"));
    assert!(find(&advice, "test orders").action.contains("paypro.allow_test_orders"));
    assert!(find(&advice, "no mail server").action.contains("mail.smtp"));
    assert!(find(&of(&shop, &facts()).await, "no checkout key").action.contains("paypro.checkout_vector"));
}

#[tokio::test]
async fn an_order_of_an_unknown_product_comes_with_the_command_that_serves_it() {
    let shop = Shop::open().await;
    shop.order(&shop.purchase("5001", "9999", "ada@example.org")).await;
    let advice = of(&shop, &facts()).await;
    let waits = find(&advice, "wait for the unknown product 9999");
    assert!(
        waits.level == Level::Bad && waits.action.starts_with("scruple product add --id 9999 --name "),
        "{waits}"
    );
}

#[tokio::test]
async fn an_order_that_was_held_back_is_named() {
    let shop = Shop::open().await;
    let mut purchase = shop.purchase("5002", crate::shop::PRODUCT, "ada@example.org");
    purchase.dynamic_discount = "10.00".into();
    shop.order(&purchase).await;
    let advice = of(&shop, &facts()).await;
    assert!(find(&advice, "1 order items need a check").action.contains("scruple licence release --order"));
}

#[tokio::test]
async fn letters_that_wait_or_were_given_up_are_named_with_the_failure() {
    let shop = Shop::with_customers().await;
    shop.ask("ada@example.org").await;
    assert_eq!(find(&of(&shop, &facts()).await, "1 e-mails wait to be sent").level, Level::Note);
    let without = Facts { smtp_configured: false, ..facts() };
    assert_eq!(find(&of(&shop, &without).await, "no mail server is configured: 1 e-mails").level, Level::Bad);
    let letter = shop.does(&ClaimEmail).await.unwrap();
    shop.does(&RecordDelivery { email: &letter, outcome: DeliveryOutcome::Rejected("refused".into()) }).await;
    assert_eq!(find(&of(&shop, &facts()).await, "1 e-mails were given up: refused").level, Level::Warn);
}

#[tokio::test]
async fn mail_that_does_not_come_in_is_named_until_it_does() {
    let shop = Shop::open().await;
    let deaf = Facts { reply_configured: true, ..facts() };
    assert!(find(&of(&shop, &deaf).await, "no mail arrives").action.contains("scruple mail receive"));
    shop.does(&RecordMailStatus::Received).await;
    let advice = of(&shop, &deaf).await;
    assert_eq!(find(&advice, "mail was last received on").level, Level::Ok);
    assert_eq!(find(&advice, "mail.authserv is not set").level, Level::Warn);
    assert!(!advice.iter().any(|a| a.message.contains("no mail arrives")));

    let whole = Facts { imap_configured: true, authserv_configured: true, ..deaf };
    for note in [
        RecordMailStatus::MailboxError("the mailbox took too long".into()),
        RecordMailStatus::Unprocessable(2),
        RecordMailStatus::Quarantined,
    ] {
        shop.does(&note).await;
    }
    shop.does(&RecordMailStatus::Quarantined).await;
    let advice = of(&shop, &whole).await;
    assert_eq!(find(&advice, "the mailbox took too long").level, Level::Bad);
    assert_eq!(find(&advice, "2 messages in the mailbox cannot be received").level, Level::Bad);
    assert!(find(&advice, "2 messages were larger than 40 MB").action.contains("delete them"));
    shop.does(&RecordMailStatus::MailboxError(String::new())).await;
    shop.does(&RecordMailStatus::Unprocessable(0)).await;
    assert!(of(&shop, &whole).await.iter().all(|a| a.level != Level::Bad));
}

#[tokio::test]
async fn a_signing_key_without_a_backup_is_named_until_it_has_one() {
    let shop = Shop::open().await;
    assert!(find(&of(&shop, &facts()).await, "has no backup").action.contains("scruple licence keys backup"));
    shop.does(&domain::licensing::signing_keys::BackUpSigningKeys { actor: &store::Actor::System }).await;
    assert!(!of(&shop, &facts()).await.iter().any(|a| a.message.contains("has no backup")));
    shop.scratch.now.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    shop.does(&domain::licensing::signing_keys::AddSigningKey { actor: &store::Actor::System }).await;
    find(&of(&shop, &facts()).await, "has no backup");
}

#[tokio::test]
async fn one_place_of_the_keyring_is_named_and_one_that_is_away_is_bad() {
    let shop = Shop::open().await;
    assert_eq!(find(&of(&shop, &facts()).await, "a single replica").level, Level::Warn);
    std::fs::rename(shop.scratch.replica(), shop.scratch.folder.path().join("elsewhere")).unwrap();
    let advice = of(&shop, &facts()).await;
    assert_eq!(find(&advice, "the keyring cannot be used").level, Level::Bad);
}

#[tokio::test]
async fn a_forgetting_that_waits_is_named() {
    let shop = Shop::with_customers().await;
    shop.agree(shop.slots().await[0]).await;
    assert_eq!(find(&of(&shop, &facts()).await, "1 persons, 0 conversations").level, Level::Note);
    shop.scratch.now.fetch_add(3 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(find(&of(&shop, &facts()).await, "1 persons, 0 conversations").level, Level::Bad);
}

#[tokio::test]
async fn what_was_not_kept_is_counted_for_thirty_days() {
    let shop = Shop::open().await;
    let mut old = shop.purchase("6001", crate::shop::PRODUCT, "ada@example.org");
    old.placed = old.placed.days_later(-3000);
    shop.order(&old).await;
    find(&of(&shop, &facts()).await, "from before the horizon (1)");
    shop.scratch.now.fetch_add(40 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert!(!of(&shop, &facts()).await.iter().any(|a| a.message.contains("horizon")));
}

#[tokio::test]
async fn lines_that_the_chain_does_not_cover_and_a_sweep_that_is_late_are_named() {
    let shop = Shop::open().await;
    shop.does(&Note("something")).await;
    assert_eq!(find(&of(&shop, &facts()).await, "not covered by the audit chain").level, Level::Note);
    assert_eq!(find(&of(&shop, &facts()).await, "there was no retention run yet").level, Level::Note);
    shop.does(&RecordRetentionRun).await;
    assert_eq!(find(&of(&shop, &facts()).await, "the last retention run was on 2026-11-22").level, Level::Ok);
    shop.scratch.now.fetch_add(3 * 86_400, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        find(&of(&shop, &facts()).await, "the last retention run was on 2026-11-22").level,
        Level::Warn
    );
}

#[tokio::test]
async fn a_database_that_is_away_is_advice_and_no_failure() {
    let shop = Shop::open().await;
    shop.scratch.db.close().await;
    assert!(
        of(&shop, &facts()).await.iter().any(|a| a.level == Level::Bad && a.message.contains("database"))
    );
}
