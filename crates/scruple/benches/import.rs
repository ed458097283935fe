//! The cost of importing a log of a million lines: the whole command, until the days are published. GoAccess reads the
//! same file in the same run: `cargo bench -p scruple --bench import`. `SCRUPLE_TEST_DATABASE` names a PostgreSQL;
//! without it the engine is SQLite. `SCRUPLE_BENCH_LINES` sets the number of lines, and `SCRUPLE_BENCH_DAYS` their
//! number of days.
//!
//! The log is as varied as a real one: 5,000 paths and 50,000 visitors with long tails, 2,000 user agents, bots,
//! assets, missing pages, redirects, downloads, referrers and queries.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use analytics::user_agent::is_bot;
use calendar::Day;

const PATHS: u64 = 5_000;
const VISITORS: u64 = 50_000;
const AGENTS: usize = 2_000;
const BROWSERS: &str = include_str!("../../analytics/tests/analytics/facts/browsers.tsv");
const CRAWLERS: &str = include_str!("../../analytics/tests/analytics/facts/crawlers.txt");
const SITE: &str = "site add --id vendor --host vendor.example";
const RUNS: usize = 3;

fn main() {
    let number = |name, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (lines, days) = (number("SCRUPLE_BENCH_LINES", 1_000_000), number("SCRUPLE_BENCH_DAYS", 7));
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("access.log");
    fs::write(&log, log_of(lines, days)).expect("space for the log");
    let bytes = fs::metadata(&log).expect("it was written").len();
    println!("{lines} lines over {days} days, {:.0} MB", bytes as f64 / 1e6);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        ours.push(import(&folder.path().join(format!("shop-{run}")), &log, lines, run == 0));
        theirs.extend(goaccess(folder.path(), &log, lines));
    }
    let best = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
    if theirs.is_empty() {
        println!("goaccess isn't installed");
    } else {
        println!("best of {RUNS} against best of {RUNS}: {:.1} times as fast", best(&theirs) / best(&ours));
    }
}

/// Runs the whole command in a new shop, and returns its seconds.
fn import(shop: &Path, log: &Path, lines: u64, print: bool) -> f64 {
    fs::create_dir(shop).expect("a folder");
    let database = tokio::runtime::Runtime::new().expect("a runtime").block_on(store::testing::fresh_url());
    let scruple = |words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        command.args(words.split(' ')).current_dir(shop).env("XDG_STATE_HOME", shop.join("state"));
        command.env("SCRUPLE_DATA_DATABASE", &database).env("SCRUPLE_PAYPRO_VALIDATION_KEY", "bench");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command
    };
    assert!(scruple(SITE).status().expect("the binary").success());
    let begun = Instant::now();
    let child =
        scruple(&format!("visits import --site vendor {}", log.display())).spawn().expect("the binary");
    let (output, most, processor) = measure(child);
    let seconds = begun.elapsed().as_secs_f64();
    assert!(output.contains("published"), "{output}");
    if print {
        print!("{output}");
    }
    println!(
        "scruple visits import: {seconds:.2} s, {:.0} lines/s, {processor:.2} s of processor time, {most} MB at most",
        lines as f64 / seconds
    );
    seconds
}

fn goaccess(folder: &Path, log: &Path, lines: u64) -> Option<f64> {
    let report = folder.join("report.json");
    let mut command = Command::new("goaccess");
    command
        .arg(log)
        .args(["--log-format=COMBINED", "--no-progress", "--no-global-config", "-o"])
        .arg(&report);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let (_, most, processor) = measure(command.spawn().ok()?);
    let seconds = begun.elapsed().as_secs_f64();
    let report = fs::read_to_string(&report).unwrap_or_default();
    assert!(report.contains(&format!("\"total_requests\": {lines}")), "goaccess didn't read all lines");
    println!(
        "goaccess: {seconds:.2} s, {:.0} lines/s, {processor:.2} s of processor time, {most} MB at most",
        lines as f64 / seconds
    );
    Some(seconds)
}

