//! Pending work: erasures, orders, e-mails, the audit chain and retention runs.

use store::{ConversationId, ErasureReason, Error, Tx};

use super::{Advice, Facts, Level, RETENTION_RUN};
use crate::conversations::search_documents::unsearchable_conversations;
use crate::day;
use crate::email::EXPIRED_UNSENT;

const DAY: i64 = 86_400;

pub(super) async fn erasures(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let intents = tx.erasure_intents().await?;
    let of = |reason| intents.iter().filter(|i| i.reason == reason).count();
    let (conversations, index, days) =
        (of(ErasureReason::Conversation), of(ErasureReason::Index), of(ErasureReason::Day));
    let persons = intents.len() - conversations - index - days;
    let Some(oldest) = intents.iter().map(|i| i.day).min() else {
        return Ok(vec![Advice::ok("no erasure waits")]);
    };
    let level = if oldest < tx.today() - 1 { Level::Bad } else { Level::Note };
    let message = format!(
        "{persons} persons, {conversations} conversations, {days} days of visits and {index} index buckets wait to be \
         erased, the oldest since {}",
        oldest
    );
    Ok(vec![Advice::new(
        level,
        message,
        "make every replica of the keyring reachable and let the server run: it continues by itself",
    )])
}

pub(super) async fn orders(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    for (number, n) in tx.count_pending_orders().await? {
        let message =
            format!("{n} notifications wait for the unknown product {number}: its buyers have no key yet");
        let action = format!(
            "scruple product add --id {number} --name 'NAME' --kind perpetual   (or subscription, or trial; they get \
             their keys at once)"
        );
        advice.push(Advice::new(Level::Bad, message, action));
    }
    let flagged = tx.count_flagged_orders().await?;
    if flagged > 0 {
        let message = format!(
            "{flagged} order items need a check: a discount without a renewal link of ours, or a renewal of a \
             revoked licence"
        );
        let action = "check them at the provider; `scruple licence release --order N --case TEXT` accepts one \
                    that is on hold";
        advice.push(Advice::new(Level::Warn, message, action));
    }
    if tx.products().await?.is_empty() {
        let action = "scruple product add --id N --name 'NAME' --kind perpetual   (N is the provider's \
                      product number)";
        advice.push(Advice::new(Level::Note, "there is no product yet", action));
    }
    Ok(advice)
}

pub(super) async fn emails(tx: &mut Tx, facts: &Facts) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    let mut waiting = 0;
    for (state, n) in tx.count_outbox().await? {
        if state == "waiting" {
            waiting = n;
        } else {
            advice.push(Advice::new(
                Level::Warn,
                format!("{n} e-mails were {state}"),
                "check the mail server's log and mail.smtp; the recipients can ask for another e-mail",
            ));
        }
    }
    let counted = tx.counters_since(tx.today() - DAYS).await?;
    if let Some((_, n)) = counted.iter().find(|(name, _)| name == EXPIRED_UNSENT) {
        advice.push(Advice::new(
            Level::Warn,
            format!("{n} e-mails expired unsent in the last {DAYS} days; the conversations of unsent replies say so"),
            "check the mail server's log and mail.smtp; reply again where a conversation says that an e-mail \
             was not sent",
        ));
    }
    advice.push(match (facts.smtp_configured, waiting) {
        (true, 0) => Advice::ok("no e-mail waits"),
        (true, n) => {
            Advice::new(Level::Note, format!("{n} e-mails wait to be sent"), "nothing, unless they stay")
        }
        (false, n) => Advice::new(
            if n > 0 { Level::Bad } else { Level::Warn },
            format!("no mail server is configured: {n} e-mails wait and will expire unsent"),
            "set mail.smtp and mail.from",
        ),
    });
    Ok(advice)
}

pub(super) async fn search(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let damaged = unsearchable_conversations(tx).await?;
    if damaged.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<String> = damaged.iter().map(ConversationId::to_string).collect();
    let message = format!(
        "a value in these conversations does not open, so the search does not find them: {}",
        numbers.join(", ")
    );
    let action = "`scruple prove` names the rows; restore them from a backup, or erase the conversations";
    Ok(vec![Advice::new(Level::Bad, message, action)])
}

pub(super) async fn signing_keys(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let keys = tx.signing_keys().await?;
    let current: Vec<String> = keys.iter().filter(|k| k.current).map(|k| k.id.to_string()).collect();
    if current.is_empty() {
        return Ok(vec![Advice::new(
            Level::Bad,
            "no signing key is current: no key can be issued",
            "scruple licence keys new",
        )]);
    }
    let retired = keys.len() - current.len();
    let mut advice =
        vec![Advice::ok(format!("signing key {} signs, {retired} are retired", current.join(", ")))];
    let newest = keys.iter().map(|k| k.since_day.midnight()).max();
    let newest = newest.max(tx.last_change_at("signing key added").await?);
    let backed_up = tx.last_change_at("signing keys backed up").await?;
    if backed_up.is_none() || backed_up < newest {
        advice.push(Advice::new(
            Level::Warn,
            "the newest signing key has no backup: if the keyring is lost, no key can ever be repeated or renewed",
            "scruple licence keys backup FILE, and keep the file apart from this machine",
        ));
    }
    Ok(advice)
}

/// Days over which counters are summed.
const DAYS: i64 = 30;

pub(super) async fn counts(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let since = tx.today() - DAYS;
    let counted = tx.counters_since(since).await?;
    Ok(counted
        .into_iter()
        .filter(|(name, _)| name != EXPIRED_UNSENT)
        .map(|(name, n)| {
            Advice::new(Level::Note, format!("not kept in the last {DAYS} days: {name} ({n})"), String::new())
        })
        .collect())
}

pub(super) async fn audit_log(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    Ok(vec![match tx.count_unlinked_entries().await? {
        0 => Advice::ok("the audit chain covers every audit entry"),
        n => Advice::new(
            Level::Note,
            format!("{n} audit entries are not covered by the audit chain yet"),
            "let the server run: it extends the chain regularly",
        ),
    }])
}

pub(super) async fn retention_run(tx: &mut Tx) -> Result<Advice, Error> {
    let action = "let the server run: it starts a retention run every day";
    let Some(day) = tx.fact(RETENTION_RUN).await?.and_then(|fact| day::from_fact(&fact)) else {
        return Ok(Advice::new(Level::Note, "there was no retention run yet", action));
    };
    let message = format!("the last retention run was on {day}");
    Ok(if day < tx.today() - 2 { Advice::new(Level::Warn, message, action) } else { Advice::ok(message) })
}

pub(super) async fn visits(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let sites = tx.sites().await?.len();
    if sites == 0 {
        let action = "scruple site add --id NAME --host HOST, to count visitors";
        return Ok(vec![Advice::new(Level::Note, "no website is counted yet", action)]);
    }
    let report = tx.visit_integrity(tx.now - DAY).await?;
    let mut advice = vec![Advice::ok(format!(
        "visitor statistics: websites: {sites}, days published: {}, days open: {}",
        report.closed, report.open
    ))];
    if report.overdue > 0 {
        advice.push(Advice::new(
            Level::Bad,
            format!("{} days of visitor statistics should have been closed since yesterday", report.overdue),
            "let the server run: it closes them by itself; if it is running, see its log for the reason",
        ));
    }
    Ok(advice)
}
