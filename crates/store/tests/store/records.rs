//! Small records: notifications, counters, pending orders, erasure intents, canned responses, facts and signing keys.

use std::sync::atomic::Ordering;

use keyring::{Slot, Tag16, Tombstone};
use policy::purpose::Licensing;
use store::testing::Scratch;
use store::{Actor, ErasureIntent, ErasureReason, Error, Tx};

use crate::fixtures::{Step, day, error_of_second, tag, write};

#[tokio::test]
async fn a_notification_of_an_erased_order_is_recorded_once_and_kept_with_its_year() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            assert!(!tx.is_processed_notification(&tag(1)).await?);
            assert!(tx.add_processed_notification(&tag(1), 2024).await?);
            assert!(!tx.add_processed_notification(&tag(1), 2026).await?, "it was recorded");
            assert!(tx.add_processed_notification(&tag(2), 2025).await?);
            tx.add_early_notification(&tag(3), 2024).await?;
            tx.add_early_notification(&tag(3), 2026).await?;
            tx.add_early_notification(&tag(4), 2025).await?;
            assert!(
                tx.is_processed_notification(&tag(1)).await? && tx.is_processed_notification(&tag(2)).await?
            );
            assert!(!tx.is_processed_notification(&tag(3)).await?, "an early one is another record");
            assert_eq!(tx.delete_notification_tags(2023).await?, 0);
            assert_eq!(tx.delete_notification_tags(2024).await?, 2, "the year is that of the first record");
            assert!(
                !tx.is_processed_notification(&tag(1)).await?
                    && tx.is_processed_notification(&tag(2)).await?
            );
            assert_eq!(tx.early_notifications_among(&[tag(3), tag(4), tag(2)]).await?, [tag(4)]);
            assert_eq!(tx.delete_notification_tags(2030).await?, 2);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn early_notifications_are_returned_in_the_order_of_the_question() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let [one, two, three] = [Tag16([1; 16]), Tag16([2; 16]), Tag16([3; 16])];
            for early in [three, one] {
                tx.add_early_notification(&early, 2026).await?;
            }
            for (asked, found) in [
                ([one, two, three], vec![one, three]),
                ([three, two, one], vec![three, one]),
                ([two, two, two], vec![]),
                ([one, one, two], vec![one, one]),
            ] {
                assert_eq!(tx.early_notifications_among(&asked).await?, found);
            }
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_counter_adds_up_within_its_day_and_is_summed_from_a_day() {
    let scratch = Scratch::new().await;
    let today = scratch.db.clock.today();
    for (name, n) in [("b", 1), ("a", 5), ("b", 2)] {
        write(&scratch.db, move |tx| Box::pin(async move { tx.add_to_counter(name, n).await }))
            .await
            .unwrap();
    }
    scratch.now.fetch_add(86_400, Ordering::SeqCst);
    write(&scratch.db, |tx| Box::pin(async move { tx.add_to_counter("b", 10).await })).await.unwrap();
    let mut tx = scratch.db.read().await.unwrap();
    let counted =
        |all: &[(&str, i64)]| all.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    for (since, expected) in [
        (today - 1, counted(&[("a", 5), ("b", 13)])),
        (today, counted(&[("a", 5), ("b", 13)])),
        (today + 1, counted(&[("b", 10)])),
        (today + 2, counted(&[])),
    ] {
        assert_eq!(tx.counters_since(since).await.unwrap(), expected, "{since}");
    }
    assert_eq!(scratch.numbers("SELECT total FROM counter ORDER BY day, name").await, [5, 3, 10]);
}

