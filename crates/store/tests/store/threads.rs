//! Threads: what is written is what is read, queues show the right rows and open nothing, and two who change one
//! thread at once don't write over each other.

use std::sync::atomic::Ordering;

use keyring::{Slot, Tag16};
use policy::purpose::{Access, Finding, Support};
use store::testing::Scratch;
use store::{
    Actor, ConversationAccessKind, Error, MessageKind, NewMessage, Queue, Thread, ThreadKind, ThreadState,
    Via,
};

use crate::shop::{new_thread, tag, tag32, write};

/// Threads 1 to `n`, each under a slot of its own; returns the slots.
pub async fn threads(scratch: &Scratch, n: i64) -> Vec<Slot> {
    let begun = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut slots = Vec::new();
            for id in 1..=n {
                let slot = tx.vault().take_slot()?;
                tx.add_thread(&new_thread(id, slot)).await?;
                slots.push(slot);
            }
            Ok(slots)
        })
    });
    begun.await.unwrap()
}

/// Changes thread `id` and saves it.
pub async fn change(scratch: &Scratch, id: i64, change: fn(&mut Thread)) {
    let done = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut thread = tx.thread(id).await?.expect("a thread");
            change(&mut thread);
            tx.save_thread(&mut thread).await
        })
    });
    done.await.unwrap();
}

async fn queue(scratch: &Scratch, of: Queue<'_>) -> Vec<i64> {
    let threads = scratch.db.read().await.unwrap().queue(&of, i64::MAX, 100).await.unwrap();
    threads.iter().map(|thread| thread.id).collect()
}

#[tokio::test]
async fn what_a_thread_was_given_is_what_it_has() {
    let scratch = Scratch::new().await;
    threads(&scratch, 1).await;
    change(&scratch, 1, |thread| {
        thread.kind = ThreadKind::Customer;
        thread.state = ThreadState::Waiting;
        thread.person = Slot(5);
        thread.assigned = "kim".into();
        thread.snoozed_day = 30_000;
        thread.messages = 4;
        thread.touched_day = 21_000;
        thread.closed_day = 21_001;
        thread.licence = 77;
        thread.linked = 9;
        thread.last_act = 8;
        thread.last_act_day = 20_999;
        thread.letters_since_act = 2;
        thread.verified = false;
        thread.stopped = "bounce".into();
    })
    .await;
    let opened = write(&scratch.db, |tx| {
        Box::pin(async move {
            let of = tx.thread(1).await?.expect("a thread");
            assert_eq!((of.kind, of.state, of.person), (ThreadKind::Customer, ThreadState::Waiting, Slot(5)));
            assert_eq!((&*of.assigned, of.snoozed_day, of.messages), ("kim", 30_000, 4));
            assert_eq!((of.opened_day, of.touched_day, of.closed_day), (tx.today(), 21_000, 21_001));
            assert_eq!((of.licence, of.linked, of.last_act, of.last_act_day), (77, 9, 8, 20_999));
            assert_eq!((of.letters_since_act, of.verified, &*of.stopped), (2, false, "bounce"));
            let leave = tx.leave::<Support>(of.slot, "thread.*", &Actor::Staff("kim".into()), "case").await?;
            assert!(tx.open_subject(&of, &leave)?.is_some_and(|v| v.text() == "canary-subject"));
            assert!(tx.open_contact(&of, &leave)?.is_some_and(|v| v.bytes().starts_with(b"canary-contact")));
            assert!(tx.open_tags(&of, &leave)?.is_none());
            assert_eq!(tx.thread_of_slot(of.slot).await?.map(|t| t.id), Some(1));
            assert_eq!(tx.threads_of_person(Slot(5)).await?.len(), 1);
            assert!(tx.threads_of_person(Slot(0)).await?.is_empty(), "nobody has no threads");
            Ok(())
        })
    });
    opened.await.unwrap();
}

#[tokio::test]
async fn every_change_has_a_later_turn_and_none_is_given_twice() {
    let scratch = Scratch::new().await;
    let slots = threads(&scratch, 3).await;
    let turns = async || {
        let changed = scratch.db.read().await.unwrap().turns_after(0).await.unwrap();
        changed.iter().map(|t| (t.id, t.turn)).collect::<Vec<_>>()
    };
    assert_eq!(turns().await, [(1, 1), (2, 2), (3, 3)]);
    change(&scratch, 1, |_| ()).await;
    assert_eq!(turns().await, [(2, 2), (3, 3), (1, 4)]);
    let last = slots[0];
    write(&scratch.db, move |tx| Box::pin(async move { tx.delete_rows_of(last).await })).await.unwrap();
    change(&scratch, 2, |_| ()).await;
    assert_eq!(turns().await, [(3, 3), (2, 5)], "who has seen turn 4 of a thread that is gone must see this");
    let living = scratch.db.read().await.unwrap().living_threads(&[1, 2, 3, 4]).await.unwrap();
    assert_eq!(living, [2, 3]);
}

