//! The outbox: each e-mail is claimed by one sender at a time, in its order, until it is sent, given up or expired.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use calendar::Timestamp;
use keyring::Slot;
use policy::purpose::Writing;
use proptest::prelude::*;
use store::testing::Scratch;
use store::{Actor, Error, NewOutboxEmail, OutboxEmail, Tx};

use crate::fixtures::write;

fn email(slot: Slot, kind: &str, cause: i64, expires_at: Timestamp) -> NewOutboxEmail<'_> {
    NewOutboxEmail { slot, kind, cause, expires_at, content: b"to: a@example.org\n\ntext" }
}

/// Adds an e-mail for each kind, in this order, each under its own slot. They expire in an hour.
async fn queue(tx: &mut Tx, kinds: &[&str]) -> Result<Vec<(i64, Slot)>, Error> {
    let mut added = Vec::new();
    for kind in kinds {
        let of = tx.keyring().allocate_slot()?;
        added.push((tx.add_outbox_email(&email(of, kind, 7, tx.now + 3600)).await?, of));
    }
    Ok(added)
}

async fn claim(scratch: &Scratch, seconds: i64) -> Option<OutboxEmail> {
    write(&scratch.db, move |tx| Box::pin(async move { tx.claim_email(seconds).await })).await.unwrap()
}

fn pass(scratch: &Scratch, seconds: i64) {
    scratch.now.fetch_add(seconds, Ordering::SeqCst);
}

#[tokio::test]
async fn every_column_of_a_queued_email_is_read_as_it_was_written() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let of = tx.keyring().allocate_slot()?;
            let id = tx.add_outbox_email(&email(of, "link", 41, tx.now + 90)).await?;
            for found in [tx.outbox().await?.remove(0), tx.outbox_of(of).await?.remove(0)] {
                assert_eq!((found.id, found.slot, &*found.kind, found.cause), (id, of, "link", 41));
                assert_eq!((found.attempts, found.expires_at, &*found.state), (0, tx.now + 90, "waiting"));
                let permit = tx.permit::<Writing>(of, "outbox.email", &Actor::System, "").await?;
                let content = tx.open_outbox_email(&found, &permit)?.expect("its content");
                assert_eq!(content.bytes(), b"to: a@example.org\n\ntext");
            }
            assert_eq!(tx.outbox_of(Slot(of.0 + 1)).await?.len(), 0);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_claim_lasts_for_its_seconds_and_counts_an_attempt() {
    let scratch = Scratch::new().await;
    let added = write(&scratch.db, |tx| Box::pin(queue(tx, &["one"]))).await.unwrap();
    let first = claim(&scratch, 60).await.expect("an e-mail");
    assert_eq!((first.id, first.attempts), (added[0].0, 1));
    assert!(claim(&scratch, 60).await.is_none(), "another sender has it");
    pass(&scratch, 59);
    assert!(claim(&scratch, 60).await.is_none());
    pass(&scratch, 1);
    assert_eq!(claim(&scratch, 60).await.expect("a sender that never came back").attempts, 2);
    let stored = scratch.db.read().await.unwrap().outbox().await.unwrap();
    assert_eq!((stored[0].attempts, &*stored[0].state), (2, "waiting"));
}

#[tokio::test]
async fn a_postponed_email_is_due_at_its_time_and_a_given_up_one_never() {
    let scratch = Scratch::new().await;
    let added = write(&scratch.db, |tx| Box::pin(queue(tx, &["one", "two"]))).await.unwrap();
    let (one, of_one) = added[0];
    for _ in 0..2 {
        claim(&scratch, 600).await.expect("both");
    }
    write(&scratch.db, move |tx| Box::pin(async move { tx.postpone_email(one, tx.now + 30).await }))
        .await
        .unwrap();
    pass(&scratch, 29);
    assert!(claim(&scratch, 600).await.is_none());
    pass(&scratch, 1);
    assert_eq!(claim(&scratch, 600).await.map(|found| (found.id, found.attempts)), Some((one, 2)));
    write(&scratch.db, move |tx| Box::pin(async move { tx.give_up_email(one, "refused").await }))
        .await
        .unwrap();
    pass(&scratch, 3000);
    let mut tx = scratch.db.read().await.unwrap();
    let stored = tx.outbox_of(of_one).await.unwrap().remove(0);
    assert_eq!((&*stored.state, stored.attempts), ("refused", 2));
    assert_eq!(tx.count_outbox().await.unwrap(), [("refused".to_owned(), 1), ("waiting".to_owned(), 1)]);
    drop(tx);
    let opened = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let permit = tx.permit::<Writing>(of_one, "outbox.email", &Actor::System, "").await?;
            let stored = tx.outbox_of(of_one).await?.remove(0);
            Ok(tx.open_outbox_email(&stored, &permit)?.is_none())
        })
    });
    assert!(opened.await.unwrap(), "an e-mail that was given up keeps its content");
    assert_eq!(claim(&scratch, 600).await.map(|found| found.id), Some(added[1].0));
}

