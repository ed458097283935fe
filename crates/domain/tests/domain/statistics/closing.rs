//! Days are closed once and in time, and report missing seconds.

use analytics::{Dimension, DisclosureThresholds, Figures, VisitKind, apply_disclosure_control};
use calendar::Day;
use domain::statistics::{
    CloseDay, CloseOutcome, CloseTrigger, ClosedDays, Exclusions, GRACE_SECONDS, KeepOpen, LATE_SECONDS,
    QUIET_SECONDS, SealOutcome, close_days, close_due,
};
use store::Audience;

use crate::statistics::website::{Action, Node, Random, TODAY, Web, published_page, sorted};

const TOMORROW: Day = Day::from_unix_days(TODAY.to_unix_days() + 1);

#[tokio::test]
async fn a_day_on_two_nodes_publishes_the_same_as_on_one() {
    let web = Web::open().await;
    let actions = Random::seeded(1).day(60, 8);
    let (mut one, mut left, mut right) = (Node::new(&web.site), Node::new(&web.site), Node::new(&web.site));
    for node in [&mut one, &mut left, &mut right] {
        node.open(web.db(), TODAY).await;
    }
    for (n, action) in actions.iter().enumerate() {
        one.count(TODAY, *action);
        if n % 3 == 0 { left.count(TODAY, *action) } else { right.count(TODAY, *action) }
    }
    // The single node is the reference: its tally is never sealed.
    let expected = apply_disclosure_control(one.tally(TODAY), web.thresholds);
    left.seal(web.db(), true).await;
    right.seal(web.db(), true).await;
    web.set(TOMORROW, GRACE_SECONDS);
    assert_eq!(web.close().await, ClosedDays { days: 1, ..ClosedDays::default() });
    let mut shown = 0;
    for (audience, tables) in [(Audience::Own, &expected.staff), (Audience::Public, &expected.public)] {
        for table in tables {
            let found = web.published(audience, table.dimension, TODAY, TODAY).await;
            assert_eq!(
                sorted(found, table.dimension),
                published_page(table),
                "{audience:?} {:?}",
                table.dimension
            );
            shown += table.rows.len();
        }
    }
    assert!(shown > 20, "too few rows for a comparison");
}

#[tokio::test]
async fn a_restart_during_the_day_loses_no_view_and_counts_no_visitor_twice() {
    let web = Web::open().await;
    let actions: Vec<Action> = (0..20).map(|person| Action::view(person, 1)).collect();
    let mut before = Node::new(&web.site);
    before.open(web.db(), TODAY).await;
    before.count_all(TODAY, &actions);
    assert_eq!(before.seal(web.db(), true).await, [SealOutcome::Sealed]);
    let db = web.scratch.again().await;
    domain::startup::prepare_store(&db).await.unwrap();
    let mut after = Node::new(&web.site);
    after.open(&db, TODAY).await;
    after.count_all(TODAY, &actions[..10]);
    after.seal(&db, true).await;
    web.set(TOMORROW, GRACE_SECONDS);
    assert_eq!(close_due(&db, web.thresholds).await.unwrap().days, 1);
    let found = web.published(Audience::Own, Dimension::Page, TODAY, TODAY).await;
    assert_eq!(found.total, Figures { views: 30, visitors: 20 });
    assert_eq!(web.exclusions(TODAY).await, Exclusions { days: 1, ..Exclusions::default() });
}

