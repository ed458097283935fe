//! Canary test of visits: marks in addresses, user agents, queries, tokens, cookies and search words. All files are
//! searched repeatedly, while visits arrive, the server is killed, a log is imported and a day ends.

use std::fs;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use analytics::{Dimension, Population};
use calendar::Day;

use super::super::file_search::Search;
use super::super::kit::fake_clock::FakeClock;
use super::super::kit::http::{Connection, FORM, form};
use super::super::kit::process::Server;
use super::super::kit::random::SeededRandom;
use super::super::kit::web::wait_until_counting;
use super::super::kit::{Shop, Stop, is_long_run, print_figures, wait_until};
use super::{Canary, folders};

/// The mark in everything that could identify a person, and in the pages that few people saw.
const MARK: &str = "vqzkanarie";
/// The mark in the pages that enough people saw. It is never unencrypted while the day is open, and published when it
/// ends.
const SEEN: &str = "wqxpelican";
const TOKEN: &str = "5d41402abc4b2a76b9719d911017c592";
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; vqzkanarie; rv:145.7) Gecko/20100101 Firefox/145.7";
/// The networks of all visitors. No other test uses them or this browser, because all tests share one PostgreSQL.
const FOUR: &str = "198.19.77.";
const SIX: &str = "2001:db8:7e57:c0";
/// Enough people for a page to be published, also to the public.
const PEOPLE: u32 = 14;

fn canary() -> Canary {
    let mut canary = Canary::of(&[MARK, TOKEN, FOUR, SIX, "rv:145.7) Gecko"]);
    // Four bytes may occur anywhere by chance, seven don't. An IPv4 address mapped to IPv6 has twelve bytes before it.
    let six: Ipv6Addr = format!("{SIX}00::").parse().expect("an address");
    canary.bytes.push(six.octets()[..7].to_vec());
    canary.bytes.push(vec![0, 0, 0, 0, 0, 0xff, 0xff, 198, 19, 77]);
    canary
}

fn address(person: u32) -> String {
    if person.is_multiple_of(2) {
        format!("{FOUR}{}", person + 1)
    } else {
        format!("{SIX}{person:02x}::{person:x}")
    }
}

/// Returns the headers of every request.
fn request_headers(from: &str) -> [(&str, &str); 9] {
    [
        ("x-forwarded-for", from),
        ("user-agent", AGENT),
        ("cookie", "vqzkanarie=1; scruple_page=vqzkanarie"),
        ("accept-language", "vqzkanarie,de;q=0.5"),
        ("referer", "https://vendor.example/o/vqzkanarie@mark.example?q=vqzkanarie"),
        ("authorization", "Basic dnF6a2FuYXJpZTp2cXprYW5hcmll"),
        ("x-real-ip", from),
        ("forwarded", "for=198.19.77.250"),
        ("if-none-match", "\"vqzkanarie\""),
    ]
}

/// Pages that all people see, with their referrers. Their sanitized form has no mark.
const BY_ALL: [(&str, &str); 7] = [
    (
        "/wqxpelican-read?q=vqzkanarie&token=vqzkanarie#vqzkanarie",
        "https://www.google.com/search?q=vqzkanarie",
    ),
    ("/search/vqzkanarie", "https://vqzkanarie:secret@wqxpelican.example.net/vqzkanarie?x=vqzkanarie"),
    ("/reset/vqzkanarie/", ""),
    ("/t/5d41402abc4b2a76b9719d911017c592", "https://5d41402abc4b2a76b9719d911017c592.example.net/"),
    ("/o/vqzkanarie%40mark.example/pay;jsessionid=vqzkanarie", "android-app://vqzkanarie.example/"),
    (
        "https://vqzkanarie:vqzkanarie@vendor.example/a?utm_source=wqxpelican&utm_term=vqzkanarie&gclid=vqzkanarie",
        "",
    ),
    ("/b?utm_campaign=vqzkanarie@mark.example", "http://192.168.0.1/vqzkanarie"),
];

