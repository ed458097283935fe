//! The retention run: erases all data whose retention period is over. A job runs it and reports what it did.

use calendar::Day;
use keyring::Slot;
use store::{Db, ErasureReason, Error, Operation, Tx};

use crate::conversations::close_and_erase::{self, forget, forget_slots};
use crate::erasure::completion::roll_forward;
use crate::erasure::request::start_erasure;
use crate::licensing::licence_state::is_supported;
use crate::licensing::purchase::NotificationProcessor;
use crate::settings::VendorSettings;

/// Reports what a retention run did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RetentionReport {
    /// Persons whose last licence was found to have ended.
    pub ended: u64,
    /// Persons erased because their retention period was over.
    pub forgotten: u64,
    /// Persons erased because their cooling-off period was over.
    pub erased: u64,
    /// Deleted rows: magic links, sessions, renewal offers, e-mails, receipts and log positions that had expired.
    pub rows: u64,
    /// Years whose tombstone key was forgotten.
    pub years: u64,
    /// Conversations closed after 30 days without a message.
    pub closed: u64,
    /// Conversations erased because their retention period was over.
    pub conversations: u64,
    /// Pending orders that were processed: their product was added at the moment when they arrived.
    pub processed: u64,
}

/// Erases all data that is due.
///
/// # Errors
///
/// When the database or a replica of the keyring is unreachable. Erasures decided before that are rolled forward
/// later.
pub async fn run_retention(db: &Db, settings: &VendorSettings) -> Result<RetentionReport, Error> {
    let mut report =
        RetentionReport { rows: db.execute(&DeleteExpiredRows).await?, ..RetentionReport::default() };
    report.processed = db.execute(&ProcessPendingOrders { settings }).await?;
    erase_conversations(db, settings, &mut report).await?;
    report.ended = record_ended_licences(db).await?;
    loop {
        let (forgotten, erased) = db.execute(&ErasePersons { settings }).await?;
        report.forgotten += forgotten;
        report.erased += erased;
        if forgotten + erased == 0 {
            break;
        }
        roll_forward(db).await?;
    }
    report.years = db.execute(&ForgetTombstoneYears { settings }).await?;
    if report.years > 0 {
        roll_forward(db).await?;
    }
    Ok(report)
}

/// Deletes expired short-lived rows.
struct DeleteExpiredRows;

impl Operation for DeleteExpiredRows {
    const NAME: &'static str = "delete expired rows";
    type Output = u64;

    async fn execute(&self, tx: &mut Tx) -> Result<u64, Error> {
        let receipts = tx.today() - 30;
        Ok(tx.delete_expired_magic_links().await?
            + tx.delete_expired_sessions().await?
            + tx.delete_expired_renewals().await?
            + crate::email::delete_expired(tx).await?
            + tx.delete_expired_conversation_access().await?
            + tx.delete_old_processed_mail().await?
            + tx.delete_old_log_positions().await?
            + tx.delete_old_receipts(receipts).await?)
    }
}

/// Erases conversations first: a person is kept while one of their conversations is kept.
async fn erase_conversations(
    db: &Db,
    settings: &VendorSettings,
    report: &mut RetentionReport,
) -> Result<(), Error> {
    loop {
        let closed = db.execute(&CloseConversations).await?;
        report.closed += closed;
        if closed == 0 {
            break;
        }
    }
    loop {
        let (conversations, unsent) = db.execute(&EraseConversations { settings }).await?;
        report.conversations += conversations;
        report.rows += unsent;
        if conversations + unsent == 0 {
            return Ok(());
        }
        roll_forward(db).await?;
    }
}

/// Days without a message after which a conversation that waits for its customer, or is held as spam, is closed.
const CLOSE_AFTER_DAYS: i64 = 30;

/// Closes conversations without a message for 30 days.
struct CloseConversations;

impl Operation for CloseConversations {
    const NAME: &'static str = "close conversations";
    type Output = u64;

    async fn execute(&self, tx: &mut Tx) -> Result<u64, Error> {
        let last = tx.today() - CLOSE_AFTER_DAYS;
        let mut closed = 0;
        for mut conversation in tx.inactive_conversations(last).await? {
            close_and_erase::close(tx, &mut conversation);
            tx.save_conversation(&mut conversation).await?;
            closed += 1;
        }
        Ok(closed)
    }
}

/// Erases closed conversations whose retention is over, and uploaded files that were never sent.
struct EraseConversations<'a> {
    settings: &'a VendorSettings,
}

impl Operation for EraseConversations<'_> {
    const NAME: &'static str = "erase conversations";
    type Output = (u64, u64);

    async fn execute(&self, tx: &mut Tx) -> Result<(u64, u64), Error> {
        let today = tx.today();
        let last = today.plus_months(-self.settings.conversation_months);
        let due = tx.conversations_past_retention(last, today - self.settings.anonymous_days).await?;
        forget(tx, &due, ErasureReason::Retention).await?;
        // Files uploaded today may still be sent.
        let unsent = tx.unattached_slots(today).await?;
        let slots = u64::try_from(unsent.len()).unwrap_or(0);
        forget_slots(tx, unsent, ErasureReason::Conversation).await?;
        let files = tx.delete_unattached_files(today).await?;
        Ok((u64::try_from(due.len()).unwrap_or(0), slots + files))
    }
}

