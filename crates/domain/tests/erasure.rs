//! Erasure: nothing of the person is left, the licence goes on, and nothing brings them back.

mod kit;

use std::collections::BTreeSet;

use domain::erasure::intent::{Agree, Agreed, Agreement};
use domain::erasure::receipt::{PickUp, pick_up};
use domain::licensing::purchase::Answer;
use kit::{Shop, shelf, word};
use paypro::Kind;
use paypro::simulator::{Party, Purchase};

/// A purchase with a mark of its own in every field that is kept.
fn marked(shop: &Shop, order: &str, product: &str) -> Purchase {
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

/// All bytes of the data: a backup, and on SQLite the files as they lie.
async fn everything(shop: &Shop) -> Vec<u8> {
    let mut bytes = shop.backup().await;
    for file in ["scruple.db", "scruple.db-wal"] {
        bytes.extend(std::fs::read(shop.scratch.folder.path().join("data").join(file)).unwrap_or_default());
    }
    bytes
}

fn holds(bytes: &[u8], mark: &str) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let base64 = [0, 1, 2].map(|skip| data_encoding::BASE64.encode(&mark.as_bytes()[skip..]));
    text.contains(mark) || base64.iter().any(|b| text.contains(&b[..b.len() - 4].to_lowercase()))
}

#[tokio::test]
async fn no_mark_of_a_person_lies_in_clear_before_or_after_and_the_searcher_finds_what_is_planted() {
    let shop = Shop::open().await;
    let p = marked(&shop, "1", shelf::SITE);
    shop.take(&shop.provider.charged(&p)).await;
    shop.take(&shop.provider.charged(&marked(&shop, "2", shelf::NOVELTY))).await;
    for mark in MARKS {
        assert!(!holds(&everything(&shop).await, mark), "{mark} in clear");
    }
    shop.erase("mark-email@example.org").await.unwrap();
    shop.erase("mark-licensee@example.org").await.unwrap();
    for mark in MARKS {
        assert!(!holds(&everything(&shop).await, mark), "{mark} in clear");
    }
    let name = "mark-name in clear";
    shop.scratch.tamper(&format!("UPDATE product SET name = '{name}'")).await;
    assert!(holds(&everything(&shop).await, "mark-name"), "the searcher is blind");
}

#[tokio::test]
async fn every_row_of_the_erased_is_gone_and_what_was_sealed_opens_no_more() {
    let shop = Shop::open().await;
    let p = marked(&shop, "1", shelf::SITE);
    shop.take(&shop.provider.charged(&p)).await;
    shop.take(&shop.provider.charged(&marked(&shop, "2", shelf::NOVELTY))).await;
    let ask = domain::portal::magic_link::RequestMagicLink { address: &p.buyer.email, house: &shop.house };
    shop.db().write(&ask).await.unwrap();
    let slot = shop.slot(&p.buyer.email).await.unwrap();
    shop.erase(&p.buyer.email).await.unwrap();
    assert!(shop.db().vault().is_forgotten(slot).unwrap());
    shop.erase("mark-licensee@example.org").await.unwrap();
    for table in ["person", "orders", "grants", "holder", "pending", "outbox", "link", "session", "renewal"] {
        assert_eq!(shop.rows(table).await, 0, "{table}");
    }
    assert_eq!(shop.rows("licence").await, 1);
    assert_eq!(shop.rows("intent").await, 0);
    shop.sound().await;
}

#[tokio::test]
async fn an_erased_customer_and_a_stranger_get_the_same_answer() {
    let shop = Shop::open().await;
    let p = marked(&shop, "1", shelf::EDITOR);
    let key = shop.keys(&p).await.remove(0);
    shop.agree(&p.buyer.email).await.unwrap();
    // From the agreement on, not only when the keyring has forgotten.
    for rolled in [false, true] {
        if rolled {
            shop.roll().await;
        }
        for address in [&*p.buyer.email, "stranger@example.org"] {
            shop.db()
                .write(&domain::portal::magic_link::RequestMagicLink { address, house: &shop.house })
                .await
                .unwrap();
        }
        assert_eq!(shop.letters().await, 0);
        let number = licence::Key::parse(&key).map(|_| shop.claims(&key)).unwrap().await.serial.bits();
        let serial = i64::try_from(number).unwrap();
        for by in [
            domain::lookup::By::Email(&p.buyer.email),
            domain::lookup::By::Order("1"),
            domain::lookup::By::Order("19"),
        ] {
            let find = domain::lookup::Find { by, case: "a call", who: &store::Actor::System };
            assert!(shop.db().write(&find).await.unwrap().is_empty());
        }
        let by = domain::lookup::By::Licence(serial);
        let find = domain::lookup::Find { by, case: "a call", who: &store::Actor::System };
        let found = shop.db().write(&find).await.unwrap();
        assert!(
            found.iter().all(|f| f.email == "mark-licensee@example.org"),
            "the licensee is somebody else"
        );
        assert_eq!(found.len(), 1);
    }
}

