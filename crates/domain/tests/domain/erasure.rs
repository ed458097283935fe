//! Erasure: no data of the person remains, the licence stays valid, and no notification restores the person.

use std::collections::BTreeSet;

use crate::kit::{Shop, products, reply_name};
use domain::erasure::receipt::{ReceiptStatus, fetch_receipt};
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use domain::licensing::purchase::NotificationReply;
use domain::token::Token;
use paypro::NotificationKind;
use paypro::simulator::{Party, Purchase};

/// A purchase with a distinct mark in every field that is kept.
fn purchase_with_marks(shop: &Shop, order: &str, product: &str) -> Purchase {
    let mut p = shop.purchase(order, product, "mark-email@example.org").subscribed(format!("{order}9"), 30);
    p.buyer.name = "Mark-Name Buyer".into();
    p.company = "Mark-Company".into();
    p.language = "mark-language".into();
    p.last4 = "7391".into();
    p.licensee = Some(Party::new("mark-licensee@example.org", "Mark-Licensee"));
    p.custom = vec![("x-campaign".into(), "mark-custom".into())];
    p
}

const MARKS: [&str; 7] =
    ["mark-email", "mark-name", "mark-company", "mark-language", "mark-licensee", "mark-custom", "7391-four"];

/// All bytes of the data: a backup and, on SQLite, the raw files.
async fn all_bytes(shop: &Shop) -> Vec<u8> {
    let mut bytes = shop.backup().await;
    for file in ["scruple.db", "scruple.db-wal"] {
        bytes.extend(std::fs::read(shop.scratch.folder.path().join("data").join(file)).unwrap_or_default());
    }
    bytes
}

fn contains_mark(bytes: &[u8], mark: &str) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let base64 = [0, 1, 2].map(|skip| data_encoding::BASE64.encode(&mark.as_bytes()[skip..]));
    text.contains(mark) || base64.iter().any(|b| text.contains(&b[..b.len() - 4].to_lowercase()))
}

#[tokio::test]
async fn no_personal_value_is_stored_in_clear_and_the_search_finds_a_planted_one() {
    let shop = Shop::open().await;
    let p = purchase_with_marks(&shop, "1", products::SITE);
    shop.process(&shop.provider.charged(&p)).await;
    shop.process(&shop.provider.charged(&purchase_with_marks(&shop, "2", products::NOVELTY))).await;
    for mark in MARKS {
        assert!(!contains_mark(&all_bytes(&shop).await, mark), "{mark} in clear");
    }
    shop.erase("mark-email@example.org").await.unwrap();
    shop.erase("mark-licensee@example.org").await.unwrap();
    for mark in MARKS {
        assert!(!contains_mark(&all_bytes(&shop).await, mark), "{mark} in clear");
    }
    let name = "mark-name in clear";
    shop.scratch.tamper(&format!("UPDATE product SET name = '{name}'")).await;
    assert!(contains_mark(&all_bytes(&shop).await, "mark-name"), "the search doesn't find a planted mark");
}

#[tokio::test]
async fn every_row_of_an_erased_person_is_deleted_and_sealed_values_no_longer_open() {
    let shop = Shop::open().await;
    let p = purchase_with_marks(&shop, "1", products::SITE);
    shop.process(&shop.provider.charged(&p)).await;
    shop.process(&shop.provider.charged(&purchase_with_marks(&shop, "2", products::NOVELTY))).await;
    let ask =
        domain::portal::magic_link::RequestMagicLink { address: &p.buyer.email, settings: &shop.settings };
    shop.db().execute(&ask).await.unwrap();
    let slot = shop.slot(&p.buyer.email).await.unwrap();
    shop.erase(&p.buyer.email).await.unwrap();
    assert!(shop.db().keyring().is_forgotten(slot).unwrap());
    shop.erase("mark-licensee@example.org").await.unwrap();
    for table in [
        "person",
        "orders",
        "grants",
        "holder",
        "pending_order",
        "outbox",
        "magic_link",
        "session",
        "renewal",
    ] {
        assert_eq!(shop.rows(table).await, 0, "{table}");
    }
    assert_eq!(shop.rows("licence").await, 1);
    assert_eq!(shop.rows("erasure_intent").await, 0);
    shop.check_seals().await;
}

