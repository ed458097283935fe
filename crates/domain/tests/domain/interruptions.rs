//! Interrupted erasures, restored backups, and concurrent operations.

use std::path::PathBuf;
use std::sync::Arc;

use crate::kit::{Shop, products, reply_name};
use domain::licensing::purchase::{NotificationReply, ProcessNotifications};
use keyring::{Keyring, KeyringConfig, StaticShare, StoreId};
use store::testing::fresh_url;
use store::{ConversationId, Db, Store};

/// Restores the shop's data from a backup into an empty database, with the current keyring.
async fn restored(shop: &Shop, backup: &[u8]) -> Db {
    restored_beside(shop, backup, &[shop.scratch.replica()]).await
}

/// Like [`restored`], with these replicas of the keyring in the configuration.
async fn restored_beside(shop: &Shop, backup: &[u8], replicas: &[PathBuf]) -> Db {
    let folder = shop.scratch.folder.path().join("restored");
    std::fs::create_dir(&folder).expect("a restored shop");
    let url = fresh_url().await;
    let store = Store::connect(&folder, &url).await.expect("a restored shop");
    store.restore(&mut &backup[..]).await.expect("a restored shop");
    let store = Store::connect(&folder, &url).await.expect("a restored shop");
    let opening = KeyringConfig {
        replicas,
        share: StaticShare::none(),
        store: StoreId(store.id),
        keyring_id: Some(shop.db().keyring().keyring_id()),
        seen_epoch: store.seen_epoch().await.expect("a restored shop"),
    };
    store.with_keyring(Arc::new(Keyring::open(opening).expect("a restored shop")), shop.db().clock.clone())
}

#[tokio::test]
async fn an_erasure_interrupted_before_the_keyring_is_rolled_forward_at_the_next_start() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::EDITOR, "ada@example.org");
    let key = shop.keys(&p).await;
    let code = shop.agree("ada@example.org").await.unwrap();
    assert!(shop.keys(&p).await == key, "found by the tombstone that is only intended");
    let db = shop.scratch.again().await;
    let started = domain::startup::prepare_store(&db).await.unwrap();
    assert!(started.rolled.intents > 0 && started.erased_again.is_none());
    let mut tx = db.read().await.unwrap();
    assert!(matches!(
        domain::erasure::receipt::fetch_receipt(&mut tx, &domain::token::Token::presented(&code))
            .await
            .unwrap(),
        domain::erasure::receipt::ReceiptStatus::Ready(_)
    ));
    assert_eq!((shop.rows("person").await, shop.rows("erasure_intent").await), (0, 0));
    assert_eq!(shop.keys(&p).await, key);
}

#[tokio::test]
async fn an_erasure_interrupted_between_keyring_and_data_is_completed_at_the_next_start() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::EDITOR, "ada@example.org");
    let other = shop.purchase("2", products::EDITOR, "bob@example.org");
    let keys = (shop.keys(&p).await, shop.keys(&other).await);
    shop.agree("ada@example.org").await.unwrap();
    let intents = shop.db().read().await.unwrap().erasure_intents().await.unwrap();
    let forgetting = keyring::ForgetRequest {
        slots: intents.iter().flat_map(|i| i.slots.clone()).collect(),
        tombstones: intents.iter().flat_map(|i| i.tombstones.clone()).collect(),
        day: 0,
        digest: [0; 32],
    };
    shop.db().keyring().forget(&forgetting).unwrap();
    assert_eq!(shop.keys(&p).await, keys.0, "between keyring and data");
    let db = shop.scratch.again().await;
    domain::startup::prepare_store(&db).await.unwrap();
    assert_eq!((shop.rows("person").await, shop.rows("erasure_intent").await), (1, 0));
    assert_eq!((shop.keys(&p).await, shop.keys(&other).await), keys);
    shop.check_seals().await;
}

#[tokio::test]
async fn while_a_replica_of_the_keyring_is_unreachable_an_erasure_is_effective_but_not_complete() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::EDITOR, "ada@example.org");
    let key = shop.keys(&p).await;
    let code = shop.agree("ada@example.org").await.unwrap();
    let (replica, away) = (shop.scratch.replica(), shop.scratch.folder.path().join("away"));
    std::fs::rename(&replica, &away).unwrap();
    assert!(domain::erasure::completion::roll_forward(shop.db()).await.is_err());
    assert!(shop.rows("erasure_intent").await > 0, "the intent stays");
    std::fs::rename(&away, &replica).unwrap();
    let mut tx = shop.db().read().await.unwrap();
    assert_eq!(
        domain::erasure::receipt::fetch_receipt(&mut tx, &domain::token::Token::presented(&code))
            .await
            .unwrap(),
        domain::erasure::receipt::ReceiptStatus::Pending,
        "the receipt must wait for the keyring"
    );
    drop(tx);
    assert_eq!(shop.keys(&p).await, key);
    assert_eq!(shop.rows("licence").await, 1);
    shop.roll_forward().await;
    assert_eq!(shop.rows("person").await, 0);
}

