//! The time machine on the whole program: old copies of the data beside the keyring as it is now, and the copies that
//! must be refused.

mod conversations;
mod visits;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::kit::database_rows::DatabaseRows;
use super::kit::orders::{asks_for_key, order, paid};
use super::kit::{Shop, free_port, on_postgres, until, wait};
use conversations::SampleConversations;

/// What was kept of a moment.
struct Moment {
    folder: PathBuf,
    /// Customers who were there.
    customers: u64,
    talks: SampleConversations,
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp");
    assert!(done.success());
}

/// Serves six more customers and their conversations, then keeps a backup made while it serves, and copies made while it doesn't.
fn moment(shop: &Shop, kept: &Path, nth: usize, customers: u64, gone: u64) -> Moment {
    let folder = kept.join(customers.to_string());
    fs::create_dir(&folder).expect("a folder");
    let server = shop.serve();
    for n in customers - 6..customers {
        assert_eq!(server.notice(&paid(&order(n))).status, 200);
    }
    let beside = shop.beside();
    let talks = SampleConversations::begin(nth, &server, &beside, gone, customers - 4);
    beside.close();
    shop.says(&["backup", folder.join("backup").to_str().expect("UTF-8")], "");
    assert!(server.stop().success());
    copy(&shop.data(), &folder.join("data"));
    copy(&shop.place(), &folder.join("place"));
    Moment { folder, customers, talks }
}

/// A shop of what is kept, in a folder of its own; on the copy's own file or an empty database.
fn shop_of(shop: &Shop, data: Option<&Path>, place: &Path, url: String) -> Shop {
    let folder = tempfile::tempdir().expect("a folder").keep();
    if let Some(data) = data {
        copy(data, &folder.join("data"));
    }
    copy(place, &folder.join("place"));
    let mut there = shop.at(&folder);
    there.url = url;
    there
}

fn erase(shop: &Shop, n: u64) {
    shop.says(&["person", "erase", "--channel", "post"], &format!("{}\nI agree\n", order(n).buyer.email));
}

/// The erased are gone, also for whoever resends their orders; everybody else who was there opens.
fn only_the_erased_are_gone(shop: &Shop, customers: u64, erased: &[u64], moments: &[Moment]) {
    let server = shop.serve();
    let beside = shop.beside();
    for n in 0..customers {
        let again = server.notice(&asks_for_key(&order(n)));
        assert_eq!(again.status, 200, "{}", again.text());
        let found = beside.find(&order(n).buyer.email);
        assert_eq!(found.is_empty(), erased.contains(&n), "customer {n} of {customers}");
        assert_eq!(beside.find_order(&order(n).order).is_empty(), erased.contains(&n), "order {n}");
        for found in found {
            assert_eq!((found.email, found.name), (order(n).buyer.email, order(n).buyer.name));
        }
    }
    let until = moments.iter().position(|moment| moment.customers == customers).expect("a moment");
    for moment in &moments[..=until] {
        moment.talks.only_the_living_open(until, server.address);
    }
    assert_eq!(DatabaseRows::read(&beside.db).count("erasure_intent"), 0);
    beside.chain_holds();
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
        moments[nth].talks.end(&shop);
    }
    the_keys_are_gone(&shop, &moments);
    for moment in &moments {
        let empty = wait(store::testing::fresh_url());
        let restored = shop_of(&shop, None, &shop.place(), empty);
        fs::create_dir(restored.data()).expect("a folder");
        Command::new("chmod").arg("700").arg(restored.data()).status().expect("chmod");
        restored.says(&["restore", moment.folder.join("backup").to_str().expect("UTF-8")], "");
        only_the_erased_are_gone(&restored, moment.customers, &erased, &moments);
        if !on_postgres() {
            let copied = shop_of(&shop, Some(&moment.folder.join("data")), &shop.place(), String::new());
            only_the_erased_are_gone(&copied, moment.customers, &erased, &moments);
        }
    }
    refused_or_stated(&shop, &moments[1]);
}

/// Whatever lies in the copies under the slots of what is gone: there is no key for it, and nothing else in them is sealed
/// for it.
fn the_keys_are_gone(shop: &Shop, moments: &[Moment]) {
    let beside = shop.beside();
    for moment in moments {
        let copy = DatabaseRows::parse(&fs::read(moment.folder.join("backup")).expect("a backup"));
        assert_eq!(moment.talks.keys_are_gone(&copy, &beside), 7);
    }
    beside.close();
}

/// An old keyring beside the newer data is refused; beside the data of its own time nobody can tell, which is the
/// limit that the program states.
fn refused_or_stated(shop: &Shop, old: &Moment) {
    let data = shop.data();
    let put_back = shop_of(shop, Some(&data), &old.folder.join("place"), shop.url.clone());
    let mut server = put_back.start_on(free_port());
    until("its refusal", || (!server.runs()).then_some(()));
    assert!(server.log().contains("an old copy was restored"), "{}", server.log());
    fs::remove_dir_all(put_back.folder()).expect("ours");
    if !on_postgres() {
        let both = shop_of(shop, Some(&old.folder.join("data")), &old.folder.join("place"), String::new());
        let beside = both.beside();
        assert_eq!(
            beside.find(&order(7).buyer.email).len(),
            1,
            "a limit that is stated is no limit any more"
        );
        assert!(old.talks.erased_opens(&beside), "a limit that is stated is no limit any more");
        beside.close();
        fs::remove_dir_all(both.folder()).expect("ours");
    }
}
