//! Pictures of the demo for README and docs. `scripts/pictures` writes them; each other run checks that the pages are
//! still there and that README shows each picture.

use std::path::Path;
use std::process::Command;

use crate::browser::driver::{Browser, chromedriver};
use crate::browser::{ADA, sign_in};
use crate::demo_process::DemoProcess;

/// The pictures in docs/pictures.
const PICTURES: [&str; 3] = ["portal", "conversation", "statistics"];

/// The last word of a step's key in the tour: an access code, for one.
async fn key_of_step(browser: &Browser, shop: &DemoProcess, heading: &str) -> String {
    browser.go(&format!("{}/demo", shop.url)).await;
    let text = browser.text("main").await;
    let (_, step) = text.split_once(heading).expect("a step of the tour");
    let is_code = |word: &&str| word.len() > 20 && !word.contains('.') && !word.contains('/');
    step.split_whitespace().find(is_code).expect("a code").to_owned()
}

/// Imports the demo's log, so that the statistics show four weeks.
fn import_visits(shop: &DemoProcess) {
    let folder = shop.own_folder().expect("the demo's folder");
    let mut import = Command::new(env!("CARGO_BIN_EXE_scruple"));
    import.arg("--config").arg(folder.join("scruple.toml")).args(["visits", "import", "--site", "lantern"]);
    let imported = import.arg(folder.join("access.log")).output().expect("the import");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn the_pages_of_the_demo_as_pictures() {
    let chromedriver = chromedriver();
    let shop = DemoProcess::open();
    let downloads = tempfile::tempdir().unwrap();
    let browser = Browser::with_scripts(&chromedriver, downloads.path()).await;
    browser.set_appearance(1000, false).await;

    let code = key_of_step(&browser, &shop, "An anonymous question").await;
    browser.go(&format!("{}/conversation#{code}", shop.url)).await;
    browser.follow("main form button").await;
    browser.save_screenshot("conversation", false).await;
    sign_in(&browser, &shop, ADA).await;
    browser.save_screenshot("portal", false).await;
    import_visits(&shop);
    browser.go(&format!("{}/statistics/lantern", shop.url)).await;
    browser.save_screenshot("statistics", false).await;
}

/// `scripts/pictures PATH` names the page.
#[tokio::test]
#[ignore = "needs Chromium"]
async fn one_page_of_the_demo_as_pictures() {
    let path = std::env::var("SCRUPLE_TEST_PAGE").unwrap_or("/contact".into());
    let chromedriver = chromedriver();
    let shop = DemoProcess::open();
    let downloads = tempfile::tempdir().unwrap();
    let browser = Browser::with_scripts(&chromedriver, downloads.path()).await;
    import_visits(&shop);
    sign_in(&browser, &shop, ADA).await;
    let name = path.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    for (width, size) in [(360, "narrow"), (1000, "wide")] {
        browser.set_appearance(width, false).await;
        browser.go(&format!("{}{path}", shop.url)).await;
        assert!(!browser.text("body").await.contains("This page does not exist."), "{path}");
        browser.save_screenshot(&format!("{}-{size}", name.trim_matches('-')), true).await;
    }
}

#[test]
fn readme_shows_each_picture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    for name in PICTURES {
        let path = format!("docs/pictures/{name}.png");
        assert!(readme.contains(&path), "README doesn't show {path}");
        assert!(root.join(&path).is_file(), "{path} is missing: run scripts/pictures");
    }
}