#[tokio::test]
async fn an_erased_customer_and_a_stranger_get_the_same_answer() {
    let shop = Shop::open().await;
    let p = purchase_with_marks(&shop, "1", products::EDITOR);
    let key = shop.keys(&p).await.remove(0);
    shop.agree(&p.buyer.email).await.unwrap();
    // This holds from the agreement on, before the keyring has forgotten the slot.
    for rolled in [false, true] {
        if rolled {
            shop.roll_forward().await;
        }
        for address in [&*p.buyer.email, "stranger@example.org"] {
            shop.db()
                .execute(&domain::portal::magic_link::RequestMagicLink { address, settings: &shop.settings })
                .await
                .unwrap();
        }
        assert_eq!(shop.email_count().await, 0);
        let serial = licence::Key::parse(&key).map(|_| shop.claims(&key)).unwrap().await.serial;
        for query in [
            domain::lookup::LookupQuery::Email(&p.buyer.email),
            domain::lookup::LookupQuery::Order("1"),
            domain::lookup::LookupQuery::Order("19"),
        ] {
            let find = domain::lookup::LookUpCustomer { query, case: "a call", actor: &store::Actor::System };
            assert!(shop.db().execute(&find).await.unwrap().is_empty());
        }
        let query = domain::lookup::LookupQuery::Licence(serial);
        let find = domain::lookup::LookUpCustomer { query, case: "a call", actor: &store::Actor::System };
        let found = shop.db().execute(&find).await.unwrap();
        assert!(
            found.iter().all(|f| f.email == "mark-licensee@example.org"),
            "the licensee is somebody else"
        );
        assert_eq!(found.len(), 1);
    }
}

#[tokio::test]
async fn after_erasure_the_key_stays_valid_a_refund_revokes_it_and_a_charge_extends_it() {
    let shop = Shop::open().await;
    let p = purchase_with_marks(&shop, "1", products::CLOUD);
    let key = shop.keys(&p).await;
    shop.erase(&p.buyer.email).await.unwrap();
    shop.erase("mark-licensee@example.org").await.unwrap();
    let before = shop.until(&key[0]).await;
    shop.process(&shop.provider.charged(&p)).await;
    assert_eq!(shop.keys(&p).await, key);
    for n in 1..=3 {
        let charge = shop.provider.subscription_charged(&p, n);
        shop.process(&charge).await;
        shop.process(&charge.resent()).await;
        assert_eq!(shop.until(&key[0]).await, before + 30 * i64::from(n));
    }
    shop.process(&shop.provider.suspended(&p, 3)).await;
    assert_eq!(shop.licence(&key[0]).await.state.as_str(), "suspended");
    shop.process(&shop.provider.renewed(&p, 4)).await;
    shop.process(&shop.provider.suspended(&p, 3).resent()).await;
    let now = shop.licence(&key[0]).await;
    assert_eq!((now.state.as_str(), now.until_day), ("active", Some(before + 120)));
    for n in 1..=3_u16 {
        let (order, order_item) = (format!("1{n:03}"), format!("11{n:03}"));
        shop.process(&shop.provider.refunded(&Purchase { order, order_item, ..p.clone() })).await;
    }
    shop.process(&shop.provider.refunded(&p)).await;
    assert_eq!(shop.licence(&key[0]).await.state.as_str(), "revoked");
    assert_eq!(reply_name(&shop.process(&shop.provider.licence_requested(&p)).await), "revoked");
    assert_eq!((shop.rows("person").await, shop.rows("orders").await, shop.rows("licence").await), (0, 0, 1));
}