#[tokio::test]
async fn the_seconds_that_a_crash_may_have_lost_are_reported() {
    let web = Web::open().await;
    let (mut lives, mut crashes) = (Node::new(&web.site), Node::new(&web.site));
    lives.open(web.db(), TODAY).await;
    crashes.open(web.db(), TODAY).await;
    lives.count_all(TODAY, &(0..7).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    crashes.count_all(TODAY, &(5..12).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    crashes.seal(web.db(), false).await;
    web.set(TOMORROW, LATE_SECONDS);
    lives.seal(web.db(), true).await;
    web.set(TOMORROW, GRACE_SECONDS);
    assert_eq!(web.close().await, ClosedDays { days: 1, crashed: 1, ..ClosedDays::default() });
    assert_eq!(web.exclusions(TODAY).await.missing, 5);
    let found = web.published(Audience::Own, Dimension::Page, TODAY, TODAY).await;
    assert_eq!(found.total, Figures { views: 10, visitors: 10 }, "its sealed tally is counted");
}

#[tokio::test]
async fn a_day_waits_for_a_live_node_and_not_for_a_silent_one() {
    let web = Web::open().await;
    let mut node = Node::new(&web.site);
    node.open(web.db(), TODAY).await;
    let sealed = LATE_SECONDS;
    web.set(TOMORROW, sealed);
    node.seal(web.db(), false).await;
    web.set(TOMORROW, sealed + QUIET_SECONDS - 1);
    assert_eq!(web.close().await, ClosedDays { waiting: 1, ..ClosedDays::default() });
    web.set(TOMORROW, sealed + QUIET_SECONDS);
    assert_eq!(web.close().await, ClosedDays { days: 1, crashed: 1, ..ClosedDays::default() });
}

#[tokio::test]
async fn visits_of_a_closed_day_are_refused_and_counted_as_late_on_the_next_day() {
    let web = Web::open().await;
    let mut node = Node::new(&web.site);
    node.open(web.db(), TODAY).await;
    node.count_all(TODAY, &(0..10).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    node.seal(web.db(), true).await;
    web.set(TOMORROW, 7_200);
    assert_eq!(web.close().await.days, 1);
    let before = web.published(Audience::Own, Dimension::Page, TODAY, TODAY).await;
    // A node that was suspended.
    node.count_all(TODAY, &(10..70).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    assert_eq!(node.seal(web.db(), true).await, [SealOutcome::Closed]);
    assert!(!node.try_open(web.db(), TODAY, KeepOpen::Over).await);
    assert!(!node.try_open(web.db(), TODAY, KeepOpen::At(web.db().clock.now() + 86_400)).await);
    let mut next = Node::new(&web.site);
    next.open(web.db(), TOMORROW).await;
    next.tally_mut(TOMORROW).count_late(60);
    next.seal(web.db(), true).await;
    web.set(TOMORROW + 1, 7_200);
    assert_eq!(web.close().await.days, 1);
    assert_eq!(web.published(Audience::Own, Dimension::Page, TODAY, TODAY).await, before);
    assert_eq!(
        (web.exclusions(TODAY).await.late, web.exclusions(TOMORROW).await.late),
        (0, 50),
        "rounded down"
    );
    assert_eq!(web.scratch.numbers("SELECT COUNT(*) FROM visit_tally").await, [0]);
}

#[tokio::test]
async fn a_day_is_not_closed_before_its_time() {
    let web = Web::in_zone("America/New_York").await;
    let mut node = Node::new(&web.site);
    node.open(web.db(), TODAY).await;
    node.seal(web.db(), true).await;
    // Midnight in New York is five in the morning in UTC.
    let midnight = 5 * 3_600;
    let close = CloseDay {
        site: &web.site,
        date: TODAY,
        thresholds: web.thresholds,
        trigger: CloseTrigger::AllCounted,
    };
    for second in [GRACE_SECONDS, midnight, midnight + GRACE_SECONDS - 1] {
        web.set(TOMORROW, second);
        assert_eq!(web.close().await, ClosedDays::default());
        assert_eq!(web.execute(&close).await, CloseOutcome::NotYet);
    }
    web.set(TOMORROW, midnight + GRACE_SECONDS);
    assert_eq!(web.close().await.days, 1);
    assert_eq!(web.execute(&close).await, CloseOutcome::AlreadyClosed);
    let never = CloseDay { date: TODAY - 1, ..close };
    assert_eq!(
        web.execute(&never).await,
        CloseOutcome::AlreadyClosed,
        "a day that was never opened is not published"
    );
}

#[tokio::test]
async fn a_day_kept_open_by_an_import_is_closed_when_all_is_counted_or_when_it_is_due() {
    let web = Web::open().await;
    let (past, other) = (TODAY - 40, TODAY - 41);
    web.set(TODAY, 40_000);
    let kept = web.db().clock.now() + 3_600;
    let mut import = Node::new(&web.site);
    for date in [past, other] {
        assert!(import.try_open(web.db(), date, KeepOpen::At(kept)).await);
        import.count_all(date, &(0..10).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    }
    import.seal(web.db(), true).await;
    assert_eq!(web.close().await, ClosedDays::default(), "kept open");
    let mut progress = Vec::new();
    let closed =
        close_days(web.db(), &web.site, &[past], web.thresholds, |n| progress.push(n)).await.unwrap();
    assert_eq!((closed.days, progress), (1, vec![1]));
    // Rounded up to a full hour, so that the data holds no finer time.
    let until = web.scratch.numbers("SELECT open_until FROM visit_day WHERE closed = 0").await;
    assert_eq!(until, [TODAY.to_unix_days() * 86_400 + 13 * 3_600]);
    web.set(TODAY, 13 * 3_600);
    assert_eq!(web.close().await.days, 1);
    let found = web.published(Audience::Own, Dimension::Page, other, past).await;
    assert_eq!((found.total.views, found.days), (20, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_closers_publish_a_day_once() {
    let web = Web::open().await;
    let dates: Vec<Day> = (0..4).map(|n| TODAY - n).collect();
    for date in &dates {
        web.set(*date, 40_000);
        let mut node = Node::new(&web.site);
        node.open(web.db(), *date).await;
        node.count_all(*date, &(0..10).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
        node.seal(web.db(), true).await;
    }
    web.set(TOMORROW, 7_200);
    let closers = (0..4).map(|_| {
        let (db, thresholds) = (web.db().clone(), web.thresholds);
        tokio::spawn(async move { close_due(&db, thresholds).await.unwrap().days })
    });
    let mut closed = 0;
    for closer in closers.collect::<Vec<_>>() {
        closed += closer.await.unwrap();
    }
    assert_eq!(closed, 4);
    let year = web.published(Audience::Own, Dimension::Page, TODAY - 30, TODAY).await;
    assert_eq!((year.total, year.days), (Figures { views: 40, visitors: 40 }, 4));
    let in_years =
        web.scratch.numbers("SELECT days FROM figures WHERE span = 'year' AND dimension = 'page'").await;
    assert_eq!(in_years, [4, 4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrently_closed_days_of_a_site_are_all_in_its_year() {
    let web = Web::open().await;
    let dates: Vec<Day> = (0..4).map(|n| TODAY - n).collect();
    let mut node = Node::new(&web.site);
    for date in &dates {
        node.open(web.db(), *date).await;
        node.count_all(*date, &(0..10).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    }
    node.seal(web.db(), true).await;
    web.set(TOMORROW, 7_200);
    let closers = dates.into_iter().map(|date| {
        let (db, site, thresholds) = (web.db().clone(), web.site.clone(), web.thresholds);
        tokio::spawn(async move {
            let close = CloseDay { site: &site, date, thresholds, trigger: CloseTrigger::Due };
            db.execute(&close).await.unwrap()
        })
    });
    for closer in closers.collect::<Vec<_>>() {
        assert_eq!(closer.await.unwrap(), CloseOutcome::Closed { crashed: 0 });
    }
    let in_years =
        web.scratch.numbers("SELECT days FROM figures WHERE span = 'year' AND dimension = 'page'").await;
    assert_eq!(in_years, [4, 4]);
}

#[tokio::test]
async fn a_damaged_day_is_lost_and_keeps_neither_its_key_nor_other_days_open() {
    let web = Web::open().await;
    let other = TODAY - 1;
    for date in [other, TODAY] {
        web.set(date, 40_000);
        let mut node = Node::new(&web.site);
        node.open(web.db(), date).await;
        node.count_all(date, &(0..10).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
        node.seal(web.db(), true).await;
    }
    let sql = format!("UPDATE visit_tally SET node = node + 1 WHERE date = {}", other.to_unix_days());
    assert_eq!(web.scratch.tamper(&sql).await, 1);
    web.set(TOMORROW, 7_200);
    assert_eq!(web.close().await, ClosedDays { days: 1, lost: 1, ..ClosedDays::default() });
    assert_eq!((web.exclusions(other).await.missing, web.exclusions(TODAY).await.missing), (86_400, 0));
    assert!(web.db().read().await.unwrap().closed_days_not_forgotten().await.unwrap().is_empty());
    assert_eq!(web.published(Audience::Own, Dimension::Page, TODAY, TODAY).await.total.views, 10);
}

#[tokio::test]
async fn figures_record_the_steps_in_which_they_were_published() {
    let mut web = Web::open().await;
    let actions: Vec<Action> =
        (0..14).map(|person| Action { kind: VisitKind::Event, ..Action::view(person, 1) }).collect();
    web.day(TODAY, &actions).await;
    web.thresholds = DisclosureThresholds::new(3, 9).unwrap();
    web.day(TOMORROW, &actions).await;
    let of = async |date| web.published(Audience::Own, Dimension::Event, date, date).await.total.visitors;
    assert_eq!((of(TODAY).await, of(TOMORROW).await), (10, 12));
    let fact = web.db().read().await.unwrap().fact("visits steps").await.unwrap();
    assert_eq!(fact.as_deref(), Some("1 1"), "the thresholds have no common divisor");
}
