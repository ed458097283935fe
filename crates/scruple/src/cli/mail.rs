//! `scruple mail`: inbound e-mail from a pipe.

use super::context::CommandContext;
use super::outcome::{CommandError, CommandOutput, CommandResult, Exit, output};
use crate::config::Config;
use clap::Subcommand;
use domain::compliance::doctor::RecordMailStatus;
use mail::imap::MAX_MESSAGE_BYTES;
use mail::receive::{ReceiveError, local_identity, receive_message};
use std::io::Read;
use store::Actor;

/// Receive e-mail from a pipe
#[derive(Subcommand)]
pub enum MailCommand {
    /// Receive one message from standard input, as a mail server pipes it
    #[command(
        after_help = "The message is added to its conversation, or starts a new one. The command may run while the server runs.

Exit status: 0 received, now or before; 75 try again later; 65 not a message, or larger than 40 MB; 2 misuse.

Example:
  scruple mail receive < message.eml"
    )]
    Receive,
}

pub async fn run(config: &Config, actor: Actor, command: &MailCommand) -> CommandResult {
    match command {
        MailCommand::Receive => receive(config, actor).await,
    }
}

async fn receive(config: &Config, actor: Actor) -> CommandResult {
    let raw = read_message(std::io::stdin().lock())?;
    // If the store cannot be opened, the mail server must keep the message and try again.
    let ctx = CommandContext::open(config, actor).await.map_err(try_again)?;
    let done = match receive_message(&ctx.db, &ctx.settings, &local_identity(&config.mail), raw).await {
        // The message is stored. A failure to record the status must not make the mail server deliver it again.
        Ok(_) => {
            let aside =
                ctx.db.execute(&RecordMailStatus::Received).await.err().map(|error| format!("{error}\n"));
            output("").map(|done| CommandOutput { warnings: aside.unwrap_or_default(), ..done })
        }
        Err(ReceiveError::Unavailable(error) | ReceiveError::Failed(error)) => Err(try_again(error.into())),
        Err(ReceiveError::Panicked) => Err(not_a_message("the message cannot be read")),
    };
    ctx.close(done).await
}

fn try_again(failed: CommandError) -> CommandError {
    CommandError { exit: Exit::TryAgain, ..failed }
}

fn not_a_message(message: &str) -> CommandError {
    CommandError { exit: Exit::NoMessage, message: message.to_owned() }
}

/// Reads one message, without the `From ` line of the mbox format.
fn read_message(from: impl Read) -> Result<Vec<u8>, CommandError> {
    let mut raw = Vec::new();
    let read = from.take(MAX_MESSAGE_BYTES + 1).read_to_end(&mut raw);
    read.map_err(|error| try_again(CommandError::new(format!("standard input: {}", error.kind()))))?;
    if raw.len() as u64 > MAX_MESSAGE_BYTES {
        return Err(not_a_message("the message is larger than 40 MB"));
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
        .ok_or_else(|| not_a_message("standard input is not a message: its first line is not a header"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u8>, Exit> {
        read_message(text.as_bytes()).map_err(|failed| failed.exit)
    }

    #[test]
    fn a_message_starts_with_a_header_after_an_optional_mbox_line() {
        assert_eq!(read("Subject: x\r\n\r\nhello").as_deref(), Ok("Subject: x\r\n\r\nhello".as_bytes()));
        let boxed = "From ada@example.com Mon Jan  1 00:00:00 2026\nSubject: x\n\nFrom here";
        assert_eq!(read(boxed).as_deref(), Ok("Subject: x\n\nFrom here".as_bytes()));
        for wrong in ["", "\n", "hello\n", "hello there: you\n", "From only", ":\n"] {
            assert_eq!(read(wrong), Err(Exit::NoMessage), "{wrong:?}");
        }
    }

    #[test]
    fn a_message_over_the_size_limit_is_refused() {
        let of = |size: u64| read_message("Subject: ".as_bytes().chain(std::io::repeat(b'x')).take(size));
        assert!(of(MAX_MESSAGE_BYTES).is_ok());
        assert_eq!(of(MAX_MESSAGE_BYTES + 1).err().map(|failed| failed.exit), Some(Exit::NoMessage));
    }
}
