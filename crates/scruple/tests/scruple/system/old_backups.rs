//! Old copies of the data with today's keyring, and combinations that must be refused.

mod conversations;
mod visits;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::kit::database_rows::DatabaseRows;
use super::kit::orders::{asks_for_key, order, paid};
use super::kit::{Shop, block_on, free_port, on_postgres, wait_until};
use conversations::SampleConversations;

/// The copies of a moment.
struct Moment {
    folder: PathBuf,
    /// The number of customers at that moment.
    customers: u64,
    conversations: SampleConversations,
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp");
    assert!(done.success());
}

/// Adds six customers and their conversations. Then it makes a backup while the server runs, and file copies after it
/// has stopped.
fn moment(shop: &Shop, kept: &Path, nth: usize, customers: u64, gone: u64) -> Moment {
    let folder = kept.join(customers.to_string());
    fs::create_dir(&folder).expect("a folder");
    let server = shop.serve();
    for n in customers - 6..customers {
        assert_eq!(server.post_notification(&paid(&order(n))).status, 200);
    }
    let store = shop.open_store();
    let conversations = SampleConversations::start(nth, &server, &store, gone, customers - 4);
    store.close();
    shop.run_ok(&["backup", folder.join("backup").to_str().expect("UTF-8")], "");
    assert!(server.stop().success());
    copy(&shop.data(), &folder.join("data"));
    copy(&shop.replica(), &folder.join("replica"));
    Moment { folder, customers, conversations }
}

/// Creates a shop from copies, with its data file or with an empty database.
fn shop_of(shop: &Shop, data: Option<&Path>, replica: &Path, url: String) -> Shop {
    let folder = tempfile::tempdir().expect("a folder").keep();
    if let Some(data) = data {
        copy(data, &folder.join("data"));
    }
    copy(replica, &folder.join("replica"));
    let mut restored = shop.at(&folder);
    restored.url = url;
    restored
}

fn erase(shop: &Shop, n: u64) {
    shop.run_ok(&["person", "erase", "--channel", "post"], &format!("{}\nI agree\n", order(n).buyer.email));
}

/// Checks that exactly the erased customers are not found, also after their orders are sent again.
fn check_erased_customers(shop: &Shop, customers: u64, erased: &[u64], moments: &[Moment]) {
    let server = shop.serve();
    let store = shop.open_store();
    for n in 0..customers {
        let again = server.post_notification(&asks_for_key(&order(n)));
        assert_eq!(again.status, 200, "{}", again.text());
        let found = store.find(&order(n).buyer.email);
        assert_eq!(found.is_empty(), erased.contains(&n), "customer {n} of {customers}");
        assert_eq!(store.find_order(&order(n).order).is_empty(), erased.contains(&n), "order {n}");
        for found in found {
            assert_eq!((found.email, found.name), (order(n).buyer.email, order(n).buyer.name));
        }
    }
    let copied = moments.iter().position(|moment| moment.customers == customers).expect("a moment");
    for moment in &moments[..=copied] {
        moment.conversations.check_pages(copied, server.address);
    }
    assert_eq!(DatabaseRows::read(&store.db).count("erasure_intent"), 0);
    store.verify_audit_chain();
    assert!(server.stop().success());
    fs::remove_dir_all(shop.folder()).expect("ours");
}

#[test]
fn an_erased_person_cannot_be_decrypted_from_older_copies_and_others_can() {
    let shop = Shop::new();
    let kept = tempfile::tempdir().expect("a folder");
    let mut moments = Vec::new();
    let erased = [1, 7, 13];
    for (nth, customers) in [6, 12, 18].into_iter().enumerate() {
        moments.push(moment(&shop, kept.path(), nth, customers, erased[nth]));
        erase(&shop, erased[nth]);
        moments[nth].conversations.end(&shop);
    }
    check_forgotten_slots(&shop, &moments);
    for moment in &moments {
        let empty = block_on(store::testing::fresh_url());
        let restored = shop_of(&shop, None, &shop.replica(), empty);
        fs::create_dir(restored.data()).expect("a folder");
        Command::new("chmod").arg("700").arg(restored.data()).status().expect("chmod");
        restored.run_ok(&["restore", moment.folder.join("backup").to_str().expect("UTF-8")], "");
        check_erased_customers(&restored, moment.customers, &erased, &moments);
        if !on_postgres() {
            let copied = shop_of(&shop, Some(&moment.folder.join("data")), &shop.replica(), String::new());
            check_erased_customers(&copied, moment.customers, &erased, &moments);
        }
    }
    check_old_keyring(&shop, &moments[1]);
}

/// Checks that today's keyring has forgotten the slots of erased conversations in the copies.
fn check_forgotten_slots(shop: &Shop, moments: &[Moment]) {
    let store = shop.open_store();
    for moment in moments {
        let copy = DatabaseRows::parse(&fs::read(moment.folder.join("backup")).expect("a backup"));
        assert_eq!(moment.conversations.check_slots(&copy, &store), 7);
    }
    store.close();
}

/// An old keyring with newer data is refused. An old keyring with the old data opens, which is the documented limit.
fn check_old_keyring(shop: &Shop, old: &Moment) {
    let data = shop.data();
    let put_back = shop_of(shop, Some(&data), &old.folder.join("replica"), shop.url.clone());
    let mut server = put_back.start_on(free_port());
    wait_until("its refusal", || (!server.runs()).then_some(()));
    assert!(server.log().contains("an old copy was restored"), "{}", server.log());
    fs::remove_dir_all(put_back.folder()).expect("ours");
    if !on_postgres() {
        let both = shop_of(shop, Some(&old.folder.join("data")), &old.folder.join("replica"), String::new());
        let store = both.open_store();
        assert_eq!(store.find(&order(7).buyer.email).len(), 1, "the documented limit no longer holds");
        assert!(old.conversations.erased_can_be_opened(&store), "the documented limit no longer holds");
        store.close();
        fs::remove_dir_all(both.folder()).expect("ours");
    }
}
