//! Measures how fast log lines are parsed and visits classified, and the memory of a day with a million visitors:
//! `cargo bench -p analytics`. One core, no files: the lines are generated first.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{
    fs,
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use analytics::{
    ArchivedTable, Classifier, DayKey, Dimension, Figures, LogLine, Outcome, TableSum, Tally, UserAgentCache,
    user_agent::{UserAgent, is_bot},
};
use calendar::{CachedTimeZone, TimeZone};

const LINES: usize = 400_000;
const BROWSERS: &str = include_str!("../tests/analytics/facts/browsers.tsv");
const CRAWLERS: &str = include_str!("../tests/analytics/facts/crawlers.txt");

fn main() {
    agents();
    let lines = lines();
    reading(&lines);
    let seconds = counting(&lines);
    println!("    so {:.0} lines/s from bytes to tally, one core", lines.len() as f64 / seconds);
    memory();
    figures();
}

/// A stopwatch of processor time where the system reports it, because other processes may use the same cores; else of
/// wall-clock time.
struct Stopwatch {
    begun: Instant,
    before: Option<u64>,
}

impl Stopwatch {
    fn start() -> Self {
        Self { begun: Instant::now(), before: cpu_time() }
    }

    fn seconds(&self) -> f64 {
        match (self.before, cpu_time()) {
            (Some(before), Some(now)) => (now - before) as f64 / 1e9,
            _ => self.begun.elapsed().as_secs_f64(),
        }
    }
}

/// Processor time of this thread in nanoseconds.
fn cpu_time() -> Option<u64> {
    fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn report(what: &str, count: usize, seconds: f64) {
    println!("{what}: {:.0}/s, {:.2} us each", count as f64 / seconds, 1e6 * seconds / count as f64);
}

fn agents() {
    let watch = Stopwatch::start();
    black_box(UserAgent::of("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"));
    println!("the patterns are built once, in {:.0} ms, {} MB resident", watch.seconds() * 1e3, resident());
    let agents: Vec<&str> = BROWSERS.lines().skip(2).filter_map(|line| line.split('\t').next()).collect();
    for _ in 0..2 {
        let watch = Stopwatch::start();
        agents.iter().for_each(|user_agent| {
            black_box(UserAgent::of(user_agent));
        });
        report("user agents never seen before", agents.len(), watch.seconds());
    }
    println!("    {} MB resident", resident());
    let known = UserAgentCache::default();
    agents.iter().for_each(|user_agent| {
        known.read(user_agent);
    });
    let watch = Stopwatch::start();
    for _ in 0..100 {
        agents.iter().for_each(|user_agent| {
            black_box(known.read(user_agent));
        });
    }
    report("user agents seen before", 100 * agents.len(), watch.seconds());
}

/// A varied day: 5,000 paths, 50,000 visitors, 800 user agents, some crawlers, assets and errors.
fn lines() -> Vec<String> {
    let browsers: Vec<&str> = BROWSERS
        .lines()
        .skip(2)
        .filter_map(|line| line.split('\t').next())
        .filter(|user_agent| !is_bot(user_agent))
        .take(700)
        .collect();
    let crawlers: Vec<&str> = CRAWLERS.lines().skip(1).take(100).collect();
    let mut dice = 88_172_645_463_325_252_u64;
    let mut roll = |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice >> 11) as usize % sides
    };
    let mut skewed = |sides: usize| roll(sides).min(roll(sides)).min(roll(sides));
    let line = |second: usize| {
        let person = skewed(50_000);
        let [.., b, c, d] = (person as u32).to_be_bytes();
        let user_agent = if person % 10 == 0 {
            crawlers[person % crawlers.len()]
        } else {
            browsers[person % browsers.len()]
        };
        let page = skewed(5_000);
        let (path, status) = match skewed(40) {
            20..30 => (format!("/assets/style-{page}.css"), 200),
            30..34 => (format!("/gone/{page}"), 404),
            34..37 => (format!("/downloads/setup-{page}.exe"), 200),
            _ => (format!("/docs/chapter-{}/page-{page}?utm_source=letter&x={page}", page % 20), 200),
        };
        let referrer = [
            "-",
            "https://www.google.com/",
            "https://vendor.example/docs",
            "https://blog.example.net/post/1",
        ][page % 4];
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        format!(
            "84.{b}.{c}.{d} - - [22/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000] \"GET {path} HTTP/1.1\" {status} 5123 \"{referrer}\" \"{}\"",
            user_agent.replace('"', "'")
        )
    };
    (0..LINES).map(line_by(line)).collect()
}

