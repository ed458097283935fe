//! The pages of visitor statistics in a browser: narrow and wide, light and dark, by keyboard, without JavaScript.

use calendar::Day;
use domain::api_token::{AddApiToken, Scopes};
use domain::statistics::Annotate;
use serde_json::Value;
use store::Actor;

use crate::browser::driver::{Browser, chromedriver};
use crate::kit::Kit;
use crate::sample_figures::{SampleSite, fill, site};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// Creates a private site with two years of figures and a public one with a month. Returns the base URL of staff, which
/// contains their token.
async fn sites_with_figures() -> (Kit, String) {
    let kit = Kit::open().await;
    let day = |text: &str| text.parse::<Day>().unwrap();
    for (name, public, first) in [("vendor", false, "2024-12-01"), ("open", true, "2026-10-20")] {
        let site = site(&kit.app.db, name, public).await;
        let sample = SampleSite { pages: 300, views: 9_000 };
        fill(&kit.app.db, &site, sample, day(first), day("2026-11-21")).await;
        for (date, text) in [("2026-11-03", "Version 8.2 released"), ("2026-11-14", "Reviewed by a magazine")]
        {
            let note = Annotate { site: site.id, date: day(date), text, actor: &Actor::System };
            kit.app.db.execute(&note).await.unwrap();
        }
    }
    let scopes: Scopes = "visits:read".parse().unwrap();
    let add = AddApiToken { name: "pictures", staff: "ada", scopes: &scopes, days: 7, actor: &Actor::System };
    let token = kit.app.db.execute(&add).await.unwrap().unwrap().0;
    let staff = format!("http://ada:{}@{}", token.text(), kit.at);
    (kit, staff)
}

/// Returns the violations that axe-core finds. `SCRUPLE_TEST_AXE` names its script.
async fn axe_violations(browser: &Browser) -> Vec<String> {
    let script = std::env::var("SCRUPLE_TEST_AXE").expect("SCRUPLE_TEST_AXE is not set");
    browser.run(&std::fs::read_to_string(script).unwrap()).await;
    let found = browser.run("return axe.run().then(found => found.violations)").await;
    let describe = |one: &Value| format!("{}: {}", one["id"], one["nodes"]);
    found.as_array().unwrap().iter().map(describe).collect()
}

/// Checks that nothing is wider than the window, that the Content Security Policy blocked nothing, and that axe-core
/// finds no violation.
async fn check_page(browser: &Browser, name: &str) {
    let over = browser
        .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await;
    assert_eq!(over, 0, "{name} is wider than its window");
    let refused = browser.console_messages().await;
    assert!(!refused.iter().any(|line| line.contains("Content Security Policy")), "{name}: {refused:?}");
    let axe = axe_violations(browser).await;
    assert!(axe.is_empty(), "{name}: {axe:#?}");
}

#[tokio::test]
#[ignore = "needs Chromium and axe-core"]
async fn every_page_fits_narrow_and_wide_light_and_dark() {
    let chromedriver = chromedriver();
    let (kit, staff) = sites_with_figures().await;
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::with_scripts(&chromedriver, folder.path()).await;
    browser.go(&format!("{staff}/statistics")).await;
    for (width, size) in [(360, "narrow"), (1280, "wide")] {
        for (dark, scheme) in [(false, "light"), (true, "dark")] {
            browser.set_appearance(width, dark).await;
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
                check_page(&browser, &name).await;
                browser.save_screenshot(&name, true).await;
                assert!(browser.cookies().await.is_empty(), "{name} set a cookie");
            }
        }
    }
    // With all details open.
    browser.go(&format!("http://{}/statistics/vendor", kit.at)).await;
    browser.run("document.querySelectorAll('details').forEach(details => { details.open = true })").await;
    check_page(&browser, "unfolded").await;
    browser.point_at("section .hover:nth-last-of-type(9) rect").await;
    browser.save_screenshot("pointed-wide-dark", true).await;
    let visibility =
        browser.run("return getComputedStyle(document.querySelector('.hover:hover text')).visibility").await;
    assert_eq!(visibility, "visible", "the numbers under the pointer are shown");
}

#[tokio::test]
#[ignore = "needs Chromium and axe-core"]
async fn without_javascript_the_keyboard_reaches_periods_days_and_tables() {
    let chromedriver = chromedriver();
    let (_kit, staff) = sites_with_figures().await;
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start(&chromedriver, folder.path()).await;
    browser.go(&format!("{staff}/statistics/vendor")).await;
    let tab_to = async |attribute: &str, part: &str| {
        for _ in 0..60 {
            browser.press(TAB).await;
            if browser.focused(attribute).await.contains(part) {
                return;
            }
        }
        panic!("the keyboard never comes to {part}");
    };
    tab_to("href", "period=90d").await;
    browser.press(ENTER).await;
    tab_to("href", "/statistics/vendor/page?period=90d").await;
    assert!(browser.url().await.ends_with("?period=90d"));
    browser.press(ENTER).await;
    tab_to("href", "page=2").await;
    assert_eq!(browser.text("h1").await, "Pages");
    browser.press(ENTER).await;
    tab_to("href", "/statistics/vendor?period=90d").await;
    browser.press(ENTER).await;
    tab_to("href", "period=all").await;
    browser.press(TAB).await;
    browser.press(ENTER).await;
    tab_to("id", "from").await;
    assert_eq!(browser.property("#from", "value").await, "2026-08-24");
    assert_eq!(browser.property("#to", "max").await, "2026-11-21");
}
