//! Operations are atomic, isolated and retried on conflict; a read transaction writes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use policy::purpose::Support;
use store::testing::{Scratch, serial};
use store::{Actor, Db, Error};
use tokio::sync::Notify;

use crate::fixtures::{licence, seed_shop, write};

async fn fact(db: &Db, name: &str) -> Option<String> {
    db.read().await.unwrap().fact(name).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_400_concurrent_updates_of_one_row_none_is_lost() {
    let scratch = Scratch::new().await;
    let other = scratch.again().await;
    write(&scratch.db, |tx| Box::pin(async move { tx.add_licence(&licence(1)).await })).await.unwrap();
    let operations = (0..400).map(|n| {
        let db = if n % 2 == 0 { scratch.db.clone() } else { other.clone() };
        tokio::spawn(async move {
            write(&db, |tx| {
                Box::pin(async move {
                    let mut row = tx.licence_locked(serial(1)).await?.expect("a licence");
                    row.until_day = row.until_day.map(|until| until + 1);
                    tx.set_licence(&row).await
                })
            })
            .await
        })
    });
    for operation in operations.collect::<Vec<_>>() {
        operation.await.unwrap().unwrap();
    }
    let row = scratch.db.read().await.unwrap().licence(serial(1)).await.unwrap().unwrap();
    assert_eq!(row.until_day, licence(1).until_day.map(|until| until + 400));
}

#[tokio::test]
async fn a_conflicting_operation_is_retried_from_the_beginning() {
    let scratch = Scratch::new().await;
    let runs = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&runs);
    let done = write(&scratch.db, move |tx| {
        let run = counter.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            assert_eq!(tx.fact("began").await?, None, "an earlier run left something");
            tx.set_fact("began", "yes").await?;
            if run < 3 { Err(Error::Conflict) } else { Ok(run) }
        })
    });
    assert_eq!(done.await.unwrap(), 3);
    assert_eq!(fact(&scratch.db, "began").await.as_deref(), Some("yes"));
}

#[tokio::test]
async fn an_operation_that_always_conflicts_fails_in_the_end() {
    let scratch = Scratch::new().await;
    let runs = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&runs);
    let done: Result<(), Error> = write(&scratch.db, move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Err(Error::Conflict) })
    })
    .await;
    assert!(matches!(done, Err(Error::Conflict)));
    assert!((2..100).contains(&runs.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn a_failed_operation_writes_nothing() {
    let scratch = Scratch::new().await;
    let done: Result<(), Error> = write(&scratch.db, |tx| {
        Box::pin(async move {
            tx.set_fact("began", "yes").await?;
            tx.add_licence(&licence(1)).await?;
            Err(Error::Unknown("something"))
        })
    })
    .await;
    assert!(matches!(done, Err(Error::Unknown(_))));
    assert_eq!(fact(&scratch.db, "began").await, None);
    assert!(scratch.db.read().await.unwrap().licence(serial(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_dropped_transaction_writes_nothing_and_releases_its_locks() {
    let scratch = Scratch::new().await;
    let written = Arc::new(Notify::new());
    let here = Arc::clone(&written);
    let operation = write(&scratch.db, move |tx| {
        let here = Arc::clone(&here);
        Box::pin(async move {
            tx.set_fact("began", "yes").await?;
            here.notify_one();
            std::future::pending::<Result<(), Error>>().await
        })
    });
    tokio::select! {
        _ = operation => unreachable!("it never ends"),
        () = written.notified() => {}
    }
    assert_eq!(fact(&scratch.db, "began").await, None);
    write(&scratch.db, |tx| Box::pin(async move { tx.set_fact("began", "again").await })).await.unwrap();
    assert_eq!(fact(&scratch.db, "began").await.as_deref(), Some("again"));
}

#[tokio::test]
async fn a_read_transaction_can_neither_write_nor_open_personal_values() {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let before = scratch.numbers("SELECT COUNT(*) FROM audit_entry").await;

    let mut tx = scratch.db.read().await.unwrap();
    assert!(matches!(tx.set_fact("began", "yes").await, Err(Error::Refused(_))));
    let mut tx = scratch.db.read().await.unwrap();
    let permit = tx.permit::<Support>(of, "person.email", &Actor::System, "").await;
    assert!(matches!(permit, Err(Error::Refused(_))));

    assert_eq!(fact(&scratch.db, "began").await, None);
    assert_eq!(scratch.numbers("SELECT COUNT(*) FROM audit_entry").await, before);
}

#[tokio::test]
async fn a_read_transaction_sees_one_state_during_concurrent_writes() {
    let scratch = Scratch::new().await;
    let mut reader = scratch.db.read().await.unwrap();
    assert_eq!(reader.fact("n").await.unwrap(), None);
    write(&scratch.db, |tx| Box::pin(async move { tx.set_fact("n", "1").await })).await.unwrap();
    assert_eq!(reader.fact("n").await.unwrap(), None);
    assert_eq!(fact(&scratch.db, "n").await.as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_recorded_epoch_never_decreases() {
    let scratch = Scratch::new().await;
    let all = (1..=60_u64).map(|n| {
        let db = scratch.db.clone();
        let epoch = n * 7 % 61 + 90;
        tokio::spawn(
            async move { write(&db, |tx| Box::pin(async move { tx.record_epoch(epoch).await })).await },
        )
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert_eq!(fact(&scratch.db, "epoch").await.as_deref(), Some("150"));
    write(&scratch.db, |tx| Box::pin(async move { tx.record_epoch(9).await })).await.unwrap();
    assert_eq!(fact(&scratch.db, "epoch").await.as_deref(), Some("150"));
}
