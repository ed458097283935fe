//! Received mail: whether any arrives, and which messages cannot be received.

use store::{Error, Operation, Tx};

use super::Facts;
use super::advice::{Advice, Level};
use super::conditions::ReceivedMailCondition as Found;
use super::mailbox_fault::MailboxFault;
use crate::day;

/// Name of the fact with the day on which mail was last received.
const LAST_RECEIVED: &str = "mail received";
/// Name of the fact with the number of quarantined messages, which were too large.
const QUARANTINED: &str = "mail quarantined";
/// Name of the fact with the number of messages that cannot be received and are retried.
const UNPROCESSABLE: &str = "mail waiting";
/// Name of the fact that tells why the mailbox cannot be read; empty if it can.
const MAILBOX_FAULT: &str = "mailbox trouble";

/// Records the status of received mail for the doctor. It holds no personal data.
pub enum RecordMailStatus {
    /// A message was received today.
    Received,
    /// A message was too large and was moved to quarantine.
    Quarantined,
    /// This many messages of the mailbox cannot be received or moved.
    Unprocessable(usize),
    /// Why the mailbox cannot be read; `None` if it can.
    Mailbox(Option<MailboxFault>),
}

impl Operation for RecordMailStatus {
    const NAME: &'static str = "record mail status";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let (name, value) = match self {
            Self::Received => (LAST_RECEIVED, day::to_fact(tx.today())),
            Self::Quarantined => (QUARANTINED, (number(tx, QUARANTINED).await? + 1).to_string()),
            Self::Unprocessable(n) => (UNPROCESSABLE, n.to_string()),
            Self::Mailbox(fault) => (MAILBOX_FAULT, fault.map_or("", MailboxFault::name).to_owned()),
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

pub(super) async fn check(tx: &mut Tx, facts: &Facts) -> Result<Vec<Advice>, Error> {
    let mut advice = Vec::new();
    let received = tx.fact(LAST_RECEIVED).await?.and_then(|fact| day::from_fact(&fact));
    let stored = tx.fact(MAILBOX_FAULT).await?.filter(|name| !name.is_empty());
    let known = |name: String| MailboxFault::from_name(&name).ok_or(Error::Unknown("meta.value"));
    let fault = stored.map(known).transpose()?.filter(|_| facts.imap_configured);
    if let Some(fault) = fault {
        advice.push(Advice::new(Level::Bad, Found::MailboxUnreadable(fault)));
    } else if facts.reply_configured && !facts.imap_configured && received.is_none() {
        advice.push(Advice::new(Level::Warn, Found::NoMailArrives));
    } else if let Some(day) = received {
        advice.push(Advice::ok(Found::LastReceived { day }));
    }
    if received.is_some() && !facts.authserv_configured {
        advice.push(Advice::new(Level::Warn, Found::NoAuthserv));
    }
    let messages = number(tx, QUARANTINED).await?;
    if messages > 0 {
        advice.push(Advice::new(Level::Note, Found::TooLarge { messages }));
    }
    let messages = number(tx, UNPROCESSABLE).await?;
    if facts.imap_configured && messages > 0 {
        advice.push(Advice::new(Level::Bad, Found::Unprocessable { messages }));
    }
    Ok(advice)
}
