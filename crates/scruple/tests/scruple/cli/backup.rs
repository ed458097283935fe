//! `scruple backup`, `scruple restore` and `scruple audit`.

use crate::cli::shop::{Shop, block_on, copy};
use std::fs;

const ADA: &str = "ada@example.com";
const BEA: &str = "bea@example.com";

/// Replaces the database with an empty one and keeps the keyring, as after the loss of a disk.
fn lose_the_data(shop: &mut Shop) {
    let replica = shop.replica().display().to_string();
    fs::remove_dir_all(shop.path("scruple-data")).expect("the folder is ours");
    let fresh = block_on(store::testing::fresh_url());
    shop.set("SCRUPLE_DATA_DATABASE", &fresh);
    shop.set("SCRUPLE_KEYRING_REPLICAS", &replica);
}

#[test]
fn a_person_erased_after_the_backup_stays_erased() {
    let mut shop = Shop::selling();
    let (number, key) = shop.issue("", ADA);
    shop.issue("", BEA);
    let output = shop.run("backup monday.scruple").done();
    assert!(output.contains("monday.scruple"));
    assert_eq!(shop.mode("monday.scruple"), 0o600);
    for personal in [ADA, BEA] {
        assert!(!shop.read("monday.scruple").contains(personal));
    }
    shop.run_with_input("person erase --channel email", &format!("{ADA}\nI agree.")).done();
    shop.issue("", "");

    lose_the_data(&mut shop);
    let restored = shop.run("restore monday.scruple");
    assert!(restored.err.contains("removed again"), "{}", restored.err);
    assert!(restored.done().contains("restored"));
    // The audit entries since the backup are lost, which is detected.
    assert_eq!(shop.run("audit verify --json").json()["gaps"].as_array().map(Vec::len), Some(1));
    assert!(shop.run("audit verify").done().contains("A backup was restored"));
    shop.run("prove").done();
    shop.run_with_input("person export --case x", ADA).refused(1, "no customer");
    assert_eq!(shop.run_with_input("person export --case x", BEA).json()["email"], BEA);
    assert_eq!(shop.run(&format!("licence show {number} --json")).json()["key"], key);
    assert_eq!(shop.run("product list").err, "");
}

#[test]
fn no_file_is_overwritten_and_no_partial_file_is_left() {
    let shop = Shop::selling();
    shop.write("taken", "mine");
    shop.run("backup taken").refused(2, "exists already");
    assert_eq!(shop.read("taken"), "mine");
    shop.run("backup absent/file").refused(2, "absent/file");
    shop.run("backup good").done();
    let left = fs::read_dir(shop.path(".")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().ends_with(".partial")));
}

#[test]
fn a_backup_is_restored_only_into_an_empty_database_and_only_whole() {
    let mut shop = Shop::selling();
    shop.run("backup whole").done();
    shop.run("restore whole").refused(1, "not empty");
    let whole = shop.read("whole");
    shop.write("cut", &whole[..whole.len() / 2]);
    shop.write("other", "hello\n");
    lose_the_data(&mut shop);
    shop.run("restore absent").refused(2, "absent");
    shop.run("restore cut").refused(1, "nothing was restored");
    shop.run("restore other").refused(1, "nothing was restored");
    shop.run("restore whole").done();
    assert_eq!(shop.run("product list --json").json()["products"][0]["id"], "4711");
    shop.run("audit verify").done();
}

#[test]
fn data_without_its_keyring_is_restored_but_cannot_be_opened() {
    let shop = Shop::selling();
    shop.run("backup whole").done();
    let elsewhere = Shop::new();
    fs::copy(shop.path("whole"), elsewhere.path("whole")).unwrap();
    elsewhere.run("restore whole").refused(1, "the data is restored, but cannot be opened");
}

#[test]
fn the_audit_log_shows_actor_subject_and_case() {
    let shop = Shop::selling();
    shop.issue("", ADA);
    shop.run_with_input("--as grace lookup --email --case 'ticket 17'", ADA).done();
    assert!(!shop.run("audit show").done().contains("ticket 17"));
    let output = shop.run("--as hopper audit show --cases").done();
    let line = output.lines().find(|line| line.contains("ticket 17")).expect("a line");
    assert!(line.contains("grace") && line.contains("support"), "{line}");
    assert!(!output.contains(ADA));

    let lines = shop.run("audit show --cases --json").done();
    let opening = lines.lines().find(|line| line.contains("ticket 17")).expect("a line");
    let opening: serde_json::Value = serde_json::from_str(opening).unwrap();
    assert_eq!((&opening["kind"], &opening["actor"]), (&"opening".into(), &"grace".into()));
    assert_eq!((&opening["purpose"], &opening["chained"]), (&"support".into(), &true.into()));
    // Reading a case is an access too.
    assert!(lines.lines().any(|line| line.contains("hopper") && line.contains("audit_entry.case_text")));
    shop.run("prove").done();
    assert!(shop.run("audit show --since 2999-01-01").done().contains("no audit entries"));
    assert_eq!(shop.run("audit show --since 2999-01-01 --json").done(), "");

    let whole = shop.run("audit verify --json").json();
    assert_eq!((&whole["complete"], &whole["open_entries"]), (&true.into(), &0.into()));
    assert!(whole["entries"].as_i64().is_some_and(|lines| lines >= 3));
    assert!(shop.run("audit verify").done().contains("The audit log is complete"));
}

#[test]
fn a_truncated_audit_log_is_detected_with_the_keyring() {
    let shop = Shop::selling();
    if !shop.url().is_empty() {
        // The test can't copy the files of a PostgreSQL database.
        return;
    }
    copy(&shop.path("scruple-data"), &shop.path("earlier"));
    shop.issue("", ADA);
    fs::remove_dir_all(shop.path("scruple-data")).expect("the folder is ours");
    copy(&shop.path("earlier"), &shop.path("scruple-data"));
    let verified = shop.run("audit verify");
    verified.refused(1, "truncated");
    let verified = shop.run("audit verify --json");
    assert_eq!(verified.code, 1);
    assert!(verified.out.contains("\"complete\": false"), "{}", verified.out);
    assert_eq!(shop.run("prove").code, 1);
}
