//! The doctor's conditions of e-mails and received mail.

use domain::compliance::doctor::conditions::{OutboxCondition, ReceivedMailCondition};

use crate::English;

impl English for OutboxCondition {
    fn english(&self) -> String {
        match self {
            Self::GivenUp { failure, emails } => {
                format!("{emails} e-mails were given up: {}", failure.english())
            }
            Self::Expired { emails, days } => format!(
                "{emails} e-mails expired unsent in the last {days} days; the conversations of unsent replies say so"
            ),
            Self::Empty => "no e-mail waits".to_owned(),
            Self::Waiting { emails } => format!("{emails} e-mails wait to be sent"),
            Self::NoMailServer { emails } => {
                format!("no mail server is configured: {emails} e-mails wait and will expire unsent")
            }
        }
    }
}

pub(super) fn on_outbox(condition: &OutboxCondition) -> Option<&'static str> {
    match condition {
        OutboxCondition::GivenUp { .. } => {
            Some("check the mail server's log and mail.smtp; the recipients can ask for another e-mail")
        }
        OutboxCondition::Expired { .. } => Some(
            "check the mail server's log and mail.smtp; reply again where a conversation says that an e-mail was not \
             sent",
        ),
        OutboxCondition::Empty => None,
        OutboxCondition::Waiting { .. } => Some("nothing, unless they stay"),
        OutboxCondition::NoMailServer { .. } => Some("set mail.smtp and mail.from"),
    }
}

impl English for ReceivedMailCondition {
    fn english(&self) -> String {
        match self {
            Self::MailboxUnreadable(fault) => fault.english(),
            Self::NoMailArrives => {
                "mail.reply is set, but no mail arrives: answers to your e-mails are lost".to_owned()
            }
            Self::LastReceived { day } => format!("mail was last received on {day}"),
            Self::NoAuthserv => {
                "mail.authserv is not set: no sender is verified, so no answer is added to its conversation"
                    .to_owned()
            }
            Self::TooLarge { messages } => format!(
                "{messages} messages were larger than 40 MB and were moved to the mailbox's folder `Too large`"
            ),
            Self::Unprocessable { messages } => format!(
                "{messages} messages in the mailbox cannot be received or moved; other messages are still received"
            ),
        }
    }
}

pub(super) fn on_received_mail(condition: &ReceivedMailCondition) -> Option<&'static str> {
    match condition {
        ReceivedMailCondition::MailboxUnreadable(_) => {
            Some("check mail.imap, its password and the mail server; Scruple retries by itself")
        }
        ReceivedMailCondition::NoMailArrives => {
            Some("set mail.imap, or let the mail server pipe that address into `scruple mail receive`")
        }
        ReceivedMailCondition::LastReceived { .. } => None,
        ReceivedMailCondition::NoAuthserv => {
            Some("set it to the id that your mail server writes into Authentication-Results")
        }
        ReceivedMailCondition::TooLarge { .. } => Some("read them there, and delete them"),
        ReceivedMailCondition::Unprocessable { .. } => {
            Some("see the server's log, and read the messages with a mail program")
        }
    }
}
