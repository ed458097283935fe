//! A day of a site, copied at many moments: as long as it is open, data and keyring of one moment open what was counted.
//! After its close nothing of it opens, from no copy; what belongs to a day that goes on still does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use analytics::{Date, Dimension, Population, Tally};
use domain::statistics::{DayOpening, KeepOpen, OpenDay};
use store::Audience;

use super::super::kit::database_rows::DatabaseRows;
use super::super::kit::fake_clock::FakeClock;
use super::super::kit::process::Server;
use super::super::kit::web::{Seen, counts};
use super::super::kit::{Beside, Shop, long, on_postgres, show, until, wait};
use super::{copy, shop_of};

/// Whose day ends at midnight, and whose goes on then.
const ENDS: &str = "vendor";
const GOES_ON: &str = "island";

/// What was kept of a moment, and how many views were sealed by then at least.
struct Kept {
    folder: PathBuf,
    views: u64,
}

fn stopped(server: &Server, signal: &str) {
    let told = Command::new("kill").args([signal, &server.id().to_string()]).status().expect("kill");
    assert!(told.success());
}

/// What is sealed of a site's day, as far as it opens.
fn opens(beside: &Beside, site: &str, date: i32) -> Option<Tally> {
    let site = beside.site(site);
    let (tally, nodes) = beside.sealed(&site, date);
    (nodes > 0).then_some(tally)
}

fn views(beside: &Beside, site: &str, date: i32) -> u64 {
    opens(beside, site, date).map_or(0, |tally| tally.population(Population::Viewers).views())
}

/// More people come; then a backup is made, and all files are copied of a server that stands still in the midst of it.
fn moment(shop: &Shop, server: &Server, beside: &Beside, kept: &Path, (nth, date): (u32, i32)) -> Kept {
    let mut connection = server.connect();
    for person in 0..20 + nth {
        for site in [ENDS, GOES_ON] {
            Seen::page(person, &format!("/page-{}x", person % 3)).tell(
                &mut connection,
                site,
                u64::from(person),
            );
        }
    }
    let views = (0..=nth).map(|n| u64::from(20 + n)).sum();
    until("the seals", || {
        [ENDS, GOES_ON].iter().all(|site| self::views(beside, site, date) == views).then_some(())
    });
    let folder = kept.join(nth.to_string());
    fs::create_dir(&folder).expect("a folder");
    shop.says(&["backup", folder.join("backup").to_str().expect("UTF-8")], "");
    stopped(server, "-STOP");
    copy(&shop.data(), &folder.join("data"));
    copy(&shop.place(), &folder.join("place"));
    stopped(server, "-CONT");
    Kept { folder, views }
}

/// Every copy of a moment beside a keyring: the backup, restored, and the file as it was.
fn copies(shop: &Shop, kept: &Kept, place: &Path) -> Vec<(&'static str, Shop)> {
    let empty = wait(store::testing::fresh_url());
    let restored = shop_of(shop, None, place, empty);
    fs::create_dir(restored.data()).expect("a folder");
    Command::new("chmod").arg("700").arg(restored.data()).status().expect("chmod");
    restored.says(&["restore", kept.folder.join("backup").to_str().expect("UTF-8")], "");
    let mut all = vec![("backup", restored)];
    if !on_postgres() {
        all.push(("files", shop_of(shop, Some(&kept.folder.join("data")), place, String::new())));
    }
    all
}

/// Asks for the key by which visitors were told apart.
fn key_opens(beside: &Beside, site: &str, date: i32) -> bool {
    let site = beside.site(site);
    let open = OpenDay { site: &site, date: Date(date), until: KeepOpen::Over };
    matches!(wait(beside.db.execute(&open)).expect("the books"), DayOpening::Open(_))
}

/// The positive control: beside the keyring of its own time a copy gives all away that was sealed.
fn everything_opens(hands: &FakeClock, shop: &Shop, kept: &Kept, date: i32) {
    for (what, there) in copies(shop, kept, &kept.folder.join("place")) {
        let beside = hands.beside(&there);
        for site in [ENDS, GOES_ON] {
            assert_eq!(views(&beside, site, date), kept.views, "{what}: the test shows nothing");
            assert!(key_opens(&beside, site, date), "{what}: the test shows nothing");
        }
        beside.close();
        fs::remove_dir_all(there.folder()).expect("ours");
    }
}