/// Pages that only a few people see. Even their paths must not be published.
const BY_FEW: [(&str, &str); 3] = [
    ("/vqzkanarie-few", "https://vqzkanarie.example.net/"),
    ("/c?utm_campaign=vqzkanarie&utm_source=vqzkanarie", ""),
    ("/vqzkanarie-few/2", "vqzkanarie"),
];

/// Sends all visits of a person, by image, form and JSON.
fn visit(connection: &mut Connection, person: u32) -> std::io::Result<()> {
    let few = if person < 4 { &BY_FEW[..] } else { &[] };
    let from = address(person);
    let headers = request_headers(&from);
    for (nth, (page, referrer)) in BY_ALL.iter().chain(few).enumerate() {
        let fields = [("s", "vendor"), ("p", page), ("r", referrer), ("vqzkanarie", MARK)];
        let body = form(&fields);
        let answer = match nth % 3 {
            0 => {
                let path = format!("/count.gif?{}", String::from_utf8_lossy(&body));
                connection.request("GET", &path, &headers, b"")?
            }
            1 => connection.request("POST", "/count", &[&headers[..], &[FORM]].concat(), &body)?,
            _ => {
                let body = serde_json::json!({"s": "vendor", "p": page, "r": referrer, "vqzkanarie": MARK});
                connection.request("POST", "/count", &headers, body.to_string().as_bytes())?
            }
        };
        assert!(matches!(answer.status, 200 | 204), "{page}: {} {}", answer.status, answer.text());
    }
    let name = if person < 4 { "vqzkanarie" } else { "vqzkanarie@mark.example" };
    let kinds = [
        ("event", "/", name),
        ("event", "/", "wqxpelican bought"),
        ("404", BY_ALL[2].0, ""),
        ("download", BY_ALL[3].0, ""),
    ];
    for (kind, page, name) in kinds {
        let body = form(&[("s", "vendor"), ("p", page), ("k", kind), ("n", name)]);
        connection.request("POST", "/count", &[&headers[..], &[FORM]].concat(), &body)?;
    }
    Ok(())
}

/// Sends requests that are refused, ignored or invalid.
fn send_refused_requests(to: SocketAddr) {
    let mut connection = Connection::open(to).expect("it listens");
    let from = address(1);
    let own = request_headers(&from);
    let with = |more: &[(&'static str, &'static str)]| [&own[..], more].concat();
    let bot = [
        ("x-forwarded-for", "198.19.77.9"),
        ("user-agent", "vqzkanarie-bot/1.0 (+https://vqzkanarie.example)"),
    ];
    let page = "/count.gif?s=vendor&p=/vqzkanarie";
    for (method, path, headers, body) in [
        ("GET", page, bot.to_vec(), String::new()),
        ("GET", page, with(&[("dnt", "1")]), String::new()),
        ("GET", page, with(&[("sec-gpc", "1")]), String::new()),
        ("GET", page, with(&[("sec-purpose", "prefetch")]), String::new()),
        ("GET", page, with(&[("origin", "https://vqzkanarie.example")]), String::new()),
        ("GET", "/count.gif?s=vqzkanarie&p=/", with(&[]), String::new()),
        ("GET", "/count.gif?s=vendor&p=vqzkanarie&k=vqzkanarie&w=vqzkanarie", with(&[]), String::new()),
        ("GET", "/count.js?vqzkanarie", with(&[]), String::new()),
        ("GET", "/statistics/vqzkanarie?from=vqzkanarie", with(&[]), String::new()),
        ("GET", "/api/v1/sites/vqzkanarie/vqzkanarie?from=vqzkanarie", with(&[]), String::new()),
        ("OPTIONS", "/count?vqzkanarie", with(&[("origin", "https://vqzkanarie.example")]), String::new()),
        ("POST", "/count", with(&[]), "{\"s\":\"vendor\",\"p\":\"/vqzkanarie".to_owned()),
        ("POST", "/count", with(&[]), "vqzkanarie".repeat(2_000)),
    ] {
        let answer = connection.request(method, path, &headers, body.as_bytes());
        // After a body that is too large, the server may close the connection.
        let Ok(answer) = answer else {
            connection = Connection::open(to).expect("it listens");
            continue;
        };
        assert!(answer.status < 500, "{path}: {}", answer.status);
        if path.starts_with("/count") || path.starts_with("/statistics") {
            assert_eq!(answer.header("set-cookie"), None, "{path}");
        }
    }
}

