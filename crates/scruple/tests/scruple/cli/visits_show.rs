//! `scruple visits show`.
#![allow(clippy::unwrap_used, reason = "what a test is made of is there, or the test fails")]

use std::ffi::OsString;

use calendar::Day;
use scruple::config::Config;
use serde_json::{Value, json};

use crate::cli::shop::{Shop, block_on};
use crate::sample_figures::{SampleSite, fill};

/// Creates a shop with a site and its figures of October.
fn shop_with_figures() -> Shop {
    let shop = Shop::new();
    shop.run("site add --id vendor --host vendor.example.org --time-zone Europe/Berlin").done();
    let state = shop.path("state").into_os_string();
    let environment = [("XDG_STATE_HOME", state), ("SCRUPLE_DATA_DATABASE", shop.url().into())];
    let environment = environment.into_iter().filter(|(_, value)| !value.is_empty());
    let environment = environment.map(|(name, value)| (OsString::from(name), value));
    block_on(async {
        let config = Config::load(&shop.path(""), None, environment).unwrap_or_else(|why| panic!("{why}"));
        let db = scruple::startup::open(&config).await.unwrap_or_else(|why| panic!("{why}")).db;
        let site = db.read().await.unwrap().site("vendor").await.unwrap().unwrap();
        let day = |text: &str| text.parse::<Day>().unwrap();
        fill(&db, &site, SampleSite { pages: 300, views: 9_000 }, day("2026-10-01"), day("2026-10-31")).await;
        db.close().await;
    });
    shop
}

const OCTOBER: &str = "visits show --site vendor --from 2026-10-01 --to 2026-10-31";

fn sum(rows: &Value, of: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row[of].as_u64().unwrap()).sum()
}

#[test]
fn figures_are_shown_as_a_table_with_curves_and_as_json() {
    let shop = shop_with_figures();
    let table = shop.run(&format!("{OCTOBER} --by country")).done();
    assert!(table.starts_with("Countries: vendor, 1 to 31 October 2026\n\nCOUNTRY"), "{table}");
    let germany = table.lines().find(|line| line.starts_with("Germany")).unwrap();
    let curve = germany.split_whitespace().last().unwrap();
    assert_eq!(curve.chars().count(), 31, "{germany}");
    assert!(curve.contains('█') && !curve.contains('·'), "{germany}");
    assert!(table.contains("fewer than 5 people on a day") && table.contains("\nall "), "{table}");
    assert!(table.contains("counts twice") && table.contains("Do Not Track"), "{table}");

    let rows = shop.run(&format!("{OCTOBER} --by country --json")).json();
    assert_eq!(rows["rows"][0]["value"], "DE");
    assert_eq!(
        rows["rows"][0].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["value", "views", "visitors"]
    );
    let views = germany.split_whitespace().nth(1).unwrap().replace(',', "");
    assert_eq!(rows["rows"][0]["views"].to_string(), views);
    let days = shop.run(&format!("{OCTOBER} --by day --json")).json();
    assert_eq!(
        (days["days"].as_array().unwrap().len(), &days["days"][0]["value"]),
        (31, &json!("2026-10-01"))
    );
    assert!(sum(&days["days"], "views") >= sum(&rows["rows"], "views"));
    let hours = shop.run(&format!("{OCTOBER} --by hour --json")).json();
    assert_eq!((&hours["rows"][0]["value"], hours["rows"].as_array().unwrap().len()), (&json!("00"), 24));
}

#[test]
fn a_long_table_says_how_to_see_the_rest_and_json_has_all_of_it() {
    let shop = shop_with_figures();
    let table = shop.run(&format!("{OCTOBER} --by page --limit 3")).done();
    let all = shop.run(&format!("{OCTOBER} --by page --json")).json()["rows"].as_array().unwrap().len();
    assert!(all > 50, "{all}");
    assert!(table.contains(&format!("{} rows more: --limit {all}", all - 3)), "{table}");
    assert_eq!(table.lines().filter(|line| line.starts_with('/')).count(), 3);
    // The curve has 31 positions of one or two days. A position with two days must not look like a peak.
    let uneven = shop.run("visits show --site vendor --from 2026-10-01 --to 2026-11-10 --by country").done();
    let curve = uneven.lines().find(|line| line.starts_with("all ")).unwrap();
    let (uneven, even) = (curve.split_whitespace().last().unwrap(), '▇');
    assert!(uneven.chars().filter(|height| *height >= even).count() > 8 && uneven.contains('·'), "{uneven}");
    let days = shop.run(&format!("{OCTOBER} --by day")).done();
    assert!(days.lines().filter(|line| line.contains('█')).count() >= 31, "a bar for each day: {days}");
}

#[test]
fn missing_figures_and_sites_are_reported() {
    let shop = shop_with_figures();
    let missing = shop.run(&format!("{OCTOBER} --by missing")).done();
    assert!(missing.contains("Missing pages: vendor"), "{missing}");
    let before = shop.run("visits show --site vendor --from 1999-01-01 --to 1999-12-31 --by page").done();
    assert!(before.contains("There are no figures for these days"), "{before}");
    assert_eq!(
        shop.run("visits show --site vendor --from 1999-01-01 --to 1999-12-31 --by page --json").json(),
        json!({ "rows": [] })
    );
    shop.run("visits show --site nobody --from 2026-10-01 --to 2026-10-31 --by page")
        .refused(1, "no site nobody");
    shop.run("visits show --site vendor --from 2026-10-31 --to 2026-10-01 --by page").refused(2, "is after");
    shop.run("visits show --site vendor --from 1969-10-31 --to 2026-10-01 --by page")
        .refused(2, "before 1970");
    for wrong in ["--by shoe-size", "--by page --limit 0", ""] {
        assert_eq!(shop.run(&format!("{OCTOBER} {wrong}")).code, 2, "{wrong}");
    }
}
