//! An attacker with all published tables. The tests show what one more visitor changes in them: over days, weeks,
//! months and years, for both audiences, as the database stores it.

use std::collections::BTreeMap;

use analytics::{ArchivedTable, Dimension, Figures, Tally};
use calendar::Day;
use domain::statistics::close_days;
use store::{Audience, Site, Span};

use crate::statistics::website::{Action, Node, Random, TODAY, Web, add_site};

const PEOPLE: u32 = 14;

/// Three consecutive days across the end of a month.
fn dates() -> [Day; 3] {
    let first = "2026-09-29".parse::<Day>().unwrap();
    [first, first + 1, first + 2]
}

/// A published table: audience, dimension, span and first day.
type Key = (&'static str, &'static str, &'static str, Day);

/// A row of a table: `(true, word)`, or false for the total.
type Word = (bool, String);

/// All published tables of a site.
type PublishedTables = BTreeMap<Key, BTreeMap<Word, Figures>>;

async fn read_tables(web: &Web, site: &Site) -> PublishedTables {
    let mut all = BTreeMap::new();
    let mut tx = web.db().read().await.unwrap();
    for audience in Audience::ALL {
        for dimension in Dimension::ALL {
            for row in tx
                .figures_of(site.id, audience, dimension, &Span::ALL.map(|s| (s, Day::MIN..=Day::MAX)))
                .await
                .unwrap()
            {
                let ArchivedTable { total, rows, .. } = row.archived().unwrap();
                assert_eq!(total, row.total);
                let words = tx
                    .dictionary_words(site.id, &rows.iter().map(|(word, _)| *word).collect::<Vec<_>>())
                    .await
                    .unwrap();
                let rows = rows.into_iter().map(|(word, figures)| ((true, words[&word].clone()), figures));
                let all_of_it = [((false, String::new()), total)];
                let key = (audience.as_str(), dimension.name(), row.span.as_str(), row.start);
                all.insert(key, rows.chain(all_of_it).filter(|(_, f)| *f != Figures::default()).collect());
            }
        }
    }
    all
}

/// Counts the actions for a site without one person and closes the days. Returns the published tables and the tallies.
async fn published(
    web: &Web,
    name: &str,
    actions: &[Vec<Action>; 3],
    without: Option<u32>,
) -> (PublishedTables, Vec<Tally>) {
    let site = add_site(web.db(), name, "UTC").await;
    let mut node = Node::new(&site);
    for (date, actions) in dates().into_iter().zip(actions) {
        node.open(web.db(), date).await;
        let there: Vec<Action> =
            actions.iter().filter(|action| Some(action.person) != without).copied().collect();
        node.count_all(date, &there);
    }
    node.seal(web.db(), true).await;
    close_days(web.db(), &site, &dates(), web.thresholds, |_| {}).await.unwrap();
    let tallies = dates().map(|date| node.tally(date).clone()).to_vec();
    (read_tables(web, &site).await, tallies)
}

/// The exact numbers of visitors and views of a row.
fn exact_figures(tally: &Tally, dimension: Dimension, (is_word, word): &Word) -> Figures {
    let cell =
        if *is_word { tally.cell(dimension, word) } else { Some(tally.population(dimension.population())) };
    cell.map_or(Figures::default(), |cell| Figures { views: cell.views(), visitors: cell.visitors() })
}

/// The figures of a row after suppression and rounding.
fn disclosed(exact: Figures, k: u64) -> Figures {
    if exact.visitors < k {
        return Figures::default();
    }
    Figures { views: exact.views / k * k, visitors: exact.visitors / k * k }
}

fn changed(before: &PublishedTables, after: &PublishedTables) -> Vec<(Key, Word)> {
    let mut changed = Vec::new();
    for (table, rows) in before {
        let others = &after[table];
        for name in rows.keys().chain(others.keys().filter(|name| !rows.contains_key(*name))) {
            if rows.get(name) != others.get(name) {
                changed.push((*table, name.clone()));
            }
        }
    }
    changed
}

#[tokio::test]
async fn one_more_visitor_changes_only_rows_of_at_least_k_people_that_cross_a_multiple_of_k() {
    let web = Web::open().await;
    let mut random = Random::seeded(7);
    let actions = [0; 3].map(|_| random.day(u64::from(PEOPLE), 4));
    let (with, counted) = published(&web, "all", &actions, None).await;
    let mut changes = 0;
    for person in 0..PEOPLE {
        let (without, lesser) = published(&web, &format!("without-{person}"), &actions, Some(person)).await;
        assert_eq!(
            with.keys().collect::<Vec<_>>(),
            without.keys().collect::<Vec<_>>(),
            "the same tables are there"
        );
        for ((audience, dimension, span, start), name) in changed(&with, &without) {
            let k = if audience == "own" { web.thresholds.staff() } else { web.thresholds.public() };
            let of = Dimension::from_name(dimension).unwrap();
            // A longer span changes by the changes of its days, so only days need an explanation.
            let days = dates().into_iter().enumerate().filter(|(_, date)| match span {
                "day" => *date == start,
                "week" => date.monday() == start,
                "month" => date.first_of_month() == start,
                _ => date.first_of_year() == start,
            });
            let (mut before, mut after) = (Figures::default(), Figures::default());
            for (n, _) in days {
                let pair = (exact_figures(&counted[n], of, &name), exact_figures(&lesser[n], of, &name));
                for (sum, exact) in [(&mut before, pair.0), (&mut after, pair.1)] {
                    let disclosed = disclosed(exact, k);
                    sum.views += disclosed.views;
                    sum.visitors += disclosed.visitors;
                }
                if disclosed(pair.0, k) != disclosed(pair.1, k) {
                    assert!(pair.0.visitors >= k, "{} people decide {dimension} {name:?}", pair.0.visitors);
                    assert!(
                        pair.0.visitors == pair.1.visitors + 1,
                        "a visitor outside of the row changes it"
                    );
                    changes += 1;
                }
            }
            let table = (audience, dimension, span, start);
            let shown = |all: &PublishedTables| all[&table].get(&name).copied().unwrap_or_default();
            assert_eq!((shown(&with), shown(&without)), (before, after), "{table:?} {name:?}");
        }
    }
    assert!(changes > 0, "no visitor changed a row: the test compares nothing");
}

#[tokio::test]
async fn public_figures_of_each_span_follow_from_the_staffs_figures_of_its_days() {
    let web = Web::open().await;
    let mut random = Random::seeded(3);
    let actions = [0; 3].map(|_| random.day(40, 6));
    let (all, _) = published(&web, "all", &actions, None).await;
    let public = web.thresholds.public();
    let mut rows = 0;
    for ((audience, dimension, span, start), shown) in &all {
        if *audience != "public" {
            continue;
        }
        let mut computed: BTreeMap<Word, Figures> = BTreeMap::new();
        for date in dates() {
            let within = match *span {
                "day" => date == *start,
                "week" => date.monday() == *start,
                "month" => date.first_of_month() == *start,
                _ => date.first_of_year() == *start,
            };
            let own = all.get(&("own", *dimension, "day", date)).filter(|_| within);
            for (name, figures) in own.into_iter().flatten() {
                let coarser = disclosed(*figures, public);
                let sum = computed.entry(name.clone()).or_default();
                sum.views += coarser.views;
                sum.visitors += coarser.visitors;
            }
        }
        computed.retain(|_, figures| *figures != Figures::default());
        assert_eq!(shown, &computed, "{dimension} {span} {start}");
        rows += computed.len();
    }
    assert!(rows > 50, "{rows}");
}

#[tokio::test]
async fn a_visitor_alone_on_a_page_every_day_is_in_no_table() {
    let web = Web::open().await;
    for n in 0..9 {
        let mut actions: Vec<Action> = (0..20).map(|person| Action::view(person, 1)).collect();
        actions.push(Action::view(3, 2));
        actions.extend((0..4).map(|person| Action::view(person + n * 4, 3)));
        web.day(TODAY - 8 + n as i64, &actions).await;
    }
    let words = read_tables(&web, &web.site).await;
    let pages = words.values().flat_map(BTreeMap::keys).filter(|(_, word)| word.starts_with("/page-"));
    assert!(pages.clone().count() > 0);
    assert!(pages.into_iter().all(|(_, word)| word == "/page-1"));
    let kept = web.scratch.numbers("SELECT COUNT(*) FROM dictionary WHERE text LIKE '/page-%'").await;
    assert_eq!(kept, [1], "an unpublished word is in the dictionary");
}
