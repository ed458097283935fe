//! `scruple mail`.

use super::{CommandContext, Done, Failed, Outcome, say};
use domain::compliance::doctor::NoteMail;
use mail::imap::LARGEST;
use mail::take::{NotTaken, own, take};
use scruple::commands::{Exit, MailCommand};
use scruple::config::Config;
use std::io::Read;
use store::Actor;

/// Does it.
pub async fn run(config: &Config, who: Actor, command: &MailCommand) -> Done {
    match command {
        MailCommand::Take => take_one(config, who).await,
    }
}

async fn take_one(config: &Config, who: Actor) -> Done {
    let raw = message(std::io::stdin().lock())?;
    // Whatever keeps the house shut: the mail server must keep the message.
    let room = CommandContext::open(config, who).await.map_err(later)?;
    let done = match take(&room.db, &room.house, &own(&config.mail), raw).await {
        // The message is kept: the doctor not hearing of it is no reason to bring it again.
        Ok(_) => {
            let aside = room.db.write(&NoteMail::Taken).await.err().map(|error| format!("{error}\n"));
            say("").map(|done| Outcome { aside: aside.unwrap_or_default(), ..done })
        }
        Err(NotTaken::Away(error) | NotTaken::Fails(error)) => Err(later(error.into())),
        Err(NotTaken::Broke) => Err(refused("the message can't be read")),
    };
    room.close(done).await
}

fn later(failed: Failed) -> Failed {
    Failed { exit: Exit::TryAgain, ..failed }
}

fn refused(says: &str) -> Failed {
    Failed { exit: Exit::NoMessage, says: says.to_owned() }
}

/// One message, without the line that mailboxes put before it.
fn message(from: impl Read) -> Result<Vec<u8>, Failed> {
    let mut raw = Vec::new();
    let read = from.take(LARGEST + 1).read_to_end(&mut raw);
    read.map_err(|error| later(Failed::new(format!("standard input: {}", error.kind()))))?;
    if raw.len() as u64 > LARGEST {
        return Err(refused("the message is larger than 40 MB"));
    }
    if raw.starts_with(b"From ") {
        let end = raw.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |at| at + 1);
        raw.drain(..end);
    }
    let first = raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = first.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_header = name.len() < first.len() && !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_header
        .then_some(raw)
        .ok_or_else(|| refused("standard input is no message: its first line is no header"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u8>, Exit> {
        message(text.as_bytes()).map_err(|failed| failed.exit)
    }

    #[test]
    fn a_message_begins_with_a_header_perhaps_behind_a_mailbox_line() {
        assert_eq!(read("Subject: x\r\n\r\nhello").as_deref(), Ok("Subject: x\r\n\r\nhello".as_bytes()));
        let boxed = "From ada@example.com Mon Jan  1 00:00:00 2026\nSubject: x\n\nFrom here";
        assert_eq!(read(boxed).as_deref(), Ok("Subject: x\n\nFrom here".as_bytes()));
        for wrong in ["", "\n", "hello\n", "hello there: you\n", "From only", ":\n"] {
            assert_eq!(read(wrong), Err(Exit::NoMessage), "{wrong:?}");
        }
    }

    #[test]
    fn no_message_is_larger_than_what_is_kept() {
        let of = |size: u64| message("Subject: ".as_bytes().chain(std::io::repeat(b'x')).take(size));
        assert!(of(LARGEST).is_ok());
        assert_eq!(of(LARGEST + 1).err().map(|failed| failed.exit), Some(Exit::NoMessage));
    }
}
