//! What opens something for a time: magic links, sessions, renewal offers, receipts and API tokens. Each is found by its
//! hash alone, ends at its second or day, is used once, and belongs to one person.

use std::sync::atomic::Ordering;

use keyring::Slot;
use policy::purpose::Licensing;
use store::testing::{Scratch, serial};
use store::{Actor, ApiToken, Error, MagicLinkKind, Receipt, Tx};

use crate::fixtures::{Step, day, error_of_second, tag32, write};

const MINE: Slot = Slot(70_001);
const THEIRS: Slot = Slot(70_002);

fn pass(scratch: &Scratch, seconds: i64) {
    scratch.now.fetch_add(seconds, Ordering::SeqCst);
}

/// Adds a portal link that expires after these seconds.
async fn add_link(tx: &mut Tx, n: u8, of: Slot, seconds: i64) -> Result<(), Error> {
    let expires_at = tx.now + seconds;
    tx.add_magic_link(&tag32(n), of, MagicLinkKind::Portal, expires_at, b"", "").await
}

#[tokio::test]
async fn every_column_of_a_link_is_read_as_it_was_written() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let (of, other) = (tx.keyring().allocate_slot()?, tx.keyring().allocate_slot()?);
            let expires_at = tx.now + 900;
            let cases =
                [(1, of, MagicLinkKind::Portal, ""), (2, other, MagicLinkKind::Address, "new@example.org")];
            for (n, slot, kind, address) in cases {
                tx.add_magic_link(&tag32(n), slot, kind, expires_at, &tag32(9), address).await?;
            }
            for (n, slot, kind, address) in cases {
                let link = tx.magic_link(&tag32(n)).await?.expect("a link");
                assert_eq!((link.token_hash, link.slot, link.kind), (tag32(n), slot, kind));
                assert_eq!((link.requested_at, link.expires_at, link.used), (tx.now, expires_at, false));
                let permit = tx.permit::<Licensing>(slot, "magic_link.address", &Actor::System, "").await?;
                let opened = tx.open_magic_link_address(&link, &permit)?;
                assert_eq!(opened.map(|opened| opened.text().to_owned()).unwrap_or_default(), address);
            }
            assert!(tx.use_magic_link(&tag32(1)).await?);
            assert!(tx.magic_link(&tag32(1)).await?.expect("it stays").used);
            assert!(!tx.magic_link(&tag32(2)).await?.expect("another").used);
            assert!(tx.magic_link(&tag32(3)).await?.is_none());
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_link_or_an_offer_is_used_once_and_before_it_expires() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            for n in [1, 2, 3] {
                add_link(tx, n, MINE, 60).await?;
                tx.add_renewal(&tag32(n), MINE, serial(n.into()), tx.now + 60).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let uses = async |n: u8| {
        let used = write(&scratch.db, move |tx| {
            Box::pin(
                async move { Ok((tx.use_magic_link(&tag32(n)).await?, tx.use_renewal(&tag32(n)).await?)) },
            )
        });
        used.await.unwrap()
    };
    assert_eq!(uses(1).await, (true, true));
    assert_eq!(uses(1).await, (false, false), "twice");
    assert_eq!(uses(9).await, (false, false), "unknown");
    pass(&scratch, 59);
    assert_eq!(uses(2).await, (true, true), "in its last second");
    pass(&scratch, 1);
    assert_eq!(uses(3).await, (false, false), "expired");
    let mut tx = scratch.db.read().await.unwrap();
    let used: Vec<bool> = [
        tx.renewal(&tag32(1)).await.unwrap(),
        tx.renewal(&tag32(2)).await.unwrap(),
        tx.renewal(&tag32(3)).await.unwrap(),
    ]
    .map(|offer| offer.expect("it stays for a late notification").used)
    .to_vec();
    assert_eq!(used, [true, true, false]);
}

