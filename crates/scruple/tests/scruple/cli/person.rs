//! `scruple person` and `scruple receipt`.

use crate::cli::shop::{CommandOutput, Shop};

const ADA: &str = "Ada.Lovelace@example.com";
const PERSONAL: [&str; 2] = ["lovelace", "Lovelace"];

fn erase(shop: &Shop, address: &str) -> CommandOutput {
    shop.run_with_input(
        "--as grace person erase --channel post",
        &format!("{address}\nI agree that support ends.\n"),
    )
}

#[test]
fn all_personal_data_is_exported_as_json() {
    let shop = Shop::selling();
    let (number, key) = shop.issue("", ADA);
    let held = shop
        .run_with_input("--as grace person export --case 'request of 3 May'", "ada.lovelace@EXAMPLE.com\n")
        .json();
    assert_eq!(held["email"], ADA);
    assert_eq!((&held["licences"][0]["number"], &held["licences"][0]["key"]), (&number.into(), &key.into()));
    // An export contains the earlier accesses, not its own.
    let again = shop.run_with_input("person export --case again", ADA).json();
    let access = again["accesses"].as_array().unwrap().last().unwrap();
    assert_eq!((&access["actor"], &access["case"]), (&"grace".into(), &"request of 3 May".into()));
}

#[test]
fn an_erased_customer_and_a_stranger_get_the_same_answer() {
    let shop = Shop::selling();
    shop.issue("", ADA);
    erase(&shop, ADA).done();
    for line in [
        "person export --case x",
        "person erase --channel email --agreement /dev/null",
        "lookup --email --case x",
        "lookup --email --case x --json",
    ] {
        let (erased, stranger) =
            (shop.run_with_input(line, ADA), shop.run_with_input(line, "nobody@example.org"));
        assert_ne!(erased.code, 0, "{line}");
        assert_eq!((erased.code, &erased.out, &erased.err), (stranger.code, &stranger.out, &stranger.err));
    }
    erase(&shop, ADA).refused(1, "there is no customer with this address");
}

#[test]
fn an_erasure_ends_with_a_receipt_and_leaves_the_licence() {
    let shop = Shop::selling();
    let (number, key) = shop.issue("", ADA);
    shop.write("agreement.txt", "I agree that support ends.");
    let erased = shop.run_with_input(
        "--as grace person erase --channel in-person --agreement agreement.txt --receipt receipt.txt",
        ADA,
    );
    erased.hides(&PERSONAL);
    erased.done();
    assert_eq!(shop.mode("receipt.txt"), 0o600);
    assert!(!shop.read("receipt.txt").to_lowercase().contains("lovelace"));
    shop.run("receipt verify receipt.txt").done();

    let shown = shop.run(&format!("licence show {number} --json")).json();
    assert_eq!((&shown["state"], &shown["key"]), (&"active".into(), &key.as_str().into()));
    shop.run(&format!("lookup --licence {number} --case x")).refused(1, "no customer");
    let audit_log = shop.run("audit show --json").done();
    assert!(audit_log.contains("agreed to erasure to staff") && audit_log.contains("was given in person"));
    assert!(!audit_log.to_lowercase().contains("lovelace"));
    shop.run("prove").done();
}

#[test]
fn no_person_is_erased_without_their_agreement() {
    let shop = Shop::selling();
    shop.issue("", ADA);
    shop.run_with_input("person erase --channel email", ADA).refused(2, "agreement");
    shop.run_with_input("person erase --channel email --agreement absent.txt", ADA).refused(2, "absent.txt");
    assert_eq!(shop.run_with_input("person erase --channel pigeon", ADA).code, 2);
    shop.write("taken.txt", "");
    let taken =
        shop.run_with_input("person erase --channel email --receipt taken.txt", &format!("{ADA}\nI agree"));
    taken.refused(2, "exists already");
    taken.hides(&PERSONAL);
    let no_address = shop.run_with_input("person erase --channel email", "Ada Lovelace\nI agree");
    no_address.refused(2, "e-mail address");
    no_address.hides(&PERSONAL);
    assert_eq!(shop.run_with_input("person export --case x", ADA).json()["email"], ADA);
}

#[test]
fn an_erasure_with_a_cooling_period_can_be_cancelled() {
    let shop = Shop::selling().with("SCRUPLE_RETENTION_ERASURE_COOLING_DAYS", "3");
    shop.issue("", ADA);
    let output = erase(&shop, ADA).done();
    assert!(output.contains("is due on") && output.contains("code"), "{output}");
    assert_ne!(shop.run_with_input("person export --case x", ADA).json()["erased_on"], "");
}

#[test]
fn a_receipt_is_one_shops_and_no_others() {
    let shop = Shop::selling();
    shop.issue("", ADA);
    let receipt = erase(&shop, ADA).done();
    shop.write("receipt.txt", &receipt);
    shop.write("shop.pub", &shop.run("licence keys export --public").done());
    shop.run("receipt verify receipt.txt --public-key shop.pub").done();
    shop.run_with_input("receipt verify - --public-key shop.pub", &receipt.replace('\n', "\r\n")).done();

    let changed = receipt.replacen("day: 2", "day: 3", 1);
    shop.run_with_input("receipt verify - --public-key shop.pub", &changed).refused(3, "changed");
    shop.run_with_input("receipt verify - --public-key shop.pub", "hello").refused(3, "not a receipt");
    shop.run_with_input("receipt verify - --public-key shop.pub", "").refused(2, "empty");
    shop.run("receipt verify absent.txt").refused(2, "absent.txt");
    Shop::new().run_with_input("receipt verify -", &receipt).refused(3, "does not match");
}
