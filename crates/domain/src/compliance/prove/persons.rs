//! Persons: nothing is left of forgotten ones (`erasure.request`, `erasure.unidentifiable`), and none is kept beyond
//! the retention time (`details.support`).

use keyring::Slot;
use policy::inventory::{OnForgetting, TABLES};
use store::{BlindIndex, Db, ErasureReason, Error, RESTORED, SealedColumnReport, Tx};

use super::findings::persons::{Fault, Observation, Violation};
use super::findings::{Evidence, count};
use crate::settings::VendorSettings;

/// Days by which a retention run may be late before the promise is broken.
const LATE: i64 = 2;

/// Maximum number of checks of the blind index, if buckets are replaced meanwhile.
const MAX_CHECKS: u32 = 3;

/// Checks that data and keyring have fitting epochs, that no erasure is overdue, and that no row belongs to a
/// forgotten or missing person.
pub(crate) async fn erasures(db: &Db, tx: &mut Tx, sealed: &[SealedColumnReport]) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let seen: u64 = tx.fact("epoch").await?.and_then(|t| t.parse().ok()).unwrap_or(0);
    let epoch = tx.keyring().epoch()?;
    if seen > epoch {
        evidence.violation(Violation::OldKeyring { seen, epoch });
    }
    if tx.fact(RESTORED).await?.as_deref() == Some("yes") {
        evidence.violation(Violation::Unreconciled);
    }
    let yesterday = tx.today() - 1;
    for intent in tx.erasure_intents().await?.iter().filter(|i| i.day < yesterday) {
        evidence.violation(Violation::OverdueIntent { intent: intent.id, since: intent.day });
    }
    for (table, rows) in tx.orphans().await? {
        evidence.expect_zero(rows, Fault::RowWithoutPerson { table });
    }
    for value in sealed.iter().filter(|v| v.forgotten > 0 && must_be_deleted(v.column.table)) {
        let rows = remaining(db, value).await?;
        evidence.expect_zero(rows, Fault::RowOfForgotten { column: value.column.to_string() });
    }
    let (erasures, persons) = (tx.keyring().erasure_records()?, tx.count_persons().await?);
    let slots: u64 = erasures.iter().map(|e| u64::from(e.slots)).sum();
    evidence.observed(Observation::Keyring { epoch, forgettings: erasures.len(), slots });
    evidence.observed(Observation::Persons { persons, tables: tables_of_persons() });
    Ok(evidence)
}

/// Tells whether rows of a forgotten slot must be deleted from a table.
fn must_be_deleted(table: &str) -> bool {
    TABLES.iter().any(|t| t.name == table && !matches!(t.on_forgetting, OnForgetting::StaysUnreadable(_)))
}

fn tables_of_persons() -> usize {
    TABLES.iter().filter(|t| matches!(t.on_forgetting, OnForgetting::Delete(_))).count()
}

/// Counts forgotten slots that still have rows and no pending erasure. It reads a state that is newer than the answer
/// of the keyring.
async fn remaining(db: &Db, value: &SealedColumnReport) -> Result<i64, Error> {
    let suspects = db.read().await?.forgotten_slots(&value.column).await?;
    let mut tx = db.read().await?;
    let pending: Vec<Slot> = tx.erasure_intents().await?.into_iter().flat_map(|i| i.slots).collect();
    let mut rows = 0;
    for slot in suspects {
        rows += i64::from(!pending.contains(&slot) && tx.holds_slot(&value.column, slot).await?);
    }
    Ok(rows)
}

/// Checks that each person has exactly one entry in the blind index, and that each entry has its row.
pub(crate) async fn blind_index(db: &Db) -> Result<Evidence, Error> {
    let (mut evidence, mut forgotten_buckets) = check_blind_index(&mut db.read().await?).await?;
    for _ in 1..MAX_CHECKS {
        if forgotten_buckets == 0 {
            break;
        }
        (evidence, forgotten_buckets) = check_blind_index(&mut db.read().await?).await?;
    }
    Ok(evidence)
}

/// Checks the blind index once, and returns how many of its buckets were replaced meanwhile. The entries of those are
/// unknown. [`erasures`] finds forgotten buckets that stay.
async fn check_blind_index(tx: &mut Tx) -> Result<(Evidence, u64), Error> {
    let mut evidence = Evidence::default();
    let addresses = tx.check_index(BlindIndex::Address).await?;
    let orders = tx.check_index(BlindIndex::Order).await?;
    for (report, index) in [(addresses, BlindIndex::Address), (orders, BlindIndex::Order)] {
        evidence.expect_zero(count(report.lost), Fault::EntryWithoutRow { index });
        evidence.expect_zero(count(report.damaged), Fault::UnreadableBucket { index });
    }
    let mut being_erased = 0;
    for intent in tx.erasure_intents().await?.iter().filter(|i| i.reason != ErasureReason::Index) {
        for slot in &intent.slots {
            being_erased += i64::from(tx.person(*slot).await?.is_some());
        }
    }
    let expected = tx.count_persons().await? - being_erased;
    let entries = count(addresses.entries);
    let unknown = count(addresses.forgotten * keyring::bucket::CAPACITY as u64);
    if !(entries..=entries + unknown).contains(&expected) {
        evidence.violation(Violation::IndexDiffers { addresses: entries, persons: expected });
    }
    evidence.observed(Observation::IndexEntries { addresses: entries, orders: orders.entries });
    let forgotten_buckets = addresses.forgotten + orders.forgotten;
    if forgotten_buckets > 0 {
        evidence.observed(Observation::ReplacedBuckets { buckets: forgotten_buckets });
    }
    Ok((evidence, forgotten_buckets))
}

/// Checks that the keyed tags of old notifications are deleted with the key of their year.
pub(crate) async fn notification_tags(tx: &mut Tx, settings: &VendorSettings) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let horizon = (tx.today() - LATE).plus_months(-settings.horizon_months);
    let first_year = i64::from(horizon.year());
    evidence.expect_zero(
        tx.notification_tags_before(first_year).await?,
        Fault::OldNotificationTag { first_year },
    );
    evidence.observed(Observation::NotificationTags { first_year });
    Ok(evidence)
}

/// Checks that no person is kept beyond the retention time, or beyond the date of an agreed erasure.
pub(crate) async fn retention(tx: &mut Tx, settings: &VendorSettings) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let day = tx.today() - LATE;
    let pending: Vec<Slot> = tx.erasure_intents().await?.into_iter().flat_map(|i| i.slots).collect();
    let without_intent = |slots: Vec<Slot>| count(slots.iter().filter(|s| !pending.contains(s)).count());
    let ended = tx.persons_ended_by(day.plus_months(-settings.person_months)).await?;
    evidence.expect_zero(without_intent(ended), Fault::PersonPastRetention);
    let due = tx.persons_due_for_erasure(day).await?;
    evidence.expect_zero(without_intent(due), Fault::OverdueErasure);
    let by = (day.plus_months(-settings.conversation_months), day - settings.anonymous_days);
    let conversations = tx.conversations_past_retention(by.0, by.1).await?;
    evidence.expect_zero(count(conversations.len()), Fault::ConversationPastRetention);
    evidence.observed(Observation::PersonRetention { months: settings.person_months });
    evidence.observed(Observation::ConversationRetention {
        months: settings.conversation_months,
        anonymous_days: settings.anonymous_days,
    });
    Ok(evidence)
}