/// Spreads a day's 86,400 seconds over all lines.
fn line_by(mut line: impl FnMut(usize) -> String) -> impl FnMut(usize) -> String {
    move |number| line(number * 86_400 / LINES)
}

fn reading(lines: &[String]) {
    let watch = Stopwatch::start();
    let read = lines.iter().filter(|line| LogLine::parse(black_box(line.as_bytes())).is_ok()).count();
    report("lines read", read, watch.seconds());
    assert_eq!(read, lines.len());
}

fn counting(lines: &[String]) -> f64 {
    let classifier = Classifier::new("vendor", &["vendor.example"], Arc::new(UserAgentCache::default()));
    let (key, zone) =
        (DayKey::new([1; 32]), TimeZone::named("Europe/Berlin").expect("Berlin has a time zone"));
    let mut tally = Tally::default();
    let mut clock = CachedTimeZone::new(&zone);
    let watch = Stopwatch::start();
    for line in lines {
        let Ok(line) = LogLine::parse(line.as_bytes()) else { continue };
        let (_, hour) = clock.day_and_hour(line.time());
        let Some(request) = line.request() else { continue };
        match classifier.classify(&request, hour, &key) {
            Outcome::Count(visit, visitor) => tally.count(&visit, visitor),
            Outcome::Bot => tally.count_bot(),
            _ => {}
        }
    }
    let seconds = watch.seconds();
    report("lines read, classified and counted", lines.len(), seconds);
    println!(
        "    {} cells of pages, {} requests of bots",
        tally.cells(Dimension::Page),
        tally.uncounted().bots
    );
    seconds
}

/// Memory of 10^6 visitors with two views each over 5,000 paths.
fn memory() {
    let classifier = Classifier::new("vendor", &["vendor.example"], Arc::new(UserAgentCache::default()));
    let key = DayKey::new([1; 32]);
    let mut tally = Tally::default();
    let before = resident();
    let user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let paths: Vec<String> =
        (0..5_000).map(|page| format!("/docs/chapter-{}/page-{page}", page % 20)).collect();
    let watch = Stopwatch::start();
    for view in 0..2_000_000_u32 {
        let address = IpAddr::V4(Ipv4Addr::from((view % 1_000_000) * 997));
        let path = &paths[view as usize * 7_919 % paths.len()];
        let request = analytics::Request {
            user_agent,
            languages: "de",
            width: Some(1_920),
            ..analytics::Request::view(address, path)
        };
        if let Outcome::Count(visit, visitor) =
            classifier.classify(&request, (view / 83_400 % 24) as u8, &key)
        {
            tally.count(&visit, visitor);
        }
    }
    report("requests classified and counted", 2_000_000, watch.seconds());
    let people = tally.population(analytics::Population::Viewers).visitors();
    println!(
        "10^6 visitors over {} paths: {} MB more, counted as {people}",
        tally.cells(Dimension::Page),
        resident() - before
    );
    let watch = Stopwatch::start();
    let bytes = tally.to_bytes();
    println!(
        "    sealed form {:.1} MB, written in {:.0} ms",
        bytes.len() as f64 / 1e6,
        watch.seconds() * 1e3
    );
}

/// Sums the archived tables of 90 days of a site with 2,000 pages.
fn figures() {
    const DAYS: u32 = 90;
    let day = |day: u32| {
        let figures = |page: u32| Figures { views: u64::from(page % 97 * 5 + day), visitors: 5 };
        let rows = (0..2_000).map(|page| (10_000 + page + page / 7, figures(page))).collect();
        ArchivedTable { total: figures(0), evicted_views: 0, days: 1, rows }.to_bytes()
    };
    let days: Vec<_> = (0..DAYS).map(day).collect();
    let watch = Stopwatch::start();
    for _ in 0..20 {
        let mut sum = TableSum::default();
        days.iter().for_each(|day| sum.add_bytes(day).expect("figures"));
        assert_eq!(black_box(sum.finish()).rows.len(), 2_000);
    }
    let each = watch.seconds() / 20.0;
    println!("{DAYS} days of 2,000 pages summed in {:.2} ms, {} bytes a day", each * 1e3, days[1].len());
}

/// Resident memory of this process in megabytes; 0 where the system doesn't report it.
fn resident() -> u64 {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes / 1_024)
}
