//! Visitor statistics: each way in which they could identify a person is found.

use analytics::{ArchivedTable, Dimension, DisclosureThresholds, Figures};
use calendar::Day;
use domain::compliance::prove::Verdict;
use domain::statistics::{GRACE_SECONDS, close_due};
use policy::promise as p;
use store::testing::NOON;
use store::{Audience, Error, FiguresRow, Operation, Site, Span, Tx};

use crate::prove::shop::{Shop, assert_breaks, assert_names};
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
async fn after(
    audience: Audience,
    span: Span,
    change: fn(&mut ArchivedTable),
) -> domain::compliance::prove::Proof {
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
    assert!(proof.all_kept(), "{proof}");
    let text = proof.to_string();
    assert!(text.contains("websites: 1; days counted and published: 2; days open: 1;"), "{text}");
    assert!(text.contains("sealed values of open days: 2\n"), "its key and one tally: {text}");
    assert!(text.contains("each of at least 5 people (10 for the public)"), "{text}");
    assert!(proof.promises.iter().all(|finding| finding.verdict == Verdict::Kept));
}

#[tokio::test]
async fn remains_of_a_closed_day_are_found() {
    let closed = format!("date = {}", (TODAY - 1).to_unix_days());
    let open = format!("date = {}", TODAY.to_unix_days());
    for (sql, place) in [
        (
            format!(
                "UPDATE visit_day SET day_key = (SELECT day_key FROM visit_day WHERE {open}) WHERE {closed}"
            ),
            "closed days that have a key: 1",
        ),
        (
            format!("UPDATE visit_tally SET date = {}", (TODAY - 1).to_unix_days()),
            "unpublished counts of closed days: 1",
        ),
        (
            format!("UPDATE visit_day SET closed = 1 WHERE {open}"),
            "closed days whose key slot is not forgotten: 1",
        ),
        (
            format!("UPDATE visit_tally SET slot = slot + 1 WHERE {open}"),
            "unpublished counts with another key slot than their day: 1",
        ),
        (
            format!("UPDATE visit_day SET open_until = {} WHERE {open}", NOON - 3 * 86_400),
            "days that should have closed two days ago: 1",
        ),
    ] {
        let (shop, _) = with_visits().await;
        assert_names(&shop.prove_after(&sql).await, p::VISITORS_UNIDENTIFIABLE, place);
    }
}

#[tokio::test]
async fn counts_in_clear_are_found() {
    let (shop, _) = with_visits().await;
    let sql = format!("UPDATE visit_tally SET state = {}", shop.blob("192.0.2.7 saw /"));
    let proof = shop.prove_after(&sql).await;
    assert_names(
        &proof,
        p::VISITORS_UNIDENTIFIABLE,
        "visit_tally.state: unencrypted, damaged or moved values",
    );
    assert_names(&proof, p::DETAILS_SECURE, "visit_tally.state: unencrypted, damaged or moved values");
}

#[tokio::test]
async fn a_number_of_too_few_people_is_found() {
    let few = "tables of figures with a number of too few people: 1";
    let four = |figures: &mut ArchivedTable| figures.rows[0].1 = Figures { views: 4, visitors: 4 };
    let proof = after(Audience::Own, Span::Day, four).await;
    assert_names(&proof, p::VISITORS_UNIDENTIFIABLE, few);
    assert_names(&proof, p::VISITORS_UNIDENTIFIABLE, "own, page, day from 2026-11-21");
    let five = |figures: &mut ArchivedTable| figures.rows[0].1 = Figures { views: 10, visitors: 5 };
    assert_names(&after(Audience::Public, Span::Day, five).await, p::VISITORS_UNIDENTIFIABLE, few);
    let exact = |figures: &mut ArchivedTable| figures.total.views += 1;
    assert_names(&after(Audience::Own, Span::Year, exact).await, p::VISITORS_UNIDENTIFIABLE, few);
}

#[tokio::test]
async fn a_span_that_differs_from_the_sum_of_its_days_is_found() {
    let wrong = "weeks, months or years that are not the sum of their days: 1";
    let more = |figures: &mut ArchivedTable| figures.rows[0].1.views += 10;
    for span in [Span::Week, Span::Month, Span::Year] {
        assert_breaks(&after(Audience::Own, span, more).await, p::VISITORS_GENERAL, wrong);
    }
    let less = |figures: &mut ArchivedTable| figures.rows.truncate(1);
    let proof = after(Audience::Public, Span::Day, less).await;
    let three = "weeks, months or years that are not the sum of their days: 3";
    assert_breaks(&proof, p::VISITORS_GENERAL, three);
    let (shop, _) = with_visits().await;
    let gone = "DELETE FROM figures WHERE span = 'month' AND audience = 'own' AND dimension = 'country'";
    assert_breaks(
        &shop.prove_after(gone).await,
        p::VISITORS_GENERAL,
        "weeks, months or years that are not the sum of their days: 2",
    );
}

#[tokio::test]
async fn a_public_number_beyond_the_staffs_figures_is_found() {
    let more = |figures: &mut ArchivedTable| {
        figures.rows[0].1.views += 1_000;
        figures.total.views += 1_000;
    };
    let proof = after(Audience::Public, Span::Day, more).await;
    assert_names(&proof, p::VISITORS_GENERAL, "days with public figures beyond the staff's figures: 1");
}

#[tokio::test]
async fn figures_without_a_closed_day_or_a_site_are_found() {
    let (shop, _) = with_visits().await;
    let early = format!(
        "UPDATE figures SET start = {} WHERE span = 'day' AND start = {}",
        TODAY.to_unix_days(),
        (TODAY - 1).to_unix_days()
    );
    assert_names(
        &shop.prove_after(&early).await,
        p::VISITORS_GENERAL,
        "figures of days that are not closed: 26",
    );
    let (shop, _) = with_visits().await;
    let proof = shop.prove_after("DELETE FROM site").await;
    assert_names(&proof, p::VISITORS_GENERAL, "visitor statistics: rows without a site");
}

#[tokio::test]
async fn an_identifying_word_or_a_time_finer_than_an_hour_is_found() {
    for (sql, place) in [
        (
            "UPDATE dictionary SET text = '192.0.2.7' WHERE text = '/page-0'",
            "labels that look like an address",
        ),
        (
            "UPDATE dictionary SET text = 'Mozilla/5.0 (X11; Linux)' WHERE text = '/page-0'",
            "or a whole user agent: 1",
        ),
        (
            "UPDATE dictionary SET text = '/o/ada@example.org' WHERE text = '/page-0'",
            "labels that look like an address",
        ),
        ("UPDATE dictionary SET text = '10:17' WHERE text = '10'", "hour labels that are not hours: 1"),
        ("UPDATE visit_day SET open_until = open_until + 17", "days that store a time finer than an hour: 3"),
    ] {
        let (shop, _) = with_visits().await;
        assert_names(&shop.prove_after(sql).await, p::VISITORS_UNIDENTIFIABLE, place);
    }
}

#[tokio::test]
async fn a_column_or_table_for_data_of_a_visit_is_found() {
    for (sql, place) in [
        ("ALTER TABLE visit_tally ADD COLUMN address TEXT NOT NULL DEFAULT ''", "visit_tally.address"),
        ("CREATE TABLE pageview (at BIGINT NOT NULL)", "pageview.at"),
    ] {
        let (shop, _) = with_visits().await;
        assert_names(&shop.prove_after(sql).await, p::VISITORS_UNIDENTIFIABLE, place);
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
    assert!(proof.all_kept(), "{proof}");
    domain::erasure::completion::roll_forward(&db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof}");
}