#[tokio::test]
async fn after_erasure_the_key_stays_a_refund_revokes_and_a_charge_extends() {
    let shop = Shop::open().await;
    let p = marked(&shop, "1", shelf::CLOUD);
    let key = shop.keys(&p).await;
    shop.erase(&p.buyer.email).await.unwrap();
    shop.erase("mark-licensee@example.org").await.unwrap();
    let before = shop.licence(&key[0]).await;
    shop.take(&shop.provider.charged(&p)).await;
    assert_eq!(shop.keys(&p).await, key);
    for n in 1..=3 {
        let charge = shop.provider.subscription_charged(&p, n);
        shop.take(&charge).await;
        shop.take(&charge.resent()).await;
        assert_eq!(shop.licence(&key[0]).await.until_day, before.until_day + 30 * i64::from(n));
    }
    shop.take(&shop.provider.suspended(&p, 3)).await;
    assert_eq!(shop.licence(&key[0]).await.state.word(), "suspended");
    shop.take(&shop.provider.renewed(&p, 4)).await;
    shop.take(&shop.provider.suspended(&p, 3).resent()).await;
    let now = shop.licence(&key[0]).await;
    assert_eq!((now.state.word(), now.until_day), ("active", before.until_day + 120));
    for n in 1..=3_u16 {
        let (order, order_item) = (format!("1{n:03}"), format!("11{n:03}"));
        shop.take(&shop.provider.refunded(&Purchase { order, order_item, ..p.clone() })).await;
    }
    shop.take(&shop.provider.refunded(&p)).await;
    assert_eq!(shop.licence(&key[0]).await.state.word(), "revoked");
    assert_eq!(word(&shop.take(&shop.provider.licence_requested(&p)).await), "revoked");
    assert_eq!((shop.rows("person").await, shop.rows("orders").await, shop.rows("licence").await), (0, 0, 1));
}

#[tokio::test]
async fn no_kind_of_notice_brings_the_erased_back() {
    let shop = Shop::open().await;
    let p = marked(&shop, "1", shelf::CLOUD);
    let key = shop.keys(&p).await;
    shop.erase(&p.buyer.email).await.unwrap();
    shop.erase("mark-licensee@example.org").await.unwrap();
    for years in 0..3 {
        for kind in Kind::ALL.into_iter().filter(|k| *k != Kind::Unknown(0)) {
            shop.take(&shop.provider.notice(kind, &p)).await;
            shop.take(&shop.provider.notice(kind, &p).field("CUSTOMER_EMAIL", "new@example.org")).await;
        }
        shop.roll().await;
        let rows = (shop.rows("person").await, shop.rows("orders").await, shop.rows("pending").await);
        assert_eq!(rows, (0, 0, 0), "{years} years later");
        shop.pass(366);
        domain::erasure::retention::sweep(shop.db(), &shop.house).await.unwrap();
    }
    assert_eq!(shop.rows("licence").await, 1);
    shop.claims(&key[0]).await;
    let tags = shop.rows("acted").await + shop.rows("early").await;
    assert_eq!(tags, 0, "marks go with the key of their year");
}

#[tokio::test]
async fn a_new_purchase_by_an_erased_address_is_a_new_person() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", shelf::EDITOR, "ada@example.org");
    let key = shop.keys(&p).await;
    shop.erase("ada@example.org").await.unwrap();
    let again = shop.purchase("2", shelf::EDITOR, "ada@example.org");
    assert_ne!(shop.keys(&again).await, key);
    let state = shop.state(shop.today()).await;
    assert_eq!(state.iter().filter(|l| l.starts_with("nobody's")).count(), 1, "{state:#?}");
    assert_eq!(state.iter().filter(|l| l.starts_with("order")).count(), 1);
}

#[tokio::test]
async fn a_late_part_of_an_erased_order_is_served_to_nobody() {
    let shop = Shop::open().await;
    let first = shop.purchase("1", shelf::EDITOR, "ada@example.org");
    shop.take(&shop.provider.charged(&first)).await;
    shop.erase("ada@example.org").await.unwrap();
    let second =
        Purchase { order_item: "12".into(), quantity: 3, product: shelf::PACK.into(), ..first.clone() };
    let third = Purchase { order_item: "13".into(), ..first.clone() };
    shop.take(&shop.provider.refunded(&third)).await;
    let keys = shop.keys(&second).await;
    assert_eq!(keys.len(), 3);
    assert_eq!(shop.keys(&second).await, keys);
    shop.take(&shop.provider.charged(&third)).await;
    assert_eq!(word(&shop.take(&shop.provider.licence_requested(&third)).await), "revoked");
    assert_eq!((shop.rows("person").await, shop.rows("licence").await), (0, 5));
}

