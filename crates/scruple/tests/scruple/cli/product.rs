//! `scruple product`.

use crate::cli::shop::Shop;
use serde_json::json;

#[test]
fn an_empty_list_says_how_to_add_a_product() {
    let shop = Shop::new();
    assert!(shop.run("product list").done().contains("scruple product add"));
    assert_eq!(shop.run("product list --json").json(), json!({ "products": [] }));
}

#[test]
fn products_are_added_listed_and_edited() {
    let shop = Shop::new();
    let output = shop.run(
        "product add --id 4711 --name 'Pixel Studio' --kind perpetual --updates-months 12 --renewal-discount 40",
    );
    let output = output.done();
    assert!(
        output.contains("number in licence keys is 1") && output.contains("paypro.checkout_key"),
        "{output}"
    );
    shop.run("product add --id 4712 --name Cloud --kind subscription --seats quantity --grace-days 3").done();

    let expected = json!({ "products": [{
        "id": "4711", "number_in_keys": 1, "name": "Pixel Studio", "kind": "perpetual", "seats_per_unit": 1,
        "keys": "one", "updates_months": 12, "edition": 0, "renewal_discount": 40, "renewal_window": [60, 30],
        "grace_days": 14, "hold_unproved_discount": false, "prints_company": false,
    }, {
        "id": "4712", "number_in_keys": 2, "name": "Cloud", "kind": "subscription", "seats_per_unit": null,
        "keys": "one", "updates_months": null, "edition": 0, "renewal_discount": 0, "renewal_window": [60, 30],
        "grace_days": 3, "hold_unproved_discount": false, "prints_company": false,
    }] });
    assert_eq!(shop.run("product list --json").json(), expected);

    shop.run("product edit --id 4711 --name 'Pixel Studio 2' --renewal-discount 0 --prints-company true")
        .done();
    let changed = shop.run("product list --json").json();
    assert_eq!(changed["products"][0]["name"], "Pixel Studio 2");
    assert_eq!(
        (&changed["products"][0]["renewal_discount"], &changed["products"][0]["updates_months"]),
        (&json!(0), &json!(12))
    );
    assert_eq!(changed["products"][0]["prints_company"], true);
    let table = shop.run("product list").done();
    assert!(table.lines().next().is_some_and(|heads| heads.starts_with("ID")), "{table}");
    assert_eq!(table.lines().count(), 3);
}

#[test]
fn contradicting_product_options_are_misuse() {
    let shop = Shop::new();
    let add = |more: &str| shop.run(&format!("product add --id 1 --name A {more}"));
    add("--kind subscription --renewal-discount 10").refused(2, "--kind perpetual");
    add("--kind perpetual --renewal-discount 10").refused(2, "--updates-months");
    add("--kind perpetual --seats quantity --keys each").refused(2, "per-unit=N");
    assert_eq!(shop.run("product list --json").json(), json!({ "products": [] }));
    add("--kind perpetual").done();
    shop.run("product edit --id 1 --renewal-discount 10").refused(2, "--updates-months");
    assert_eq!(shop.run("product list --json").json()["products"][0]["renewal_discount"], 0);
}

#[test]
fn a_product_is_added_once_and_edited_only_if_it_exists() {
    let shop = Shop::selling();
    shop.run("product add --id 4711 --name B --kind trial").refused(1, "product edit --id 4711");
    shop.run("product edit --id 9 --name B").refused(1, "product list");
}