#[tokio::test]
async fn requested_links_are_counted_by_person_and_in_all() {
    let scratch = Scratch::new().await;
    let begin = scratch.db.clock.now();
    for (n, of) in [(1, MINE), (2, MINE), (3, THEIRS)] {
        write(&scratch.db, move |tx| Box::pin(async move { add_link(tx, n, of, 60).await })).await.unwrap();
        pass(&scratch, 10);
    }
    write(&scratch.db, |tx| {
        Box::pin(async move {
            // A change of address is no request for the portal; it counts only in all.
            let (kind, expires_at) = (MagicLinkKind::Address, tx.now + 60);
            tx.add_magic_link(&tag32(4), MINE, kind, expires_at, b"", "").await
        })
    })
    .await
    .unwrap();
    let mut tx = scratch.db.read().await.unwrap();
    for (since, mine, theirs, all) in
        [(-1, 2, 1, 4), (0, 1, 1, 3), (9, 1, 1, 3), (10, 0, 1, 2), (20, 0, 0, 1), (30, 0, 0, 0)]
    {
        let since = begin + since;
        assert_eq!(tx.magic_links_requested_since(MINE, since).await.unwrap(), mine, "{since}");
        assert_eq!(tx.magic_links_requested_since(THEIRS, since).await.unwrap(), theirs, "{since}");
        assert_eq!(tx.all_magic_links_requested_since(since).await.unwrap(), all, "{since}");
    }
    drop(tx);
    write(&scratch.db, |tx| Box::pin(async move { tx.delete_magic_links_of(MINE).await })).await.unwrap();
    let mut tx = scratch.db.read().await.unwrap();
    assert_eq!(tx.all_magic_links_requested_since(begin - 1).await.unwrap(), 1);
    assert!(tx.magic_link(&tag32(3)).await.unwrap().is_some());
}

#[tokio::test]
async fn an_expired_link_is_deleted_a_day_after_its_request_and_an_offer_a_day_after_its_end() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            add_link(tx, 1, MINE, 60).await?;
            add_link(tx, 2, MINE, 2 * 86_400).await?;
            tx.add_renewal(&tag32(1), MINE, serial(1), tx.now).await?;
            tx.add_renewal(&tag32(2), MINE, serial(2), tx.now + 1).await
        })
    })
    .await
    .unwrap();
    let sweep = async || {
        let swept = write(&scratch.db, |tx| {
            Box::pin(async move {
                Ok((tx.delete_expired_magic_links().await?, tx.delete_expired_renewals().await?))
            })
        });
        swept.await.unwrap()
    };
    pass(&scratch, 86_399);
    assert_eq!(sweep().await, (0, 0), "it still counts for the rate limit");
    pass(&scratch, 1);
    assert_eq!(sweep().await, (1, 1));
    pass(&scratch, 1);
    assert_eq!(sweep().await, (0, 1));
    pass(&scratch, 86_398);
    assert_eq!(sweep().await, (0, 0), "it has not expired");
    pass(&scratch, 1);
    assert_eq!(sweep().await, (1, 0));
}

#[tokio::test]
async fn a_session_ends_at_its_second_or_with_all_of_its_person() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            for (n, of, seconds) in [(1, MINE, 60), (2, MINE, 120), (3, MINE, 120), (4, THEIRS, 120)] {
                tx.add_session(&tag32(n), of, tx.now + seconds).await?;
            }
            let session = tx.session(&tag32(1)).await?.expect("a session");
            assert_eq!((session.slot, session.expires_at), (MINE, tx.now + 60));
            assert!(!session.address_change_requested);
            assert!(tx.request_address_change(&tag32(1)).await?);
            assert!(!tx.request_address_change(&tag32(1)).await?, "twice");
            assert!(!tx.request_address_change(&tag32(9)).await?, "unknown");
            assert!(tx.session(&tag32(1)).await?.is_some_and(|session| session.address_change_requested));
            assert!(tx.session(&tag32(2)).await?.is_some_and(|session| !session.address_change_requested));
            Ok(())
        })
    })
    .await
    .unwrap();
    let open = async || {
        let mut tx = scratch.db.read().await.unwrap();
        let mut open = Vec::new();
        for n in 1..=5 {
            open.extend(tx.session(&tag32(n)).await.unwrap().map(|_| n));
        }
        open
    };
    let sweep = async || {
        write(&scratch.db, |tx| Box::pin(async move { tx.delete_expired_sessions().await })).await.unwrap()
    };
    pass(&scratch, 59);
    assert_eq!((open().await, sweep().await), (vec![1, 2, 3, 4], 0));
    pass(&scratch, 1);
    assert_eq!((open().await, sweep().await), (vec![2, 3, 4], 1));
    write(&scratch.db, |tx| Box::pin(async move { tx.end_session(&tag32(2)).await })).await.unwrap();
    assert_eq!(open().await, [3, 4]);
    write(&scratch.db, |tx| Box::pin(async move { tx.end_sessions_of(MINE).await })).await.unwrap();
    assert_eq!(open().await, [4]);
}