#[tokio::test]
async fn pending_orders_are_processed_in_the_order_of_arrival() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let (mine, theirs) = (tx.keyring().allocate_slot()?, tx.keyring().allocate_slot()?);
            let mut added = Vec::new();
            for (n, (of, product)) in
                [(mine, "9"), (theirs, "9"), (mine, "8"), (mine, "9")].into_iter().enumerate()
            {
                added.push(tx.add_pending_order(of, product, format!("notification {n}").as_bytes()).await?);
            }
            let ids = |pending: &[store::PendingOrder]| pending.iter().map(|of| of.id).collect::<Vec<_>>();
            assert_eq!(ids(&tx.pending_orders_of_product("9").await?), [added[0], added[1], added[3]]);
            assert_eq!(ids(&tx.pending_orders_of(mine).await?), [added[0], added[2], added[3]]);
            assert_eq!(ids(&tx.pending_orders_of_product("7").await?), [0; 0]);
            assert_eq!(tx.count_pending_orders().await?, [("8".to_owned(), 1), ("9".to_owned(), 3)]);
            let second = &tx.pending_orders_of_product("9").await?[1];
            assert_eq!((second.slot, &*second.provider_id, second.day), (theirs, "9", tx.today()));
            let permit = tx.permit::<Licensing>(theirs, "pending_order.*", &Actor::System, "").await?;
            assert!(tx.open_pending_order(second, &permit)?.bytes() == b"notification 1");
            tx.delete_pending_order(added[3]).await?;
            // The last position is free again; what arrives now still comes last.
            let last = tx.add_pending_order(mine, "9", b"another").await?;
            assert_eq!(ids(&tx.pending_orders_of_product("9").await?), [added[0], added[1], last]);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn an_erasure_intent_keeps_all_its_slots_and_tombstones() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let reasons = [
                ErasureReason::Erasure,
                ErasureReason::Retention,
                ErasureReason::Index,
                ErasureReason::Conversation,
                ErasureReason::Day,
            ];
            let tombstone = |n: u8| Tombstone {
                year: 2000 + i32::from(n),
                tag: Tag16([n; 16]),
                kind: n,
                serial: u64::MAX - u64::from(n),
                term: u32::MAX - u32::from(n),
            };
            let mut chosen = Vec::new();
            for (n, reason) in (0..).zip(reasons) {
                let intent = ErasureIntent {
                    id: if n == 0 { 0 } else { i64::from(n) },
                    slots: (0..u64::from(n)).map(|slot| Slot(u64::MAX / 3 + slot)).collect(),
                    tombstones: (0..n).map(tombstone).collect(),
                    day: day(20_700 + i64::from(n)),
                    reason,
                };
                chosen.push(tx.add_erasure_intent(&intent).await?);
            }
            assert!(chosen[0] > 0 && chosen[1..] == [1, 2, 3, 4], "0 lets the store choose");
            let mut found = tx.erasure_intents().await?;
            let numbers: Vec<i64> = found.iter().map(|intent| intent.id).collect();
            assert_eq!(numbers, [1, 2, 3, 4, chosen[0]], "by number");
            found.rotate_right(1);
            for (n, (intent, reason)) in (0..).zip(found.iter().zip(reasons)) {
                assert_eq!((intent.day, intent.reason), (day(20_700 + i64::from(n)), reason));
                assert!(
                    intent.slots.iter().copied().eq((0..u64::from(n)).map(|slot| Slot(u64::MAX / 3 + slot)))
                );
                assert!(intent.tombstones == (0..n).map(tombstone).collect::<Vec<_>>());
            }
            tx.delete_erasure_intent(2).await?;
            assert!(!tx.has_erasure_intent(2).await? && tx.has_erasure_intent(3).await?);
            assert_eq!(tx.erasure_intents().await?.len(), 4);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn old_buckets_make_an_intent_of_today_and_no_buckets_make_none() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            tx.forget_buckets(vec![]).await?;
            assert!(tx.erasure_intents().await?.is_empty());
            tx.forget_buckets(vec![Slot(70_000), Slot(70_001)]).await?;
            let found = tx.erasure_intents().await?.remove(0);
            assert_eq!((found.reason, found.day), (ErasureReason::Index, tx.today()));
            assert!(found.slots == [Slot(70_000), Slot(70_001)] && found.tombstones.is_empty());
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_canned_response_is_replaced_by_name_and_listed_by_name() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            for (name, body) in
                [("refund", "old"), ("a key", "Here it is."), ("refund", "new"), ("empty", "")]
            {
                tx.set_canned_response(name, body).await?;
            }
            let response = |name: &str, body: &str| (name.to_owned(), body.to_owned());
            let (key, empty, refund) =
                (response("a key", "Here it is."), response("empty", ""), response("refund", "new"));
            assert_eq!(tx.canned_responses().await?, [key.clone(), empty.clone(), refund]);
            assert!(!tx.delete_canned_response("Refund").await?);
            assert!(tx.delete_canned_response("refund").await?);
            assert!(!tx.delete_canned_response("refund").await?);
            assert_eq!(tx.canned_responses().await?, [key, empty]);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_fact_is_the_last_that_was_written_and_an_epoch_the_highest() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            assert_eq!(tx.fact("a").await?, None);
            tx.set_fact("a", "one").await?;
            tx.set_fact("a", "").await?;
            assert_eq!(tx.fact("a").await?.as_deref(), Some(""));
            assert_eq!(tx.fact("A").await?, None);
            // Compared as numbers, not as text.
            for (epoch, highest) in [(9, "9"), (10, "10"), (9, "10"), (10, "10"), (100, "100"), (99, "100")] {
                tx.record_epoch(epoch).await?;
                assert_eq!(tx.fact("epoch").await?.as_deref(), Some(highest), "{epoch}");
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let store = store::Store::connect(&scratch.folder.path().join("data"), &scratch.url).await.unwrap();
    assert_eq!(
        (store.seen_epoch().await.unwrap(), store.fact("a").await.unwrap().as_deref()),
        (100, Some(""))
    );
}

