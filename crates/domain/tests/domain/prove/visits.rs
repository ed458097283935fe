//! Visitor statistics: each way in which they could identify a person is found.

use analytics::{ArchivedTable, Dimension, DisclosureThresholds, Figures};
use calendar::Day;
use domain::compliance::prove::findings::schema;
use domain::compliance::prove::findings::visits::{Fault, Observation, Violation};
use domain::compliance::prove::{Observation as Observed, Proof, Verdict, Violation as Found};
use domain::statistics::{GRACE_SECONDS, close_due};
use policy::promise as p;
use store::testing::NOON;
use store::{Audience, Error, FiguresKey, FiguresRow, Operation, Site, Span, Tx};

use crate::prove::shop::{Shop, assert_breaks, assert_finds, assert_names, assert_observes, counted};
use crate::statistics::website::{Node, Random, TODAY, add_site};

/// A shop with a website that has two closed days and one open day.
async fn with_visits() -> (Shop, Site) {
    let shop = Shop::open().await;
    let db = &shop.scratch.db;
    let site = add_site(db, "vendor", "Europe/Berlin").await;
    let mut random = Random::seeded(5);
    let mut node = Node::new(&site);
    for n in [2, 1, 0] {
        let date = TODAY - n;
        node.open(db, date).await;
        node.count_all(date, &random.day(40, 6));
    }
    node.seal(db, true).await;
    assert_eq!(close_due(db, DisclosureThresholds::default()).await.unwrap().days, 2);
    (shop, site)
}

/// Replaces the figures of a span.
struct RewriteFigures<'a> {
    site: &'a Site,
    audience: Audience,
    span: Span,
    date: Day,
    change: fn(&mut ArchivedTable),
}

impl Operation for RewriteFigures<'_> {
    const NAME: &'static str = "rewrite figures, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let (page, start) = (Dimension::Page, self.span.start(self.date));
        let rows = tx.figures_of(self.site.id, self.audience, page, &[(self.span, start..=start)]).await?;
        let mut figures = rows.first().map(FiguresRow::archived).expect("a table")?;
        (self.change)(&mut figures);
        tx.save_figures(self.site.id, self.audience, page, self.span, start, &figures).await
    }
}

/// The proof after a change of the figures of pages.
async fn after(audience: Audience, span: Span, change: fn(&mut ArchivedTable)) -> Proof {
    let (shop, site) = with_visits().await;
    assert!(shop.prove_after("UPDATE site SET public = public").await.all_kept());
    shop.execute(&RewriteFigures { site: &site, audience, span, date: TODAY - 1, change }).await;
    shop.prove().await
}

#[tokio::test]
async fn counted_and_closed_days_keep_the_promises() {
    let (shop, _) = with_visits().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
    let general = &proof.finding(p::VISITORS_GENERAL).unwrap().evidence;
    let figures = |seen: &_| {
        matches!(seen, Observed::Visits(Observation::Figures { sites: 1, closed: 2, open: 1, .. }))
    };
    assert!(general.iter().any(figures), "{general:#?}");
    // The open day has its key and one tally.
    let days = Observation::ClosedDays { closed: 2, sealed: 2 };
    assert_observes(&proof, p::VISITORS_UNIDENTIFIABLE, days);
    let evidence = &proof.finding(p::VISITORS_UNIDENTIFIABLE).unwrap().evidence;
    let published =
        |seen: &_| matches!(seen, Observed::Visits(Observation::Published { staff: 5, public: 10, .. }));
    assert!(evidence.iter().any(published), "{evidence:#?}");
    assert!(proof.promises.iter().all(|finding| finding.verdict == Verdict::Kept));
}

#[tokio::test]
async fn remains_of_a_closed_day_are_found() {
    let closed = format!("date = {}", (TODAY - 1).to_unix_days());
    let open = format!("date = {}", TODAY.to_unix_days());
    for (sql, fault) in [
        (
            format!(
                "UPDATE visit_day SET day_key = (SELECT day_key FROM visit_day WHERE {open}) WHERE {closed}"
            ),
            Fault::ClosedDayWithKey,
        ),
        (format!("UPDATE visit_tally SET date = {}", (TODAY - 1).to_unix_days()), Fault::TallyOfClosedDay),
        (format!("UPDATE visit_day SET closed = 1 WHERE {open}"), Fault::SlotNotForgotten),
        (format!("UPDATE visit_tally SET slot = slot + 1 WHERE {open}"), Fault::TallyOfOtherSlot),
        (format!("UPDATE visit_day SET open_until = {} WHERE {open}", NOON - 3 * 86_400), Fault::OverdueDay),
    ] {
        let (shop, _) = with_visits().await;
        assert_names(&shop.prove_after(&sql).await, p::VISITORS_UNIDENTIFIABLE, counted(1, fault));
    }
}

#[tokio::test]
async fn counts_in_clear_are_found() {
    let (shop, _) = with_visits().await;
    let sql = format!("UPDATE visit_tally SET state = {}", shop.blob("192.0.2.7 saw /"));
    let proof = shop.prove_after(&sql).await;
    let expected = || counted(1, schema::Fault::Unreadable { column: "visit_tally.state".to_owned() });
    assert_names(&proof, p::VISITORS_UNIDENTIFIABLE, expected());
    assert_names(&proof, p::DETAILS_SECURE, expected());
}

