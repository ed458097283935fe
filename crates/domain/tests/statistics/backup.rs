//! Data from a backup with today's keyring: the time machine.

use analytics::{Date, Dimension, Tally};
use domain::statistics::{ClosedDays, DayOpening, KeepOpen, OpenDay, close_due};
use store::{Audience, Db, Error, Operation, Tx};

use crate::website::{Act, Node, TODAY, Web, read};

const TOMORROW: Date = Date(TODAY.0 + 1);

/// Second of the day at which backups are made here.
const BACKED_UP: i64 = 43_200;

/// A start that was stopped before it had noted that it was done.
struct Unreconciled;

impl Operation for Unreconciled {
    const NAME: &'static str = "a test's";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_fact(store::RESTORED, "yes").await
    }
}

/// Seconds that today, closed, says may be missing.
async fn missing(db: &Db, web: &Web) -> i64 {
    let range = domain::statistics::DateRange { from: TODAY, to: TODAY };
    let aside =
        domain::statistics::read_exclusions(&mut db.read().await.unwrap(), web.site.id, range).await.unwrap();
    i64::try_from(aside.missing).unwrap()
}

/// Values of the open days' state that open, and that don't because their slot was forgotten.
async fn state(db: &Db) -> (u64, u64) {
    let mut tx = db.read().await.unwrap();
    let values = tx.examine_sealed(|_| true).await.unwrap();
    let ours = values.iter().filter(|v| v.column.table.starts_with("visit_"));
    ours.fold((0, 0), |(open, forgotten), v| {
        assert_eq!(v.broken, 0);
        (open + v.open, forgotten + v.forgotten)
    })
}

async fn counted() -> Web {
    let web = Web::open().await;
    let mut node = Node::new(&web.site);
    node.open(web.db(), TODAY).await;
    node.acts(TODAY, &(0..9).map(|person| Act::view(person, 1)).collect::<Vec<_>>());
    node.seal(web.db(), true).await;
    web
}

#[tokio::test]
async fn the_state_of_a_closed_day_opens_from_no_backup_and_that_of_an_open_one_does() {
    let web = counted().await;
    let backup = web.backup().await;
    // The control: as long as the day is open, the same bytes open.
    let db = web.restored(&backup, "before").await;
    assert_eq!(state(&db).await, (2, 0));
    let tallies = db.read().await.unwrap().tallies(web.site.id, TODAY.0).await.unwrap();
    assert!(Tally::from_bytes(&tallies[0].2[8..]).unwrap().cell(Dimension::Page, "/page-1").is_some());
    web.set(TOMORROW, 7_200);
    assert_eq!(web.close().await.days, 1);
    let db = web.restored(&backup, "after").await;
    assert_eq!(state(&db).await, (0, 2));
    assert!(db.read().await.unwrap().tallies(web.site.id, TODAY.0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_start_on_a_backup_closes_the_days_that_were_closed_since_and_says_that_they_are_missing() {
    let web = counted().await;
    let backup = web.backup().await;
    web.set(TOMORROW, 7_200);
    assert_eq!(web.close().await.days, 1);
    let db = web.restored(&backup, "after").await;
    domain::startup::prepare_store(&db).await.unwrap();
    let range = domain::statistics::DateRange { from: TODAY, to: TODAY };
    let aside =
        domain::statistics::read_exclusions(&mut db.read().await.unwrap(), web.site.id, range).await.unwrap();
    assert_eq!((aside.days, aside.missing), (1, 86_400));
    let found = read(&db, &web.site, Audience::Own, Dimension::Page, TODAY, TODAY).await;
    assert_eq!((found.total.views, found.days), (0, 0));
    assert_eq!(close_due(&db, web.thresholds).await.unwrap(), ClosedDays::default());
    let open = OpenDay { site: &web.site, date: TODAY, until: KeepOpen::Over };
    assert!(matches!(db.execute(&open).await.unwrap(), DayOpening::Closed));
}

#[tokio::test]
async fn a_backup_of_the_same_day_goes_on_counting() {
    let web = counted().await;
    let backup = web.backup().await;
    // What came in the meantime was counted by nobody who is still there.
    web.set(TODAY, BACKED_UP + 5 * 3_600 + 1);
    let db = web.restored(&backup, "again").await;
    domain::startup::prepare_store(&db).await.unwrap();
    let mut node = Node::new(&web.site);
    node.open(&db, TODAY).await;
    node.acts(TODAY, &(0..12).map(|person| Act::view(person, 1)).collect::<Vec<_>>());
    node.seal(&db, true).await;
    web.set(TOMORROW, 7_200);
    assert_eq!(close_due(&db, web.thresholds).await.unwrap().days, 1);
    let found = read(&db, &web.site, Audience::Own, Dimension::Page, TODAY, TODAY).await;
    assert_eq!((found.total.views, found.total.visitors), (20, 10), "21 views by 12 people");
    assert_eq!(missing(&db, &web).await, 6 * 3_600, "in whole hours: nobody learns when the last visit was");
}

#[tokio::test]
async fn a_backup_of_before_the_first_seal_misses_its_whole_day_and_a_later_one_what_came_after_it() {
    // Of a node that was counting a crash's few seconds are missing as well.
    for (seals, lost) in [(false, 86_400), (true, 86_400 - BACKED_UP + 5)] {
        let web = Web::open().await;
        let mut node = Node::new(&web.site);
        node.open(web.db(), TODAY).await;
        if seals {
            node.seal(web.db(), false).await;
        }
        let db = web.restored(&web.backup().await, "later").await;
        web.set(TOMORROW, 60);
        for _ in 0..2 {
            db.execute(&Unreconciled).await.unwrap();
            domain::startup::prepare_store(&db).await.unwrap();
        }
        web.set(TOMORROW, 7_200);
        assert_eq!(close_due(&db, web.thresholds).await.unwrap().days, 1);
        assert_eq!(missing(&db, &web).await, lost);
    }
}

#[tokio::test]
async fn a_close_that_stopped_before_the_keyring_is_rolled_forward_at_the_next_start() {
    let web = counted().await;
    let backup = web.backup().await;
    web.set(TOMORROW, 7_200);
    let close = domain::statistics::CloseDay {
        site: &web.site,
        date: TODAY,
        thresholds: web.thresholds,
        trigger: domain::statistics::CloseTrigger::Due,
    };
    web.does(&close).await;
    let db = web.restored(&backup, "between").await;
    assert_eq!(state(&db).await, (2, 0), "nothing is forgotten yet");
    let db = web.scratch.again().await;
    let started = domain::startup::prepare_store(&db).await.unwrap();
    assert_eq!((started.rolled.slots, started.erased_again), (1, None));
    let db = web.restored(&backup, "after").await;
    assert_eq!(state(&db).await, (0, 2));
}
