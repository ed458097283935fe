//! Data from a backup with the current keyring.

use analytics::{Dimension, Tally};
use calendar::Day;
use domain::statistics::{ClosedDays, DayOpening, KeepOpen, OpenDay, close_due};
use store::{Audience, Db, Error, Operation, Tx};

use crate::statistics::website::{Action, Node, TODAY, Web, read};

const TOMORROW: Day = Day::from_unix_days(TODAY.to_unix_days() + 1);

/// The second of the day at which these tests make backups.
const BACKED_UP: i64 = 43_200;

/// Marks the data as restored, as if a start was interrupted before it removed the mark.
struct Unreconciled;

impl Operation for Unreconciled {
    const NAME: &'static str = "mark as restored, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_fact(store::RESTORED, "yes").await
    }
}

/// The missing seconds that the closed day reports.
async fn missing(db: &Db, web: &Web) -> i64 {
    let range = domain::statistics::DateRange { from: TODAY, to: TODAY };
    let exclusions =
        domain::statistics::read_exclusions(&mut db.read().await.unwrap(), web.site.id, range).await.unwrap();
    i64::try_from(exclusions.missing).unwrap()
}

/// The number of sealed values of days that open, and of those whose slot is forgotten.
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
    node.count_all(TODAY, &(0..9).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    node.seal(web.db(), true).await;
    web
}

#[tokio::test]
async fn a_backup_opens_the_state_of_an_open_day_but_not_of_a_closed_one() {
    let web = counted().await;
    let backup = web.backup().await;
    // The control: while the day is open, the same bytes open.
    let db = web.restored(&backup, "before").await;
    assert_eq!(state(&db).await, (2, 0));
    let tallies = db.read().await.unwrap().tallies(web.site.id, TODAY).await.unwrap();
    assert!(Tally::from_bytes(&tallies[0].state[8..]).unwrap().cell(Dimension::Page, "/page-1").is_some());
    web.set(TOMORROW, 7_200);
    assert_eq!(web.close().await.days, 1);
    let db = web.restored(&backup, "after").await;
    assert_eq!(state(&db).await, (0, 2));
    assert!(db.read().await.unwrap().tallies(web.site.id, TODAY).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_start_on_a_backup_closes_days_closed_since_and_reports_them_as_missing() {
    let web = counted().await;
    let backup = web.backup().await;
    web.set(TOMORROW, 7_200);
    assert_eq!(web.close().await.days, 1);
    let db = web.restored(&backup, "after").await;
    domain::startup::prepare_store(&db).await.unwrap();
    let range = domain::statistics::DateRange { from: TODAY, to: TODAY };
    let exclusions =
        domain::statistics::read_exclusions(&mut db.read().await.unwrap(), web.site.id, range).await.unwrap();
    assert_eq!((exclusions.days, exclusions.missing), (1, 86_400));
    let found = read(&db, &web.site, Audience::Own, Dimension::Page, TODAY, TODAY).await;
    assert_eq!((found.total.views, found.days), (0, 0));
    assert_eq!(close_due(&db, web.thresholds).await.unwrap(), ClosedDays::default());
    let open = OpenDay { site: &web.site, date: TODAY, until: KeepOpen::Over };
    assert!(matches!(db.execute(&open).await.unwrap(), DayOpening::Closed));
}

#[tokio::test]
async fn counting_continues_on_a_backup_of_the_same_day() {
    let web = counted().await;
    let backup = web.backup().await;
    // The visits since the backup are lost with the node that counted them.
    web.set(TODAY, BACKED_UP + 5 * 3_600 + 1);
    let db = web.restored(&backup, "again").await;
    domain::startup::prepare_store(&db).await.unwrap();
    let mut node = Node::new(&web.site);
    node.open(&db, TODAY).await;
    node.count_all(TODAY, &(0..12).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    node.seal(&db, true).await;
    web.set(TOMORROW, 7_200);
    assert_eq!(close_due(&db, web.thresholds).await.unwrap().days, 1);
    let found = read(&db, &web.site, Audience::Own, Dimension::Page, TODAY, TODAY).await;
    assert_eq!((found.total.views, found.total.visitors), (20, 10), "21 views by 12 people");
    assert_eq!(
        missing(&db, &web).await,
        6 * 3_600,
        "in whole hours, so that the time of the last visit stays unknown"
    );
}

#[tokio::test]
async fn a_backup_without_a_tally_misses_the_whole_day_and_a_later_one_the_time_after_it() {
    // A node that was counting also loses the few seconds of a crash.
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
async fn a_close_interrupted_before_the_keyring_is_rolled_forward_at_the_next_start() {
    let web = counted().await;
    let backup = web.backup().await;
    web.set(TOMORROW, 7_200);
    let close = domain::statistics::CloseDay {
        site: &web.site,
        date: TODAY,
        thresholds: web.thresholds,
        trigger: domain::statistics::CloseTrigger::Due,
    };
    web.execute(&close).await;
    let db = web.restored(&backup, "between").await;
    assert_eq!(state(&db).await, (2, 0), "nothing is forgotten yet");
    let db = web.scratch.again().await;
    let started = domain::startup::prepare_store(&db).await.unwrap();
    assert_eq!((started.rolled.slots, started.erased_again), (1, None));
    let db = web.restored(&backup, "after").await;
    assert_eq!(state(&db).await, (0, 2));
}
