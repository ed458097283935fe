//! The contact page in a browser: with JavaScript, without it, and with the keyboard alone.

use std::path::Path;
use std::time::{Duration, Instant, UNIX_EPOCH};

use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::browser::driver::{Browser, chromedriver, wait_for_download};
use crate::demo_process::DemoProcess;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// Waits for the page with this heading.
async fn wait_for_heading(browser: &Browser, heading: &str) {
    let until = Instant::now() + Duration::from_secs(30);
    while browser.text_if_there("h1").await.as_deref() != Some(heading) {
        let page = browser.text_if_there("main").await;
        assert!(Instant::now() < until, "the page is not {heading:?}, but {page:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Opens the contact page, and fills in the form.
async fn fill_in(browser: &Browser, shop: &DemoProcess, text: &str, file: &Path) {
    browser.go(&format!("{}/contact", shop.url)).await;
    browser.type_into("#message", text).await;
    browser.type_into("#files", &file.display().to_string()).await;
}

/// Sends the form, and returns the access code.
async fn send(browser: &Browser) -> String {
    browser.click("main form button").await;
    wait_for_heading(browser, "We have received your message").await;
    browser.text("p.code").await
}

/// Waits until the script has solved the proof of work.
async fn wait_for_proof_of_work(browser: &Browser) {
    let until = Instant::now() + Duration::from_secs(60);
    while browser.property("input[name=proof_of_work]", "value").await.is_empty() {
        assert!(Instant::now() < until, "the proof of work is never solved");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the form is older than the time that a person needs at least, by the time in the form itself.
async fn wait_as_long_as_a_person(browser: &Browser) {
    let issued_at = browser.property("input[name=issued_at]", "value").await;
    let issued_at: u64 = issued_at.split('-').next().unwrap().parse().unwrap();
    while UNIX_EPOCH.elapsed().unwrap().as_secs() < issued_at + 4 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Confirms that the access code is saved, and opens the conversation.
async fn open_conversation(browser: &Browser) {
    // The browser requires the checkbox.
    browser.click("form[action='/conversation'] button").await;
    assert_eq!(browser.text("h1").await, "We have received your message");
    browser.click("#saved").await;
    browser.follow("form[action='/conversation'] button").await;
    assert_eq!(browser.text("h1").await, "Your conversation");
}

async fn erase(browser: &Browser) {
    browser.click("#confirm").await;
    browser.follow("button.danger").await;
    assert_eq!(browser.text("h1").await, "Erased");
}

/// Checks that nothing was stored in the browser, blocked by the Content Security Policy, or requested elsewhere.
async fn check_nothing_stored(browser: &Browser, shop: &DemoProcess, code: &str) {
    assert!(browser.cookies().await.is_empty());
    let messages = browser.console_messages().await;
    assert!(!messages.iter().any(|c| c.contains("Content Security Policy")), "{messages:?}");
    let requests = browser.requests().await;
    assert!(requests.len() > 5, "the requests were watched");
    for url in &requests {
        assert!(["data:", "chrome", &*shop.url].iter().any(|start| url.starts_with(start)), "{url}");
        let sent = url.split('#').next().unwrap();
        assert!(!sent.contains(code), "a code in a URL");
    }
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn without_javascript_a_question_is_sent_answered_and_erased() {
    let chromedriver = chromedriver();
    let (shop, folder) = (DemoProcess::open(), tempfile::tempdir().unwrap());
    let note = folder.path().join("note.txt");
    std::fs::write(&note, "what the screen said").unwrap();
    let browser = Browser::start(&chromedriver, folder.path()).await;
    fill_in(&browser, &shop, "My screen stays dark.", &note).await;
    let code = send(&browser).await;
    browser.click("form[action='/conversation/save'] button").await;
    assert!(wait_for_download(&folder.path().join("access-code.txt")).await.contains(&code));
    open_conversation(&browser).await;
    let article = browser.text("article").await;
    assert!(article.contains("My screen stays dark.") && article.contains("note.txt"));
    browser.type_into("#message", "It is bright again.").await;
    browser.follow("form[action='/conversation/answer'] button").await;
    assert!(browser.text("main").await.contains("It is bright again."));

    // Opens it again with the pasted code, in lower case.
    browser.go(&format!("{}/conversation", shop.url)).await;
    browser.type_into("#code", &code.to_lowercase()).await;
    browser.follow("main form button").await;
    assert!(browser.text("main").await.contains("It is bright again."));
    erase(&browser).await;
    check_nothing_stored(&browser, &shop, &code).await;
}

/// Returns the number of held conversations in the demo's database.
async fn held(shop: &DemoProcess) -> i64 {
    sqlx::any::install_default_drivers();
    let file = shop.own_folder().unwrap().join("data/scruple.db");
    let mut conn = AnyConnection::connect(&format!("sqlite://{}?mode=ro", file.display())).await.unwrap();
    let count = sqlx::query("SELECT count(*) FROM conversation WHERE state = 'quarantined'")
        .fetch_one(&mut conn)
        .await;
    count.unwrap().get(0)
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn with_javascript_the_proof_of_work_is_solved_and_the_code_leaves_the_url() {
    let chromedriver = chromedriver();
    let (shop, folder) = (DemoProcess::open(), tempfile::tempdir().unwrap());
    let note = folder.path().join("note.txt");
    std::fs::write(&note, "what the screen said").unwrap();
    let browser = Browser::with_scripts(&chromedriver, folder.path()).await;

    browser.go(&format!("{}/contact", shop.url)).await;
    browser.type_into("#message", "See https://pictures.example/dark.png").await;
    wait_for_proof_of_work(&browser).await;
    let large = folder.path().join("large.bin");
    std::fs::write(&large, vec![0; 11 * 1024 * 1024]).unwrap();
    browser.type_into("#files", &large.display().to_string()).await;
    assert!(browser.property("#files", "validationMessage").await.contains("larger than 10 MB"));

    // The form is sent at once, and waits for the proof of work itself. Its time of issue is removed. The filter then
    // can't tell how long the person took, and holds the message, on fast and slow machines alike.
    fill_in(&browser, &shop, "See https://pictures.example/dark.png", &note).await;
    browser.run("document.querySelector('input[name=issued_at]').value = ''").await;
    send(&browser).await;
    assert_eq!(held(&shop).await, 1);
    // With its time of issue, and after the time that a person needs, it is not held.
    browser.go(&format!("{}/contact", shop.url)).await;
    browser.type_into("#message", "See https://pictures.example/dark.png").await;
    wait_for_proof_of_work(&browser).await;
    wait_as_long_as_a_person(&browser).await;
    let code = send(&browser).await;
    assert_eq!(held(&shop).await, 1, "with a link and a proof of work it is not held");
    open_conversation(&browser).await;
    browser.go(&format!("{}/contact", shop.url)).await;
    browser.go(&format!("{}/conversation#{code}", shop.url)).await;
    let until = Instant::now() + Duration::from_secs(20);
    while browser.property("#code", "value").await != code {
        assert!(Instant::now() < until, "the code is not read from the link");
    }
    assert_eq!(browser.url().await, format!("{}/conversation", shop.url));
    browser.follow("main form button").await;
    assert!(browser.text("article").await.contains("pictures.example"));
    erase(&browser).await;
    check_nothing_stored(&browser, &shop, &code).await;
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn the_contact_page_works_with_the_keyboard_alone() {
    let chromedriver = chromedriver();
    let (shop, folder) = (DemoProcess::open(), tempfile::tempdir().unwrap());
    let browser = Browser::start(&chromedriver, folder.path()).await;
    browser.go(&format!("{}/contact", shop.url)).await;
    let mut passed = Vec::new();
    while passed.last().is_none_or(|id| id != "files") {
        browser.press(TAB).await;
        passed.push(browser.focused("id").await);
        assert!(passed.len() < 20, "{passed:?}");
        if passed.last().is_some_and(|id| id == "message") {
            browser.press("Typed with the keyboard.").await;
        }
    }
    assert_eq!(passed, ["", "message", "name", "email", "licence", "files"], "and never the honeypot");
    browser.press(TAB).await;
    browser.press(ENTER).await;
    wait_for_heading(&browser, "We have received your message").await;
    let tab_to = |id: &'static str| {
        let browser = &browser;
        async move {
            for _ in 0..20 {
                browser.press(TAB).await;
                if browser.focused("id").await == id {
                    return;
                }
            }
            panic!("the keyboard never comes to {id}");
        }
    };
    tab_to("saved").await;
    browser.press(" ").await;
    browser.press(TAB).await;
    browser.press(ENTER).await;
    wait_for_heading(&browser, "Your conversation").await;
    tab_to("confirm").await;
    browser.press(" ").await;
    browser.press(TAB).await;
    browser.press(ENTER).await;
    wait_for_heading(&browser, "Erased").await;
}
