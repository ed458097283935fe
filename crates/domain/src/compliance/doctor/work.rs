//! What waits: forgettings, orders, letters, backups, the journal and the sweep.

use store::{Error, Tx, Why};

use super::{Advice, Facts, Level, SWEPT};
use crate::conversations::search_documents::damaged_threads;
use crate::email::LATE;
use crate::{day, licensing::issue};

const DAY: i64 = 86_400;

pub(super) async fn forgettings(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let intents = tx.intents().await?;
    let of = |why| intents.iter().filter(|i| i.why == why).count();
    let (threads, index, days) = (of(Why::Thread), of(Why::Index), of(Why::Day));
    let persons = intents.len() - threads - index - days;
    let Some(oldest) = intents.iter().map(|i| i.day).min() else {
        return Ok(vec![Advice::ok("no forgetting waits")]);
    };
    let level = if oldest < tx.today() - 1 { Level::Bad } else { Level::Note };
    let says = format!(
        "{persons} persons, {threads} conversations, {days} days of visits and {index} pieces of the index wait to be \
         forgotten, the oldest since {}",
        day::text(oldest)
    );
    Ok(vec![Advice::new(
        level,
        says,
        "make every place of the keyring reachable and let the server run: it goes on by itself",
    )])
}

pub(super) async fn orders(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    for (number, n) in tx.count_pending().await? {
        let says = format!(
            "{n} notices wait for the product {number}, which the shop does not know: its buyers have no key"
        );
        let todo = format!(
            "scruple product add --id {number} --name 'NAME' --kind perpetual   (or subscription, or trial; they are \
             served at once)"
        );
        advice.push(Advice::new(Level::Bad, says, todo));
    }
    let flagged = tx.count_flagged_orders().await?;
    if flagged > 0 {
        let says = format!(
            "{flagged} order items are to be looked at: a discount that no renewal link proves, or a renewal of a \
             revoked licence"
        );
        let todo = "look at them at the provider's; `scruple support release --order N --case TEXT` lets one stand \
                    that was held";
        advice.push(Advice::new(Level::Warn, says, todo));
    }
    if tx.products().await?.is_empty() {
        let todo = "scruple product add --id N --name 'NAME' --kind perpetual   (N is the provider's product number)";
        advice.push(Advice::new(Level::Note, "the shop has no product yet", todo));
    }
    Ok(advice)
}

pub(super) async fn letters(tx: &mut Tx, facts: &Facts) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    let mut waiting = 0;
    for (state, n) in tx.count_letters().await? {
        if state == "waiting" {
            waiting = n;
        } else {
            advice.push(Advice::new(
                Level::Warn,
                format!("{n} letters were {state}"),
                "see what the mail server says, and mail.smtp; the persons can ask for another letter",
            ));
        }
    }
    let counted = tx.counted_since(tx.today() - DAYS).await?;
    if let Some((_, n)) = counted.iter().find(|(name, _)| name == LATE) {
        advice.push(Advice::new(
            Level::Warn,
            format!("{n} letters expired unsent in the last {DAYS} days; threads say so of answers in them"),
            "see what the mail server says, and mail.smtp; answer again where a thread says that a letter was not sent",
        ));
    }
    advice.push(match (facts.smtp_configured, waiting) {
        (true, 0) => Advice::ok("no letter waits"),
        (true, n) => {
            Advice::new(Level::Note, format!("{n} letters wait to be sent"), "nothing, unless they stay")
        }
        (false, n) => Advice::new(
            if n > 0 { Level::Bad } else { Level::Warn },
            format!("no mail server is configured: {n} letters wait, and expire unsent"),
            "set mail.smtp and mail.from",
        ),
    });
    Ok(advice)
}

pub(super) async fn search(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let damaged = damaged_threads(tx).await?;
    if damaged.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<String> = damaged.iter().map(|id| issue::number(*id)).collect();
    let says =
        format!("a value in these threads does not open, so no search finds them: {}", numbers.join(", "));
    let todo = "`scruple prove` names the rows; restore them from a backup, or erase the threads";
    Ok(vec![Advice::new(Level::Bad, says, todo)])
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
    let newest = keys.iter().map(|k| k.since_day * DAY).max().unwrap_or(0);
    let newest = newest.max(tx.last_noted("signing key made").await?);
    if tx.last_noted("signing keys backed up").await? < newest.max(1) {
        advice.push(Advice::new(
            Level::Warn,
            "the newest signing key has no backup: if the keyring is lost, no key can ever be repeated or renewed",
            "scruple licence keys backup FILE, and keep the file apart from this machine",
        ));
    }
    Ok(advice)
}

/// Days over which counts are summed.
const DAYS: i64 = 30;

pub(super) async fn counts(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let since = tx.today() - DAYS;
    let counted = tx.counted_since(since).await?;
    Ok(counted
        .into_iter()
        .filter(|(name, _)| name != LATE)
        .map(|(name, n)| {
            Advice::new(
                Level::Note,
                format!("in the last {DAYS} days, not kept: {name} ({n})"),
                String::new(),
            )
        })
        .collect())
}

pub(super) async fn journal(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    Ok(vec![match tx.open_lines().await? {
        0 => Advice::ok("the journal's chain covers every line"),
        n => Advice::new(
            Level::Note,
            format!("{n} lines of the journal are not covered by its chain yet"),
            "let the server run: it closes the chain as it goes",
        ),
    }])
}

pub(super) async fn sweep(tx: &mut Tx) -> Result<Advice, Error> {
    let todo = "let the server run: it sweeps every day";
    let Some(day) = tx.fact(SWEPT).await?.and_then(|day| day.parse::<i64>().ok()) else {
        return Ok(Advice::new(Level::Note, "nothing was swept yet", todo));
    };
    let says = format!("last swept on {}", day::text(day));
    Ok(if day < tx.today() - 2 { Advice::new(Level::Warn, says, todo) } else { Advice::ok(says) })
}

pub(super) async fn visits(tx: &mut Tx) -> Result<Vec<Advice>, Error> {
    let sites = tx.sites().await?.len();
    if sites == 0 {
        let todo = "scruple site add --id NAME --host HOST, if visitors are to be counted";
        return Ok(vec![Advice::new(Level::Note, "no website's visitors are counted", todo)]);
    }
    let ties = tx.visit_ties(tx.now - DAY).await?;
    let mut advice = vec![Advice::ok(format!(
        "visitor statistics: websites: {sites}, days published: {}, days open: {}",
        ties.closed, ties.open
    ))];
    if ties.overdue > 0 {
        advice.push(Advice::new(
            Level::Bad,
            format!("{} days of visitor statistics should have been closed since yesterday", ties.overdue),
            "let the server run: it closes them by itself; if it does run, its log says what is in the way",
        ));
    }
    Ok(advice)
}
