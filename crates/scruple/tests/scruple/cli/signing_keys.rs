//! `scruple licence keys`.

use crate::cli::shop::Shop;
use serde_json::json;

#[test]
fn signing_keys_follow_each_other() {
    let shop = Shop::selling();
    let states = || {
        let keys = shop.run("licence keys list --json").json();
        let keys =
            keys["keys"].as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap().to_owned());
        keys.collect::<Vec<_>>()
    };
    let (_, old) = shop.issue("", "");
    shop.run("licence keys retire 0").refused(1, "licence keys new");
    assert!(shop.run("licence keys new").done().contains("Signing key 1"));
    assert_eq!(states(), ["older", "signs"]);
    shop.run("licence keys retire 0").done();
    shop.run("licence keys retire 0").refused(1, "licence keys list");
    assert_eq!(states(), ["retired", "signs"]);
    assert!(shop.run("licence keys list").done().contains("retired"));

    // Licences of the retired key stay valid.
    let exported = shop.run("licence keys export --public").done();
    assert_eq!(exported.lines().count(), 2);
    shop.write("shop.pub", &exported);
    shop.run_with_input("licence verify - --public-key shop.pub", &old).done();
    let (_, new) = shop.issue("", "");
    assert_eq!(
        shop.run_with_input("licence verify - --public-key shop.pub --json", &new).json()["signing_key"],
        1
    );
}

#[test]
fn signing_keys_are_restored_into_another_shop() {
    let shop = Shop::selling();
    let (_, key) = shop.issue("", "");
    let output = shop.run_with_input("licence keys backup signing.backup", "correct horse battery\n").done();
    assert!(output.contains("signing.backup"));
    assert_eq!(shop.mode("signing.backup"), 0o600);
    shop.run_with_input("licence keys backup signing.backup", "correct horse battery")
        .refused(2, "exists already");

    let other = Shop::selling();
    std::fs::copy(shop.path("signing.backup"), other.path("signing.backup")).unwrap();
    other.write("passphrase", "correct horse battery\n");
    other
        .run_with_input("licence keys restore signing.backup", "something else")
        .refused(1, "passphrase is wrong");
    other
        .run_with_input("licence keys restore absent.backup", "correct horse battery")
        .refused(2, "absent.backup");
    other.run("licence keys restore signing.backup --passphrase-file passphrase").done();
    other.write("shop.pub", &other.run("licence keys export --public").done());
    other.run_with_input("licence verify - --public-key shop.pub", &key).done();
}

#[test]
fn a_signing_key_that_was_used_is_not_replaced_by_accident() {
    let shop = Shop::selling();
    shop.run_with_input("licence keys backup signing.backup", "correct horse battery").done();
    let other = Shop::selling();
    std::fs::copy(shop.path("signing.backup"), other.path("signing.backup")).unwrap();
    other.issue("", "");
    let before = other.run("licence keys export --public").done();
    other
        .run_with_input("licence keys restore signing.backup", "correct horse battery")
        .refused(1, "--replace");
    assert_eq!(other.run("licence keys export --public").done(), before);
    other.run_with_input("licence keys restore signing.backup --replace", "correct horse battery").done();
    assert_eq!(
        other.run("licence keys export --public").done(),
        shop.run("licence keys export --public").done()
    );
    // Its own backup is no other key.
    shop.issue("", "");
    shop.run_with_input("licence keys restore signing.backup", "correct horse battery").done();
}

#[test]
fn a_short_passphrase_is_misuse_and_leaves_no_file() {
    let shop = Shop::selling();
    shop.run_with_input("licence keys backup signing.backup", "short\n").refused(2, "8 characters");
    assert!(!shop.path("signing.backup").exists());
    let lines = shop.run("audit show --json").done();
    assert!(!lines.contains("backed up"));
    assert_eq!(json!(shop.run("licence keys export").code), 2);
}