#[tokio::test]
async fn signing_keys_are_listed_by_number_and_retire_once() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            for (id, current) in [(15, true), (0, false), (7, true)] {
                tx.add_signing_key(id, &[id; 32], &[id + 100; 32], current).await?;
            }
            let keys = tx.signing_keys().await?;
            let rows: Vec<_> = keys.iter().map(|of| (of.id, of.public, of.current, of.since_day)).collect();
            let today = tx.today();
            assert_eq!(
                rows,
                [(0, [0; 32], false, today), (7, [7; 32], true, today), (15, [15; 32], true, today)]
            );
            for key in &keys {
                assert!(tx.open_signing_key(key)?.bytes() == [key.id + 100; 32]);
            }
            assert!(tx.retire_signing_key(7).await?);
            assert!(!tx.retire_signing_key(7).await?, "twice");
            assert!(!tx.retire_signing_key(0).await?, "it was never current");
            assert!(!tx.retire_signing_key(1).await?, "unknown");
            tx.delete_signing_key(0).await?;
            let rows: Vec<_> = tx.signing_keys().await?.iter().map(|of| (of.id, of.current)).collect();
            assert_eq!(rows, [(7, false), (15, true)]);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_signing_key_moved_to_another_number_does_not_sign() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| Box::pin(async move { tx.add_signing_key(1, &[1; 32], &[2; 32], true).await }))
        .await
        .unwrap();
    scratch.tamper("UPDATE signing_key SET id = 2").await;
    let mut tx = scratch.db.read().await.unwrap();
    let moved = tx.signing_keys().await.unwrap().remove(0);
    assert!(matches!(tx.open_signing_key(&moved).err(), Some(Error::Damaged { .. })));
}

#[tokio::test]
async fn a_record_with_a_number_that_exists_is_a_conflict() {
    let scratch = Scratch::new().await;
    async fn intent(tx: &mut Tx) -> Result<(), Error> {
        let (slots, tombstones) = (vec![Slot(70_000)], Vec::new());
        let reason = ErasureReason::Day;
        tx.add_erasure_intent(&ErasureIntent { id: 5, slots, tombstones, day: day(1), reason })
            .await
            .map(drop)
    }
    let steps: [(&str, Step); 2] = [
        ("intent", |tx| Box::pin(intent(tx))),
        ("signing key", |tx| Box::pin(async move { tx.add_signing_key(3, &[1; 32], &[2; 32], true).await })),
    ];
    for (what, step) in steps {
        let error = error_of_second(&scratch.db, step).await;
        assert!(matches!(error, Some(Error::Conflict)), "{what}: {error:?}");
    }
}