#[tokio::test]
async fn a_waiting_order_is_erased_and_served_later_to_nobody() {
    let shop = Shop::open().await;
    let p = marked(&shop, "1", shelf::NOVELTY);
    assert_eq!(word(&shop.take(&shop.provider.licence_requested(&p)).await), "unknown product");
    shop.erase("mark-licensee@example.org").await.unwrap();
    shop.take(&shop.provider.charged(&p)).await;
    shop.take(&shop.provider.licence_requested(&p)).await;
    assert_eq!(shop.rows("person").await, 1, "a resent notice brings the licensee back");
    shop.agree(&p.buyer.email).await.unwrap();
    assert_eq!(shop.add(&shelf::product(shelf::NOVELTY)).await, 0, "served while its buyer is being erased");
    shop.roll().await;
    let charge = shop.provider.subscription_charged(&p, 1);
    assert_eq!(word(&shop.take(&charge).await), "taken");
    assert_eq!(shop.keys(&p).await.len(), 1);
    assert_eq!((shop.rows("person").await, shop.rows("pending").await), (0, 0));
}

#[tokio::test]
async fn what_waited_for_its_product_is_served_in_order_with_the_company_only_where_it_is_printed() {
    for prints_company in [false, true] {
        let shop = Shop::open().await;
        let p = marked(&shop, "1", shelf::NOVELTY);
        shop.take(&shop.provider.licence_requested(&p)).await;
        shop.take(&shop.provider.subscription_charged(&p, 1)).await;
        assert_eq!(shop.sound().await["person.company"], 0, "kept before it is known to be needed");
        shop.pass(1000);
        let product = store::Product { prints_company, ..shelf::product(shelf::NOVELTY) };
        assert_eq!(shop.add(&product).await, 2);
        assert_eq!(shop.sound().await["person.company"], u64::from(prints_company));
        assert_eq!(shop.keys(&p).await.len(), 1, "in time when it came");
        assert_eq!((shop.rows("licence").await, shop.rows("orders").await), (1, 2));
    }
}

#[tokio::test]
async fn buyer_and_licensee_are_erased_each_by_themselves() {
    for (erased, stays) in [
        ("mark-email@example.org", "mark-licensee@example.org"),
        ("mark-licensee@example.org", "mark-email@example.org"),
    ] {
        let shop = Shop::open().await;
        let key = shop.keys(&marked(&shop, "1", shelf::EDITOR)).await;
        shop.erase(erased).await.unwrap();
        assert!(shop.slot(erased).await.is_none());
        let held = shop.held(stays).await;
        assert_eq!(held.licences.len(), 1);
        assert_eq!(held.licences[0].key, key[0]);
    }
}

#[tokio::test]
async fn one_of_a_companys_buyers_goes_and_the_others_stay() {
    let shop = Shop::open().await;
    let mut keys = Vec::new();
    for n in 1..=5 {
        let mut p = shop.purchase(&n.to_string(), shelf::SITE, &format!("buyer{n}@works.example"));
        p.company = "The Works".into();
        p.licensee = Some(Party::new("admin@works.example", "Admin"));
        keys.push((shop.keys(&p).await, p));
    }
    shop.erase("buyer3@works.example").await.unwrap();
    for (key, p) in &keys {
        assert_eq!(shop.keys(p).await, *key);
    }
    let state = shop.state(0).await;
    assert_eq!(
        state.iter().filter(|l| l.starts_with("person")).count(),
        5,
        "four buyers and the administrator"
    );
    assert!(
        state.iter().any(|l| l.starts_with("nobody's") && l.contains("admin@works.example")),
        "{state:#?}"
    );
}

#[tokio::test]
async fn one_person_with_many_orders_is_erased_with_all_of_them() {
    let shop = Shop::open().await;
    let mut given = Vec::new();
    for n in 0..40 {
        let p = shop.purchase(&(100 + n).to_string(), [shelf::EDITOR, shelf::PACK][n % 2], "ada@example.org");
        given.push((shop.keys(&p).await, p));
    }
    let other = shop.purchase("7", shelf::EDITOR, "bob@example.org");
    let others = shop.keys(&other).await;
    shop.erase("ada@example.org").await.unwrap();
    for (keys, p) in &given {
        assert!(shop.take(&shop.provider.charged(p).resent()).await == Answer::Taken);
        assert_eq!(shop.keys(p).await, *keys);
    }
    assert_eq!((shop.rows("person").await, shop.rows("orders").await), (1, 1));
    assert_eq!(shop.keys(&other).await, others);
    shop.sound().await;
}

