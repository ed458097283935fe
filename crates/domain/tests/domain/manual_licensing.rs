//! What staff do with licences: issue, extend, revoke, release, each with its refusals and its audit entry.

use calendar::Day;
use domain::licensing::issue::licences_and_seats;
use domain::licensing::issue_with_end::IssueWithEnd;
use domain::licensing::manual_licensing::{
    ExtendLicence, ExtensionOutcome, ExtensionRefusal, IssueManually, ReleaseOrder, RevokeLicence,
};
use domain::licensing::purchase::PartyDetails;
use domain::licensing::refresh::{RefreshOutcome, refresh_key};
use domain::licensing::release_for_case::ReleaseForCase;
use store::{KeysPerOrder, LicenceState, Product};

use crate::kit::{Shop, products, reply_name, staff};
use licence::Serial;

/// The product bytes of the shop's catalogue.
const EDITOR: u8 = 1;
const CLOUD: u8 = 2;
const PACK: u8 = 4;
const UNKNOWN: u8 = 77;

fn holder(email: &str) -> PartyDetails {
    let empty = String::new;
    PartyDetails { email: email.into(), name: empty(), company: empty(), language: empty() }
}

async fn issue(shop: &Shop, product: u8, quantity: u32, email: &str) -> Option<Vec<String>> {
    let (recipient, actor, settings) = (&holder(email), &staff(), &shop.settings);
    shop.execute(IssueManually { product, quantity, recipient, actor, settings }).await
}

async fn issue_until(shop: &Shop, product: u8, paid_until: Option<Day>) -> Option<Vec<String>> {
    let (recipient, actor, settings) = (&holder(""), &staff(), &shop.settings);
    let issue = IssueManually { product, quantity: 1, recipient, actor, settings };
    shop.execute(IssueWithEnd { issue, paid_until }).await
}

async fn extend(shop: &Shop, serial: Serial, months: i64) -> ExtensionOutcome {
    shop.execute(ExtendLicence { serial, months, actor: &staff() }).await
}

async fn revoke(shop: &Shop, serial: Serial, revoked: bool) -> Option<LicenceState> {
    let changed = shop.execute(RevokeLicence { serial, revoked, actor: &staff() }).await;
    changed.map(|licence| licence.state)
}

/// Why an extension is refused; none if it is done.
async fn refusal(shop: &Shop, key: &str, months: i64) -> Option<ExtensionRefusal> {
    match extend(shop, shop.licence(key).await.serial, months).await {
        ExtensionOutcome::Extended(_) => None,
        ExtensionOutcome::Refused(why) => Some(why),
        ExtensionOutcome::UnknownLicence => panic!("the licence is there"),
    }
}

async fn refresh(shop: &Shop, key: &str) -> RefreshOutcome {
    let mut tx = shop.db().read().await.unwrap();
    refresh_key(&mut tx, key).await.unwrap()
}

#[test]
fn an_order_has_a_licence_for_all_units_or_one_for_each() {
    for (keys, seats, quantity, expected) in [
        (KeysPerOrder::One, 1, 1, (1, 1)),
        (KeysPerOrder::One, 1, 12, (1, 12)),
        (KeysPerOrder::One, 3, 4, (1, 12)),
        // Without a number of seats the quantity is the number of seats.
        (KeysPerOrder::One, 0, 5, (1, 5)),
        (KeysPerOrder::One, 1, 65_535, (1, 65_535)),
        (KeysPerOrder::One, 1, 65_536, (1, 65_535)),
        (KeysPerOrder::One, 65_535, u32::MAX, (1, 65_535)),
        (KeysPerOrder::Each, 1, 1, (1, 1)),
        (KeysPerOrder::Each, 3, 4, (4, 3)),
        (KeysPerOrder::Each, 0, 4, (4, 1)),
        (KeysPerOrder::Each, 1, 0, (1, 1)),
    ] {
        let product = Product { keys, seats, ..products::product(products::EDITOR) };
        assert_eq!(licences_and_seats(&product, quantity), expected, "{seats} seats, {quantity} units");
    }
}

#[tokio::test]
async fn a_licence_is_issued_with_a_holder_or_without() {
    let shop = Shop::open().await;
    let free = issue(&shop, EDITOR, 3, "").await.unwrap();
    assert_eq!((free.len(), shop.claims(&free[0]).await.seats, shop.rows("person").await), (1, 3, 0));
    let held = issue(&shop, PACK, 2, "ada@example.org").await.unwrap();
    assert_eq!((held.len(), shop.rows("person").await), (2, 1));
    let data = shop.personal_data("ada@example.org").await;
    let mut shown: Vec<String> = data.licences.iter().map(|licence| licence.key.clone()).collect();
    let mut issued = held;
    shown.sort();
    issued.sort();
    assert_eq!(shown, issued);
    assert_eq!(shop.staff_changes().await, ["licence issued manually"; 2]);
    shop.check_seals().await;
}