#[tokio::test]
async fn a_number_of_too_few_people_is_found() {
    let few = || counted(1, Fault::TooFewPeople);
    let four = |figures: &mut ArchivedTable| figures.rows[0].1 = Figures { views: 4, visitors: 4 };
    let proof = after(Audience::Own, Span::Day, four).await;
    assert_names(&proof, p::VISITORS_UNIDENTIFIABLE, few());
    assert_finds(&proof, p::VISITORS_UNIDENTIFIABLE, |found| {
        let Found::Visits(Violation::FirstSmallTable(key)) = found else { return false };
        let FiguresKey { audience, dimension, span, start, .. } = key;
        (&**audience, &**dimension, &**span, *start) == ("own", "page", "day", TODAY - 1)
    });
    let five = |figures: &mut ArchivedTable| figures.rows[0].1 = Figures { views: 10, visitors: 5 };
    assert_names(&after(Audience::Public, Span::Day, five).await, p::VISITORS_UNIDENTIFIABLE, few());
    let exact = |figures: &mut ArchivedTable| figures.total.views += 1;
    assert_names(&after(Audience::Own, Span::Year, exact).await, p::VISITORS_UNIDENTIFIABLE, few());
}

#[tokio::test]
async fn a_span_that_differs_from_the_sum_of_its_days_is_found() {
    let wrong = |number| counted(number, Fault::WrongRollup);
    let more = |figures: &mut ArchivedTable| figures.rows[0].1.views += 10;
    for span in [Span::Week, Span::Month, Span::Year] {
        assert_breaks(&after(Audience::Own, span, more).await, p::VISITORS_GENERAL, wrong(1));
    }
    let less = |figures: &mut ArchivedTable| figures.rows.truncate(1);
    let proof = after(Audience::Public, Span::Day, less).await;
    assert_breaks(&proof, p::VISITORS_GENERAL, wrong(3));
    let (shop, _) = with_visits().await;
    let gone = "DELETE FROM figures WHERE span = 'month' AND audience = 'own' AND dimension = 'country'";
    assert_breaks(&shop.prove_after(gone).await, p::VISITORS_GENERAL, wrong(2));
}

#[tokio::test]
async fn a_public_number_beyond_the_staffs_figures_is_found() {
    let more = |figures: &mut ArchivedTable| {
        figures.rows[0].1.views += 1_000;
        figures.total.views += 1_000;
    };
    let proof = after(Audience::Public, Span::Day, more).await;
    assert_names(&proof, p::VISITORS_GENERAL, counted(1, Fault::PublicBeyondStaff));
}

#[tokio::test]
async fn figures_without_a_closed_day_or_a_site_are_found() {
    let (shop, _) = with_visits().await;
    let early = format!(
        "UPDATE figures SET start = {} WHERE span = 'day' AND start = {}",
        TODAY.to_unix_days(),
        (TODAY - 1).to_unix_days()
    );
    let expected = counted(26, Fault::FiguresOfOpenDay);
    assert_names(&shop.prove_after(&early).await, p::VISITORS_GENERAL, expected);
    let (shop, _) = with_visits().await;
    let proof = shop.prove_after("DELETE FROM site").await;
    assert_finds(
        &proof,
        p::VISITORS_GENERAL,
        |found| matches!(found, Found::Counted(found) if found.fault == Fault::RowWithoutSite.into()),
    );
}

#[tokio::test]
async fn an_identifying_word_or_a_time_finer_than_an_hour_is_found() {
    let label = |text: &str| format!("UPDATE dictionary SET text = '{text}' WHERE text = '/page-0'");
    for (sql, expected) in [
        (label("192.0.2.7"), counted(1, Fault::IdentifyingLabel)),
        (label("Mozilla/5.0 (X11; Linux)"), counted(1, Fault::IdentifyingLabel)),
        (label("/o/ada@example.org"), counted(1, Fault::IdentifyingLabel)),
        (
            "UPDATE dictionary SET text = '10:17' WHERE text = '10'".to_owned(),
            counted(1, Fault::LabelNotHour),
        ),
        ("UPDATE visit_day SET open_until = open_until + 17".to_owned(), counted(3, Fault::FineTime)),
    ] {
        let (shop, _) = with_visits().await;
        assert_names(&shop.prove_after(&sql).await, p::VISITORS_UNIDENTIFIABLE, expected);
    }
}

#[tokio::test]
async fn a_column_or_table_for_data_of_a_visit_is_found() {
    for (sql, column) in [
        ("ALTER TABLE visit_tally ADD COLUMN address TEXT NOT NULL DEFAULT ''", "visit_tally.address"),
        ("CREATE TABLE pageview (at BIGINT NOT NULL)", "pageview.at"),
    ] {
        let (shop, _) = with_visits().await;
        let expected = Violation::UnknownColumn { column: column.to_owned() };
        assert_names(&shop.prove_after(sql).await, p::VISITORS_UNIDENTIFIABLE, expected);
    }
}

#[tokio::test]
async fn the_close_of_a_day_during_the_proof_is_no_fault() {
    let (shop, site) = with_visits().await;
    let db = shop.scratch.db.clone();
    domain::compliance::prove::extend_audit_chain(&db).await.unwrap();
    shop.scratch.now.fetch_add(86_400 + GRACE_SECONDS, std::sync::atomic::Ordering::SeqCst);
    let close = domain::statistics::CloseDay {
        site: &site,
        date: TODAY,
        thresholds: DisclosureThresholds::default(),
        trigger: domain::statistics::CloseTrigger::Due,
    };
    shop.execute(&close).await;
    // The data is published, and the keyring has not forgotten the slot yet.
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
    domain::erasure::completion::roll_forward(&db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
}