#[tokio::test]
async fn no_kind_of_notification_restores_an_erased_person() {
    let shop = Shop::open().await;
    let p = purchase_with_marks(&shop, "1", products::CLOUD);
    let key = shop.keys(&p).await;
    shop.erase(&p.buyer.email).await.unwrap();
    shop.erase("mark-licensee@example.org").await.unwrap();
    for years in 0..3 {
        for kind in NotificationKind::ALL.into_iter().filter(|k| *k != NotificationKind::Unknown(0)) {
            shop.process(&shop.provider.notification(kind, &p)).await;
            shop.process(&shop.provider.notification(kind, &p).field("CUSTOMER_EMAIL", "new@example.org"))
                .await;
        }
        shop.roll_forward().await;
        let rows = (shop.rows("person").await, shop.rows("orders").await, shop.rows("pending_order").await);
        assert_eq!(rows, (0, 0, 0), "{years} years later");
        shop.pass_days(366);
        domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap();
    }
    assert_eq!(shop.rows("licence").await, 1);
    shop.claims(&key[0]).await;
    let tags = shop.rows("processed_notification").await + shop.rows("early_notification").await;
    assert_eq!(tags, 0, "tags remain after the key of their year");
}

#[tokio::test]
async fn a_new_purchase_by_an_erased_address_is_a_new_person() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::EDITOR, "ada@example.org");
    let key = shop.keys(&p).await;
    shop.erase("ada@example.org").await.unwrap();
    let again = shop.purchase("2", products::EDITOR, "ada@example.org");
    assert_ne!(shop.keys(&again).await, key);
    let state = shop.state(shop.today()).await;
    assert_eq!(state.iter().filter(|l| l.starts_with("unassigned")).count(), 1, "{state:#?}");
    assert_eq!(state.iter().filter(|l| l.starts_with("order")).count(), 1);
}

#[tokio::test]
async fn a_late_part_of_an_erased_order_creates_licences_without_a_holder() {
    let shop = Shop::open().await;
    let first = shop.purchase("1", products::EDITOR, "ada@example.org");
    shop.process(&shop.provider.charged(&first)).await;
    shop.erase("ada@example.org").await.unwrap();
    let second =
        Purchase { order_item: "12".into(), quantity: 3, product: products::PACK.into(), ..first.clone() };
    let third = Purchase { order_item: "13".into(), ..first.clone() };
    shop.process(&shop.provider.refunded(&third)).await;
    let keys = shop.keys(&second).await;
    assert_eq!(keys.len(), 3);
    assert_eq!(shop.keys(&second).await, keys);
    shop.process(&shop.provider.charged(&third)).await;
    assert_eq!(reply_name(&shop.process(&shop.provider.licence_requested(&third)).await), "revoked");
    assert_eq!((shop.rows("person").await, shop.rows("licence").await), (0, 5));
}

#[tokio::test]
async fn a_pending_order_is_erased_and_later_creates_a_licence_without_a_holder() {
    let shop = Shop::open().await;
    let p = purchase_with_marks(&shop, "1", products::NOVELTY);
    assert_eq!(reply_name(&shop.process(&shop.provider.licence_requested(&p)).await), "unknown product");
    shop.erase("mark-licensee@example.org").await.unwrap();
    shop.process(&shop.provider.charged(&p)).await;
    shop.process(&shop.provider.licence_requested(&p)).await;
    assert_eq!(shop.rows("person").await, 1, "a resent notification restores the licensee");
    shop.agree(&p.buyer.email).await.unwrap();
    assert_eq!(
        shop.add(&products::product(products::NOVELTY)).await,
        0,
        "served while its buyer is being erased"
    );
    shop.roll_forward().await;
    let charge = shop.provider.subscription_charged(&p, 1);
    assert_eq!(reply_name(&shop.process(&charge).await), "accepted");
    assert_eq!(shop.keys(&p).await.len(), 1);
    assert_eq!((shop.rows("person").await, shop.rows("pending_order").await), (0, 0));
}

