//! SIGKILL at random moments of `scruple visits import`. The published figures are those of one uninterrupted run.
//! There are several files, so that much is sealed, and several days, so that some are already published.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use analytics::Dimension;
use calendar::Day;
use domain::statistics::{DateRange, FiguresPage, FiguresQuery, read_figures};
use store::Audience;

use super::kit::random::SeededRandom;
use super::kit::{Shop, block_on, is_long_run, print_figures};

/// Returns a log of six days of a leap year. Its 123 people are few, because visitor sketches confuse two of many
/// people by chance, and differently in each shop.
fn log(lines: u64, seed: u64) -> String {
    let mut chance = SeededRandom::seeded(seed);
    (0..lines)
        .map(|n| {
            let second = n * 6 * 86_400 / lines;
            let (day, hour, minute) = (26 + second / 86_400, second / 3_600 % 24, second / 60 % 60);
            let date = if day > 29 { format!("{:02}/Mar/2024", day - 29) } else { format!("{day}/Feb/2024") };
            let (person, page) = (chance.below(41), chance.below(25));
            format!(
                "84.1.{}.{person} - - [{date}:{hour:02}:{minute:02}:{:02} +0000] \"GET /page-{page} HTTP/1.1\" 200 5 \
                 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/145.0\"\n",
                seed % 3,
                second % 60,
                100 + person % 9
            )
        })
        .collect()
}

struct Site {
    shop: Shop,
    files: Vec<PathBuf>,
}

impl Site {
    fn new(files: u64, lines: u64) -> Self {
        let shop = Shop::empty();
        shop.run_ok(&["site", "add", "--id", "vendor", "--host", "vendor.example"], "");
        let write = |n: u64| {
            let path = shop.folder().join(format!("access-{n}.log"));
            fs::write(&path, log(lines, n)).expect("a file");
            path
        };
        let files = (0..files).map(write).collect();
        Self { shop, files }
    }

    fn import(&self) -> std::process::Child {
        let mut words = vec!["visits", "import", "--site", "vendor"];
        words.extend(self.files.iter().map(|path| path.to_str().expect("UTF-8")));
        let log = || File::options().create(true).append(true).open(self.shop.folder().join("import.log"));
        let mut command = self.shop.command(&words);
        command.stdout(Stdio::null()).stderr(log().expect("a log"));
        command.spawn().expect("the binary starts")
    }

    /// Returns the figures of every dimension and day, and the number of open days.
    fn published(&self) -> (Vec<FiguresPage>, usize) {
        let store = self.shop.open_store();
        let read = async {
            let mut tx = store.db.read().await?;
            let site = tx.site("vendor").await?.expect("the site is there").id;
            let days = tx.visit_days(site, Day::MIN, Day::MAX).await?;
            let mut readings = Vec::new();
            for day in &days {
                for dimension in Dimension::ALL {
                    let range = DateRange { from: day.date, to: day.date };
                    let audience = Audience::Own;
                    let read = FiguresQuery { site, audience, dimension, range, skip: 0, limit: usize::MAX };
                    let mut reading = read_figures(&mut tx, &read).await?;
                    reading.rows.sort_by(|a, b| a.value.cmp(&b.value));
                    readings.push(reading);
                }
            }
            Ok::<_, store::Error>((readings, days.iter().filter(|day| !day.closed).count()))
        };
        let found = block_on(read).unwrap_or_else(|error| panic!("{error}"));
        store.prove_promises();
        store.close();
        found
    }
}

/// Returns whether the process ended with success before the moment. Kills it then.
fn ends_within(mut child: std::process::Child, moment: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < moment {
        if let Some(ended) = child.try_wait().expect("a child") {
            assert!(ended.success(), "it failed by itself: {ended}");
            return true;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    child.kill().expect("it is ours");
    child.wait().expect("its end");
    false
}

fn kill_imports(kills: u32, files: u64, lines: u64) {
    let whole = Site::new(files, lines);
    let begun = Instant::now();
    assert!(ends_within(whole.import(), Duration::from_secs(300)));
    let at_once = begun.elapsed();
    let expected = whole.published();
    assert_eq!(expected.1, 0, "past days are open");
    assert!(expected.0.iter().any(|reading| reading.rows.len() > 10));

    let (mut chance, mut killed, mut imports) = (SeededRandom::seeded(2026), 0, 0);
    while killed < kills {
        let site = Site::new(files, lines);
        // A random moment, from the start to the publication of the last day.
        while !ends_within(site.import(), at_once * chance.below(1_000) as u32 / 1_000) {
            killed += 1;
        }
        let found = site.published();
        for (found, expected) in found.0.iter().zip(&expected.0) {
            assert_eq!(found, expected, "killed {killed} times, and the figures differ");
        }
        assert_eq!(found.0.len(), expected.0.len());
        assert_eq!(found.1, 0, "past days are open");
        imports += 1;
    }
    print_figures(&format!(
        "{imports} imports killed {killed} times, one without takes {} ms",
        at_once.as_millis()
    ));
}

#[test]
fn a_repeatedly_killed_import_counts_each_line_once() {
    if is_long_run() { kill_imports(200, 40, 2_000) } else { kill_imports(8, 10, 200) }
}
