//! `scruple site`.

use crate::cli::shop::Shop;
use serde_json::json;

#[test]
fn sites_are_added_listed_and_edited() {
    let shop = Shop::new();
    assert!(shop.run("site list").done().contains("scruple site add"));
    assert_eq!(shop.run("site list --json").json(), json!({ "sites": [] }));
    let output =
        shop.run("site add --id vendor --host www.Example.org,example.net --time-zone europe/berlin").done();
    for part in [
        "example.org, example.net",
        "Europe/Berlin",
        "/count.js\" data-site=\"vendor\"",
        "/count.gif?s=vendor",
    ] {
        assert!(output.contains(part), "{part}: {output}");
    }
    shop.run("site add --id docs --host docs.example.org --public").done();
    shop.run("site edit --id docs --time-zone UTC --public false --host docs.example.org,help.example.org")
        .done();
    let expected = json!({ "sites": [
        { "id": "docs", "hosts": ["docs.example.org", "help.example.org"], "time_zone": "UTC", "public": false },
        { "id": "vendor", "hosts": ["example.org", "example.net"], "time_zone": "Europe/Berlin", "public": false },
    ] });
    assert_eq!(shop.run("site list --json").json(), expected);
    assert!(shop.run("site list").done().contains("Europe/Berlin"));
}

#[test]
fn a_wrong_site_is_refused_with_advice() {
    let shop = Shop::new();
    shop.run("site add --id vendor --host example.org").done();
    shop.run("site add --id vendor --host example.org").refused(1, "scruple site edit");
    shop.run("site add --id Vendor --host example.org").refused(2, "small letters");
    shop.run("site add --id other --host https://example.org/").refused(2, "without https://");
    shop.run("site add --id other --host example.org --time-zone Mars/Olympus").refused(2, "Europe/Berlin");
    assert_eq!(shop.run("site add --id other").code, 2);
    shop.run("site edit --id nobody --public true").refused(1, "scruple site list");
    shop.run("site note --site nobody --day 2026-10-01 --text x").refused(1, "scruple site list");
    assert_eq!(shop.run("site note --site vendor --day 2026-02-30 --text x").code, 2);
    shop.run("site note --site vendor --day 2026-10-01 --text ada@example.org")
        .refused(2, "is not encrypted");
    shop.run("site note --site vendor --day 2026-10-01 --text 'Version 8.2 is out'").done();
    let audit_log = shop.run("audit show --json").done();
    assert!(audit_log.contains("site added") && audit_log.contains("note on a chart written"), "{audit_log}");
}