#[tokio::test]
async fn pending_orders_are_processed_in_order_and_the_company_is_kept_only_where_the_product_prints_it() {
    for prints_company in [false, true] {
        let shop = Shop::open().await;
        let p = purchase_with_marks(&shop, "1", products::NOVELTY);
        shop.process(&shop.provider.licence_requested(&p)).await;
        shop.process(&shop.provider.subscription_charged(&p, 1)).await;
        assert_eq!(shop.check_seals().await["person.company"], 0, "kept before it is known to be needed");
        shop.pass_days(1000);
        let product = store::Product { prints_company, ..products::product(products::NOVELTY) };
        assert_eq!(shop.add(&product).await, 2);
        assert_eq!(shop.check_seals().await["person.company"], u64::from(prints_company));
        assert_eq!(shop.keys(&p).await.len(), 1, "the order arrived before the horizon");
        assert_eq!((shop.rows("licence").await, shop.rows("orders").await), (1, 2));
    }
}

#[tokio::test]
async fn buyer_and_licensee_are_erased_separately() {
    for (erased, stays) in [
        ("mark-email@example.org", "mark-licensee@example.org"),
        ("mark-licensee@example.org", "mark-email@example.org"),
    ] {
        let shop = Shop::open().await;
        let key = shop.keys(&purchase_with_marks(&shop, "1", products::EDITOR)).await;
        shop.erase(erased).await.unwrap();
        assert!(shop.slot(erased).await.is_none());
        let data = shop.personal_data(stays).await;
        assert_eq!(data.licences.len(), 1);
        assert_eq!(data.licences[0].key, key[0]);
    }
}

#[tokio::test]
async fn erasing_one_buyer_of_a_company_leaves_the_others() {
    let shop = Shop::open().await;
    let mut keys = Vec::new();
    for n in 1..=5 {
        let mut p = shop.purchase(&n.to_string(), products::SITE, &format!("buyer{n}@works.example"));
        p.company = "The Works".into();
        p.licensee = Some(Party::new("admin@works.example", "Admin"));
        keys.push((shop.keys(&p).await, p));
    }
    shop.erase("buyer3@works.example").await.unwrap();
    for (key, p) in &keys {
        assert_eq!(shop.keys(p).await, *key);
    }
    let state = shop.state(calendar::Day::UNIX_EPOCH).await;
    assert_eq!(
        state.iter().filter(|l| l.starts_with("person")).count(),
        5,
        "four buyers and the administrator"
    );
    assert!(
        state.iter().any(|l| l.starts_with("unassigned") && l.contains("admin@works.example")),
        "{state:#?}"
    );
}

#[tokio::test]
async fn a_person_with_many_orders_is_erased_with_all_of_them() {
    let shop = Shop::open().await;
    let mut given = Vec::new();
    for n in 0..40 {
        let p = shop.purchase(
            &(100 + n).to_string(),
            [products::EDITOR, products::PACK][n % 2],
            "ada@example.org",
        );
        given.push((shop.keys(&p).await, p));
    }
    let other = shop.purchase("7", products::EDITOR, "bob@example.org");
    let others = shop.keys(&other).await;
    shop.erase("ada@example.org").await.unwrap();
    for (keys, p) in &given {
        assert!(shop.process(&shop.provider.charged(p).resent()).await == NotificationReply::Accepted);
        assert_eq!(shop.keys(p).await, *keys);
    }
    assert_eq!((shop.rows("person").await, shop.rows("orders").await), (1, 1));
    assert_eq!(shop.keys(&other).await, others);
    shop.check_seals().await;
}