#[tokio::test]
async fn an_email_expires_at_its_second_unless_a_sender_has_it() {
    let scratch = Scratch::new().await;
    let added = write(&scratch.db, |tx| Box::pin(queue(tx, &["one", "two", "three"]))).await.unwrap();
    let ids: Vec<i64> = added.iter().map(|(id, _)| *id).collect();
    pass(&scratch, 3599);
    let expired = async || {
        let mut tx = scratch.db.read().await.unwrap();
        let mut found: Vec<i64> = tx.expired_emails().await.unwrap().iter().map(|found| found.id).collect();
        found.sort_by_key(|id| ids.iter().position(|known| known == id));
        found
    };
    let delete = async || {
        write(&scratch.db, |tx| Box::pin(async move { tx.delete_expired_emails().await })).await.unwrap()
    };
    assert_eq!((expired().await, delete().await), (vec![], 0));
    let claimed = claim(&scratch, 10).await.expect("an e-mail").id;
    let given_up = *ids.iter().find(|id| **id != claimed).unwrap();
    write(&scratch.db, move |tx| Box::pin(async move { tx.give_up_email(given_up, "refused").await }))
        .await
        .unwrap();
    pass(&scratch, 1);
    let waiting: Vec<i64> = ids.iter().copied().filter(|id| ![claimed, given_up].contains(id)).collect();
    assert_eq!(expired().await, waiting, "one that was given up was reported already");
    assert_eq!(delete().await, 2);
    assert_eq!(expired().await, [0; 0]);
    pass(&scratch, 9);
    assert_eq!((expired().await, delete().await), (vec![claimed], 1));
    assert!(scratch.db.read().await.unwrap().outbox().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_concurrent_senders_each_claims_another_email() {
    let scratch = Scratch::new().await;
    let added = write(&scratch.db, |tx| Box::pin(queue(tx, &["a", "b", "c", "d", "e", "f"]))).await.unwrap();
    let other = scratch.again().await;
    let senders = (0..8).map(|n| {
        let db = if n % 2 == 0 { scratch.db.clone() } else { other.clone() };
        tokio::spawn(async move {
            write(&db, |tx| Box::pin(async move { tx.claim_email(60).await })).await.unwrap()
        })
    });
    let mut claimed = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        claimed.extend(sender.await.unwrap().map(|found| found.id));
    }
    claimed.sort_unstable();
    let mut expected: Vec<i64> = added.iter().map(|(id, _)| *id).collect();
    expected.sort_unstable();
    assert_eq!(claimed, expected);
}

/// What happens to the outbox. A number chooses one of the e-mails.
#[derive(Clone, Copy, Debug)]
enum Event {
    Add { slot: usize, cause: i64, seconds: i64 },
    Claim { seconds: i64 },
    Postpone { which: usize, seconds: i64 },
    GiveUp { which: usize },
    Sent { which: usize },
    Erased { slot: usize },
    Sweep,
    Pass { seconds: i64 },
}

fn event() -> impl Strategy<Value = Event> {
    let which = 0..6_usize;
    prop_oneof![
        4 => (0..3_usize, 0..3_i64, 1..120_i64).prop_map(|(slot, cause, seconds)| Event::Add { slot, cause, seconds }),
        4 => (1..60_i64).prop_map(|seconds| Event::Claim { seconds }),
        2 => (which.clone(), 0..90_i64).prop_map(|(which, seconds)| Event::Postpone { which, seconds }),
        1 => which.clone().prop_map(|which| Event::GiveUp { which }),
        1 => which.prop_map(|which| Event::Sent { which }),
        1 => (0..3_usize).prop_map(|slot| Event::Erased { slot }),
        1 => Just(Event::Sweep),
        4 => (1..50_i64).prop_map(|seconds| Event::Pass { seconds }),
    ]
}

/// An e-mail of the model.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Queued {
    slot: Slot,
    cause: i64,
    attempts: i64,
    expires_at: i64,
    next_attempt_at: i64,
    claimed_until: i64,
    state: &'static str,
}

/// The outbox as a map, beside the real one.
struct Model {
    scratch: Scratch,
    slots: Vec<Slot>,
    rows: BTreeMap<i64, Queued>,
}

impl Model {
    async fn new() -> Self {
        let scratch = Scratch::new().await;
        let slots = scratch.db.keyring().allocate_slots(3).unwrap();
        Self { scratch, slots, rows: BTreeMap::new() }
    }

    fn now(&self) -> i64 {
        self.scratch.now.load(Ordering::SeqCst)
    }

