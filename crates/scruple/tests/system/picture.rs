//! A broad picture that is true: made-up visitors whose every step is known, told through logs and over HTTP, with kills,
//! restarts, several processes and late lines. What is published is exact up to folding and rounding, a day's visitors
//! within 1 %, and nothing else changes it.

mod truth;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use analytics::{Date, Dimension, Population};
use domain::statistics::{DateRange, Exclusions, FiguresPage, LATE_SECONDS, read_exclusions};
use serde_json::Value;
use store::{Audience, Site};

use super::kit::fake_clock::FakeClock;
use super::kit::process::Server;
use super::kit::random::SeededRandom;
use super::kit::web::{Seen, What, counts};
use super::kit::{Beside, Shop, long, show, until, wait};
use truth::{Off, Truth};

/// A site without a past.
fn shop() -> Shop {
    let shop = Shop::empty();
    shop.says(&["site", "add", "--id", "vendor", "--host", "vendor.example", "--public"], "");
    shop
}

fn apart(beside: &Beside, site: &Site, from: i32, to: i32) -> Exclusions {
    let range = DateRange { from: Date(from), to: Date(to) };
    wait(async { read_exclusions(&mut beside.db.read().await?, site.id, range).await }).expect("the books")
}

fn is_closed(beside: &Beside, site: &Site, date: i32) -> bool {
    let days = wait(async { beside.db.read().await?.visit_days(site.id, date, date).await });
    days.expect("the books").iter().all(|day| day.closed)
}

/// All that is published of a range.
fn everything(beside: &Beside, site: &Site, days: (i32, i32)) -> Vec<FiguresPage> {
    let of = |audience| Dimension::ALL.map(|dimension| beside.published(site, audience, dimension, days));
    [of(Audience::Own), of(Audience::Public)].concat()
}

struct Size {
    months: u32,
    requests_a_day: u64,
    people: u64,
    pages: u64,
}

fn size() -> Size {
    if long() {
        Size { months: 12, requests_a_day: 14_700, people: 200_000, pages: 4_000 }
    } else {
        Size { months: 2, requests_a_day: 260, people: 3_000, pages: 120 }
    }
}

/// Two servers' logs of a month of 2025, and what they tell.
struct Month {
    logs: [PathBuf; 2],
    days: BTreeMap<i32, Truth>,
}

fn month(folder: &Path, size: &Size, month: u32) -> Month {
    let date =
        |month| Date::parse(&format!("{}-{:02}-01", 2025 + month / 12, month % 12 + 1)).expect("a day").0;
    let (mut chance, mut texts) =
        (SeededRandom::seeded(u64::from(month) + 1), [String::new(), String::new()]);
    let (mut days, mut nth) = (BTreeMap::<i32, Truth>::new(), 0);
    for day in date(month)..date(month + 1) {
        // Weekends are quieter.
        let weekend = Date(day).monday().0 + 5 <= day;
        let requests = if weekend { size.requests_a_day / 2 } else { size.requests_a_day * 6 / 5 };
        let truth = days.entry(day).or_default();
        for n in 0..requests {
            let second = (n * 86_400 / requests) as i64;
            let seen = Seen::drawn(&mut chance, size.people, size.pages);
            truth.see(&seen, second / 3_600);
            texts[chance.below(2) as usize] += &seen.line(i64::from(day) * 86_400 + second, nth);
            nth += 1;
        }
    }
    let logs = [0, 1].map(|server| folder.join(format!("{month}-{server}.log")));
    logs.iter().zip(&texts).for_each(|(path, text)| fs::write(path, text).expect("a file"));
    Month { logs, days }
}

fn import(shop: &Shop, file: &Path, more: &[&str]) -> String {
    let words = [&["visits", "import", "--site", "vendor"], more, &[file.to_str().expect("UTF-8")]].concat();
    shop.says(&words, "")
}

