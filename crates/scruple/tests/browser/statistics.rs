//! The pages of visitor statistics as people see them: narrow and wide, light and dark, by keyboard, without script.

use analytics::Date;
use domain::api_token::{AddApiToken, Scopes};
use domain::statistics::Annotate;
use serde_json::Value;
use store::Actor;

use crate::driver::{Browser, chromedriver, named};
use crate::figures::{MadeUp, fill, site};
use crate::kit::Kit;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// A private site with two years of figures and a public one with a month; the address of staff, with their token in it.
async fn counted() -> (Kit, String) {
    let kit = Kit::open().await;
    let day = |text| Date::parse(text).unwrap();
    for (name, public, first) in [("vendor", false, "2024-12-01"), ("open", true, "2026-10-20")] {
        let site = site(&kit.app.db, name, public).await;
        let made_up = MadeUp { pages: 300, views: 9_000 };
        fill(&kit.app.db, &site, made_up, day(first), day("2026-11-21")).await;
        for (date, text) in [("2026-11-03", "Version 8.2 released"), ("2026-11-14", "Reviewed by a magazine")]
        {
            let note = Annotate { site: site.id, date: day(date), text, actor: &Actor::System };
            kit.app.db.execute(&note).await.unwrap();
        }
    }
    let scopes: Scopes = "visits:read".parse().unwrap();
    let add = AddApiToken { name: "pictures", staff: "ada", scopes: &scopes, days: 7, actor: &Actor::System };
    let token = kit.app.db.execute(&add).await.unwrap().unwrap().0;
    let staff = format!("http://ada:{}@{}", *token, kit.at);
    (kit, staff)
}

/// Keeps a picture for whoever wants to look at it: `SCRUPLE_TEST_PICTURES` names the folder.
async fn keep(browser: &Browser, name: &str) {
    let picture = browser.picture().await;
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 10_000, "{name}");
    if let Ok(folder) = std::env::var("SCRUPLE_TEST_PICTURES") {
        std::fs::write(format!("{folder}/{name}.png"), picture).unwrap();
    }
}

/// What axe-core finds, where `SCRUPLE_TEST_AXE` names its script.
async fn complaints_of_axe(browser: &Browser) -> Vec<String> {
    let Some(script) = named("SCRUPLE_TEST_AXE") else { return Vec::new() };
    browser.run(&std::fs::read_to_string(script).unwrap()).await;
    let found = browser.run("return axe.run().then(found => found.violations)").await;
    let told = |one: &Value| format!("{}: {}", one["id"], one["nodes"]);
    found.as_array().unwrap().iter().map(told).collect()
}

/// Nothing is wider than the window, and nothing was refused by the page's own rules.
async fn fits(browser: &Browser, name: &str) {
    let over = browser
        .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await;
    assert_eq!(over, 0, "{name} is wider than its window");
    let refused = browser.complaints().await;
    assert!(!refused.iter().any(|line| line.contains("Content Security Policy")), "{name}: {refused:?}");
    let axe = complaints_of_axe(browser).await;
    assert!(axe.is_empty(), "{name}: {axe:#?}");
}

#[tokio::test]
async fn every_page_fits_narrow_and_wide_light_and_dark() {
    let Some(chromedriver) = chromedriver() else { return };
    let (kit, staff) = counted().await;
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::with_scripts(&chromedriver, folder.path()).await;
    browser.go(&format!("{staff}/statistics")).await;
    for (width, size) in [(360, "narrow"), (1280, "wide")] {
        for (dark, scheme) in [(false, "light"), (true, "dark")] {
            browser.looks(width, dark).await;
            for (page, path) in [
                ("sites", "/statistics"),
                ("month", "/statistics/vendor"),
                ("year", "/statistics/vendor?period=12m"),
                ("day", "/statistics/vendor?from=2026-11-20&to=2026-11-20"),
                ("table", "/statistics/vendor/country"),
                ("public", "/statistics/open?period=7d&compare=none"),
                ("wrong", "/statistics/vendor?period=1d"),
            ] {
                browser.go(&format!("http://{}{path}", kit.at)).await;
                let name = format!("{page}-{size}-{scheme}");
                fits(&browser, &name).await;
                keep(&browser, &name).await;
                assert!(browser.cookies().await.is_empty(), "{name} set a cookie");
            }
        }
    }
    // With everything unfolded.
    browser.go(&format!("http://{}/statistics/vendor", kit.at)).await;
    browser.run("document.querySelectorAll('details').forEach(details => { details.open = true })").await;
    fits(&browser, "unfolded").await;
    browser.point_at("section .hover:nth-last-of-type(9) rect").await;
    keep(&browser, "pointed-wide-dark").await;
    let said =
        browser.run("return getComputedStyle(document.querySelector('.hover:hover text')).visibility").await;
    assert_eq!(said, "visible", "the place under the pointer says its numbers");
}

#[tokio::test]
async fn without_javascript_the_keyboard_reaches_periods_days_and_tables() {
    let Some(chromedriver) = chromedriver() else { return };
    let (_kit, staff) = counted().await;
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start(&chromedriver, folder.path()).await;
    browser.go(&format!("{staff}/statistics/vendor")).await;
    let until = async |attribute: &str, part: &str| {
        for _ in 0..60 {
            browser.press(TAB).await;
            if browser.focused(attribute).await.contains(part) {
                return;
            }
        }
        panic!("the keyboard never comes to {part}");
    };
    until("href", "period=90d").await;
    browser.press(ENTER).await;
    until("href", "/statistics/vendor/page?period=90d").await;
    assert!(browser.url().await.ends_with("?period=90d"));
    browser.press(ENTER).await;
    until("href", "page=2").await;
    assert_eq!(browser.text("h1").await, "Pages");
    browser.press(ENTER).await;
    until("href", "/statistics/vendor?period=90d").await;
    browser.press(ENTER).await;
    until("href", "period=all").await;
    browser.press(TAB).await;
    browser.press(ENTER).await;
    until("id", "from").await;
    assert_eq!(browser.property("#from", "value").await, "2026-08-24");
    assert_eq!(browser.property("#to", "max").await, "2026-11-21");
}