    fn nth(&self, which: usize) -> Option<i64> {
        self.rows.keys().nth(which).copied()
    }

    async fn apply(&mut self, event: Event) {
        let now = self.now();
        let db = &self.scratch.db;
        match event {
            Event::Add { slot, cause, seconds } => {
                let slot = self.slots[slot];
                let add = write(db, move |tx| {
                    Box::pin(async move {
                        tx.add_outbox_email(&email(slot, "link", cause, tx.now + seconds)).await
                    })
                });
                let id = add.await.unwrap();
                let (next_attempt_at, expires_at) = (now, now + seconds);
                let (attempts, claimed_until, state) = (0, 0, "waiting");
                let row = Queued { slot, cause, attempts, expires_at, next_attempt_at, claimed_until, state };
                assert!(self.rows.insert(id, row).is_none());
            }
            Event::Claim { seconds } => self.claim(seconds).await,
            Event::Postpone { which, seconds } => {
                let Some(id) = self.nth(which) else { return };
                let at = now + seconds;
                write(db, move |tx| Box::pin(async move { tx.postpone_email(id, tx.now + seconds).await }))
                    .await
                    .unwrap();
                self.rows.entry(id).and_modify(|row| (row.next_attempt_at, row.claimed_until) = (at, 0));
            }
            Event::GiveUp { which } => {
                let Some(id) = self.nth(which) else { return };
                write(db, move |tx| Box::pin(async move { tx.give_up_email(id, "refused").await }))
                    .await
                    .unwrap();
                self.rows.entry(id).and_modify(|row| (row.state, row.claimed_until) = ("refused", 0));
            }
            Event::Sent { which } => {
                let Some(id) = self.nth(which) else { return };
                write(db, move |tx| Box::pin(async move { tx.delete_sent_email(id).await })).await.unwrap();
                self.rows.remove(&id);
            }
            Event::Erased { slot } => {
                let slot = self.slots[slot];
                write(db, move |tx| Box::pin(async move { tx.delete_outbox_of(slot).await })).await.unwrap();
                self.rows.retain(|_, row| row.slot != slot);
            }
            Event::Sweep => {
                let deleted = write(db, |tx| Box::pin(async move { tx.delete_expired_emails().await }));
                let before = self.rows.len();
                self.rows.retain(|_, row| row.expires_at > now || row.claimed_until > now);
                assert_eq!(deleted.await.unwrap(), (before - self.rows.len()) as u64);
            }
            Event::Pass { seconds } => pass(&self.scratch, seconds),
        }
    }

    /// Claims an e-mail from both: the one that is due first, and of these the one with the lowest number.
    async fn claim(&mut self, seconds: i64) {
        let now = self.now();
        let due = self.rows.iter_mut().filter(|(_, row)| {
            row.state == "waiting" && row.next_attempt_at <= now && row.claimed_until <= now
        });
        let next = due.min_by_key(|(id, row)| (row.next_attempt_at, **id));
        let expected = next.map(|(id, row)| {
            (row.claimed_until, row.attempts) = (now + seconds, row.attempts + 1);
            (*id, row.attempts)
        });
        let claimed = claim(&self.scratch, seconds).await;
        assert_eq!(claimed.map(|found| (found.id, found.attempts)), expected);
    }

    async fn compare(&self) {
        let now = self.now();
        let mut tx = self.scratch.db.read().await.unwrap();
        let of = |found: &OutboxEmail| {
            assert_eq!(found.kind, "link");
            let at = found.expires_at.to_unix_seconds();
            (found.id, found.slot, found.cause, found.attempts, at, found.state.clone())
        };
        let row = |(id, row): (&i64, &Queued)| {
            (*id, row.slot, row.cause, row.attempts, row.expires_at, row.state.to_owned())
        };
        let stored: Vec<_> = tx.outbox().await.unwrap().iter().map(of).collect();
        assert_eq!(stored, self.rows.iter().map(row).collect::<Vec<_>>());
        for slot in &self.slots {
            let stored: Vec<_> = tx.outbox_of(*slot).await.unwrap().iter().map(of).collect();
            let expected = self.rows.iter().filter(|(_, row)| row.slot == *slot);
            assert_eq!(stored, expected.map(row).collect::<Vec<_>>());
        }
        let expired: Vec<_> = tx.expired_emails().await.unwrap().iter().map(of).collect();
        let expected = self
            .rows
            .iter()
            .filter(|(_, row)| row.state == "waiting" && row.expires_at <= now && row.claimed_until <= now);
        assert_eq!(expired, expected.map(row).collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_history_of_the_outbox_agrees_with_a_map(events in proptest::collection::vec(event(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut model = Model::new().await;
            for event in events {
                model.apply(event).await;
                model.compare().await;
            }
        });
    }
}
