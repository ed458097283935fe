//! Persons and what is left of those who were forgotten: nothing (`erasure.request`, `erasure.unidentifiable`), and
//! nobody is kept for longer than said (`details.support`).

use keyring::Slot;
use policy::inventory::{OnForgetting, TABLES};
use store::{BlindIndex, Db, Error, RESTORED, SealedValue, Tx, Why};

use super::Look;
use crate::day;
use crate::settings::VendorSettings;

/// Days by which a sweep may be late before that breaks the promise.
const LATE: i64 = 2;

/// How often the index is looked through at most, where buckets are replaced meanwhile.
const LOOKS: u32 = 3;

/// Epochs fit, forgettings don't lie about, and no row belongs to somebody forgotten or to nobody.
pub(crate) async fn erasures(db: &Db, tx: &mut Tx, sealed: &[SealedValue]) -> Result<Look, Error> {
    let mut look = Look::default();
    let seen: u64 = tx.fact("epoch").await?.and_then(|t| t.parse().ok()).unwrap_or(0);
    let epoch = tx.vault().epoch()?;
    if seen > epoch {
        look.fault(format!(
            "the data has seen epoch {seen}, the keyring is of epoch {epoch}: an old copy of it"
        ));
    }
    if tx.fact(RESTORED).await?.as_deref() == Some("yes") {
        look.fault("the data comes from a backup and was not reconciled: start the server");
    }
    let yesterday = tx.today() - 1;
    for intent in tx.intents().await?.iter().filter(|i| i.day < yesterday) {
        look.fault(format!("intent {}: its forgetting waits since {}", intent.id, day::text(intent.day)));
    }
    for (table, rows) in tx.orphans().await? {
        look.none(rows, &format!("{table}: rows that belong to nobody"));
    }
    for value in sealed.iter().filter(|v| v.forgotten > 0 && goes(v.column.table)) {
        let rows = remaining(db, value).await?;
        let (table, column) = (value.column.table, value.column.column);
        look.none(
            rows,
            &format!("{table}.{column}: forgotten persons or buckets whose rows are still there"),
        );
    }
    let (erasures, persons) = (tx.vault().erasures()?, tx.count_persons().await?);
    let slots: u64 = erasures.iter().map(|e| u64::from(e.slots)).sum();
    look.see(format!("keyring of epoch {epoch}; forgettings: {}, of slots: {slots}", erasures.len()));
    look.see(format!(
        "persons: {persons}; tables whose every row must belong to one of them: {}",
        of_persons()
    ));
    Ok(look)
}

/// Whether rows of a forgotten slot must go from a table.
fn goes(table: &str) -> bool {
    TABLES.iter().any(|t| t.name == table && !matches!(t.on_forgetting, OnForgetting::StaysUnreadable(_)))
}

fn of_persons() -> usize {
    TABLES.iter().filter(|t| matches!(t.on_forgetting, OnForgetting::Delete(_))).count()
}

/// How many forgotten slots still have rows, and no intent that is going to delete them: by a state that is newer
/// than the keyring's answer.
async fn remaining(db: &Db, value: &SealedValue) -> Result<i64, Error> {
    let suspects = db.read().await?.forgotten_slots(&value.column).await?;
    let mut tx = db.read().await?;
    let going: Vec<Slot> = tx.intents().await?.into_iter().flat_map(|i| i.slots).collect();
    let mut rows = 0;
    for slot in suspects {
        rows += i64::from(!going.contains(&slot) && tx.holds_slot(&value.column, slot).await?);
    }
    Ok(rows)
}

/// Everybody is found by exactly one entry of the index, and no entry leads to somebody who is gone.
pub(crate) async fn found(db: &Db) -> Result<Look, Error> {
    let (mut look, mut replaced) = index(&mut db.read().await?).await?;
    for _ in 1..LOOKS {
        if replaced == 0 {
            break;
        }
        (look, replaced) = index(&mut db.read().await?).await?;
    }
    Ok(look)
}

/// One look through the index, and how many of its buckets were replaced meanwhile: what they held is not known then.
/// A forgotten bucket that stays is found in [`erasures`].
async fn index(tx: &mut Tx) -> Result<(Look, u64), Error> {
    let mut look = Look::default();
    let addresses = tx.index_ends(BlindIndex::Address).await?;
    let orders = tx.index_ends(BlindIndex::Order).await?;
    for (ends, which) in [(addresses, "addresses"), (orders, "order numbers")] {
        look.none(count(ends.lost), &format!("bucket.pairs: entries of {which} that lead to nobody"));
        look.none(count(ends.damaged), &format!("bucket.pairs: buckets of {which} that do not open"));
    }
    let mut leaving = 0;
    for intent in tx.intents().await?.iter().filter(|i| i.why != Why::Index) {
        for slot in &intent.slots {
            leaving += i64::from(tx.person(*slot).await?.is_some());
        }
    }
    let expected = tx.count_persons().await? - leaving;
    let entries = count(addresses.entries);
    let unknown = count(addresses.forgotten * keyring::bucket::CAPACITY as u64);
    if !(entries..=entries + unknown).contains(&expected) {
        look.fault(format!("bucket.pairs: addresses and persons differ: {entries} and {expected}"));
    }
    look.see(format!(
        "entries of the sealed index, each followed to its row: {entries} addresses, {} numbers",
        orders.entries
    ));
    let replaced = addresses.forgotten + orders.forgotten;
    if replaced > 0 {
        look.see(format!("buckets of it that were replaced meanwhile: {replaced}"));
    }
    Ok((look, replaced))
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Marks of erased orders go with the key of their year.
pub(crate) async fn marks(tx: &mut Tx, house: &VendorSettings) -> Result<Look, Error> {
    let mut look = Look::default();
    let horizon = day::months_later(tx.today() - LATE, -house.horizon_months);
    let first = i64::from(day::year(horizon));
    look.none(tx.marks_before(first).await?, &format!("acted, early: marks from before {first}"));
    look.see(format!("orders of erased persons are recognised by keyed tags of {first} and later only"));
    Ok(look)
}

/// Nobody is kept whose retention, or whose time to think an erasure over, is past.
pub(crate) async fn retention(tx: &mut Tx, house: &VendorSettings) -> Result<Look, Error> {
    let mut look = Look::default();
    let day = tx.today() - LATE;
    let going: Vec<Slot> = tx.intents().await?.into_iter().flat_map(|i| i.slots).collect();
    let still = |slots: Vec<Slot>| count(slots.iter().filter(|s| !going.contains(s)).count() as u64);
    let ended = tx.persons_ended_by(day::months_later(day, -house.person_months)).await?;
    look.none(still(ended), "person: kept beyond their retention (500 are counted at most)");
    let due = tx.persons_due(day).await?;
    look.none(still(due), "person: their agreed erasure is overdue (500 are counted at most)");
    let by = (day::months_later(day, -house.thread_months), day - house.anonymous_days);
    let threads = tx.threads_due(by.0, by.1).await?;
    look.none(count(threads.len() as u64), "thread: kept beyond their retention (500 are counted at most)");
    look.see(format!("retention: {} months after the last licence ended", house.person_months));
    look.see(format!(
        "retention of closed conversations: {} months; of nameless ones: {} days",
        house.thread_months, house.anonymous_days
    ));
    Ok(look)
}