#[tokio::test]
async fn a_licence_of_an_unknown_product_is_not_issued_and_not_audited() {
    let shop = Shop::open().await;
    assert!(issue(&shop, UNKNOWN, 1, "ada@example.org").await.is_none());
    assert!(issue_until(&shop, UNKNOWN, Some(shop.today())).await.is_none());
    assert_eq!((shop.rows("person").await, shop.rows("licence").await), (0, 0));
    assert_eq!(shop.staff_changes().await, [""; 0]);
}

#[tokio::test]
async fn a_licence_with_an_end_of_its_own_is_paid_until_that_day() {
    let shop = Shop::open().await;
    let day: Day = "2027-02-28".parse().unwrap();
    for (product, expected) in [(EDITOR, "2027-11-22"), (CLOUD, "2026-12-22")] {
        let usual = issue_until(&shop, product, None).await.unwrap();
        assert_eq!(shop.until(&usual[0]).await.to_string(), expected, "{product}");
    }
    let cloud = issue_until(&shop, CLOUD, Some(day)).await.unwrap();
    assert_eq!(shop.until(&cloud[0]).await, day);
    // The key of a running subscription has 14 days of grace on top.
    let licence::Term::Ends(last) = shop.claims(&cloud[0]).await.term else { panic!("no end") };
    assert_eq!(last.to_string(), "2027-03-14");
}

#[tokio::test]
async fn an_extension_adds_to_the_days_that_are_left_or_begins_today() {
    // Issued on 2026-11-22. Product, days that pass, months, last day.
    for (product, days, months, expected) in [
        (EDITOR, 0, 3, "2028-02-22"),
        (EDITOR, 364, 1, "2027-12-22"),
        (EDITOR, 365, 1, "2027-12-22"),
        (EDITOR, 366, 1, "2027-12-23"),
        (EDITOR, 400, 120, "2037-12-27"),
        (CLOUD, 0, 2, "2027-02-22"),
        (CLOUD, 30, 1, "2027-01-22"),
        (CLOUD, 31, 1, "2027-01-23"),
        (CLOUD, 60, 12, "2028-01-21"),
    ] {
        let shop = Shop::open().await;
        let key = issue(&shop, product, 1, "").await.unwrap().remove(0);
        shop.pass_days(days);
        assert_eq!(refusal(&shop, &key, months).await, None);
        assert_eq!(shop.until(&key).await.to_string(), expected, "{product} after {days} days");
        let changes = ["licence extended manually", "licence issued manually"];
        assert_eq!(shop.staff_changes().await, changes);
    }
}

#[tokio::test]
async fn an_extension_that_is_not_possible_says_why_and_changes_nothing() {
    let shop = Shop::open().await;
    let editor = issue(&shop, EDITOR, 1, "").await.unwrap().remove(0);
    let forever = issue(&shop, PACK, 1, "").await.unwrap().remove(0);
    let revoked = issue(&shop, EDITOR, 1, "").await.unwrap().remove(0);
    revoke(&shop, shop.licence(&revoked).await.serial, true).await;
    let finished = shop.purchase("1", products::CLOUD, "ada@example.org").subscribed("91", 30);
    let ended = shop.keys(&finished).await.remove(0);
    shop.process(&shop.provider.finished(&finished, 0)).await;
    let before = shop.staff_changes().await;
    for (key, months, reason) in [
        (&editor, 0, ExtensionRefusal::Months),
        (&editor, -1, ExtensionRefusal::Months),
        (&editor, 121, ExtensionRefusal::Months),
        (&forever, 12, ExtensionRefusal::NoEnd),
        (&revoked, 12, ExtensionRefusal::NotActive),
        (&ended, 12, ExtensionRefusal::NotActive),
    ] {
        let licence = shop.licence(key).await;
        assert_eq!(refusal(&shop, key, months).await, Some(reason));
        assert!(shop.licence(key).await == licence, "{reason:?}");
    }
    for serial in [0, 1, (1 << 40) - 1].map(store::testing::serial) {
        assert_eq!(extend(&shop, serial, 12).await, ExtensionOutcome::UnknownLicence, "{serial}");
    }
    assert_eq!(shop.staff_changes().await, before);
    for months in [1, 120] {
        assert_eq!(refusal(&shop, &editor, months).await, None);
    }
}