#[tokio::test]
async fn a_thread_that_another_has_changed_meanwhile_is_not_written_over() {
    let scratch = Scratch::new().await;
    threads(&scratch, 1).await;
    let mut old = scratch.db.read().await.unwrap().thread(1).await.unwrap().unwrap();
    change(&scratch, 1, |thread| thread.assigned = "kim".into()).await;
    old.assigned = "pat".into();
    let late = write(&scratch.db, move |tx| {
        let mut old = old.clone();
        Box::pin(async move { Ok(tx.save_thread(&mut old).await) })
    });
    assert!(matches!(late.await.unwrap(), Err(Error::Collided)));
    assert_eq!(queue(&scratch, Queue::Mine("kim")).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_that_come_at_once_all_have_their_place() {
    let scratch = Scratch::new().await;
    threads(&scratch, 1).await;
    let writers = (0..8).map(|_| {
        let db = scratch.db.clone();
        tokio::spawn(async move { write(&db, |tx| Box::pin(say(tx, 1, b"text"))).await.unwrap() })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut tx = scratch.db.read().await.unwrap();
    let places: Vec<i64> = tx.messages_of(1).await.unwrap().iter().map(|m| m.n).collect();
    assert_eq!(places, (1..=8).collect::<Vec<_>>());
    assert_eq!(tx.thread(1).await.unwrap().unwrap().messages, 8);
}

/// Adds a message of the person to thread `id`.
pub async fn say(tx: &mut store::Tx, id: i64, body: &[u8]) -> Result<store::Message, Error> {
    let mut thread = tx.thread(id).await?.expect("a thread");
    let (kind, via) = (MessageKind::Person, Via::Mail);
    let said = tx.add_message(&NewMessage { thread: &thread, kind, via, who: "", act: 0, body }).await?;
    thread.messages = said.n;
    tx.save_thread(&mut thread).await?;
    Ok(said)
}

#[tokio::test]
async fn queues_show_the_right_threads_newest_first_and_open_nothing() {
    let scratch = Scratch::new().await;
    threads(&scratch, 8).await;
    change(&scratch, 2, |t| t.assigned = "kim".into()).await;
    change(&scratch, 3, |t| t.state = ThreadState::Waiting).await;
    change(&scratch, 4, |t| t.snoozed_day = 40_000).await;
    change(&scratch, 5, |t| t.state = ThreadState::Held).await;
    change(&scratch, 6, |t| t.state = ThreadState::Closed).await;
    change(&scratch, 7, |t| (t.state, t.snoozed_day) = (ThreadState::Waiting, 40_000)).await;
    change(&scratch, 1, |t| t.snoozed_day = 10_000).await;
    let before = scratch.numbers("SELECT COUNT(*) FROM journal").await;
    assert_eq!(queue(&scratch, Queue::Mine("kim")).await, [2]);
    assert_eq!(queue(&scratch, Queue::Mine("pat")).await, [0; 0]);
    assert_eq!(queue(&scratch, Queue::Unassigned).await, [1, 8], "what has woken is there again");
    assert_eq!(queue(&scratch, Queue::Open).await, [1, 2, 8]);
    assert_eq!(queue(&scratch, Queue::Waiting).await, [3]);
    assert_eq!(queue(&scratch, Queue::Snoozed).await, [7, 4]);
    assert_eq!(queue(&scratch, Queue::Held).await, [5]);
    assert_eq!(queue(&scratch, Queue::Closed).await, [6]);
    assert_eq!(scratch.numbers("SELECT COUNT(*) FROM journal").await, before);
}

#[tokio::test]
async fn a_queue_is_read_page_by_page_without_losing_or_doubling_a_thread() {
    let scratch = Scratch::new().await;
    threads(&scratch, 23).await;
    let mut tx = scratch.db.read().await.unwrap();
    let (mut before, mut seen) = (i64::MAX, Vec::new());
    loop {
        let page = tx.queue(&Queue::Open, before, 5).await.unwrap();
        let Some(last) = page.last() else { break };
        before = last.turn;
        seen.extend(page.iter().map(|t| t.id));
    }
    assert_eq!(seen, (1..=23).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_due_is_found_by_its_kind_and_day() {
    let scratch = Scratch::new().await;
    threads(&scratch, 5).await;
    change(&scratch, 1, |t| (t.state, t.closed_day) = (ThreadState::Closed, 100)).await;
    change(&scratch, 2, |t| {
        (t.state, t.closed_day, t.kind) = (ThreadState::Closed, 100, ThreadKind::Anonymous);
    })
    .await;
    change(&scratch, 3, |t| (t.state, t.touched_day) = (ThreadState::Waiting, 100)).await;
    change(&scratch, 4, |t| (t.state, t.touched_day) = (ThreadState::Held, 100)).await;
    let ids = |threads: Vec<Thread>| threads.iter().map(|t| t.id).collect::<Vec<_>>();
    let mut tx = scratch.db.read().await.unwrap();
    assert_eq!(ids(tx.threads_due(99, 99).await.unwrap()), [0; 0]);
    assert_eq!(ids(tx.threads_due(99, 100).await.unwrap()), [2]);
    assert_eq!(ids(tx.threads_due(100, 99).await.unwrap()), [1]);
    assert_eq!(ids(tx.threads_to_close(99).await.unwrap()), [0; 0]);
    assert_eq!(ids(tx.threads_to_close(100).await.unwrap()), [3, 4]);
}

#[tokio::test]
async fn a_writers_threads_are_found_by_their_address_and_nothing_is_noted() {
    let scratch = Scratch::new().await;
    threads(&scratch, 3).await;
    change(&scratch, 2, |t| t.person = Slot(5)).await;
    let marked = write(&scratch.db, |tx| {
        Box::pin(async move {
            let mut third = tx.thread(3).await?.expect("a thread");
            tx.set_mark(&mut third, Some(&tag(3)))?;
            tx.save_thread(&mut third).await?;
            let first = tx.thread(1).await?.expect("a thread");
            assert!(tx.is_marked(&third, &tag(3))? && !tx.is_marked(&first, &tag(3))?);
            assert!(!tx.marked_alike(&first, &third)?);
            tx.set_mark(&mut third, None)?;
            assert!(!tx.is_marked(&third, &tag(3))? && !tx.marked_alike(&third, &third)?);
            Ok(())
        })
    });
    marked.await.unwrap();
    let mut tx = scratch.db.read().await.unwrap();
    let found = tx.threads_marked(&Tag16([7; 16])).await.unwrap();
    assert_eq!(found.iter().map(|t| t.id).collect::<Vec<_>>(), [1], "who is tied is found by the person");
    assert_eq!(tx.threads_marked(&tag(3)).await.unwrap().len(), 1);
    assert!(tx.threads_marked(&tag(4)).await.unwrap().is_empty());
    assert!(tx.last_lines().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mail_is_taken_once_even_when_two_take_it() {
    let scratch = Scratch::new().await;
    let slot = threads(&scratch, 1).await[0];
    let takers = (0..6).map(|_| {
        let db = scratch.db.clone();
        tokio::spawn(async move {
            write(&db, move |tx| Box::pin(async move { tx.take_mail(&tag(1), slot).await })).await.unwrap()
        })
    });
    let mut taken = 0;
    for taker in takers.collect::<Vec<_>>() {
        taken += i32::from(taker.await.unwrap());
    }
    assert_eq!(taken, 1);
    scratch.now.fetch_add(29 * 86_400, Ordering::SeqCst);
    let sweep = async || write(&scratch.db, |tx| Box::pin(async move { tx.sweep_taken().await })).await;
    assert_eq!(sweep().await.unwrap(), 0);
    let again = async || {
        write(&scratch.db, |tx| Box::pin(async move { tx.comes_again(&tag(1)).await })).await.unwrap()
    };
    assert!(again().await);
    scratch.now.fetch_add(29 * 86_400, Ordering::SeqCst);
    assert_eq!(sweep().await.unwrap(), 0, "30 days from when it came last");
    scratch.now.fetch_add(86_400, Ordering::SeqCst);
    assert_eq!(sweep().await.unwrap(), 1);
    assert!(!again().await);
}

#[tokio::test]
async fn a_way_leads_to_its_thread_until_it_expires_or_is_taken_away() {
    let scratch = Scratch::new().await;
    let slot = threads(&scratch, 1).await[0];
    let made = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let today = tx.today();
            tx.add_way(&tag32(1), 1, slot, ConversationAccessKind::Code, 0).await?;
            tx.add_way(&tag32(2), 1, slot, ConversationAccessKind::Letter, today + 60).await?;
            tx.add_way(&tag32(3), 1, slot, ConversationAccessKind::Merged, 0).await
        })
    });
    made.await.unwrap();
    let kinds = async || {
        let mut tx = scratch.db.read().await.unwrap();
        let mut kinds = Vec::new();
        for n in 1..=4 {
            let way = tx.way(&tag32(n)).await.unwrap();
            assert!(way.is_none_or(|way| (way.thread, way.slot) == (1, slot)));
            kinds.extend(way.map(|way| way.kind));
        }
        kinds
    };
    assert_eq!(
        kinds().await,
        [ConversationAccessKind::Code, ConversationAccessKind::Letter, ConversationAccessKind::Merged]
    );
    scratch.now.fetch_add(60 * 86_400, Ordering::SeqCst);
    assert_eq!(kinds().await, [ConversationAccessKind::Code, ConversationAccessKind::Merged]);
    let swept = write(&scratch.db, |tx| {
        Box::pin(async move {
            tx.drop_ways(1, ConversationAccessKind::Code).await?;
            tx.sweep_ways().await
        })
    });
    assert_eq!(swept.await.unwrap(), 1);
    assert_eq!(kinds().await, [ConversationAccessKind::Merged]);
}

#[tokio::test]
async fn who_reads_their_own_thread_leaves_a_line_that_names_neither_thread_nor_hour() {
    let scratch = Scratch::new().await;
    threads(&scratch, 1).await;
    let read = write(&scratch.db, |tx| {
        Box::pin(async move {
            let of = tx.thread(1).await?.expect("a thread");
            let own = tx.leave_unnamed::<Access>("message.body", &Actor::Person).await?;
            assert!(tx.open_subject(&of, &own)?.is_some());
            let index = tx.leave_unnamed::<Finding>("message.body", &Actor::System).await?;
            assert!(tx.open_subject(&of, &index)?.is_some());
            tx.last_lines().await
        })
    });
    for line in read.await.unwrap() {
        assert_eq!((line.slot, line.at % 86_400, &*line.kind), (Slot(0), 0, "opening"));
    }
}

#[tokio::test]
async fn whom_letters_may_not_reach_is_noted_and_taken_back() {
    let scratch = Scratch::new().await;
    let of = crate::shop::open_shop(&scratch.db).await;
    for why in ["bounce", ""] {
        write(&scratch.db, move |tx| Box::pin(async move { tx.set_stopped(of, why).await })).await.unwrap();
        let person = scratch.db.read().await.unwrap().person(of).await.unwrap().unwrap();
        assert_eq!(person.stopped, why);
    }
}

#[tokio::test]
async fn a_token_of_staff_is_good_until_its_day_and_its_name_is_its_own() {
    let scratch = Scratch::new().await;
    let of = |n, name: &str, expires_day| store::ApiToken {
        tag: tag32(n),
        name: name.into(),
        staff: "kim".into(),
        scopes: "threads".into(),
        made_day: 20_000,
        expires_day,
    };
    let today = scratch.db.clock.today();
    let tokens = [of(1, "one", 0), of(2, "two", today + 1), of(3, "three", today), of(4, "one", 0)];
    for (token, added) in tokens.into_iter().zip([true, true, true, false]) {
        let done = write(&scratch.db, move |tx| {
            let token = token.clone();
            Box::pin(async move { tx.add_api_token(&token).await })
        });
        assert_eq!(done.await.unwrap(), added);
    }
    let mut tx = scratch.db.read().await.unwrap();
    assert!(tx.api_token(&tag32(1)).await.unwrap().is_some_and(|token| token.name == "one"));
    assert!(tx.api_token(&tag32(2)).await.unwrap().is_some());
    assert!(tx.api_token(&tag32(3)).await.unwrap().is_none());
    assert_eq!(tx.api_tokens().await.unwrap().len(), 3);
    drop(tx);
    let dropped = write(&scratch.db, |tx| Box::pin(async move { tx.drop_api_token("one").await }));
    assert!(dropped.await.unwrap());
    assert!(scratch.db.read().await.unwrap().api_token(&tag32(1)).await.unwrap().is_none());
}
