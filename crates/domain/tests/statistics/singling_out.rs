//! The attacker who has everything that is published: what one visitor more or less changes in it, over days, weeks,
//! months and years, for both audiences, as it lies in the database.

use std::collections::BTreeMap;

use analytics::{ArchivedTable, Date, Dimension, Figures, Tally};
use domain::statistics::close_days;
use store::{Audience, Site, Span};

use crate::website::{Act, Dice, Node, TODAY, Web, add_site};

const PEOPLE: u32 = 14;

/// Three days of two months, of which two lie in one week.
fn dates() -> [Date; 3] {
    let first = Date::parse("2026-09-29").unwrap();
    [first, Date(first.0 + 1), Date(first.0 + 2)]
}

/// A published table: audience, dimension, span and first day.
type Key = (&'static str, &'static str, &'static str, i32);

/// A word of a table; false for the total.
type Word = (bool, String);

/// Everything that is published of a site.
type Everything = BTreeMap<Key, BTreeMap<Word, Figures>>;

async fn everything(web: &Web, site: &Site) -> Everything {
    let mut all = BTreeMap::new();
    let mut tx = web.db().read().await.unwrap();
    for audience in Audience::ALL {
        for dimension in Dimension::ALL {
            for row in tx
                .figures_of(site.id, audience, dimension, &Span::ALL.map(|s| (s, 0..=i32::MAX)))
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

/// Counts the acts for a site, without one person, and closes the days: what is published, and what was counted.
async fn published(
    web: &Web,
    name: &str,
    acts: &[Vec<Act>; 3],
    without: Option<u32>,
) -> (Everything, Vec<Tally>) {
    let site = add_site(web.db(), name, "UTC").await;
    let mut node = Node::new(&site);
    for (date, acts) in dates().into_iter().zip(acts) {
        node.open(web.db(), date).await;
        let there: Vec<Act> = acts.iter().filter(|act| Some(act.person) != without).copied().collect();
        node.acts(date, &there);
    }
    node.seal(web.db(), true).await;
    close_days(web.db(), &site, &dates(), web.thresholds, |_| {}).await.unwrap();
    let tallies = dates().map(|date| node.tally(date).clone()).to_vec();
    (everything(web, &site).await, tallies)
}

/// People and views of a set, exactly.
fn exactly(tally: &Tally, dimension: Dimension, (is_word, word): &Word) -> Figures {
    let cell =
        if *is_word { tally.cell(dimension, word) } else { Some(tally.population(dimension.population())) };
    cell.map_or(Figures::default(), |cell| Figures { views: cell.views(), visitors: cell.visitors() })
}

/// What may be told of a set.
fn told(exact: Figures, k: u64) -> Figures {
    if exact.visitors < k {
        return Figures::default();
    }
    Figures { views: exact.views / k * k, visitors: exact.visitors / k * k }
}

fn changed(before: &Everything, after: &Everything) -> Vec<(Key, Word)> {
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
async fn one_visitor_more_or_less_changes_nothing_but_where_a_set_of_k_people_steps_over_a_multiple() {
    let web = Web::open().await;
    let mut dice = Dice::seeded(7);
    let acts = [0; 3].map(|_| dice.day(u64::from(PEOPLE), 4));
    let (with, counted) = published(&web, "all", &acts, None).await;
    let mut stepped = 0;
    for person in 0..PEOPLE {
        let (without, lesser) = published(&web, &format!("without-{person}"), &acts, Some(person)).await;
        assert_eq!(
            with.keys().collect::<Vec<_>>(),
            without.keys().collect::<Vec<_>>(),
            "the same tables are there"
        );
        for ((audience, dimension, span, start), name) in changed(&with, &without) {
            let k = if audience == "own" { web.thresholds.staff() } else { web.thresholds.public() };
            let of = Dimension::from_name(dimension).unwrap();
            // A longer span changes by what its days change by, so only days need a reason.
            let days = dates().into_iter().enumerate().filter(|(_, date)| match span {
                "day" => date.0 == start,
                "week" => date.monday().0 == start,
                "month" => date.month().0 == start,
                _ => date.year().0 == start,
            });
            let (mut before, mut after) = (Figures::default(), Figures::default());
            for (n, _) in days {
                let pair = (exactly(&counted[n], of, &name), exactly(&lesser[n], of, &name));
                for (sum, exact) in [(&mut before, pair.0), (&mut after, pair.1)] {
                    let told = told(exact, k);
                    sum.views += told.views;
                    sum.visitors += told.visitors;
                }
                if told(pair.0, k) != told(pair.1, k) {
                    assert!(pair.0.visitors >= k, "{} people decide {dimension} {name:?}", pair.0.visitors);
                    assert!(pair.0.visitors == pair.1.visitors + 1, "one who is not in it changes it");
                    stepped += 1;
                }
            }
            let table = (audience, dimension, span, start);
            let shown = |all: &Everything| all[&table].get(&name).copied().unwrap_or_default();
            assert_eq!((shown(&with), shown(&without)), (before, after), "{table:?} {name:?}");
        }
    }
    assert!(stepped > 0, "nobody ever changed anything: nothing was looked at");
}

#[tokio::test]
async fn the_public_sees_of_each_span_what_can_be_computed_from_what_staff_see_of_its_days() {
    let web = Web::open().await;
    let mut dice = Dice::seeded(3);
    let acts = [0; 3].map(|_| dice.day(40, 6));
    let (all, _) = published(&web, "all", &acts, None).await;
    let public = web.thresholds.public();
    let mut rows = 0;
    for ((audience, dimension, span, start), shown) in &all {
        if *audience != "public" {
            continue;
        }
        let mut computed: BTreeMap<Word, Figures> = BTreeMap::new();
        for date in dates() {
            let within = match *span {
                "day" => date.0 == *start,
                "week" => date.monday().0 == *start,
                "month" => date.month().0 == *start,
                _ => date.year().0 == *start,
            };
            let own = all.get(&("own", *dimension, "day", date.0)).filter(|_| within);
            for (name, figures) in own.into_iter().flatten() {
                let coarser = told(*figures, public);
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
async fn who_comes_alone_to_a_page_every_day_is_in_nothing_ever() {
    let web = Web::open().await;
    for n in 0..9 {
        let mut acts: Vec<Act> = (0..20).map(|person| Act::view(person, 1)).collect();
        acts.push(Act::view(3, 2));
        acts.extend((0..4).map(|person| Act::view(person + n * 4, 3)));
        web.day(Date(TODAY.0 - 8 + n as i32), &acts).await;
    }
    let words = everything(&web, &web.site).await;
    let pages = words.values().flat_map(BTreeMap::keys).filter(|(_, word)| word.starts_with("/page-"));
    assert!(pages.clone().count() > 0);
    assert!(pages.into_iter().all(|(_, word)| word == "/page-1"));
    let kept = web.scratch.numbers("SELECT COUNT(*) FROM dictionary WHERE text LIKE '/page-%'").await;
    assert_eq!(kept, [1], "a word that is not published has no number either");
}