#[tokio::test]
async fn a_backup_restored_while_a_replica_is_unreachable_starts_and_waits_for_it() {
    let shop = Shop::open().await;
    for (number, address) in [("1", "ada@example.org"), ("2", "bob@example.org")] {
        shop.keys(&shop.purchase(number, products::EDITOR, address)).await;
    }
    let backup = shop.backup().await;
    shop.erase("ada@example.org").await.unwrap();
    let (second, away) = (shop.scratch.folder.path().join("second"), shop.scratch.folder.path().join("away"));
    let db = restored_beside(&shop, &backup, &[shop.scratch.replica(), second.clone()]).await;
    db.keyring().renew_replica(&second).unwrap();
    std::fs::rename(&second, &away).unwrap();

    let started = domain::startup::prepare_store(&db).await.unwrap();
    assert_eq!((started.waiting, started.erased_again), (true, Some(1)));
    assert_eq!(db.read().await.unwrap().count_persons().await.unwrap(), 1);
    assert!(!db.read().await.unwrap().erasure_intents().await.unwrap().is_empty(), "old slots wait");

    std::fs::rename(&away, &second).unwrap();
    let started = domain::startup::prepare_store(&db).await.unwrap();
    assert_eq!((started.waiting, started.erased_again), (false, None));
    assert_eq!(db.read().await.unwrap().erasure_intents().await.unwrap().len(), 0);
    assert_eq!(db.read().await.unwrap().count_persons().await.unwrap(), 1);
}

#[tokio::test]
async fn a_backup_older_than_an_erasure_restores_only_the_other_persons() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::CLOUD, "ada@example.org").subscribed("91", 30);
    let other = shop.purchase("2", products::EDITOR, "bob@example.org");
    let keys = (shop.keys(&p).await, shop.keys(&other).await);
    let backup = shop.backup().await;
    shop.erase("ada@example.org").await.unwrap();
    let late = shop.purchase("3", products::PACK, "cyd@example.org");
    let lates = shop.keys(&late).await;
    shop.erase("cyd@example.org").await.unwrap();
    let db = restored(&shop, &backup).await;
    let started = domain::startup::prepare_store(&db).await.unwrap();
    assert_eq!(started.erased_again, Some(1));
    let take = async |draft: &paypro::simulator::Draft| {
        let arrivals = [shop.notification(draft)];
        db.execute(&ProcessNotifications { notifications: &arrivals, settings: &shop.settings })
            .await
            .unwrap()
            .remove(0)
    };
    for draft in [shop.provider.charged(&p), shop.provider.subscription_charged(&p, 1)] {
        assert!(take(&draft.resent()).await == NotificationReply::Accepted);
    }
    assert!(take(&shop.provider.licence_requested(&p)).await == NotificationReply::Keys(keys.0));
    assert!(take(&shop.provider.licence_requested(&other)).await == NotificationReply::Keys(keys.1));
    // The order was erased and is missing in the backup: the tombstone names the licence, and the resent request
    // recreates it.
    let NotificationReply::Keys(again) = take(&shop.provider.licence_requested(&late)).await else {
        panic!("no keys")
    };
    assert_eq!(again, lates);
    let mut tx = db.read().await.unwrap();
    assert_eq!(tx.count_persons().await.unwrap(), 1);
    for value in tx.examine_sealed(|_| true).await.unwrap() {
        assert_eq!(
            (value.broken, value.forgotten),
            (0, if value.column.table == "audit_entry" { value.forgotten } else { 0 })
        );
    }
}

/// Starts a conversation by form; returns its id and the hash of its access code.
async fn start_conversation(shop: &Shop, message: &str) -> (ConversationId, [u8; 32]) {
    use domain::conversations::{StartConversation, Started, access_code};
    let start = StartConversation::with_message(message, &shop.settings);
    let Started::Started { id, code } = shop.db().execute(&start).await.expect("the store is there") else {
        panic!("refused")
    };
    let access_code::ParsedCode::Code(code_hash) = access_code::parse_code(&code) else {
        panic!("no access code")
    };
    (id, code_hash)
}

