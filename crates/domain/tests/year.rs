//! A shop's year, played from its file in order and shuffled.

mod kit;
#[path = "year/mod.rs"]
mod year;

use kit::Shop;
use year::line::{Act, Line, read};
use year::making::{Chance, year as make};
use year::model::Model;

const NOTICES: &str = include_str!("year/notices.txt");
const STATE: &str = include_str!("year/state.txt");

const HEAD: &str = "\
# A shop's year: what arrives, in the order of arrival. Made by making.rs; written anew with SCRUPLE_WRITE_YEAR=1.
# Each line is a day, counted from the first day of the year, and
#   erase ADDRESS                the person of that address agrees to be erased, and is, before the next line
#   KIND name=value ...          a notice of the provider, by its IPN_TYPE_ID; line.rs makes its signed body
# Days in it (placed, until, finish) count from the same first day; what isn't there is left out of the notice.
# To play it against a running server, whose clock is the real one, let the first day be a year ago. The shop knows
# the products of kit/shelf.rs (101 to 105, not 199). It ends in state.txt, whose lines kit/state.rs explains.
";

/// Plays lines; days count from a year before the kit's today.
async fn play(shop: &Shop, lines: &[Line], first: i64) {
    for line in lines {
        shop.set_day(first + line.day);
        match &line.act {
            Act::Notice(notice) => drop(shop.take(&notice.draft(&shop.provider, first)).await),
            Act::Erase(address) => drop(shop.erase(address).await),
        }
    }
    shop.roll().await;
}

fn rows(text: &str) -> Vec<String> {
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn the_file_is_what_its_maker_makes_and_the_state_what_the_model_says() {
    let lines = make(2026, 130);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let state = Model::after(&lines).join("\n");
    if std::env::var_os("SCRUPLE_WRITE_YEAR").is_some() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/year");
        std::fs::write(folder.join("notices.txt"), format!("{HEAD}{text}")).unwrap();
        std::fs::write(folder.join("state.txt"), format!("# Where notices.txt ends.\n{state}\n")).unwrap();
        return;
    }
    assert_eq!(read(NOTICES), lines);
    assert_eq!(rows(STATE).join("\n"), state);
    let notices = lines.iter().filter(|l| matches!(l.act, Act::Notice(_))).count();
    assert!(notices >= 300, "{notices} notices");
    for kind in paypro::Kind::ALL {
        let there = |l: &Line| matches!(&l.act, Act::Notice(n) if n.kind == kind.id());
        assert!(lines.iter().any(there), "no {kind}");
    }
}

#[tokio::test]
async fn a_year_in_the_order_of_arrival_ends_as_stated() {
    let shop = Shop::open().await;
    let first = shop.today() - 365;
    play(&shop, &read(NOTICES), first).await;
    assert_eq!(shop.state(first).await.join("\n"), rows(STATE).join("\n"));
    shop.sound().await;
}

/// Without what the order of arrival decides: rest against taking up again, dispute against its end, erasures.
fn decided(lines: &[Line]) -> Vec<Line> {
    let free = |l: &&Line| matches!(&l.act, Act::Notice(n) if !matches!(n.kind, 8 | 9 | 14));
    lines.iter().filter(free).cloned().collect()
}

#[tokio::test]
async fn a_shuffled_year_ends_the_same() {
    let lines = decided(&read(NOTICES));
    let expected = Model::after(&lines);
    for seed in 1..=4 {
        let mut shuffled = lines.clone();
        Chance::new(seed).shuffle(&mut shuffled);
        // Everything arrives within some days: only the order is another.
        shuffled.iter_mut().for_each(|line| line.day = 366);
        let shop = Shop::open().await;
        let first = shop.today() - 365;
        play(&shop, &shuffled, first).await;
        assert_eq!(shop.state(first).await.join("\n"), expected.join("\n"), "seed {seed}");
    }
}

#[test]
fn the_model_itself_ends_the_same_however_it_is_shuffled() {
    let lines = decided(&read(NOTICES));
    let expected = Model::after(&lines);
    for seed in 1..=200 {
        let mut shuffled = lines.clone();
        Chance::new(seed).shuffle(&mut shuffled);
        shuffled.iter_mut().for_each(|line| line.day = 366);
        assert_eq!(Model::after(&shuffled).join("\n"), expected.join("\n"), "seed {seed}");
    }
}