/// Beside today's keyring the copy tells nothing of the day that ended, in whatever way it is asked.
fn nothing_opens(hands: &FakeClock, shop: &Shop, kept: &Kept, date: i32) {
    for (what, there) in copies(shop, kept, &shop.place()) {
        let beside = hands.beside(&there);
        let site = beside.site(ENDS);
        assert!(opens(&beside, ENDS, date).is_none(), "{what}: counts of a day that ended open");
        assert!(!key_opens(&beside, ENDS, date), "{what}: the key of a day that ended opens");
        let days = wait(async { beside.db.read().await?.visit_days(site.id, date, date).await });
        let day = days.expect("the books").pop().expect("the day");
        assert!(beside.db.keyring().is_forgotten(day.slot).expect("the keyring"));
        assert_eq!((day.closed, day.missing), (true, 86_400), "{what}: all of it is missing, and it says so");
        for dimension in Dimension::ALL {
            let reading = beside.published(&site, Audience::Own, dimension, (date, date));
            assert!(reading.rows.is_empty() && reading.total.views == 0, "{what}: {dimension:?}");
        }
        assert_eq!(views(&beside, GOES_ON, date), kept.views, "{what}: what goes on is lost");
        assert!(key_opens(&beside, GOES_ON, date), "{what}: what goes on is lost");
        beside.promises_are_kept();
        beside.close();
        fs::remove_dir_all(there.folder()).expect("ours");
    }
}

/// Whatever lies in a copy under the day's slot: there is no key for it any more, and nothing of the day lies elsewhere.
fn the_key_is_gone(beside: &Beside, kept: &Kept, date: i32) {
    let books = DatabaseRows::parse(&fs::read(kept.folder.join("backup")).expect("a backup"));
    let ends = beside.site(ENDS).id;
    let of_day = |row: &&super::super::kit::database_rows::Row| {
        row["site"].as_i64() == Some(ends) && row["date"].as_i64() == Some(i64::from(date))
    };
    let mut looked = 0;
    for table in ["visit_day", "visit_tally"] {
        for row in books.rows(table).iter().filter(of_day) {
            let slot = keyring::Slot(row["slot"].as_u64().expect("a slot"));
            assert!(beside.db.keyring().is_forgotten(slot).expect("the keyring"), "{table}");
            looked += 1;
        }
    }
    assert!(looked >= 2, "the copy holds nothing of the day: the test shows nothing");
    for table in ["figures", "dictionary"] {
        assert_eq!(books.count(table), 0, "{table} speaks of a day before it was closed");
    }
}

#[test]
fn a_closed_day_cannot_be_decrypted_from_any_earlier_copy() {
    let Some((shop, hands)) = FakeClock::of(Shop::empty()) else { return };
    for (site, zone) in [(ENDS, "UTC"), (GOES_ON, "Pacific/Honolulu")] {
        shop.says(&["site", "add", "--id", site, "--host", "vendor.example", "--time-zone", zone], "");
    }
    let (kept, date) = (tempfile::tempdir().expect("a folder"), hands.today());
    let mut server = shop.serve();
    [ENDS, GOES_ON].iter().for_each(|site| counts(&server, site));
    let beside = hands.beside(&shop);
    let mut moments = Vec::new();
    for nth in 0..if long() { 24 } else { 3 } {
        moments.push(moment(&shop, &server, &beside, kept.path(), (nth, date)));
        everything_opens(&hands, &shop, &moments[moments.len() - 1], date);
        if nth % 2 == 0 {
            // Another process takes the same day up.
            assert!(server.stop().success());
            server = shop.serve();
        }
    }
    assert!(server.stop().success());
    hands.midnight();
    server = shop.serve();
    let site = beside.site(ENDS);
    until("the close", || {
        let days = wait(async { beside.db.read().await?.visit_days(site.id, date, date).await });
        let day = days.expect("the books").pop().expect("the day");
        (day.closed && beside.db.keyring().is_forgotten(day.slot).expect("the keyring")).then_some(())
    });
    let published = beside.published(&site, Audience::Own, Dimension::Page, (date, date));
    let all: u64 = moments.last().expect("moments").views;
    assert_eq!(published.total.views, all - all % 5, "and all of it is published");
    for kept in &moments {
        nothing_opens(&hands, &shop, kept, date);
        the_key_is_gone(&beside, kept, date);
    }
    the_limit_is_as_stated(&hands, &shop, &moments[0], date);
    beside.close();
    assert!(server.stop().success());
    show(&format!("{} moments of a day: each opened while it was open, none after its close", moments.len()));
}

/// Whoever copied the keyring too, while the day was open, has the day: what is stated to be the limit is no more and no less.
fn the_limit_is_as_stated(hands: &FakeClock, shop: &Shop, kept: &Kept, date: i32) {
    everything_opens(hands, shop, kept, date);
}