/// Processes pending orders whose product exists meanwhile.
struct ProcessPendingOrders<'a> {
    settings: &'a VendorSettings,
}

impl Operation for ProcessPendingOrders<'_> {
    const NAME: &'static str = "process pending orders";
    type Output = u64;

    async fn execute(&self, tx: &mut Tx) -> Result<u64, Error> {
        let mut processed = 0;
        let mut processor = NotificationProcessor::open(tx, self.settings).await?;
        for (product, _) in processor.tx.count_pending_orders().await? {
            if processor.tx.product_of_provider(&product).await?.is_some() {
                processed += processor.process_pending(&product).await?;
            }
        }
        processor.close().await?;
        Ok(processed)
    }
}

/// Starts the erasure of persons whose retention or cooling-off period is over.
struct ErasePersons<'a> {
    settings: &'a VendorSettings,
}

impl Operation for ErasePersons<'_> {
    const NAME: &'static str = "erase persons";
    type Output = (u64, u64);

    async fn execute(&self, tx: &mut Tx) -> Result<(u64, u64), Error> {
        let today = tx.today();
        let last = today.plus_months(-self.settings.person_months);
        let (mut forgotten, mut erased) = (0, 0);
        let in_progress: Vec<Slot> = tx.erasure_intents().await?.into_iter().flat_map(|i| i.slots).collect();
        for slot in tx.persons_due_for_erasure(today).await? {
            if !in_progress.contains(&slot) {
                start_erasure(tx, self.settings, slot, ErasureReason::Erasure).await?;
                erased += 1;
            }
        }
        for slot in tx.persons_ended_by(last).await? {
            if !in_progress.contains(&slot) && last_licence_ended(tx, slot).await?.is_some() {
                start_erasure(tx, self.settings, slot, ErasureReason::Retention).await?;
                forgotten += 1;
            }
        }
        Ok((forgotten, erased))
    }
}

/// The day on which a person's last licence ended; `None` while a licence is supported or an order is pending.
async fn last_licence_ended(tx: &mut Tx, of: Slot) -> Result<Option<Day>, Error> {
    let today = tx.today();
    if !tx.pending_orders_of(of).await?.is_empty() {
        return Ok(None);
    }
    let mut ended = None;
    for licence in tx.licences_of(of).await? {
        if is_supported(&licence, today) {
            return Ok(None);
        }
        // A revoked licence ended no later than today. For a licence with a last day, that day counts.
        ended = ended.max(Some(licence.until_day.map_or(today, |until| until.min(today))));
    }
    Ok(Some(ended.unwrap_or(today)))
}

/// Records for every person whether their last licence has ended, since licences end without a notification. A read
/// transaction selects the persons, so that it blocks no writer.
async fn record_ended_licences(db: &Db) -> Result<u64, Error> {
    let (mut after, mut ended) = (Slot(0), 0);
    loop {
        let persons = db.read().await?.persons_maybe_ended(after, db.clock.today()).await?;
        let Some(last) = persons.last() else { return Ok(ended) };
        after = *last;
        ended += db.execute(&RecordEndedLicences { persons }).await?;
    }
}

struct RecordEndedLicences {
    persons: Vec<Slot>,
}

impl Operation for RecordEndedLicences {
    const NAME: &'static str = "record ended licences";
    type Output = u64;

    async fn execute(&self, tx: &mut Tx) -> Result<u64, Error> {
        let mut marked = 0;
        for slot in &self.persons {
            let Some(person) = tx.person(*slot).await? else { continue };
            match (last_licence_ended(tx, *slot).await?, person.ended_day) {
                (Some(day), None) => {
                    tx.set_ended(*slot, Some(day)).await?;
                    marked += 1;
                }
                (None, Some(_)) => tx.set_ended(*slot, None).await?,
                _ => {}
            }
        }
        Ok(marked)
    }
}

/// Forgets the tombstone keys of years that lie wholly beyond the horizon.
struct ForgetTombstoneYears<'a> {
    settings: &'a VendorSettings,
}

impl Operation for ForgetTombstoneYears<'_> {
    const NAME: &'static str = "forget tombstone years";
    type Output = u64;

    async fn execute(&self, tx: &mut Tx) -> Result<u64, Error> {
        let first = *self.settings.tombstone_years(tx).start();
        let mut slots = Vec::new();
        for year in (first - 10)..first {
            if !tx.keyring().is_forgotten(Slot::year(year))? {
                slots.push(Slot::year(year));
            }
        }
        tx.delete_notification_tags(i64::from(first) - 1).await?;
        let years = u64::try_from(slots.len()).unwrap_or(0);
        tx.forget_buckets(slots).await?;
        Ok(years)
    }
}