/// Writes a log of today with the same visits and a user name.
fn write_log(of: &Path, clock: &FakeClock) {
    let day = clock.today().to_string();
    let mut text = String::new();
    for person in 0..PEOPLE {
        for (page, referrer) in BY_ALL.iter().filter(|(page, _)| page.starts_with('/')) {
            let (from, referrer) = (address(person), referrer.replace('"', ""));
            text += &serde_json::json!({
                "time": format!("{day}T12:{person:02}:00Z"), "remote_addr": from, "remote_user": MARK,
                "request": format!("GET {page} HTTP/1.1"), "status": "200", "http_referer": referrer,
                "http_user_agent": AGENT, "http_cookie": "vqzkanarie=1",
            })
            .to_string();
            text += "\nvqzkanarie is no line of a log\n";
        }
    }
    fs::write(of, text).expect("a file");
}

/// Checks that the output of a command contains no mark.
fn check_output(canary: &Canary, ran: &Output, what: &str) -> String {
    let output = String::from_utf8_lossy(&[&ran.stdout[..], b"\n", &ran.stderr].concat()).into_owned();
    assert_eq!(canary.search().text(&output), None, "{what}");
    output
}

/// Searches files that were deleted, but that the process still has open.
fn check_deleted_files(canary: &Canary, server: &Server) {
    let search = canary.search();
    let open = format!("/proc/{}/fd", server.id());
    for file in fs::read_dir(open).expect("our own child").flatten() {
        let leads_to = fs::read_link(file.path()).unwrap_or_default();
        if leads_to.to_string_lossy().ends_with(" (deleted)") {
            assert_eq!(search.file(&file.path()), None, "{}", leads_to.display());
        }
    }
}

/// Searches all files while visits arrive on four connections, then kills the server.
fn check_under_load(shop: &Shop, mut server: Server, canary: &Canary, chance: &mut SeededRandom, round: u32) {
    let (stop, visits, to) = (AtomicBool::new(false), AtomicU64::new(0), server.address);
    std::thread::scope(|scope| {
        let stops = Stop(&stop);
        for thread in 0..4 {
            let (stop, visits) = (&stop, &visits);
            scope.spawn(move || {
                let Ok(mut connection) = Connection::open(to) else { return };
                for person in (thread..).step_by(4) {
                    if stop.load(Ordering::Relaxed) || visit(&mut connection, person % PEOPLE).is_err() {
                        return;
                    }
                    visits.fetch_add(1, Ordering::Relaxed);
                    // Stays below the rate limit of one address.
                    std::thread::sleep(Duration::from_millis(400));
                }
            });
        }
        wait_until("visits", || (visits.load(Ordering::Relaxed) > 20).then_some(()));
        canary.check_files(shop, &format!("under load, round {round}"));
        check_deleted_files(canary, &server);
        std::thread::sleep(Duration::from_micros(chance.below(300_000)));
        server.kill();
        drop(stops);
    });
    canary.check_files(shop, &format!("after kill {round}"));
}

/// Waits until all visits are sealed. The search would find them unencrypted.
///
/// The store is closed before files are searched. Reading SQLite's files in the process that has them open drops the
/// locks of that process.
fn wait_until_sealed(shop: &Shop, clock: &FakeClock, date: Day, canary: &Canary) {
    let store = clock.open_store(shop);
    let site = store.site("vendor");
    let everyone = u64::from(PEOPLE);
    let tally = wait_until("the seal", || {
        let (tally, _) = store.sealed(&site, date);
        let read =
            tally.cell(Dimension::Page, "/wqxpelican-read").is_some_and(|cell| cell.visitors() == everyone);
        (read && tally.population(Population::EventVisitors).visitors() == everyone).then_some(tally)
    });
    let state = tally.to_bytes();
    assert!(canary.search().text(&String::from_utf8_lossy(&state)).is_some(), "what is sealed has no mark");
    store.close();
}