#[tokio::test]
async fn an_offer_keeps_its_licence_when_its_person_is_erased() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let expires_at = tx.now + 60;
            tx.add_renewal(&tag32(1), MINE, serial(41), expires_at).await?;
            tx.add_renewal(&tag32(2), THEIRS, serial(42), expires_at).await?;
            tx.detach_renewals(MINE).await?;
            let offer = tx.renewal(&tag32(1)).await?.expect("an offer");
            assert_eq!((offer.serial, offer.expires_at, offer.used), (serial(41), expires_at, false));
            assert!(tx.renewal(&tag32(3)).await?.is_none());
            Ok(())
        })
    })
    .await
    .unwrap();
    assert_eq!(scratch.numbers("SELECT slot FROM renewal ORDER BY serial").await, [0, 70_002]);
}

#[tokio::test]
async fn a_receipt_waits_for_its_erasure_and_is_deleted_after_its_day() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let receipt =
                |erasure_intent, on, body: &str| Receipt { erasure_intent, day: day(on), body: body.into() };
            for (n, new) in
                [(1, receipt(8, 100, "")), (2, receipt(9, 100, "")), (3, receipt(0, 101, "signed"))]
            {
                tx.add_receipt(&tag32(n), &new).await?;
                assert_eq!(tx.receipt(&tag32(n)).await?, Some(new));
            }
            assert_eq!(tx.receipt(&tag32(4)).await?, None);
            assert!(tx.has_pending_receipt(8).await? && tx.has_pending_receipt(9).await?);
            assert!(!tx.has_pending_receipt(7).await?);
            tx.complete_receipts(8, "signed too").await?;
            assert_eq!(tx.receipt(&tag32(1)).await?, Some(receipt(0, 100, "signed too")));
            assert_eq!(
                tx.receipt(&tag32(2)).await?,
                Some(receipt(9, 100, "")),
                "it waits for another erasure"
            );
            assert_eq!(tx.receipt(&tag32(3)).await?, Some(receipt(0, 101, "signed")));
            assert!(!tx.has_pending_receipt(8).await?);
            assert_eq!(tx.delete_old_receipts(day(99)).await?, 0);
            assert_eq!(tx.delete_old_receipts(day(100)).await?, 1, "one that waits is kept");
            assert_eq!(tx.delete_old_receipts(day(101)).await?, 1);
            assert_eq!(tx.receipt(&tag32(2)).await?, Some(receipt(9, 100, "")));
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn api_tokens_are_listed_by_name_and_read_as_they_were_written() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let token = |n, name: &str, expires_day| ApiToken {
                token_hash: tag32(n),
                name: name.into(),
                staff: format!("staff {n}"),
                scopes: format!("scope {n}"),
                created_day: day(20_000 + i64::from(n)),
                expires_day,
            };
            let all =
                [token(2, "a", Some(day(30_000))), token(3, "b", Some(day(20_004))), token(1, "c", None)];
            for new in all.iter().rev() {
                assert!(tx.add_api_token(new).await?);
            }
            assert_eq!(tx.api_tokens().await?, all, "also one that has expired");
            assert_eq!(tx.api_token(&tag32(1)).await?.as_ref(), Some(&all[2]));
            assert_eq!(tx.api_token(&tag32(3)).await?, None);
            assert!(!tx.add_api_token(&token(9, "a", None)).await?, "the name exists");
            assert_eq!(tx.api_token(&tag32(9)).await?, None);
            assert_eq!(tx.api_tokens().await?[0], all[0], "the first token keeps its name and its scopes");
            assert!(!tx.delete_api_token("d").await? && tx.delete_api_token("b").await?);
            assert_eq!(tx.api_tokens().await?, [all[0].clone(), all[2].clone()]);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_token_that_exists_is_a_conflict() {
    let scratch = Scratch::new().await;
    let steps: [(&str, Step); 4] = [
        ("link", |tx| Box::pin(async move { add_link(tx, 1, MINE, 60).await })),
        ("session", |tx| Box::pin(async move { tx.add_session(&tag32(1), MINE, tx.now + 60).await })),
        ("offer", |tx| {
            Box::pin(async move { tx.add_renewal(&tag32(1), MINE, serial(1), tx.now + 60).await })
        }),
        ("receipt", |tx| {
            Box::pin(async move {
                let receipt = Receipt { erasure_intent: 0, day: day(1), body: String::new() };
                tx.add_receipt(&tag32(1), &receipt).await
            })
        }),
    ];
    for (what, step) in steps {
        let error = error_of_second(&scratch.db, step).await;
        assert!(matches!(error, Some(Error::Conflict)), "{what}: {error:?}");
    }
}