#[tokio::test]
async fn a_backup_restores_no_erased_conversation_and_no_redacted_passage() {
    use domain::conversations::{
        ConversationRef, EraseByCode, LinkCustomer, UnlinkCustomer, view::ViewConversation,
    };
    let shop = Shop::open().await;
    shop.keys(&shop.purchase("1", products::EDITOR, "ada@example.org")).await;
    let person = shop.slot("ada@example.org").await.unwrap();
    let (_, erased) = start_conversation(&shop, "Erased").await;
    let (redacted, with_passage) = start_conversation(&shop, "Jane Doe has it too").await;
    let (_, unlinked) = start_conversation(&shop, "Linked for a while").await;
    let which = ConversationRef::Code(&unlinked);
    shop.db().execute(&LinkCustomer { which, person }).await.unwrap();
    let backup = shop.backup().await;
    assert!(shop.db().execute(&EraseByCode { code_hash: &erased }).await.unwrap());
    let actor = store::Actor::Staff("Sam".into());
    let redact = domain::conversations::staff::RedactMessage {
        id: redacted,
        message: 1,
        passage: "Jane Doe",
        files: &[],
        actor: &actor,
    };
    shop.db().execute(&redact).await.unwrap();
    assert!(shop.db().execute(&UnlinkCustomer { which, person: None }).await.unwrap());
    shop.erase("ada@example.org").await.unwrap();
    let db = restored(&shop, &backup).await;
    domain::startup::prepare_store(&db).await.unwrap();
    let view = async |code_hash| {
        db.execute(&ViewConversation { code_hash, settings: &shop.settings }).await.unwrap()
    };
    assert!(view(&erased).await.is_none());
    // The redaction is newer than the backup: there the whole conversation is sealed under the forgotten slot.
    assert!(view(&with_passage).await.is_none());
    let kept = view(&unlinked).await.unwrap();
    assert_eq!(
        (&*kept.messages[0].text, kept.has_customer, &*kept.kind),
        ("Linked for a while", false, "anonymous")
    );
    let mut tx = db.read().await.unwrap();
    for value in tx.examine_sealed(|_| true).await.unwrap() {
        let of_audit_log = value.column.table == "audit_entry";
        assert!(value.broken == 0 && (value.forgotten == 0 || of_audit_log), "{:?}", value.column);
    }
    let integrity = tx.conversation_integrity().await.unwrap();
    assert_eq!(
        (
            integrity.conversations,
            integrity.without_person,
            integrity.not_anonymous,
            integrity.mismatched_access
        ),
        (1, 0, 0, 0)
    );
}

#[tokio::test]
async fn restoring_a_backup_taken_during_an_erasure_completes_the_erasure() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::EDITOR, "ada@example.org");
    let key = shop.keys(&p).await;
    shop.agree("ada@example.org").await.unwrap();
    let backup = shop.backup().await;
    let db = restored(&shop, &backup).await;
    domain::startup::prepare_store(&db).await.unwrap();
    let mut tx = db.read().await.unwrap();
    assert_eq!(tx.count_persons().await.unwrap(), 0);
    drop(tx);
    let arrivals = [shop.notification(&shop.provider.licence_requested(&p))];
    let answers = db
        .execute(&ProcessNotifications { notifications: &arrivals, settings: &shop.settings })
        .await
        .unwrap();
    assert!(answers[0] == NotificationReply::Keys(key));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_concurrent_deliveries_of_the_same_notifications_create_one_licence() {
    let shop = Arc::new(Shop::open().await);
    let p = shop.purchase("1", products::CLOUD, "ada@example.org").subscribed("91", 30);
    for round in 0..3 {
        let mut tasks = Vec::new();
        for n in 0..16 {
            let (shop, p) = (Arc::clone(&shop), p.clone());
            tasks.push(tokio::spawn(async move {
                let s = &shop.provider;
                let drafts = [
                    s.charged(&p),
                    s.licence_requested(&p),
                    s.subscription_charged(&p, 1),
                    s.suspended(&p, 1),
                ];
                let one = &drafts[(n + round) % 4];
                match n % 2 {
                    0 => drop(shop.process(one).await),
                    _ => drop(shop.try_process(&drafts).await.unwrap()),
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!((shop.rows("licence").await, shop.rows("person").await), (1, 1));
        assert_eq!((shop.rows("orders").await, shop.rows("term").await), (2, 2));
    }
    shop.erase("ada@example.org").await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let (shop, p) = (Arc::clone(&shop), p.clone());
        tasks.push(tokio::spawn(async move {
            shop.process(&shop.provider.subscription_charged(&p, 2)).await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!((shop.rows("licence").await, shop.rows("person").await), (1, 0));
    assert_eq!(shop.rows("term").await, 3, "one term for one charge");
    shop.check_seals().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_charges_and_an_erasure_leave_no_row_of_the_person() {
    for _ in 0..5 {
        let shop = Arc::new(Shop::open().await);
        let p = shop.purchase("1", products::CLOUD, "ada@example.org").subscribed("91", 30);
        shop.process(&shop.provider.charged(&p)).await;
        let mut tasks = Vec::new();
        for n in 1..=8 {
            let (shop, p) = (Arc::clone(&shop), p.clone());
            tasks.push(tokio::spawn(async move {
                shop.process(&shop.provider.subscription_charged(&p, n)).await;
                if n == 4 {
                    shop.erase("ada@example.org").await;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        for n in 1..=8 {
            shop.process(&shop.provider.subscription_charged(&p, n).resent()).await;
        }
        shop.roll_forward().await;
        assert_eq!((shop.rows("person").await, shop.rows("orders").await), (0, 0));
        assert_eq!((shop.rows("licence").await, shop.rows("term").await), (1, 9));
        assert_eq!(reply_name(&shop.process(&shop.provider.licence_requested(&p)).await), "keys");
        shop.check_seals().await;
    }
}
