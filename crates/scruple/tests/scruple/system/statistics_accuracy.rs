//! The accuracy of the statistics, measured with simulated visitors whose every visit is known.
//!
//! The visits come from logs and over HTTP, with kills, restarts, several processes and late lines. Published views are
//! exact up to suppression and rounding, and a day's visitors are within 1 %.

mod ground_truth;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use analytics::{Dimension, Population};
use calendar::Day;
use domain::statistics::{DateRange, Exclusions, FiguresPage, LATE_SECONDS, read_exclusions};
use serde_json::Value;
use store::{Audience, Site};

use super::kit::fake_clock::FakeClock;
use super::kit::process::Server;
use super::kit::random::SeededRandom;
use super::kit::web::{Visit, VisitKind, wait_until_counting};
use super::kit::{OpenStore, Shop, block_on, is_long_run, print_figures, wait_until};
use ground_truth::{Deviations, GroundTruth};

/// Creates a shop with a new site.
fn shop() -> Shop {
    let shop = Shop::empty();
    shop.run_ok(&["site", "add", "--id", "vendor", "--host", "vendor.example", "--public"], "");
    shop
}

fn exclusions(store: &OpenStore, site: &Site, from: Day, to: Day) -> Exclusions {
    let range = DateRange { from, to };
    block_on(async { read_exclusions(&mut store.db.read().await?, site.id, range).await })
        .expect("the database")
}

fn is_closed(store: &OpenStore, site: &Site, date: Day) -> bool {
    let days = block_on(async { store.db.read().await?.visit_days(site.id, date, date).await });
    days.expect("the database").iter().all(|day| day.closed)
}

/// Returns all published figures of a range.
fn published_figures(store: &OpenStore, site: &Site, days: (Day, Day)) -> Vec<FiguresPage> {
    let of = |audience| Dimension::ALL.map(|dimension| store.published(site, audience, dimension, days));
    [of(Audience::Own), of(Audience::Public)].concat()
}

struct Size {
    months: u32,
    requests_a_day: u64,
    people: u64,
    pages: u64,
}

fn size() -> Size {
    if is_long_run() {
        Size { months: 12, requests_a_day: 14_700, people: 200_000, pages: 4_000 }
    } else {
        Size { months: 2, requests_a_day: 260, people: 3_000, pages: 120 }
    }
}

/// The logs of two servers for a month of 2025, and their true figures.
struct Month {
    logs: [PathBuf; 2],
    days: BTreeMap<Day, GroundTruth>,
}

fn month(folder: &Path, size: &Size, month: u32) -> Month {
    let date =
        |month: u32| Day::from_date(2025 + (month / 12).cast_signed(), month % 12 + 1, 1).expect("a day");
    let (mut chance, mut texts) =
        (SeededRandom::seeded(u64::from(month) + 1), [String::new(), String::new()]);
    let (mut days, mut nth) = (BTreeMap::<Day, GroundTruth>::new(), 0);
    for day in date(month).through(date(month + 1) - 1) {
        // There are fewer visits on weekends.
        let weekend = day.monday() + 5 <= day;
        let requests = if weekend { size.requests_a_day / 2 } else { size.requests_a_day * 6 / 5 };
        let truth = days.entry(day).or_default();
        for n in 0..requests {
            let second = (n * 86_400 / requests) as i64;
            let visit = Visit::drawn(&mut chance, size.people, size.pages);
            truth.record(&visit, second / 3_600);
            texts[chance.below(2) as usize] += &visit.log_line(day.to_unix_days() * 86_400 + second, nth);
            nth += 1;
        }
    }
    let logs = [0, 1].map(|server| folder.join(format!("{month}-{server}.log")));
    logs.iter().zip(&texts).for_each(|(path, text)| fs::write(path, text).expect("a file"));
    Month { logs, days }
}

fn import(shop: &Shop, file: &Path, more: &[&str]) -> String {
    let words = [&["visits", "import", "--site", "vendor"], more, &[file.to_str().expect("UTF-8")]].concat();
    shop.run_ok(&words, "")
}

