//! Pending work: erasures, orders, e-mails, the audit chain and retention runs.

use store::{ErasureReason, Error, Tx};

use super::advice::{Advice, Level};
use super::conditions::{LicensingCondition, OutboxCondition, RecordsCondition, StatisticsCondition};
use super::{Facts, RETENTION_RUN};
use crate::conversations::search_documents::unsearchable_conversations;
use crate::counter::Counter;
use crate::day;
use crate::email::DeliveryFailure;

const DAY: i64 = 86_400;

pub(super) async fn erasures(tx: &mut Tx) -> Result<Advice, Error> {
    let intents = tx.erasure_intents().await?;
    let of = |reason| intents.iter().filter(|i| i.reason == reason).count();
    let (conversations, buckets, days) =
        (of(ErasureReason::Conversation), of(ErasureReason::Index), of(ErasureReason::Day));
    let persons = intents.len() - conversations - buckets - days;
    let Some(since) = intents.iter().map(|i| i.day).min() else {
        return Ok(Advice::ok(RecordsCondition::NoErasureWaits));
    };
    let level = if since < tx.today() - 1 { Level::Bad } else { Level::Note };
    Ok(Advice::new(level, RecordsCondition::ErasuresWait { persons, conversations, days, buckets, since }))
}

pub(super) async fn orders(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    for (product, notifications) in tx.count_pending_orders().await? {
        let condition = LicensingCondition::UnknownProduct { product, notifications };
        advice.push(Advice::new(Level::Bad, condition));
    }
    let items = tx.count_flagged_orders().await?;
    if items > 0 {
        advice.push(Advice::new(Level::Warn, LicensingCondition::FlaggedOrders { items }));
    }
    if tx.products().await?.is_empty() {
        advice.push(Advice::new(Level::Note, LicensingCondition::NoProduct));
    }
    Ok(advice)
}

pub(super) async fn emails(tx: &mut Tx, facts: &Facts) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    let mut waiting = 0;
    for (state, emails) in tx.count_outbox().await? {
        if state == "waiting" {
            waiting = emails;
        } else {
            let failure = DeliveryFailure::from_name(&state).ok_or(Error::Unknown("outbox.state"))?;
            advice.push(Advice::new(Level::Warn, OutboxCondition::GivenUp { failure, emails }));
        }
    }
    let counted = Counter::sums(tx, DAYS).await?;
    if let Some((_, emails)) = counted.iter().find(|(counter, _)| *counter == Counter::ExpiredEmail) {
        let condition = OutboxCondition::Expired { emails: *emails, days: DAYS };
        advice.push(Advice::new(Level::Warn, condition));
    }
    advice.push(match (facts.smtp_configured, waiting) {
        (true, 0) => Advice::ok(OutboxCondition::Empty),
        (true, emails) => Advice::new(Level::Note, OutboxCondition::Waiting { emails }),
        (false, emails) => {
            let level = if emails > 0 { Level::Bad } else { Level::Warn };
            Advice::new(level, OutboxCondition::NoMailServer { emails })
        }
    });
    Ok(advice)
}

pub(super) async fn search(tx: &mut Tx) -> Result<Option<Advice>, Error> {
    let conversations: Vec<_> = unsearchable_conversations(tx).await?.into_iter().collect();
    let is_any = !conversations.is_empty();
    Ok(is_any.then(|| Advice::new(Level::Bad, RecordsCondition::Unsearchable { conversations })))
}

pub(super) async fn signing_keys(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let keys = tx.signing_keys().await?;
    let current: Vec<u8> = keys.iter().filter(|k| k.current).map(|k| k.id).collect();
    if current.is_empty() {
        return Ok(vec![Advice::new(Level::Bad, LicensingCondition::NoSigningKey)]);
    }
    let retired = keys.len() - current.len();
    let mut advice = vec![Advice::ok(LicensingCondition::SigningKeys { current, retired })];
    let newest = keys.iter().map(|k| k.since_day.midnight()).max();
    let newest = newest.max(tx.last_change_at("signing key added").await?);
    let backed_up = tx.last_change_at("signing keys backed up").await?;
    if backed_up.is_none() || backed_up < newest {
        advice.push(Advice::new(Level::Warn, LicensingCondition::NoSigningKeyBackup));
    }
    Ok(advice)
}

/// Days over which counters are summed.
const DAYS: i64 = 30;

pub(super) async fn counts(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let counted = Counter::sums(tx, DAYS).await?;
    let counted = counted.into_iter().filter(|(counter, _)| *counter != Counter::ExpiredEmail);
    let advice = |(counter, number)| {
        Advice::new(Level::Note, RecordsCondition::NotKept { counter, number, days: DAYS })
    };
    Ok(counted.map(advice).collect())
}

pub(super) async fn audit_log(tx: &mut Tx) -> Result<Advice, Error> {
    Ok(match tx.count_unlinked_entries().await? {
        0 => Advice::ok(RecordsCondition::ChainComplete),
        entries => Advice::new(Level::Note, RecordsCondition::ChainIncomplete { entries }),
    })
}

pub(super) async fn retention_run(tx: &mut Tx) -> Result<Advice, Error> {
    Ok(match tx.fact(RETENTION_RUN).await?.and_then(|fact| day::from_fact(&fact)) {
        None => Advice::new(Level::Note, RecordsCondition::NoRetentionRun),
        Some(day) if day < tx.today() - 2 => {
            Advice::new(Level::Warn, RecordsCondition::RetentionRunLate { day })
        }
        Some(day) => Advice::ok(RecordsCondition::RetentionRun { day }),
    })
}

pub(super) async fn visits(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let sites = tx.sites().await?.len();
    if sites == 0 {
        return Ok(vec![Advice::new(Level::Note, StatisticsCondition::NoSite)]);
    }
    let report = tx.visit_integrity(tx.now - DAY).await?;
    let (closed, open) = (report.closed, report.open);
    let mut advice = vec![Advice::ok(StatisticsCondition::Counted { sites, closed, open })];
    if report.overdue > 0 {
        let condition = StatisticsCondition::OverdueDays { days: report.overdue };
        advice.push(Advice::new(Level::Bad, condition));
    }
    Ok(advice)
}
