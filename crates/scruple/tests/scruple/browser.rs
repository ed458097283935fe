//! Browser tests. In this file: a purchase in the demo, from the magic link to the erasure, without JavaScript.

mod contact;
mod counting_script;
mod driver;
mod pictures;
mod statistics;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::demo_process::DemoProcess;
use crate::http;
use driver::{Browser, chromedriver, wait_for_download};
use licence::{Key, PublicKeys};

const ADA: &str = "ada@example.com";

/// Requests a magic link for an address, and returns the text of the page.
async fn request_magic_link(browser: &Browser, shop: &DemoProcess, email: &str) -> String {
    browser.go(&format!("{}/licence", shop.url)).await;
    browser.type_into("#email", email).await;
    browser.follow("main button").await;
    browser.text("body").await
}

/// Counts the e-mails to an address, and checks whether the newest of all is one of them.
async fn sent_emails(browser: &Browser, shop: &DemoProcess, to: &str) -> (usize, bool) {
    browser.go(&format!("{}/demo/emails", shop.url)).await;
    let to = format!("To {to}");
    let newest = browser.has("article").await && browser.text("article").await.contains(&to);
    (browser.text("main").await.matches(&to).count(), newest)
}

/// Waits for a new e-mail to an address, then follows its link.
async fn follow_email(browser: &Browser, shop: &DemoProcess, to: &str, before: usize) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let (number, newest) = sent_emails(browser, shop, to).await;
        if newest && number > before {
            return browser.follow("article a.button").await;
        }
        assert!(Instant::now() < until, "no e-mail came");
    }
}

async fn sign_in(browser: &Browser, shop: &DemoProcess, email: &str) {
    let (before, _) = sent_emails(browser, shop, email).await;
    request_magic_link(browser, shop, email).await;
    follow_email(browser, shop, email, before).await;
    assert!(browser.text("main").await.contains("We set one cookie"));
    assert!(browser.cookies().await.is_empty(), "no cookie before signing in");
    browser.follow("main button").await;
    assert!(browser.url().await.ends_with("/licence/portal"));
}

/// The card of Lantern Studio: the licence that the tour is about.
async fn studio_card(browser: &Browser) -> (String, String) {
    for n in 1..=3 {
        let card = format!("main section:nth-of-type({n})");
        if browser.text(&format!("{card} h2")).await == "Lantern Studio" {
            return (browser.text(&card).await, browser.property(&format!("{card} textarea"), "value").await);
        }
    }
    panic!("no card of that product");
}

fn updates_until(card: &str) -> (i32, String) {
    let (_, rest) = card.split_once("Updates until").expect("a day");
    let (year, rest) = rest.trim_start().split_at(4);
    (year.parse().unwrap(), rest[..6].to_owned())
}

