//! The cost of the statistics of ten years, compared with those of a month: `cargo bench -p scruple --bench
//! statistics`.
//!
//! `SCRUPLE_TEST_DATABASE` names a PostgreSQL; without it the engine is SQLite. `SCRUPLE_BENCH_PAGES` sets how many
//! pages the site has (default 2000), every one of which is published on every day.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures")]

use std::time::{Duration, Instant};

use analytics::Dimension;
use calendar::Day;
use domain::statistics::{FiguresQuery, SeriesQuery, Step, read_figures, read_series};
use store::testing::Scratch;
use store::{Audience, Db, Engine, Site};
use web::statistics::{Dashboard, Period};

#[path = "../../web/tests/web/sample_figures.rs"]
mod sample_figures;

use sample_figures::{SampleSite, fill, site};

/// Each figure is the median of this number of runs, after a warm-up run.
const TIMES: usize = 21;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let scratch = Scratch::new().await;
    let db = &scratch.db;
    let pages = std::env::var("SCRUPLE_BENCH_PAGES").map_or(2_000, |pages| pages.parse().unwrap());
    let day = |text: &str| text.parse::<Day>().unwrap();
    let (first, last) = (day("2016-11-22"), day("2026-11-21"));
    // Enough views for ten people on the least visited page, even on the quietest day.
    let sample = SampleSite { pages, views: pages as u64 * 800 };
    let (empty, begun) = (size(&scratch).await, Instant::now());
    let vendor = site(db, "vendor", false).await;
    fill(db, &vendor, sample, first, last).await;
    println!(
        "{:?}: {pages} pages over {} days, filled in {:.0?}",
        db.engine(),
        last - first + 1,
        begun.elapsed()
    );
    let bytes = size(&scratch).await - empty;
    println!(
        "database: {:.0} MB, {:.1} kB a day",
        bytes as f64 / 1e6,
        bytes as f64 / 1e3 / (last - first + 1) as f64
    );

    let ten_years = Period::new(first, last).unwrap();
    let month = Period::days_to(last, 30);
    println!("{:<44} {:>10} {:>10} {:>6}", "median of 21", "10 years", "30 days", "ratio");
    for (name, dimension, most) in [
        ("pages: the first 8 of all", Dimension::Page, 8),
        ("pages: all rows, as CSV has them", Dimension::Page, usize::MAX),
        ("entry pages: the first 8", Dimension::Entry, 8),
        ("countries: all", Dimension::Country, usize::MAX),
    ] {
        let both = [ten_years, month].map(|period| table(db, &vendor, dimension, period, most));
        let [long, short] = both;
        print_ratio(name, long.await, short.await);
    }
    print_ratio(
        "series of days",
        days(db, &vendor, ten_years, Step::Day).await,
        days(db, &vendor, month, Step::Day).await,
    );
    let step = Step::fitting(ten_years.range());
    print_ratio(
        "series as the chart has it",
        days(db, &vendor, ten_years, step).await,
        days(db, &vendor, month, Step::Day).await,
    );
    print_ratio(
        "the whole page, 16 queries",
        page(db, &vendor, ten_years, None).await,
        page(db, &vendor, month, None).await,
    );
    let five = Period::new(day("2021-11-22"), last).unwrap();
    let compared = page(db, &vendor, five, five.before()).await;
    let short = page(db, &vendor, month, month.before()).await;
    print_ratio("the same, 5 years compared with those before", compared, short);
}

fn print_ratio(name: &str, long: Duration, short: Duration) {
    let ratio = long.as_secs_f64() / short.as_secs_f64();
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    println!("{name:<44} {:>10} {:>10} {ratio:>6.1}", ms(long), ms(short));
}

macro_rules! median {
    ($work:expr) => {{
        let mut times = Vec::with_capacity(TIMES + 1);
        for _ in 0..=TIMES {
            let begun = Instant::now();
            $work;
            times.push(begun.elapsed());
        }
        times.remove(0);
        times.sort_unstable();
        times[TIMES / 2]
    }};
}

async fn table(db: &Db, site: &Site, dimension: Dimension, period: Period, most: usize) -> Duration {
    let (site, audience, range) = (site.id, Audience::Own, period.range());
    let read = FiguresQuery { site, audience, dimension, range, skip: 0, limit: most };
    median!({
        let read = read_figures(&mut db.read().await.unwrap(), &read).await.unwrap();
        assert!(read.days > 0 && !read.rows.is_empty());
    })
}

async fn days(db: &Db, site: &Site, period: Period, step: Step) -> Duration {
    let (site, audience, range, dimension) = (site.id, Audience::Own, period.range(), Dimension::Page);
    let read = SeriesQuery { site, audience, dimension, range, step };
    median!({
        let points = read_series(&mut db.read().await.unwrap(), &read).await.unwrap().unwrap();
        assert!(points.iter().all(|point| point.days > 0));
    })
}

async fn page(db: &Db, site: &Site, period: Period, before: Option<Period>) -> Duration {
    median!({
        let mut tx = db.read().await.unwrap();
        let read = Dashboard::read(&mut tx, site, Audience::Own, period, before).await.unwrap();
        assert!(read.site().days > 0);
    })
}

/// Bytes of the database.
async fn size(scratch: &Scratch) -> i64 {
    let sql = match scratch.db.engine() {
        Engine::Sqlite => "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        Engine::Postgres => {
            "SELECT CAST(sum(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'"
        }
    };
    scratch.numbers(sql).await[0]
}
