//! Ranges are the sums of their days, independent of the spans that they are read from.

use analytics::{Dimension, DisclosureThresholds, PublishedDay, Table, apply_disclosure_control};
use calendar::Day;
use domain::statistics::{DateRange, close_days, range_cover};
use proptest::prelude::*;
use store::Audience;

use crate::statistics::website::{Node, Random, TODAY, Web, published_page, sorted};

const DECADE: i64 = 3_652;

/// Ten years with visits on about seventy scattered days, closed in random order.
async fn decade(seed: u64, thresholds: DisclosureThresholds) -> (Web, Vec<(Day, PublishedDay)>) {
    let mut web = Web::open().await;
    web.thresholds = thresholds;
    let mut random = Random::seeded(seed);
    let mut dates: Vec<Day> = (0..70).map(|_| TODAY - 1 - random.below(DECADE as u64) as i64).collect();
    // In addition, six consecutive weeks.
    dates.extend((0..45).map(|n| TODAY - 400 + n));
    dates.sort_unstable();
    dates.dedup();
    let mut node = Node::new(&web.site);
    let mut days = Vec::new();
    for date in &dates {
        node.open(web.db(), *date).await;
        let (people, pages) = (random.below(60), 1 + random.below(9));
        node.count_all(*date, &random.day(people, pages));
        days.push((*date, apply_disclosure_control(node.tally(*date), thresholds)));
    }
    node.seal(web.db(), true).await;
    let mut order = dates.clone();
    for n in (1..order.len()).rev() {
        order.swap(n, random.below(n as u64 + 1) as usize);
    }
    let closed = close_days(web.db(), &web.site, &order, thresholds, |_| {}).await.unwrap();
    assert_eq!(closed.days, dates.len() as u64);
    (web, days)
}

async fn assert_sums(web: &Web, days: &[(Day, PublishedDay)], from: Day, to: Day) -> u32 {
    let mut published = 0;
    for dimension in Dimension::ALL {
        for audience in Audience::ALL {
            let tables = days.iter().filter(|(date, _)| (from..=to).contains(date)).map(|(_, day)| {
                let tables = if audience == Audience::Own { &day.staff } else { &day.public };
                &tables[dimension as usize]
            });
            let expected = published_page(&Table::sum(dimension, tables));
            let found = web.published(audience, dimension, from, to).await;
            assert_eq!(sorted(found, dimension), expected, "{audience:?} {dimension:?} {from} to {to}");
            published = published.max(expected.days);
        }
    }
    published
}

fn cases() -> u32 {
    if std::env::var_os("SCRUPLE_LONG").is_some() { 20 } else { 2 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_range_of_ten_years_is_the_sum_of_its_days(seed: u64, own in 2..7_u64, times in 1..4_u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (web, days) = decade(seed, DisclosureThresholds::new(own, own * times).unwrap()).await;
            let all = assert_sums(&web, &days, TODAY - DECADE, TODAY).await;
            assert_eq!(all as usize, days.len());
            let mut random = Random::seeded(seed ^ 1);
            for _ in 0..6 {
                let from = TODAY - DECADE + random.below(DECADE as u64) as i64;
                let to = from + random.below((TODAY - from) as u64 + 1) as i64;
                assert_sums(&web, &days, from, to).await;
            }
            // The year, the months and the weeks of the consecutive days.
            let first = TODAY - 400;
            assert_sums(&web, &days, first.first_of_year(), first + 44).await;
            assert_sums(&web, &days, first + 3, first + 42).await;
        });
    }
}

#[test]
fn ten_years_need_at_most_44_rows_and_a_month_12() {
    let rows = |range: DateRange| -> usize {
        let runs = range_cover::cover(range.from, range.to);
        let of = |s: &range_cover::SpanRun| {
            let (mut n, mut at) = (1, s.first);
            while at < s.last {
                (n, at) = (n + 1, range_cover::next(s.span, at));
            }
            n
        };
        runs.iter().map(of).sum()
    };
    let worst =
        |days: i64| (0..400).map(|n| rows(DateRange { from: TODAY - n - days + 1, to: TODAY - n })).max();
    assert_eq!(worst(30), Some(12), "three weeks and nine days");
    // Nine years and ten months, and at both ends the weeks and days of a partial month.
    assert_eq!(worst(3_652), Some(44));
}