/// Waits for the end of a process. Returns its output, its peak memory in MB and its seconds of processor time.
fn measure(mut child: Child) -> (String, u64, f64) {
    let at = |name: &str| format!("/proc/{}/{name}", child.id());
    let (status, stat) = (at("status"), at("stat"));
    let (mut most, mut ticks) = (0, 0);
    while child.try_wait().expect("a child").is_none() {
        let line = |text: String, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        most = fs::read_to_string(&status).ok().and_then(|text| line(text, "VmHWM:")).unwrap_or(0).max(most);
        let spent = fs::read_to_string(&stat).ok().and_then(|text| {
            let words: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
            Some(words.get(11)?.parse::<u64>().ok()? + words.get(12)?.parse::<u64>().ok()?)
        });
        ticks = spent.unwrap_or(0).max(ticks);
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.stdout.take().map(std::io::read_to_string).and_then(Result::ok).unwrap_or_default();
    (output, most / 1_024, ticks as f64 / 100.0)
}

/// SplitMix64: the same numbers in every run.
struct SeededRandom(u64);

impl SeededRandom {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Approximates Zipf's law: the frequency of n is about 1/n.
    fn long_tailed(&mut self, bound: u64) -> u64 {
        let share = self.below(1 << 30) as f64 / f64::from(1 << 30);
        (((bound as f64 + 1.0).powf(share) - 1.0) as u64).min(bound - 1)
    }
}

/// Returns real user agents, and the same with other versions.
fn agents() -> Vec<String> {
    let real = BROWSERS.lines().skip(2).filter_map(|line| line.split('\t').next());
    let real: Vec<&str> = real.filter(|agent| agent.starts_with("Mozilla/5.0") && !is_bot(agent)).collect();
    let version = |n: usize| {
        let versions = n / real.len();
        let agent = real[n % real.len()].replace('"', "'");
        if versions == 0 { agent } else { agent.replacen('.', &format!(".{versions}"), 2) }
    };
    (0..AGENTS).map(version).collect()
}

fn log_of(lines: u64, days: u64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let first = now / 86_400 - days - 1;
    let (agents, mut chance) = (agents(), SeededRandom(2026));
    let crawlers: Vec<&str> =
        CRAWLERS.lines().skip(1).filter(|agent| !agent.contains('"')).take(300).collect();
    let mut text = String::with_capacity(lines as usize * 260);
    for n in 0..lines {
        let second = n * days * 86_400 / lines;
        let (year, month, day) = Day::from_unix_days((first + second / 86_400) as i64).to_date();
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        let machine = chance.below(100) < 12;
        // Half of the lines are of any visitor equally, the others follow Zipf's law.
        let person = if chance.below(2) == 0 { chance.below(VISITORS) } else { chance.long_tailed(VISITORS) };
        let agent = if machine {
            crawlers[person as usize % crawlers.len()]
        } else {
            agents[(person as usize).wrapping_mul(7_919) % AGENTS].as_str()
        };
        let [.., b, c, d] = (person as u32).wrapping_mul(2_654_435).to_be_bytes();
        let (target, status) = target(&mut chance);
        let referrer = referrer(&mut chance);
        writeln!(
            text,
            "{}.{b}.{c}.{d} - - [{day:02}/{}/{year}:{hour:02}:{minute:02}:{second:02} +0000] \"GET {target} HTTP/1.1\" {status} \
             {} \"{referrer}\" \"{agent}\"",
            60 + person % 30,
            MONTHS[month as usize - 1],
            500 + chance.below(90_000),
        )
        .expect("a String takes all that is written");
    }
    text
}

fn target(chance: &mut SeededRandom) -> (String, u16) {
    let page = chance.long_tailed(PATHS);
    match chance.below(100) {
        0..30 => (
            format!("/assets/{}-{:x}.{}", page % 60, page, ["css", "js", "png", "woff2"][page as usize % 4]),
            200,
        ),
        30..34 => (format!("/old/{page}.php"), 404),
        34..37 => (format!("/go/{page}"), 302),
        37..40 => (format!("/downloads/setup-8.{}.exe", page % 40), 200),
        40..48 => (
            format!(
                "/docs/chapter-{}/page-{page}?utm_source=newsletter&utm_medium=mail&utm_campaign=c{}",
                page % 40,
                page % 30
            ),
            200,
        ),
        48..60 => (format!("/docs/chapter-{}/page-{page}?x={}", page % 40, chance.below(1_000_000)), 200),
        _ => (format!("/docs/chapter-{}/page-{page}", page % 40), 200),
    }
}

fn referrer(chance: &mut SeededRandom) -> String {
    match chance.below(100) {
        0..35 => "-".to_owned(),
        35..70 => format!("https://vendor.example/docs/page-{}", chance.long_tailed(PATHS)),
        70..85 => "https://www.google.com/".to_owned(),
        85..92 => format!("https://www.bing.com/search?q=words+{}", chance.below(100_000)),
        _ => format!("https://blog-{}.example.net/post/{}", chance.long_tailed(3_000), chance.below(1_000)),
    }
}