fn is_closed(shop: &Shop, clock: &FakeClock, date: Day) -> bool {
    let store = clock.open_store(shop);
    let site = store.site("vendor");
    let days = super::block_on(async { store.db.read().await?.visit_days(site.id, date, date).await });
    store.close();
    days.expect("the database").iter().all(|day| day.closed)
}

/// The positive control: the same search finds the published figures.
fn check_published_is_found(shop: &Shop) {
    let search = Search::of(&[SEEN]);
    let sightings: Vec<_> = folders(shop).iter().flat_map(|folder| search.folder(folder)).collect();
    assert!(!sightings.is_empty(), "the published figures are in no file: the test proves nothing");
}

#[test]
#[ignore = "needs libfaketime"]
fn no_mark_of_a_visit_is_found_in_any_file() {
    let (shop, clock) = FakeClock::of(Shop::empty());
    let temp = shop.folder().join("temp");
    fs::create_dir(&temp).expect("a folder");
    let shop = shop.with("TMPDIR", temp.to_str().expect("UTF-8"));
    let mut before = canary();
    before.add_mark(SEEN);
    let add = ["site", "add", "--id", "vendor", "--host", "vendor.example", "--public"];
    check_output(&before, &shop.run(&add, ""), "site add");
    let mut chance = SeededRandom::seeded(2026);
    for round in 0..if is_long_run() { 20 } else { 2 } {
        let server = shop.serve();
        wait_until_counting(&server, "vendor");
        check_under_load(&shop, server, &before, &mut chance, round);
    }
    let server = shop.serve();
    let mut connection = server.connect();
    (0..PEOPLE).for_each(|person| visit(&mut connection, person).expect("an answer"));
    send_refused_requests(server.address);
    // The log is outside the shop's folder, as the web server's own files are.
    let outside = tempfile::tempdir().expect("a folder");
    let (file, today) = (outside.path().join("access.log"), clock.today());
    write_log(&file, &clock);
    let import = ["visits", "import", "--site", "vendor", file.to_str().expect("UTF-8")];
    let output = check_output(&before, &shop.run(&import, ""), "visits import");
    assert!(output.contains("84  counted"), "{output}");
    check_output(
        &before,
        &shop.run(&["visits", "import", "--site", "vendor", "-"], &format!("{MARK} {AGENT}\n")),
        "no log",
    );
    wait_until_sealed(&shop, &clock, today, &before);
    before.check_files(&shop, "while all is sealed");
    check_deleted_files(&before, &server);
    let copy = shop.folder().join("copy");
    check_output(&before, &shop.run(&["backup", copy.to_str().expect("UTF-8")], ""), "backup");
    clock.midnight();
    assert!(server.stop().success());
    before.check_files(&shop, "before the day is closed");
    let server = shop.serve();
    wait_until("the close", || is_closed(&shop, &clock, today).then_some(()));
    check_published_is_found(&shop);
    let after = canary();
    after.check_files(&shop, "after the close");
    check_deleted_files(&after, &server);
    let day = today.to_string();
    let pages = ["visits", "show", "--site", "vendor", "--from", &day, "--to", &day, "--by", "page"];
    let output = check_output(&after, &shop.run(&pages, ""), "visits show");
    assert!(output.contains("/wqxpelican-read"), "{output}");
    for words in [&["site", "list"][..], &["doctor", "--json"], &["audit", "show"], &["prove"]] {
        check_output(&after, &shop.run(words, ""), words[0]);
    }
    assert!(server.stop().success());
    after.check_files(&shop, "after the stop");
    print_figures("no mark of a visit in any file");
}
