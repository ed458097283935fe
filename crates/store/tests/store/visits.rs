//! Figures, dictionary words, notes and log positions of sites are read as they were written. Sites are separate.

use std::sync::atomic::Ordering;

use analytics::{ArchivedTable, Dimension, Figures, TableSum};
use calendar::Day;
use store::testing::Scratch;
use store::{Audience, Span, SpanTotal};

use crate::fixtures::{day, figures, site, tag, write};

/// Adds a site of that name. Returns its number.
pub async fn add(scratch: &Scratch, name: &'static str) -> i64 {
    let added = write(&scratch.db, move |tx| Box::pin(async move { tx.add_site(&site(name)).await }));
    added.await.unwrap().expect("a name that is free")
}

#[tokio::test]
async fn a_site_has_a_unique_name_and_can_be_edited() {
    let scratch = Scratch::new().await;
    let (shop, blog) = (add(&scratch, "shop").await, add(&scratch, "blog").await);
    assert_ne!(shop, blog);
    let again = write(&scratch.db, |tx| Box::pin(async move { tx.add_site(&site("shop")).await }));
    assert_eq!(again.await.unwrap(), None);
    write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut of = tx.site("shop").await?.expect("the site");
            assert_eq!(of, store::Site { id: shop, ..site("shop") });
            (of.hosts, of.zone, of.public) = (vec!["example.com".into()], "UTC".into(), false);
            assert!(tx.edit_site(&of).await?);
            assert!(!tx.edit_site(&store::Site { id: 99, ..of.clone() }).await?);
            assert_eq!(tx.site("shop").await?, Some(of));
            assert_eq!(tx.site("nobody").await?, None);
            let names: Vec<_> = tx.sites().await?.into_iter().map(|of| (of.id, of.name)).collect();
            assert_eq!(names, [(blog, "blog".to_owned()), (shop, "shop".to_owned())]);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrently_added_sites_have_unique_numbers_and_names() {
    let scratch = Scratch::new().await;
    let names = ["a", "b", "c", "d", "a", "b", "c", "d"];
    let adding = names.map(|name| {
        let db = scratch.db.clone();
        tokio::spawn(async move {
            write(&db, move |tx| Box::pin(async move { tx.add_site(&site(name)).await })).await.unwrap()
        })
    });
    let mut numbers = Vec::new();
    for added in adding {
        numbers.extend(added.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn notes_are_replaced_and_deleted_and_belong_to_one_site() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            for (site, date, text) in
                [(1, day(30), "later"), (1, day(10), "first"), (1, day(20), "old"), (2, day(20), "another's")]
            {
                tx.set_site_note(site, date, text).await?;
            }
            tx.set_site_note(1, day(20), "new").await?;
            let note = |date, text: &str| (date, text.to_owned());
            assert_eq!(
                tx.site_notes(1, day(10), day(20)).await?,
                [note(day(10), "first"), note(day(20), "new")]
            );
            tx.set_site_note(1, day(10), "").await?;
            assert_eq!(
                tx.site_notes(1, day(0), day(100)).await?,
                [note(day(20), "new"), note(day(30), "later")]
            );
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_word_has_one_permanent_number_on_each_site() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let first = tx.dictionary_ids(1, &["/docs", "", "DE", "/docs"]).await?;
            assert_eq!(first[0], first[3]);
            assert!(first[0] != first[1] && first[1] != first[2]);
            let others = tx.dictionary_ids(2, &["/docs"]).await?;
            assert!(!first.contains(&others[0]));
            // More words than one statement takes, known and new ones mixed. The new ones get consecutive numbers.
            let many: Vec<String> = (0..1_300).map(|n| format!("/page-{n}")).collect();
            let mut all: Vec<&str> = many.iter().map(String::as_str).collect();
            all.insert(700, "/docs");
            let numbers = tx.dictionary_ids(1, &all).await?;
            assert_eq!(numbers[700], first[0]);
            assert_eq!(tx.dictionary_ids(1, &all).await?, numbers);
            let new: Vec<u32> = numbers.iter().copied().filter(|n| *n != first[0]).collect();
            assert!(new.windows(2).all(|pair| pair[0] + 1 == pair[1]));
            let words = tx.dictionary_words(1, &numbers).await?;
            assert_eq!(words.len(), all.len());
            assert!(numbers.iter().zip(&all).all(|(number, word)| words[number] == *word));
            assert!(tx.dictionary_words(1, &others).await?.is_empty(), "another site's word was returned");
            assert!(tx.dictionary_words(1, &[u32::MAX]).await?.is_empty());
            assert!(tx.dictionary_ids(1, &[]).await?.is_empty());
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn words_added_concurrently_have_one_number() {
    let scratch = Scratch::new().await;
    let numbering = [0, 1, 2, 3].map(|from| {
        let db = scratch.db.clone();
        tokio::spawn(async move {
            write(&db, move |tx| {
                Box::pin(async move {
                    let words: Vec<String> = (from..from + 40).map(|n| format!("/page-{n}")).collect();
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    tx.dictionary_ids(1, &words).await
                })
            })
            .await
            .unwrap()
        })
    });
    let mut all = Vec::new();
    for numbers in numbering {
        all.push(numbers.await.unwrap());
    }
    for (from, numbers) in all.iter().enumerate() {
        assert_eq!(numbers[..40 - from], all[0][from..]);
    }
}

#[tokio::test]
async fn figures_are_found_by_site_audience_dimension_and_span() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let words = tx.dictionary_ids(1, &["/a", "/b"]).await?;
            let table = figures(&words);
            for (site, audience, dimension, span, start) in [
                (1, Audience::Own, Dimension::Page, Span::Day, day(20_701)),
                (1, Audience::Own, Dimension::Page, Span::Day, day(20_700)),
                (1, Audience::Own, Dimension::Page, Span::Day, day(20_799)),
                (1, Audience::Own, Dimension::Page, Span::Month, day(20_700)),
                (1, Audience::Own, Dimension::Entry, Span::Day, day(20_700)),
                (1, Audience::Public, Dimension::Page, Span::Day, day(20_700)),
                (2, Audience::Own, Dimension::Page, Span::Day, day(20_700)),
            ] {
                tx.save_figures(site, audience, dimension, span, start, &table).await?;
            }
            let (own, page) = (Audience::Own, Dimension::Page);
            let ranges = [(Span::Month, day(20_000)..=day(21_000)), (Span::Day, day(20_700)..=day(20_701))];
            let found = tx.figures_of(1, own, page, &ranges).await?;
            let spans: Vec<_> = found.iter().map(|row| (row.span, row.start)).collect();
            assert_eq!(
                spans,
                [(Span::Month, day(20_700)), (Span::Day, day(20_700)), (Span::Day, day(20_701))]
            );
            assert!(found.iter().all(|row| row.archived().is_ok_and(|of| of == table)));
            assert!(found.iter().all(|row| (row.total, row.evicted_views, row.days) == (table.total, 0, 1)));
            let totals = tx.totals(1, own, page, Span::Day, day(20_700), day(20_799)).await?;
            let expected = [20_700, 20_701, 20_799].map(|start| SpanTotal {
                start: day(start),
                total: table.total,
                days: 1,
            });
            assert_eq!(totals, expected);
            assert_eq!(tx.published_days(1).await?, Some((day(20_700), day(20_799))));
            assert_eq!(tx.published_days(3).await?, None);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn figures_of_a_span_written_many_times_in_one_operation_are_the_last_ones() {
    let scratch = Scratch::new().await;
    let written = write(&scratch.db, |tx| {
        Box::pin(async move {
            let mut month = ArchivedTable::default();
            for n in 0..200_u32 {
                let views = Figures { views: 10, visitors: 5 };
                month.add(&ArchivedTable {
                    total: views,
                    evicted_views: 0,
                    days: 1,
                    rows: vec![(n % 7, views)],
                });
                let (own, page) = (Audience::Own, Dimension::Page);
                tx.save_figures(1, own, page, Span::Month, day(20_700), &month).await?;
                tx.save_figures(1, own, page, Span::Day, day(20_700) + i64::from(n), &month).await?;
            }
            Ok(month)
        })
    });
    let expected = written.await.unwrap();
    let mut tx = scratch.db.read().await.unwrap();
    let (own, page) = (Audience::Own, Dimension::Page);
    let found = tx.figures_of(1, own, page, &[(Span::Month, day(20_700)..=day(20_700))]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].archived().unwrap(), expected);
    let mut sum = TableSum::default();
    sum.add_bytes(&found[0].cells).unwrap();
    assert_eq!(sum.finish(), expected);
    assert_eq!(tx.totals(1, own, page, Span::Day, Day::MIN, Day::MAX).await.unwrap().len(), 200);
}

#[test]
fn spans_begin_on_mondays_on_the_first_and_on_new_years_day() {
    let day = |text: &str| text.parse::<Day>().unwrap();
    let of = day("2026-11-22");
    let starts = ["2026-11-22", "2026-11-16", "2026-11-01", "2026-01-01"];
    assert_eq!(Span::ALL.map(|span| span.start(of)), starts.map(day));
    assert_eq!(Span::Week.start(day("2027-01-01")), day("2026-12-28"));
}

#[tokio::test]
async fn a_log_position_advances_only_from_its_current_value() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            assert_eq!(tx.log_position(1, &tag(1)).await?, 0);
            assert!(tx.save_log_position(1, &tag(1), 0, 1_000).await?);
            assert!(tx.save_log_position(1, &tag(1), 1_000, 5_000_000_000).await?);
            assert!(!tx.save_log_position(1, &tag(1), 1_000, 2_000).await?, "another has counted that");
            assert!(!tx.save_log_position(1, &tag(1), 0, 2_000).await?);
            assert_eq!(tx.log_position(1, &tag(1)).await?, 5_000_000_000);
            assert_eq!(tx.log_position(1, &tag(2)).await?, 0);
            assert_eq!(tx.log_position(2, &tag(1)).await?, 0);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn an_unread_log_position_is_deleted_after_90_days() {
    let scratch = Scratch::new().await;
    let put = async |file: u64, from, to| {
        write(&scratch.db, move |tx| {
            Box::pin(async move { tx.save_log_position(1, &tag(file), from, to).await })
        })
        .await
        .unwrap()
    };
    assert!(put(1, 0, 10).await && put(2, 0, 10).await);
    scratch.now.fetch_add(50 * 86_400, Ordering::SeqCst);
    assert!(put(2, 10, 20).await);
    scratch.now.fetch_add(39 * 86_400, Ordering::SeqCst);
    let delete_old = async || {
        write(&scratch.db, |tx| Box::pin(async move { tx.delete_old_log_positions().await })).await.unwrap()
    };
    assert_eq!(delete_old().await, 0);
    scratch.now.fetch_add(86_400, Ordering::SeqCst);
    assert_eq!(delete_old().await, 1);
    let mut tx = scratch.db.read().await.unwrap();
    assert_eq!(tx.log_position(1, &tag(1)).await.unwrap(), 0);
    assert_eq!(tx.log_position(1, &tag(2)).await.unwrap(), 20);
}