#[tokio::test]
async fn agreeing_twice_is_one_erasure_with_a_receipt_for_each_code() {
    let shop = Shop::open().await;
    shop.keys(&shop.purchase("1", shelf::EDITOR, "ada@example.org")).await;
    let slot = shop.slot("ada@example.org").await.unwrap();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let deed = Agree { slot, agreement: Agreement::OnOwnPage("I agree."), house: &shop.house };
        match shop.db().write(&deed).await.unwrap() {
            Agreed::Erasing { code } => codes.push(code),
            _ => panic!("not erasing"),
        }
    }
    let mut tx = shop.db().read().await.unwrap();
    assert_eq!(pick_up(&mut tx, &codes[0]).await.unwrap(), PickUp::Withheld);
    drop(tx);
    shop.roll().await;
    let mut tx = shop.db().read().await.unwrap();
    let signers = domain::licensing::issue::Signers::load(&mut tx).await.unwrap();
    for code in &codes {
        let PickUp::Ready(receipt) = pick_up(&mut tx, code).await.unwrap() else { panic!("no receipt") };
        domain::erasure::receipt::verify(&receipt, &signers.public).unwrap();
        assert!(!receipt.contains("ada@"));
    }
    let deed = Agree { slot, agreement: Agreement::OnOwnPage("I agree."), house: &shop.house };
    assert!(shop.db().write(&deed).await.unwrap() == Agreed::Nobody);
}

#[tokio::test]
async fn an_erasure_that_cools_can_be_taken_back_and_else_falls_due_with_its_receipt() {
    let mut shop = Shop::open().await;
    shop.house.cooling_days = 40;
    shop.keys(&shop.purchase("1", shelf::EDITOR, "ada@example.org")).await;
    let slot = shop.slot("ada@example.org").await.unwrap();
    shop.agree("ada@example.org").await.unwrap();
    shop.db().write(&domain::erasure::intent::TakeBack { slot }).await.unwrap();
    shop.pass(50);
    assert_eq!(domain::erasure::retention::sweep(shop.db(), &shop.house).await.unwrap().erased, 0);
    let code = shop.agree("ada@example.org").await.unwrap();
    shop.pass(39);
    assert_eq!(domain::erasure::retention::sweep(shop.db(), &shop.house).await.unwrap().erased, 0);
    shop.pass(1);
    assert_eq!(domain::erasure::retention::sweep(shop.db(), &shop.house).await.unwrap().erased, 1);
    domain::erasure::retention::sweep(shop.db(), &shop.house).await.unwrap();
    let mut tx = shop.db().read().await.unwrap();
    assert!(
        matches!(pick_up(&mut tx, &code).await.unwrap(), PickUp::Ready(_)),
        "swept before it could be fetched"
    );
    assert_eq!(shop.rows("person").await, 0);
}

/// Tables whose rows may differ between a shop in which somebody was erased and one in which they never were.
const MAY_DIFFER: [&str; 8] =
    ["licence", "term", "journal", "journal_link", "counted", "meta", "acted", "receipt"];

#[tokio::test]
async fn never_was() {
    let mut sizes = Vec::new();
    let mut states = Vec::new();
    for with in [true, false] {
        let shop = Shop::open().await;
        for n in 1..=3 {
            shop.keys(&shop.purchase(&n.to_string(), shelf::EDITOR, &format!("p{n}@example.org"))).await;
        }
        if with {
            shop.keys(&marked(&shop, "8", shelf::CLOUD)).await;
            shop.take(&shop.provider.charged(&marked(&shop, "9", shelf::NOVELTY))).await;
            shop.erase("mark-email@example.org").await.unwrap();
            shop.erase("mark-licensee@example.org").await.unwrap();
        }
        shop.keys(&shop.purchase("5", shelf::PACK, "p5@example.org")).await;
        shop.roll().await;
        let tables = policy::inventory::TABLES.iter().map(|t| t.name);
        let mut rows = Vec::new();
        for table in tables.filter(|t| !MAY_DIFFER.contains(t)) {
            rows.push((table, shop.rows(table).await));
        }
        sizes.push(rows);
        let state = shop.state(shop.today()).await;
        states.push(state.into_iter().filter(|l| !l.starts_with("nobody's")).collect::<BTreeSet<_>>());
    }
    assert_eq!(sizes[0], sizes[1]);
    assert_eq!(states[0], states[1]);
}