#[tokio::test]
async fn agreeing_twice_is_one_erasure_with_a_receipt_for_each_code() {
    let shop = Shop::open().await;
    shop.keys(&shop.purchase("1", products::EDITOR, "ada@example.org")).await;
    let slot = shop.slot("ada@example.org").await.unwrap();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let operation = AgreeToErasure {
            slot,
            agreement: ErasureAgreement::OnPortal("I agree."),
            settings: &shop.settings,
        };
        match shop.db().execute(&operation).await.unwrap() {
            AgreementOutcome::Started { code } => codes.push(code),
            _ => panic!("not erasing"),
        }
    }
    let mut tx = shop.db().read().await.unwrap();
    assert_eq!(fetch_receipt(&mut tx, &Token::presented(&codes[0])).await.unwrap(), ReceiptStatus::Pending);
    drop(tx);
    shop.roll_forward().await;
    let mut tx = shop.db().read().await.unwrap();
    let signers = domain::licensing::issue::Signers::load(&mut tx).await.unwrap();
    for code in &codes {
        let ReceiptStatus::Ready(receipt) = fetch_receipt(&mut tx, &Token::presented(code)).await.unwrap()
        else {
            panic!("no receipt")
        };
        domain::erasure::receipt::verify(&receipt, &signers.public).unwrap();
        assert!(!receipt.contains("ada@"));
    }
    let operation =
        AgreeToErasure { slot, agreement: ErasureAgreement::OnPortal("I agree."), settings: &shop.settings };
    assert!(shop.db().execute(&operation).await.unwrap() == AgreementOutcome::UnknownPerson);
}

#[tokio::test]
async fn an_erasure_can_be_cancelled_during_its_cooling_off_period_and_otherwise_completes_with_its_receipt()
{
    let mut shop = Shop::open().await;
    shop.settings.cooling_days = 40;
    shop.keys(&shop.purchase("1", products::EDITOR, "ada@example.org")).await;
    let slot = shop.slot("ada@example.org").await.unwrap();
    shop.agree("ada@example.org").await.unwrap();
    shop.db().execute(&domain::erasure::request::CancelErasure { slot }).await.unwrap();
    shop.pass_days(50);
    assert_eq!(domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap().erased, 0);
    let code = shop.agree("ada@example.org").await.unwrap();
    shop.pass_days(39);
    assert_eq!(domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap().erased, 0);
    shop.pass_days(1);
    assert_eq!(domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap().erased, 1);
    domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap();
    let mut tx = shop.db().read().await.unwrap();
    assert!(
        matches!(fetch_receipt(&mut tx, &Token::presented(&code)).await.unwrap(), ReceiptStatus::Ready(_)),
        "swept before it could be fetched"
    );
    assert_eq!(shop.rows("person").await, 0);
}

/// Tables whose rows may differ between a store with an erased person and one that never had this person.
const MAY_DIFFER: [&str; 8] =
    ["licence", "term", "audit_entry", "audit_link", "counter", "meta", "processed_notification", "receipt"];

#[tokio::test]
async fn an_erased_person_leaves_the_same_state_as_a_person_who_never_was() {
    let mut sizes = Vec::new();
    let mut states = Vec::new();
    for with in [true, false] {
        let shop = Shop::open().await;
        for n in 1..=3 {
            shop.keys(&shop.purchase(&n.to_string(), products::EDITOR, &format!("p{n}@example.org"))).await;
        }
        if with {
            shop.keys(&purchase_with_marks(&shop, "8", products::CLOUD)).await;
            shop.process(&shop.provider.charged(&purchase_with_marks(&shop, "9", products::NOVELTY))).await;
            shop.erase("mark-email@example.org").await.unwrap();
            shop.erase("mark-licensee@example.org").await.unwrap();
        }
        shop.keys(&shop.purchase("5", products::PACK, "p5@example.org")).await;
        shop.roll_forward().await;
        let tables = policy::inventory::TABLES.iter().map(|t| t.name);
        let mut rows = Vec::new();
        for table in tables.filter(|t| !MAY_DIFFER.contains(t)) {
            rows.push((table, shop.rows(table).await));
        }
        sizes.push(rows);
        let state = shop.state(shop.today()).await;
        states.push(state.into_iter().filter(|l| !l.starts_with("unassigned")).collect::<BTreeSet<_>>());
    }
    assert_eq!(sizes[0], sizes[1]);
    assert_eq!(states[0], states[1]);
}
