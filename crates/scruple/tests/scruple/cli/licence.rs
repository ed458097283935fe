//! `scruple licence`, except its signing keys.

use crate::cli::shop::Shop;

/// A shop's public keys, for `verify`.
fn exported(shop: &Shop) {
    shop.write("shop.pub", &shop.run("licence keys export --public").done());
}

#[test]
fn a_licence_without_a_holder_is_issued_shown_revoked_and_restored() {
    let shop = Shop::selling();
    let (number, key) = shop.issue("", "");
    let shown = shop.run(&format!("licence show {number} --json")).json();
    assert_eq!(shown["number"], number);
    assert_eq!((&shown["product"], &shown["state"]), (&"4711".into(), &"active".into()));
    assert_eq!((&shown["seats"], &shown["key"]), (&1.into(), &key.as_str().into()));
    let by_key = shop.run_with_input("licence show - --json", &key.to_lowercase().replace('-', " ")).json();
    assert_eq!((&by_key["number"], &by_key["given_key_is_current"]), (&number.as_str().into(), &true.into()));
    let output = shop.run(&format!("licence show {}", number.replace('-', ""))).done();
    assert!(output.contains("Studio (number 1 in keys)") && output.contains(&key), "{output}");

    shop.run(&format!("licence revoke {number}")).done();
    let revoked = shop.run(&format!("licence show {number} --json")).json();
    assert_eq!((&revoked["state"], &revoked["key"]), (&"revoked".into(), &serde_json::Value::Null));
    shop.run(&format!("licence revoke {number} --restore")).done();
    assert_eq!(shop.run(&format!("licence show {number} --json")).json()["key"], key);
}

#[test]
fn each_wrong_licence_key_or_number_has_its_error() {
    let shop = Shop::selling();
    shop.run("licence show 0000-0000").refused(1, "there is no licence with this number");
    shop.run("licence revoke 0000-0000").refused(1, "there is no licence with this number");
    let short = shop.run("licence revoke 00");
    assert!(short.code == 2 && short.err.contains("8 symbols"), "{}", short.err);
    shop.run("licence show 'no key at all'").refused(2, "can't be read");
    shop.run("licence show -").refused(2, "empty");
    let (_, key) = Shop::selling().issue("", "");
    shop.run_with_input("licence show -", &key).refused(1, "not genuine");
    shop.run("licence issue --product 9").refused(1, "product list");
}

#[test]
fn verification_needs_only_the_public_keys() {
    let shop = Shop::selling();
    exported(&shop);
    let (number, key) = shop.issue("--seats 25", "");
    let elsewhere = Shop::new();
    elsewhere.write("shop.pub", &shop.read("shop.pub"));
    elsewhere.write("scruple.toml", "this is no configuration");
    let verify = |more: &str| {
        elsewhere.run_with_input(&format!("licence verify - --public-key shop.pub {more}"), &key)
    };

    let valid = verify("--json --product 1").json();
    assert_eq!((&valid["valid"], &valid["number"]), (&true.into(), &number.as_str().into()));
    assert_eq!((&valid["seats"], &valid["ends"]), (&25.into(), &serde_json::Value::Null));
    assert!(valid["updates_until"].is_string());
    assert!(verify("").done().contains(&number));

    verify("--product 2").refused(3, "for product 1");
    verify("--build 2090-01-01").refused(3, "covers releases up to");
    let refused = verify("--product 2 --json");
    assert_eq!(refused.code, 3);
    let refused: serde_json::Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((&refused["valid"], &refused["reason"]), (&false.into(), &"other product".into()));
    assert!(!elsewhere.path("scruple-data").exists());
}

#[test]
fn a_key_that_is_not_genuine_ends_with_3_and_misuse_with_2() {
    let shop = Shop::selling();
    exported(&shop);
    let (_, key) = shop.issue("", "");
    let verify =
        |key: &str, file: &str| shop.run_with_input(&format!("licence verify - --public-key {file}"), key);
    let last = key.len() - 3;
    let forged =
        format!("{}{}{}", &key[..last], if &key[last..=last] == "0" { "1" } else { "0" }, &key[last + 1..]);
    assert_eq!(verify(&forged, "shop.pub").code, 3);
    verify("nonsense", "shop.pub").refused(3, "can't be read");
    verify(&key, "shop.pub").done();
    verify("", "shop.pub").refused(2, "empty");
    verify(&key, "absent.pub").refused(2, "absent.pub");
    shop.write("broken.pub", "scruple-licence-public-key 1 0 00\n");
    verify(&key, "broken.pub").refused(2, "line 1");
    assert_eq!(shop.run("licence verify").code, 2);
}

#[test]
fn a_manual_subscription_ends_on_the_given_day() {
    let shop = Shop::selling();
    exported(&shop);
    shop.run("product add --id 4712 --name Cloud --kind subscription --grace-days 10").done();
    let issued = shop.run("licence issue --product 4712 --ends 2090-06-20 --json").json();
    let key = issued["licences"][0]["key"].as_str().unwrap();
    let on = |day: &str| {
        shop.run_with_input(&format!("licence verify - --public-key shop.pub --today {day}"), key)
    };
    on("2090-06-30").done();
    on("2090-07-01").refused(3, "its last day was 2090-06-30");
    let shown = shop.run_with_input("licence show - --json", key).json();
    assert_eq!((&shown["until"], &shown["given_key_is_current"]), (&"2090-06-20".into(), &true.into()));

    shop.run("licence issue --product 4712 --ends 2025-01-01").refused(2, "in the past");
    shop.run("licence issue --product 4711 --ends 2090-01-01").refused(2, "perpetual");
}

#[test]
fn seats_come_in_units() {
    let shop = Shop::new();
    shop.run("product add --id 4711 --name Pack --kind perpetual --seats per-unit=5").done();
    shop.run("licence issue --product 4711 --seats 7").refused(2, "multiple");
    let (number, _) = shop.issue("--seats 15", "");
    assert_eq!(shop.run(&format!("licence show {number} --json")).json()["seats"], 15);

    shop.run("product edit --id 4711 --keys each").done();
    let issued = shop.run("licence issue --product 4711 --seats 15 --json").json();
    assert_eq!(issued["licences"].as_array().map(Vec::len), Some(3));
    let printed = shop.run("licence issue --product 4711 --seats 10").done();
    assert_eq!(printed.trim().split("\n\n").count(), 2);
}