#[tokio::test]
async fn a_suspended_licence_is_extended_and_a_refund_ends_an_extended_one() {
    let shop = Shop::open().await;
    let cloud = shop.purchase("1", products::CLOUD, "ada@example.org").subscribed("91", 30);
    let key = shop.keys(&cloud).await.remove(0);
    shop.process(&shop.provider.suspended(&cloud, 0)).await;
    assert_eq!(shop.licence(&key).await.state, LicenceState::Suspended);
    assert_eq!(refusal(&shop, &key, 1).await, None);
    let editor = shop.purchase("2", products::EDITOR, "ada@example.org");
    let bought = shop.keys(&editor).await.remove(0);
    assert_eq!(refusal(&shop, &bought, 12).await, None);
    shop.process(&shop.provider.refunded(&editor)).await;
    assert_eq!(shop.licence(&bought).await.state, LicenceState::Revoked);
}

#[tokio::test]
async fn a_revoked_licence_is_not_refreshed_until_it_is_restored() {
    let shop = Shop::open().await;
    let key = issue(&shop, EDITOR, 1, "").await.unwrap().remove(0);
    let serial = shop.licence(&key).await.serial;
    for _ in 0..2 {
        assert_eq!(revoke(&shop, serial, true).await, Some(LicenceState::Revoked));
        assert!(matches!(refresh(&shop, &key).await, RefreshOutcome::Revoked));
    }
    assert_eq!(revoke(&shop, serial, false).await, Some(LicenceState::Active));
    assert!(matches!(refresh(&shop, &key).await, RefreshOutcome::Current(text) if text == key));
    let before = shop.staff_changes().await;
    for unknown in [0, 1, (1 << 40) - 1].map(store::testing::serial) {
        assert_eq!(revoke(&shop, unknown, true).await, None);
    }
    assert_eq!(shop.staff_changes().await, before);
    assert_eq!(
        before[1..],
        ["licence restored manually", "licence revoked manually", "licence revoked manually"]
    );
}

#[tokio::test]
async fn a_refresh_tells_a_forged_key_from_one_of_a_lost_licence() {
    let shop = Shop::open().await;
    let key = issue(&shop, EDITOR, 1, "").await.unwrap().remove(0);
    let foreign = issue(&Shop::open().await, EDITOR, 1, "").await.unwrap().remove(0);
    for invalid in ["", "no key", &foreign, &key[..key.len() - 1]] {
        assert!(matches!(refresh(&shop, invalid).await, RefreshOutcome::Invalid(_)), "{invalid}");
    }
    // As after the restore of a backup that is older than the licence.
    shop.scratch.tamper("DELETE FROM term").await;
    shop.scratch.tamper("DELETE FROM licence").await;
    assert!(matches!(refresh(&shop, &key).await, RefreshOutcome::Unknown));
}

#[tokio::test]
async fn an_order_on_hold_gets_its_key_when_staff_release_it() {
    let shop = Shop::open().await;
    let mut held = shop.purchase("4", products::SITE, "ada@example.org");
    held.dynamic_discount = "10.00".into();
    let request = shop.provider.licence_requested(&held);
    assert_eq!(reply_name(&shop.process(&request).await), "on hold");
    let (actor, settings) = (&staff(), &shop.settings);
    for unknown in ["", "5", "40", "04", "ada@example.org"] {
        assert!(!shop.execute(ReleaseOrder { order: unknown, actor, settings }).await, "{unknown}");
        assert!(!shop.execute(ReleaseForCase { order: unknown, case: "T-7", actor, settings }).await);
    }
    assert_eq!(shop.staff_changes().await, [""; 0]);
    assert!(shop.execute(ReleaseForCase { order: "4", case: "T-7", actor, settings }).await);
    assert_eq!(reply_name(&shop.process(&request).await), "keys");
    assert_eq!(shop.staff_changes().await, ["order released manually"]);
    // The case is in the audit entry of the opening, encrypted.
    let cases =
        "SELECT COUNT(*) FROM audit_entry WHERE actor = 'Sam' AND kind = 'opening' AND purpose = 'support'";
    assert_eq!(shop.scratch.numbers(cases).await, [1]);
    assert!(shop.execute(ReleaseOrder { order: "4", actor, settings }).await, "again, without effect");
    assert_eq!(reply_name(&shop.process(&request).await), "keys");
}
