//! The counting script in a real browser, on pages of another origin, as on a vendor's site.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use analytics::{DayTallies, Dimension, Population, Tally};
use domain::statistics::{AddSite, SiteOutcome};
use scruple::config::Config;
use scruple::startup;
use store::{Actor, Db, Site};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::browser::driver::{Browser, chromedriver};
use crate::http::send;

const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/// `scruple serve` with one site, and direct access to its database.
struct CountingServer {
    process: Child,
    at: SocketAddr,
    db: Db,
    site: Site,
    folder: TempDir,
}

impl Drop for CountingServer {
    fn drop(&mut self) {
        self.process.kill().expect("a server of ours");
        self.process.wait().expect("a server of ours");
    }
}

impl CountingServer {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = free.local_addr().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let environment = [
            ("SCRUPLE_DATA_FOLDER", path("data")),
            ("SCRUPLE_KEYRING_REPLICAS", path("replica")),
            ("SCRUPLE_SERVER_LISTEN", at.to_string()),
        ];
        let config = environment.iter().map(|(name, value)| ((*name).into(), value.into()));
        let config =
            Config::load(folder.path(), None, config).unwrap_or_else(|problems| panic!("{problems}"));
        let db = startup::open(&config).await.unwrap().db;
        let hosts = ["127.0.0.1".to_owned()];
        let add = AddSite { name: "shop", hosts: &hosts, zone: "UTC", public: false, actor: &Actor::System };
        let SiteOutcome::Done(site) = db.execute(&add).await.unwrap() else { panic!("no site") };
        drop(free);
        let process = Command::new(env!("CARGO_BIN_EXE_scruple"))
            .arg("serve")
            .current_dir(folder.path())
            .env_clear()
            .envs(environment)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        while tokio::net::TcpStream::connect(at).await.is_err() {
            assert!(Instant::now() < until, "the server never listens");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { process, at, db, site, folder }
    }

    /// Returns the sealed tallies of all days.
    async fn sealed(&self) -> Tally {
        let today = self.db.clock.today();
        let mut all = DayTallies::new();
        for date in [today - 1, today] {
            for tally in self.db.read().await.unwrap().tallies(self.site.id, date).await.unwrap() {
                all.insert(tally.node.cast_unsigned(), Tally::from_bytes(&tally.state[8..]).unwrap());
            }
        }
        all.total()
    }

    /// Waits until this number of requests is in the tallies, and returns their sum.
    async fn wait_for_requests(&self, requests: u64) -> Tally {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let all = self.sealed().await;
            if all.sequence() >= requests {
                return all;
            }
            assert!(Instant::now() < until, "{} of {requests} requests are counted", all.sequence());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Serves a vendor's site on its own port. Every path is a page with the script of another origin.
async fn serve_vendor_site(counter: SocketAddr) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
                while !request.windows(4).any(|four| four == b"\r\n\r\n") {
                    match stream.read(&mut buffer).await {
                        Ok(0) | Err(_) => return,
                        Ok(read) => request.extend(&buffer[..read]),
                    }
                }
                let head = String::from_utf8(request).unwrap();
                let path = head.split(' ').nth(1).unwrap();
                let answer = if path.ends_with(".zip") {
                    String::from("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                } else {
                    answer(&page(path, counter))
                };
                drop(stream.write_all(answer.as_bytes()).await);
            });
        }
    });
    url
}

fn answer(page: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    )
}

fn page(path: &str, counter: SocketAddr) -> String {
    let kind = if path.starts_with("/gone") { " data-kind=\"404\"" } else { "" };
    format!(
        "<!doctype html><title>A page</title><h1>{path}</h1>\
         <script src=\"http://{counter}/count.js\" data-site=\"shop\"{kind}></script>\
         <noscript><img src=\"http://{counter}/count.gif?s=shop\" alt=\"\" referrerpolicy=\"no-referrer-when-downgrade\"></noscript>\
         <a id=\"next\" href=\"/next\">next</a>\
         <a id=\"file\" href=\"http://127.0.0.2:9/files/setup-8.2.zip?token=VqzHolunder\"><b id=\"b\">file</b></a>\
         <button id=\"push\" onclick=\"history.pushState(null, '', '/pushed?q=VqzHolunder#VqzHolunder')\">push</button>\
         <button id=\"same\" onclick=\"history.pushState(null, '', location.pathname + '?page=2')\">same</button>\
         <button id=\"back\" onclick=\"history.back()\">back</button>\
         <button id=\"event\" onclick=\"scruple.event('Sign up')\">event</button>\
         <button id=\"list\" onclick=\"listStorage()\">list</button><p id=\"kept\"></p>\
         <script>async function listStorage() {{\
           let kept = [document.cookie.length, localStorage.length, sessionStorage.length,\
             (await indexedDB.databases()).length, (await caches.keys()).length];\
           document.querySelector('#kept').textContent = kept.join(' ')\
         }}</script>"
    )
}