/// Begins an import and kills it somewhere.
fn killed_import(shop: &Shop, file: &Path, after: Duration) {
    let words = ["visits", "import", "--site", "vendor", "--keep-open", file.to_str().expect("UTF-8")];
    let mut command = shop.command(&words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    // The moment is chance itself, not something waited for.
    std::thread::sleep(after);
    child.kill().expect("it is ours");
    child.wait().expect("its end");
}

#[test]
fn a_year_of_logs_is_exact_up_to_suppression_and_rounding_and_visitors_within_one_per_cent() {
    let (shop, size, folder) = (shop(), size(), tempfile::tempdir().expect("a folder"));
    let (beside, mut chance) = (shop.beside(), SeededRandom::seeded(7));
    let site = beside.site("vendor");
    let (mut off, mut people, mut took) = (Off::default(), HashSet::new(), Duration::from_millis(400));
    let (mut first, mut last, mut days) = (i32::MAX, 0, Vec::new());
    let mut january = String::new();
    for nth in 0..size.months {
        let month = month(folder.path(), &size, nth);
        let [one, other] = &month.logs;
        // One server's log whole, the other's with kills; the month is published when both are there.
        let began = Instant::now();
        import(&shop, one, &["--keep-open"]);
        for _ in 0..2 {
            killed_import(&shop, other, took * (chance.below(100) as u32) / 100);
        }
        import(&shop, other, &[]);
        took = began.elapsed();
        for (date, truth) in &month.days {
            truth.agrees(&beside, &site, *date, &mut off);
            people.extend(truth.viewers().people);
            days.push(beside.published(&site, Audience::Own, Dimension::Page, (*date, *date)).total);
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
    let whole = beside.published(&site, Audience::Own, Dimension::Page, (first, last));
    assert_eq!(
        whole.total.views,
        days.iter().map(|day| day.views).sum::<u64>(),
        "a year is the sum of its days"
    );
    assert_eq!(whole.total.visitors, days.iter().map(|day| day.visitors).sum::<u64>());
    assert_eq!((whole.days as usize, apart(&beside, &site, first, last).missing), (days.len(), 0));
    off.hardly_anybody_was_mistaken();
    late_lines_change_nothing(&shop, &beside, &site, (first, last), &january, folder.path());
    beside.promises_are_kept();
    beside.close();
    shop.says(&["prove"], "");
    show(&format!(
        "{} views by {} people on {} days: daily visitors {:.2} % off at worst, {:.3} % over all; {:.0} % of the views folded or rounded away from pages",
        off.views,
        people.len(),
        days.len(),
        100.0 * off.worst,
        100.0 * (off.told as f64 - off.people as f64).abs() / off.people as f64,
        100.0 * off.folded as f64 / off.views as f64,
    ));
    assert!(!long() || (off.views >= 5_000_000 && people.len() >= 199_000), "not the size that was meant");
}

/// A third server's log of days that are published: it is said how many lines are left out, and no figure moves.
fn late_lines_change_nothing(
    shop: &Shop,
    beside: &Beside,
    site: &Site,
    days: (i32, i32),
    lines: &str,
    folder: &Path,
) {
    let before = everything(beside, site, days);
    let file = folder.join("late.log");
    // Begins otherwise than the log that was counted: it is another.
    fs::write(&file, lines.lines().rev().fold(String::new(), |all, line| all + line + "\n")).expect("a file");
    let told = import(shop, &file, &[]);
    assert!(told.contains(" late: their day is already published"), "{told}");
    let counted = told.lines().find(|line| line.ends_with("  counted")).expect("it says so");
    assert_eq!(counted.split_whitespace().next(), Some("0"), "{told}");
    assert!(everything(beside, site, days) == before, "late lines moved a figure");
}

/// A site of these days, counted by two servers.
struct Live {
    shop: Shop,
    hands: FakeClock,
    servers: [Option<Server>; 2],
    chance: SeededRandom,
    nth: u64,
}

impl Live {
    fn serve(&mut self, which: usize) {
        let server = self.shop.serve();
        counts(&server, "vendor");
        self.servers[which] = Some(server);
    }

    fn server(&self, which: usize) -> &Server {
        self.servers[which].as_ref().expect("it serves")
    }

    fn stop(&mut self, which: usize) {
        assert!(self.servers[which].take().expect("it serves").stop().success());
    }

    /// So many requests at this hour, to both servers, on two connections each.
    fn visits(&mut self, truth: &mut Truth, requests: u64, hour: i64) {
        self.hands.turn(hour * 3_600);
        let mut parts: [Vec<(u64, Seen)>; 4] = Default::default();
        for n in 0..requests {
            let mut seen = Seen::drawn(&mut self.chance, requests, 60);
            if self.chance.below(12) == 0 {
                seen = Seen { what: What::Event, subject: format!("bought {}", n % 5), ..seen };
            }
            truth.see(&seen, hour);
            parts[self.chance.below(4) as usize].push((self.nth + n, seen));
        }
        self.nth += requests;
        std::thread::scope(|scope| {
            for (nth, part) in parts.iter().enumerate() {
                let mut connection = self.server(nth % 2).connect();
                scope.spawn(move || {
                    part.iter().for_each(|(nth, seen)| seen.tell(&mut connection, "vendor", *nth))
                });
            }
        });
        assert_eq!(
            self.hands.now().rem_euclid(86_400) / 3_600,
            hour,
            "it took an hour: make the test smaller"
        );
    }

    /// Waits until everything that was counted is sealed.
    fn sealed(&self, beside: &Beside, site: &Site, truth: &Truth) {
        let views = truth.viewers().views;
        until("the seals", || {
            let (tally, _) = beside.sealed(site, self.hands.today());
            assert!(tally.population(Population::Viewers).views() <= views, "more was sealed than there was");
            (tally.population(Population::Viewers).views() == views && tally.uncounted().refused == 0)
                .then_some(())
        });
    }

    /// Lines of a third server's log, of today.
    fn lines(&mut self, truth: &mut Truth, lines: u64, folder: &Path) -> PathBuf {
        let (mut text, second) = (String::new(), self.hands.now());
        for _ in 0..lines {
            let seen = Seen::drawn(&mut self.chance, lines * 2, 60);
            truth.see(&seen, second.rem_euclid(86_400) / 3_600);
            text += &seen.line(second, self.nth);
            self.nth += 1;
        }
        let file = folder.join(format!("{}.log", self.hands.today()));
        fs::write(&file, text).expect("a file");
        file
    }

    /// The day ends: one server seals while it runs, the other stops, and the one that starts closes the day.
    fn midnight(&mut self, beside: &Beside, site: &Site, crashed: usize) {
        let date = self.hands.today();
        self.stop(0);
        // Late enough for a day to end, too early for anybody to close it.
        self.hands.turn(86_400 + LATE_SECONDS + 5);
        until("the last seals", || {
            let tallies =
                wait(async { beside.db.read().await?.tallies(site.id, date).await }).expect("they open");
            let open = tallies.iter().filter(|(_, last, _)| !last).count();
            (open == crashed).then_some(())
        });
        self.hands.turn(300);
        self.serve(0);
        until("the close", || is_closed(beside, site, date).then_some(()));
    }
}

#[test]
fn days_over_http_on_two_servers_with_stops_and_kills_and_a_log_are_exact() {
    let Some((shop, hands)) = FakeClock::of(shop()) else { return };
    let (folder, servers) = (tempfile::tempdir().expect("a folder"), [None, None]);
    let mut live = Live { shop, hands, servers, chance: SeededRandom::seeded(11), nth: 0 };
    let beside = live.hands.beside(&live.shop);
    let site = beside.site("vendor");
    let (days, requests) = if long() { (5, 24_000) } else { (2, 900) };
    let first = live.hands.today();
    let (mut off, mut truths, mut log) = (Off::default(), Vec::new(), None);
    (0..2).for_each(|which| live.serve(which));
    for day in 0..days {
        let (mut truth, date) = (Truth::default(), live.hands.today());
        live.visits(&mut truth, requests / 3, 13);
        live.stop(0);
        live.serve(0);
        live.visits(&mut truth, requests / 3, 16);
        live.sealed(&beside, &site, &truth);
        // Everything is sealed, so nothing is lost; nobody can know that, so the day says that something may be.
        live.servers[1].as_mut().expect("it serves").kill();
        live.serve(1);
        live.visits(&mut truth, requests / 3, 20);
        let file = live.lines(&mut truth, requests / 10, folder.path());
        import(&live.shop, &file, &[]);
        live.midnight(&beside, &site, 1);
        truth.agrees(&beside, &site, date, &mut off);
        let beside_it = apart(&beside, &site, date, date);
        assert_eq!((beside_it.missing, beside_it.refused, beside_it.bots), (5, 0, 0), "day {day}");
        log.get_or_insert(file);
        truths.push((date, truth));
    }
    off.hardly_anybody_was_mistaken();
    let file = log.expect("a day");
    let text = fs::read_to_string(&file).expect("a log");
    late_lines_change_nothing(&live.shop, &beside, &site, (first, live.hands.today()), &text, folder.path());
    for (date, truth) in &truths {
        truth.agrees(&beside, &site, *date, &mut Off::default());
    }
    it_comes_out_as_it_was_published(&live, &beside, &site, (first, first + days - 1));
    a_kill_loses_at_most_what_it_says(&mut live, &beside, &site);
    proved(&live, &site);
    beside.close();
    show(&format!(
        "{} views over HTTP on {days} days: daily visitors {:.2} % off at worst",
        off.views,
        100.0 * off.worst
    ));
}

/// By the command line for staff, over the API for everybody.
fn it_comes_out_as_it_was_published(live: &Live, beside: &Beside, site: &Site, days: (i32, i32)) {
    let (from, to) = (Date(days.0).to_string(), Date(days.1).to_string());
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
            let reading = beside.published(site, audience, dimension, days);
            let row = |row: analytics::Row| (row.value, (row.figures.views, row.figures.visitors));
            reading.rows.into_iter().map(row).collect::<BTreeMap<_, _>>()
        };
        let by = dimension.name();
        let words =
            ["visits", "show", "--site", "vendor", "--from", &from, "--to", &to, "--by", by, "--json"];
        let told: Value = serde_json::from_str(&live.shop.says(&words, "")).expect("JSON");
        assert_eq!(rows(&told["rows"]), published(Audience::Own), "{by}, command line");
        let path = format!("/api/v1/sites/vendor/{by}?from={from}&to={to}");
        let answer = live.server(0).connect().ask("GET", &path, &[], b"").expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(rows(&told["rows"]), published(Audience::Public), "{by}, API");
    }
}

/// Killed before it sealed: what was sealed is there, of the last seconds some or none, and the day says how many.
fn a_kill_loses_at_most_what_it_says(live: &mut Live, beside: &Beside, site: &Site) {
    let (mut truth, date) = (Truth::default(), live.hands.today());
    live.visits(&mut truth, 300, 13);
    live.sealed(beside, site, &truth);
    let sealed = truth.viewers().views;
    live.visits(&mut truth, 120, 15);
    let all = truth.viewers().views;
    for which in 0..2 {
        live.servers[which].as_mut().expect("it serves").kill();
        live.serve(which);
    }
    live.midnight(beside, site, 2);
    let told = beside.published(site, Audience::Own, Dimension::Page, (date, date)).total.views;
    assert!((sealed - sealed % 5..=all).contains(&told), "{told} of {sealed} to {all}");
    assert_eq!(apart(beside, site, date, date).missing, 10);
}

/// After all that: every promise is kept, by the program's own word; no door of statistics sets a cookie.
fn proved(live: &Live, site: &Site) {
    let told = live.shop.says(&["prove"], "");
    for promise in ["visitors.general: kept", "visitors.unidentifiable: kept"] {
        assert!(told.contains(promise), "{told}");
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
            .ask(method, &path, &[cookie, ("referer", "https://vendor.example/")], b"")
            .expect("an answer");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        assert!(answer.status < 500, "{path}: {}", answer.text());
    }
    for server in live.servers.iter().flatten() {
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
}
