//! Mail that comes in: whether it does, and what of it waits.

use store::{Error, Operation, Tx};

use super::{Advice, Facts, Level};
use crate::day;

/// The day on which mail was last taken.
const TAKEN: &str = "mail received";
/// How many messages were too large and lie aside.
const ASIDE: &str = "mail quarantined";
/// How many messages can't be taken and are tried again.
const WAITING: &str = "mail waiting";
/// Why the mailbox can't be read; empty when it can.
const TROUBLE: &str = "mailbox trouble";

/// Notes how it goes with the mail that comes in, for the doctor. Names nobody and counts nobody.
pub enum RecordMailStatus {
    /// A message was taken today.
    Taken,
    /// One more was too large and was put aside.
    Aside,
    /// So many lie in the mailbox that can't be taken, or can't be put away.
    Waiting(usize),
    /// Why the mailbox can't be read, as the class of a fault; empty when it can.
    Trouble(String),
}

impl Operation for RecordMailStatus {
    const NAME: &'static str = "record mail status";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let (name, value) = match self {
            Self::Taken => (TAKEN, tx.today().to_string()),
            Self::Aside => (ASIDE, (number(tx, ASIDE).await? + 1).to_string()),
            Self::Waiting(n) => (WAITING, n.to_string()),
            Self::Trouble(why) => (TROUBLE, why.clone()),
        };
        if tx.fact(name).await?.unwrap_or_default() == value {
            return Ok(());
        }
        tx.set_fact(name, &value).await
    }
}

async fn number(tx: &mut Tx, name: &str) -> Result<i64, Error> {
    Ok(tx.fact(name).await?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

pub(super) async fn look(tx: &mut Tx, facts: &Facts) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    let taken = number(tx, TAKEN).await?;
    let trouble = tx.fact(TROUBLE).await?.unwrap_or_default();
    if facts.imap_configured && !trouble.is_empty() {
        let action =
            "look at mail.imap and its password, and at the mail server; the server tries again by itself";
        advice.push(Advice::new(Level::Bad, trouble, action));
    } else if facts.reply_configured && !facts.imap_configured && taken == 0 {
        let message = "mail.reply is set, but no mail arrives: answers to your e-mails are lost";
        let action = "set mail.imap, or let the mail server pipe that address into `scruple mail receive`";
        advice.push(Advice::new(Level::Warn, message, action));
    } else if taken > 0 {
        advice.push(Advice::ok(format!("mail was last received on {}", day::text(taken))));
    }
    if taken > 0 && !facts.authserv_configured {
        let message =
            "mail.authserv is not set: no sender is verified, so no answer is added to its conversation";
        let action = "set it to the id that your mail server writes into Authentication-Results";
        advice.push(Advice::new(Level::Warn, message, action));
    }
    let aside = number(tx, ASIDE).await?;
    if aside > 0 {
        let message = format!(
            "{aside} messages were larger than 40 MB and were moved to the mailbox's folder `Too large`"
        );
        advice.push(Advice::new(Level::Note, message, "read them there, and delete them"));
    }
    let waiting = number(tx, WAITING).await?;
    if facts.imap_configured && waiting > 0 {
        let message = format!(
            "{waiting} messages in the mailbox cannot be received or moved; other messages are still received"
        );
        let action = "see the server's log, and read the messages with a mail program";
        advice.push(Advice::new(Level::Bad, message, action));
    }
    Ok(advice)
}