fn cell(of: &Tally, dimension: Dimension, word: &str) -> (u64, u64) {
    of.cell(dimension, word).map_or((0, 0), |cell| (cell.views(), cell.visitors()))
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn views_navigations_downloads_and_events_are_counted_and_nothing_is_stored_in_the_browser() {
    let chromedriver = chromedriver();
    let counting = CountingServer::open().await;
    let site = serve_vendor_site(counting.at).await;
    let browser = Browser::with_user_agent(CHROME, &chromedriver, counting.folder.path(), true).await;
    browser.go(&format!("{site}/docs?utm_source=news&q=VqzHolunder&utm_medium=mail#VqzHolunder")).await;
    browser.follow("#next").await;
    browser.click("#push").await;
    browser.click("#same").await;
    browser.click("#back").await;
    browser.click("#back").await;
    browser.click("#event").await;
    browser.click("#b").await;
    browser.go(&format!("{site}/gone/VqzHolunder")).await;
    browser.go(&format!("{site}/docs")).await;
    browser.click("#list").await;
    let until = Instant::now() + Duration::from_secs(20);
    while browser.text("#kept").await.is_empty() {
        assert!(Instant::now() < until, "the page does not list its storage");
    }
    assert_eq!(browser.text("#kept").await, "0 0 0 0 0", "cookies, storages, databases, caches");
    assert!(browser.cookies().await.is_empty());

    let all = counting.wait_for_requests(8).await;
    let pages = [("/docs", (2, 1)), ("/next", (2, 1)), ("/pushed", (1, 1))];
    for (page, counted) in pages {
        assert_eq!(cell(&all, Dimension::Page, page), counted, "{page}");
    }
    assert_eq!(all.population(Population::Viewers).views(), 5, "a query or a fragment makes no view");
    assert_eq!(
        cell(&all, Dimension::Entry, "/docs"),
        (2, 1),
        "two visits without a referrer; the others came from the site itself"
    );
    assert_eq!(all.cells(Dimension::Entry), 1);
    assert_eq!(cell(&all, Dimension::Campaign, "news / mail / -"), (1, 1));
    assert_eq!(cell(&all, Dimension::Event, "sign up"), (1, 1));
    assert_eq!(cell(&all, Dimension::Download, "/files/setup-8.2.zip"), (1, 1));
    assert_eq!(all.population(Population::MissingPageVisitors).views(), 1);
    assert_eq!(
        (cell(&all, Dimension::Browser, "Chrome"), cell(&all, Dimension::System, "Linux")),
        ((5, 1), (5, 1))
    );
    assert_eq!((all.sequence(), all.uncounted()), (8, analytics::UncountedRequests::default()));

    let sent = browser.requests().await;
    assert!(sent.iter().filter(|url| url.ends_with("/count")).count() >= 8, "{sent:?}");
    let messages = browser.console_messages().await;
    assert!(!messages.iter().any(|line| line.contains("CORS") || line.contains("count")), "{messages:?}");
}

#[tokio::test]
#[ignore = "needs Chromium"]
async fn without_javascript_the_image_counts_and_an_automated_browser_is_not_counted() {
    let chromedriver = chromedriver();
    let counting = CountingServer::open().await;
    let site = serve_vendor_site(counting.at).await;
    let browser = Browser::with_user_agent(CHROME, &chromedriver, counting.folder.path(), false).await;
    browser.go(&format!("{site}/docs/start?q=VqzHolunder")).await;
    counting.wait_for_requests(1).await;
    drop(browser);
    // Its user agent says `HeadlessChrome`.
    let browser = Browser::with_scripts(&chromedriver, counting.folder.path()).await;
    browser.go(&format!("{site}/docs")).await;
    let all = counting.wait_for_requests(2).await;
    assert_eq!(cell(&all, Dimension::Page, "/docs/start"), (1, 1));
    assert_eq!((all.uncounted().bots, all.cells(Dimension::Page), all.cells(Dimension::Entry)), (1, 1, 0));
    assert_eq!(send(counting.at, "GET", "/count.js", &[], "").await.status, 200);
}