fn public_keys(shop: &DemoProcess) -> PublicKeys {
    let text = std::fs::read_to_string(shop.own_folder().unwrap().join("shop.pub")).unwrap();
    PublicKeys::parse(&text).unwrap()
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn a_purchase_from_recovery_to_erasure() {
    let chromedriver = chromedriver();
    let shop = DemoProcess::open();
    let downloads = tempfile::tempdir().unwrap();
    let browser = Browser::start(&chromedriver, downloads.path()).await;

    browser.go("data:text/html,<noscript>no script runs</noscript>").await;
    assert_eq!(browser.text("body").await, "no script runs");

    // Magic link: the same page for everyone, one e-mail, a button, the key.
    let known = request_magic_link(&browser, &shop, ADA).await;
    assert_eq!(known, request_magic_link(&browser, &shop, "nobody@example.com").await);
    assert!(browser.cookies().await.is_empty());
    sign_in(&browser, &shop, ADA).await;
    let (card, key) = studio_card(&browser).await;
    let genuine = Key::parse(&key).unwrap();
    licence::verify(&genuine, &public_keys(&shop)).expect("the key on the page is genuine");

    renew(&browser, &shop, &card, &key).await;
    check_personal_data(&browser, &shop).await;
    change_address(&browser, &shop, "ada@lovelace.example").await;
    erase(&browser, &shop, downloads.path(), "ada@lovelace.example").await;

    let refreshed = http::send(shop.at(), "POST", "/licence/refresh", &[], &key).await;
    assert_eq!(refreshed.status, 200, "the licence still works");
    let messages = browser.console_messages().await;
    assert!(!messages.iter().any(|c| c.contains("Content Security Policy")), "{messages:?}");
    let requests = browser.requests().await;
    assert!(requests.len() > 20, "the requests were watched");
    let inside = |url: &String| ["data:", "chrome", &*shop.url].iter().any(|start| url.starts_with(start));
    assert!(requests.iter().all(inside), "{requests:?}");
}

async fn renew(browser: &Browser, shop: &DemoProcess, card: &str, key: &str) {
    let (year, day) = updates_until(card);
    browser.follow("section a.button").await;
    assert!(browser.url().await.contains("/demo/checkout?"));
    assert!(browser.text("main").await.contains("40 %"));
    browser.follow("main button").await;
    assert!(browser.text("main").await.contains("we extended your licence"));
    browser.go(&format!("{}/licence/portal", shop.url)).await;
    let (renewed, new_key) = studio_card(browser).await;
    assert_eq!(updates_until(&renewed), (year + 1, day), "twelve months more");
    assert!(new_key != key && !renewed.contains("Renew with"));
    let serial = |text: &str| Key::parse(text).unwrap().unverified().serial;
    assert!(serial(key) == serial(&new_key), "the same licence");
}

async fn check_personal_data(browser: &Browser, shop: &DemoProcess) {
    browser.go(&format!("{}/licence/data", shop.url)).await;
    let held = browser.text("main").await;
    for text in [ADA, "Ada Lovelace", "Order 1001", "4242", "Who has read your data"] {
        assert!(held.contains(text), "{text}");
    }
    let cookies = browser.cookies().await;
    let [(name, value)] = &cookies[..] else { panic!("one cookie") };
    let cookie = format!("{name}={value}");
    let json = http::send(shop.at(), "GET", "/licence/data.json", &[("Cookie", &cookie)], "").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(json["email"], ADA);
    assert_eq!(json["orders"].as_array().unwrap().len(), 3);
}

async fn change_address(browser: &Browser, shop: &DemoProcess, new: &str) {
    browser.go(&format!("{}/licence/address", shop.url)).await;
    browser.type_into("#email", new).await;
    browser.follow("main form button").await;
    follow_email(browser, shop, new, 0).await;
    browser.follow("main form button").await;
    assert!(browser.text("main").await.contains("Your address is changed"));
}

async fn erase(browser: &Browser, shop: &DemoProcess, downloads: &Path, email: &str) {
    sign_in_again(browser, shop, email).await;
    browser.go(&format!("{}/licence/erase", shop.url)).await;
    browser.click("main a[download]").await;
    assert!(wait_for_download(&downloads.join("licence-keys.txt")).await.contains("Lantern Studio"));
    browser.click("#agree").await;
    browser.type_into("#confirmation", "erase").await;
    browser.follow("button.danger").await;
    assert!(browser.text("[role=alert]").await.contains("We did not erase anything"));
    browser.click("#agree").await;
    browser.type_into("#confirmation", "ERASE").await;
    browser.follow("button.danger").await;
    assert_eq!(browser.text("h1").await, "Your data is erased");
    browser.click("main form button").await;
    let receipt = wait_for_download(&downloads.join("erasure-receipt.txt")).await;
    domain::erasure::receipt::verify(&receipt, &public_keys(shop)).expect("the receipt is genuine");
    assert!(!receipt.contains("lovelace"));

    browser.go(&format!("{}/licence/portal", shop.url)).await;
    assert!(browser.url().await.ends_with("/licence?signed-out"));
    assert!(browser.cookies().await.is_empty(), "no cookie afterwards");
    let stranger = request_magic_link(browser, shop, "nobody@example.com").await;
    assert_eq!(request_magic_link(browser, shop, email).await, stranger);
    assert_eq!(sent_emails(browser, shop, email).await.0, 2, "only the two earlier e-mails");
}

/// Signs out of the portal of the old address, then signs in.
async fn sign_in_again(browser: &Browser, shop: &DemoProcess, email: &str) {
    browser.go(&format!("{}/licence/portal", shop.url)).await;
    browser.follow("nav form button").await;
    assert!(browser.cookies().await.is_empty(), "no cookie after signing out");
    sign_in(browser, shop, email).await;
}