/// Starts an import and kills it after a while.
fn killed_import(shop: &Shop, file: &Path, after: Duration) {
    let words = ["visits", "import", "--site", "vendor", "--keep-open", file.to_str().expect("UTF-8")];
    let mut command = shop.command(&words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    // The moment is random on purpose.
    std::thread::sleep(after);
    child.kill().expect("it is ours");
    child.wait().expect("its end");
}

#[test]
fn a_year_of_logs_is_exact_up_to_suppression_and_rounding_and_visitors_within_one_per_cent() {
    let (shop, size, folder) = (shop(), size(), tempfile::tempdir().expect("a folder"));
    let (store, mut chance) = (shop.open_store(), SeededRandom::seeded(7));
    let site = store.site("vendor");
    let (mut deviations, mut people, mut took) =
        (Deviations::default(), HashSet::new(), Duration::from_millis(400));
    let (mut first, mut last, mut days) = (Day::MAX, Day::MIN, Vec::new());
    let mut january = String::new();
    for nth in 0..size.months {
        let month = month(folder.path(), &size, nth);
        let [one, other] = &month.logs;
        // One import is not interrupted, the other is killed twice. The month is published with both logs.
        let began = Instant::now();
        import(&shop, one, &["--keep-open"]);
        for _ in 0..2 {
            killed_import(&shop, other, took * (chance.below(100) as u32) / 100);
        }
        import(&shop, other, &[]);
        took = began.elapsed();
        for (date, truth) in &month.days {
            truth.check(&store, &site, *date, &mut deviations);
            people.extend(truth.viewers().people);
            days.push(store.published(&site, Audience::Own, Dimension::Page, (*date, *date)).total);
            (first, last) = (first.min(*date), last.max(*date));
        }
        if nth == 0 {
            january = fs::read_to_string(one).expect("a log").lines().take(500).fold(
                String::new(),
                |mut all, line| {
                    writeln!(all, "{line}").expect("a String takes all");
                    all
                },
            );
        }
        month.logs.iter().for_each(|log| fs::remove_file(log).expect("ours"));
    }
    let whole = store.published(&site, Audience::Own, Dimension::Page, (first, last));
    assert_eq!(
        whole.total.views,
        days.iter().map(|day| day.views).sum::<u64>(),
        "a year is the sum of its days"
    );
    assert_eq!(whole.total.visitors, days.iter().map(|day| day.visitors).sum::<u64>());
    assert_eq!((whole.days as usize, exclusions(&store, &site, first, last).missing), (days.len(), 0));
    deviations.check_confused_visitors();
    check_late_lines(&shop, &store, &site, (first, last), &january, folder.path());
    store.prove_promises();
    store.close();
    shop.run_ok(&["prove"], "");
    print_figures(&format!(
        "{} views by {} people on {} days: daily visitors {:.2} % off at worst, {:.3} % over all; {:.0} % of the views suppressed or rounded",
        deviations.views,
        people.len(),
        days.len(),
        100.0 * deviations.worst,
        100.0 * (deviations.published as f64 - deviations.people as f64).abs() / deviations.people as f64,
        100.0 * deviations.hidden as f64 / deviations.views as f64,
    ));
    assert!(!is_long_run() || (deviations.views >= 5_000_000 && people.len() >= 199_000), "too few visits");
}

/// Imports another log of published days: the command reports the omitted lines, and no figure changes.
fn check_late_lines(
    shop: &Shop,
    store: &OpenStore,
    site: &Site,
    days: (Day, Day),
    lines: &str,
    folder: &Path,
) {
    let before = published_figures(store, site, days);
    let file = folder.join("late.log");
    // The log begins differently from the imported one, so it counts as another log.
    fs::write(&file, lines.lines().rev().fold(String::new(), |all, line| all + line + "\n")).expect("a file");
    let output = import(shop, &file, &[]);
    assert!(output.contains(" late: their day is already published"), "{output}");
    let counted = output.lines().find(|line| line.ends_with("  counted")).expect("the report of it");
    assert_eq!(counted.split_whitespace().next(), Some("0"), "{output}");
    assert!(published_figures(store, site, days) == before, "late lines changed a figure");
}

/// A site of the present days, whose visits two servers count.
struct LiveSite {
    shop: Shop,
    clock: FakeClock,
    servers: [Option<Server>; 2],
    chance: SeededRandom,
    nth: u64,
}

impl LiveSite {
    fn serve(&mut self, which: usize) {
        let server = self.shop.serve();
        wait_until_counting(&server, "vendor");
        self.servers[which] = Some(server);
    }

    fn server(&self, which: usize) -> &Server {
        self.servers[which].as_ref().expect("it serves")
    }

    fn stop(&mut self, which: usize) {
        assert!(self.servers[which].take().expect("it serves").stop().success());
    }

    /// Sends visits at this hour to both servers, on two connections each.
    fn visits(&mut self, truth: &mut GroundTruth, requests: u64, hour: i64) {
        self.clock.set_second_of_day(hour * 3_600);
        let mut parts: [Vec<(u64, Visit)>; 4] = Default::default();
        for n in 0..requests {
            let mut visit = Visit::drawn(&mut self.chance, requests, 60);
            if self.chance.below(12) == 0 {
                visit = Visit { kind: VisitKind::Event, subject: format!("bought {}", n % 5), ..visit };
            }
            truth.record(&visit, hour);
            parts[self.chance.below(4) as usize].push((self.nth + n, visit));
        }
        self.nth += requests;
        std::thread::scope(|scope| {
            for (nth, part) in parts.iter().enumerate() {
                let mut connection = self.server(nth % 2).connect();
                scope.spawn(move || {
                    part.iter().for_each(|(nth, visit)| visit.send(&mut connection, "vendor", *nth))
                });
            }
        });
        assert_eq!(
            self.clock.now().rem_euclid(86_400) / 3_600,
            hour,
            "it took an hour: make the test smaller"
        );
    }

    /// Waits until all counts are sealed.
    fn wait_until_sealed(&self, store: &OpenStore, site: &Site, truth: &GroundTruth) {
        let views = truth.viewers().views;
        wait_until("the seals", || {
            let (tally, _) = store.sealed(site, self.clock.today());
            assert!(tally.population(Population::Viewers).views() <= views, "more was sealed than there was");
            (tally.population(Population::Viewers).views() == views && tally.uncounted().refused == 0)
                .then_some(())
        });
    }

    /// Writes a log of today for a third server.
    fn lines(&mut self, truth: &mut GroundTruth, lines: u64, folder: &Path) -> PathBuf {
        let (mut text, second) = (String::new(), self.clock.now());
        for _ in 0..lines {
            let visit = Visit::drawn(&mut self.chance, lines * 2, 60);
            truth.record(&visit, second.rem_euclid(86_400) / 3_600);
            text += &visit.log_line(second, self.nth);
            self.nth += 1;
        }
        let file = folder.join(format!("{}.log", self.clock.today()));
        fs::write(&file, text).expect("a file");
        file
    }

    /// Ends the day: one server seals while it runs, the other stops, and its successor closes the day.
    fn midnight(&mut self, store: &OpenStore, site: &Site, crashed: usize) {
        let date = self.clock.today();
        self.stop(0);
        // The day has ended, but it is too early to close it.
        self.clock.set_second_of_day(86_400 + LATE_SECONDS + 5);
        wait_until("the last seals", || {
            let tallies =
                block_on(async { store.db.read().await?.tallies(site.id, date).await }).expect("they open");
            let open = tallies.iter().filter(|tally| !tally.finished).count();
            (open == crashed).then_some(())
        });
        self.clock.set_second_of_day(300);
        self.serve(0);
        wait_until("the close", || is_closed(store, site, date).then_some(()));
    }
}

#[test]
#[ignore = "needs libfaketime"]
fn days_over_http_on_two_servers_with_stops_and_kills_and_a_log_are_exact() {
    let (shop, clock) = FakeClock::of(shop());
    let (folder, servers) = (tempfile::tempdir().expect("a folder"), [None, None]);
    let mut live = LiveSite { shop, clock, servers, chance: SeededRandom::seeded(11), nth: 0 };
    let store = live.clock.open_store(&live.shop);
    let site = store.site("vendor");
    let (days, requests) = if is_long_run() { (5, 24_000) } else { (2, 900) };
    let first = live.clock.today();
    let (mut deviations, mut truths, mut log) = (Deviations::default(), Vec::new(), None);
    (0..2).for_each(|which| live.serve(which));
    for day in 0..days {
        let (mut truth, date) = (GroundTruth::default(), live.clock.today());
        live.visits(&mut truth, requests / 3, 13);
        live.stop(0);
        live.serve(0);
        live.visits(&mut truth, requests / 3, 16);
        live.wait_until_sealed(&store, &site, &truth);
        // Everything is sealed, so nothing is lost. The servers can't know that, so the day reports a possible loss.
        live.servers[1].as_mut().expect("it serves").kill();
        live.serve(1);
        live.visits(&mut truth, requests / 3, 20);
        let file = live.lines(&mut truth, requests / 10, folder.path());
        import(&live.shop, &file, &[]);
        live.midnight(&store, &site, 1);
        truth.check(&store, &site, date, &mut deviations);
        let exclusions = exclusions(&store, &site, date, date);
        assert_eq!((exclusions.missing, exclusions.refused, exclusions.bots), (5, 0, 0), "day {day}");
        log.get_or_insert(file);
        truths.push((date, truth));
    }
    deviations.check_confused_visitors();
    let file = log.expect("a day");
    let text = fs::read_to_string(&file).expect("a log");
    check_late_lines(&live.shop, &store, &site, (first, live.clock.today()), &text, folder.path());
    for (date, truth) in &truths {
        truth.check(&store, &site, *date, &mut Deviations::default());
    }
    check_command_line_and_api(&live, &store, &site, (first, first + days - 1));
    check_loss_after_kill(&mut live, &store, &site);
    check_promises_and_cookies(&live, &site);
    store.close();
    print_figures(&format!(
        "{} views over HTTP on {days} days: daily visitors {:.2} % off at worst",
        deviations.views,
        100.0 * deviations.worst
    ));
}

/// The command line shows staff the published figures, and the API shows everyone the public ones.
fn check_command_line_and_api(live: &LiveSite, store: &OpenStore, site: &Site, days: (Day, Day)) {
    let (from, to) = (days.0.to_string(), days.1.to_string());
    let rows = |rows: &Value| -> BTreeMap<String, (u64, u64)> {
        let number = |row: &Value, name: &str| row[name].as_u64().expect("a number");
        let row = |row: &Value| {
            let word = row["value"].as_str().expect("a word").to_owned();
            (word, (number(row, "views"), number(row, "visitors")))
        };
        rows.as_array().expect("rows").iter().map(row).collect()
    };
    for dimension in Dimension::ALL {
        let published = |audience| {
            let reading = store.published(site, audience, dimension, days);
            let row = |row: analytics::Row| (row.value, (row.figures.views, row.figures.visitors));
            reading.rows.into_iter().map(row).collect::<BTreeMap<_, _>>()
        };
        let by = dimension.name();
        let words =
            ["visits", "show", "--site", "vendor", "--from", &from, "--to", &to, "--by", by, "--json"];
        let output: Value = serde_json::from_str(&live.shop.run_ok(&words, "")).expect("JSON");
        assert_eq!(rows(&output["rows"]), published(Audience::Own), "{by}, command line");
        let path = format!("/api/v1/sites/vendor/{by}?from={from}&to={to}");
        let answer = live.server(0).connect().request("GET", &path, &[], b"").expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let output: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(rows(&output["rows"]), published(Audience::Public), "{by}, API");
    }
}

/// After a kill, the sealed counts are published, and the day reports how many seconds may be missing.
fn check_loss_after_kill(live: &mut LiveSite, store: &OpenStore, site: &Site) {
    let (mut truth, date) = (GroundTruth::default(), live.clock.today());
    live.visits(&mut truth, 300, 13);
    live.wait_until_sealed(store, site, &truth);
    let sealed = truth.viewers().views;
    live.visits(&mut truth, 120, 15);
    let all = truth.viewers().views;
    for which in 0..2 {
        live.servers[which].as_mut().expect("it serves").kill();
        live.serve(which);
    }
    live.midnight(store, site, 2);
    let output = store.published(site, Audience::Own, Dimension::Page, (date, date)).total.views;
    assert!((sealed - sealed % 5..=all).contains(&output), "{output} of {sealed} to {all}");
    assert_eq!(exclusions(store, site, date, date).missing, 10);
}

/// `scruple prove` finds the promises kept, and no route of the statistics sets a cookie.
fn check_promises_and_cookies(live: &LiveSite, site: &Site) {
    let output = live.shop.run_ok(&["prove"], "");
    for promise in ["visitors.general: kept", "visitors.unidentifiable: kept"] {
        assert!(output.contains(promise), "{output}");
    }
    let cookie = ("cookie", "scruple_page=0123456789abcdef; other=1");
    let id = &site.name;
    for (method, path) in [
        ("GET", format!("/count.gif?s={id}&p=/")),
        ("GET", format!("/count.gif?s={id}")),
        ("POST", "/count".to_owned()),
        ("OPTIONS", "/count".to_owned()),
        ("GET", "/count.js".to_owned()),
        ("GET", "/statistics".to_owned()),
        ("GET", format!("/statistics/{id}")),
        ("GET", format!("/statistics/{id}/page")),
        ("GET", format!("/api/v1/sites/{id}/page")),
        ("GET", format!("/api/v1/sites/{id}/now")),
    ] {
        let mut connection = live.server(0).connect();
        let answer = connection
            .request(method, &path, &[cookie, ("referer", "https://vendor.example/")], b"")
            .expect("an answer");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        assert!(answer.status < 500, "{path}: {}", answer.text());
    }
    for server in live.servers.iter().flatten() {
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
}
