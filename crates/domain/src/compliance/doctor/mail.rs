//! Mail that comes in: whether it does, and what of it waits.

use store::{Error, Operation, Tx};

use super::{Advice, Facts, Level};
use crate::day;

/// The day on which mail was last taken.
const TAKEN: &str = "mail taken";
/// How many messages were too large and lie aside.
const ASIDE: &str = "mail aside";
/// How many messages can't be taken and are tried again.
const WAITING: &str = "mail waiting";
/// Why the mailbox can't be read; empty when it can.
const TROUBLE: &str = "mailbox trouble";

/// Notes how it goes with the mail that comes in, for the doctor. Names nobody and counts nobody.
pub enum NoteMail {
    /// A message was taken today.
    Taken,
    /// One more was too large and was put aside.
    Aside,
    /// So many lie in the mailbox that can't be taken, or can't be put away.
    Waiting(usize),
    /// Why the mailbox can't be read, as the class of a fault; empty when it can.
    Trouble(String),
}

impl Operation for NoteMail {
    const NAME: &'static str = "note mail";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
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
        let todo =
            "look at mail.imap and its password, and at the mail server; the server tries again by itself";
        advice.push(Advice::new(Level::Bad, trouble, todo));
    } else if facts.reply_configured && !facts.imap_configured && taken == 0 {
        let says = "mail.reply is set, but no mail comes in: whoever answers a letter of yours is not heard";
        let todo = "set mail.imap, or let the mail server pipe that address into `scruple mail take`";
        advice.push(Advice::new(Level::Warn, says, todo));
    } else if taken > 0 {
        advice.push(Advice::ok(format!("mail was last taken on {}", day::text(taken))));
    }
    if taken > 0 && !facts.authserv_configured {
        let says = "mail.authserv is not set: no writer is verified, so no answer joins its thread";
        let todo = "set it to the id that your mail server writes into Authentication-Results";
        advice.push(Advice::new(Level::Warn, says, todo));
    }
    let aside = number(tx, ASIDE).await?;
    if aside > 0 {
        let says =
            format!("{aside} messages were larger than 40 MB and lie in the mailbox's folder `Too large`");
        advice.push(Advice::new(Level::Note, says, "read them there, and delete them"));
    }
    let waiting = number(tx, WAITING).await?;
    if facts.imap_configured && waiting > 0 {
        let says = format!("{waiting} messages in the mailbox can't be taken or put away; others pass them");
        let todo = "see the log of the server, and look at them with a mail program";
        advice.push(Advice::new(Level::Bad, says, todo));
    }
    Ok(advice)
}
