//! Reading of pages, series and hours.

use analytics::{Dimension, Figures};
use calendar::Day;
use domain::statistics::{
    DateRange, FiguresQuery, MAX_HOURLY_DAYS, Point, SeriesQuery, Step, read_figures, read_series,
};
use store::Audience;

use crate::statistics::website::{Action, TODAY, Web};

/// Three days with ten visitors of page 1, twenty of page 2 and fifteen of page 3.
async fn three_days() -> Web {
    let web = Web::open().await;
    for n in 0..3 {
        let mut actions: Vec<Action> = Vec::new();
        for (page, people, hour) in [(1, 10, 9), (2, 20, 10), (3, 15, 23)] {
            actions.extend((0..people).map(|person| Action { hour, ..Action::view(person, page) }));
        }
        // Too few visitors for the public, and too few even for staff.
        actions.extend((0..7).map(|person| Action::view(person, 4)));
        actions.extend((0..4).map(|person| Action::view(person, 5)));
        web.day(TODAY - 2 + n, &actions).await;
    }
    web
}

fn range(days: i64) -> DateRange {
    DateRange { from: TODAY - days + 1, to: TODAY }
}

#[tokio::test]
async fn words_are_paged_with_the_most_viewed_first() {
    let web = three_days().await;
    let mut tx = web.db().read().await.unwrap();
    let mut read = FiguresQuery {
        site: web.site.id,
        audience: Audience::Own,
        dimension: Dimension::Page,
        range: range(3),
        skip: 0,
        limit: 2,
    };
    let first = read_figures(&mut tx, &read).await.unwrap();
    let value = |n: usize| (&*first.rows[n].value, first.rows[n].figures);
    assert_eq!(value(0), ("/page-2", Figures { views: 60, visitors: 60 }));
    assert_eq!(value(1), ("/page-3", Figures { views: 45, visitors: 45 }));
    assert_eq!((first.words, first.rows.len(), first.days), (4, 2, 3));
    // Each day has 56 views by twenty people. 55 views are published, 50 of them with their words.
    assert_eq!((first.total, first.other), (Figures { views: 165, visitors: 60 }, 15));
    read.skip = 2;
    let second = read_figures(&mut tx, &read).await.unwrap();
    let words: Vec<&str> = second.rows.iter().map(|row| &*row.value).collect();
    assert_eq!(words, ["/page-1", "/page-4"]);
    read.skip = 4;
    assert!(read_figures(&mut tx, &read).await.unwrap().rows.is_empty());
    read.audience = Audience::Public;
    read.skip = 0;
    let public = read_figures(&mut tx, &read).await.unwrap();
    assert_eq!((public.words, public.total), (3, Figures { views: 150, visitors: 60 }));
}

#[tokio::test]
async fn a_series_has_a_point_for_each_step_and_marks_uncounted_days() {
    let web = three_days().await;
    let mut tx = web.db().read().await.unwrap();
    let (audience, dimension) = (Audience::Own, Dimension::Page);
    let read = SeriesQuery { site: web.site.id, audience, dimension, range: range(5), step: Step::Day };
    let days = read_series(&mut tx, &read).await.unwrap().unwrap();
    assert_eq!(
        days.iter().map(|p| (p.figures.views, p.days)).collect::<Vec<_>>(),
        [(0, 0), (0, 0), (55, 1), (55, 1), (55, 1)]
    );
    for (step, start) in [
        (Step::Week, TODAY.monday()),
        (Step::Month, TODAY.first_of_month()),
        (Step::Year, TODAY.first_of_year()),
    ] {
        let points =
            read_series(&mut tx, &SeriesQuery { step, range: range(1), ..read }).await.unwrap().unwrap();
        let figures = Figures { views: 165, visitors: 60 };
        assert_eq!(points, [Point { start, hour: None, figures, days: 3 }]);
    }
    let backwards = DateRange { from: TODAY, to: TODAY - 1 };
    assert_eq!(
        read_series(&mut tx, &SeriesQuery { range: backwards, ..read }).await.unwrap(),
        Some(Vec::new())
    );
    let ever = DateRange { from: Day::MIN, to: Day::MAX };
    let years =
        read_series(&mut tx, &SeriesQuery { range: ever, step: Step::Year, ..read }).await.unwrap().unwrap();
    assert_eq!((years.len(), years.iter().map(|p| p.days).sum::<u32>()), (57, 3));
}

#[tokio::test]
async fn hours_are_local_and_available_for_a_few_days_only() {
    let web = three_days().await;
    let mut tx = web.db().read().await.unwrap();
    let read = FiguresQuery {
        site: web.site.id,
        audience: Audience::Own,
        dimension: Dimension::Hour,
        range: range(3),
        skip: 0,
        limit: 24,
    };
    let hours = read_figures(&mut tx, &read).await.unwrap();
    let views: Vec<_> = hours.rows.iter().map(|row| (&*row.value, row.figures.views)).collect();
    assert_eq!(views, [("09", 30), ("10", 60), ("12", 30), ("23", 45)]);
    let (audience, dimension) = (Audience::Own, Dimension::Page);
    let read = SeriesQuery { site: web.site.id, audience, dimension, range: range(4), step: Step::Hour };
    let points = read_series(&mut tx, &read).await.unwrap().unwrap();
    assert_eq!(points.len(), 4 * 24);
    let at = |day: usize, hour: usize| (points[24 * day + hour].figures.views, points[24 * day + hour].days);
    assert_eq!(
        (at(0, 9), at(1, 9), at(3, 10), at(3, 11), at(3, 23)),
        ((0, 0), (10, 1), (20, 1), (0, 1), (15, 1))
    );
    let long = SeriesQuery { range: range(MAX_HOURLY_DAYS + 1), ..read };
    assert_eq!(read_series(&mut tx, &long).await.unwrap(), None);
}

#[tokio::test]
async fn open_days_and_other_sites_are_not_included() {
    let web = three_days().await;
    let other = crate::statistics::website::add_site(web.db(), "other", "UTC").await;
    let mut node = crate::statistics::website::Node::new(&other);
    let tomorrow = TODAY + 1;
    node.open(web.db(), tomorrow).await;
    node.count_all(tomorrow, &(0..20).map(|person| Action::view(person, 1)).collect::<Vec<_>>());
    node.seal(web.db(), true).await;
    let of = async |site| {
        let found = crate::statistics::website::read(
            web.db(),
            site,
            Audience::Own,
            Dimension::Page,
            Day::UNIX_EPOCH,
            tomorrow,
        )
        .await;
        (found.total.views, found.days)
    };
    assert_eq!((of(&other).await, of(&web.site).await), ((0, 0), (165, 3)));
}

#[test]
fn a_range_is_compared_with_the_same_number_of_days_before_it() {
    let range = DateRange { from: Day::UNIX_EPOCH + 100, to: Day::UNIX_EPOCH + 106 };
    assert_eq!(
        (range.days(), range.before()),
        (7, DateRange { from: Day::UNIX_EPOCH + 93, to: Day::UNIX_EPOCH + 99 })
    );
    assert_eq!(Step::fitting(range), Step::Day);
    assert_eq!(Step::fitting(DateRange { from: Day::UNIX_EPOCH, to: Day::UNIX_EPOCH + 3_651 }), Step::Month);
}
