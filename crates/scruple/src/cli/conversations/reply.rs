//! `scruple conversations reply` and `note`: adds a message of staff.

use super::super::context::CommandContext;
use super::super::files;
use super::super::outcome::{CommandError, CommandResult, output, output_json};
use super::selection::{OneConversation, not_found};
use clap::Args;
use domain::conversations::staff::{
    AddNote, AddNoteOutcome, NewerMessage, ReplyOutcome, ReplyToConversation,
};
use message_catalogue::English as _;
use serde_json::json as value;
use store::ConversationId;
use zeroize::Zeroizing;

/// Arguments of `scruple conversations reply`
#[derive(Args)]
pub struct ReplyArguments {
    /// The conversation.
    #[command(flatten)]
    pub conversation: OneConversation,
    /// The reply, or - for standard input
    #[arg(long, value_name = "TEXT")]
    pub text: String,
    /// Quote the person's last message below the reply; only for a verified address
    #[arg(long)]
    pub quote: bool,
    /// Close the conversation afterwards
    #[arg(long)]
    pub close: bool,
    /// The number of messages that you read; if there are more now, nothing is sent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub seen: Option<i64>,
    /// Send the reply even if a new message arrived meanwhile
    #[arg(long)]
    pub force: bool,
}

/// Reads the text of an argument, or standard input if the argument is `-`.
fn read_text(given: &str) -> Result<Zeroizing<String>, CommandError> {
    let text = match given {
        "-" => files::read_stdin()?,
        text => Zeroizing::new(text.to_owned()),
    };
    if text.trim().is_empty() { Err(CommandError::misuse("the text is empty")) } else { Ok(text) }
}

/// Runs `scruple conversations reply`.
pub async fn reply(ctx: &CommandContext, args: &ReplyArguments) -> CommandResult {
    let text = read_text(&args.text)?;
    let operation = ReplyToConversation {
        id: args.conversation.id,
        text: &text,
        quote: args.quote,
        seen: args.seen,
        force: args.force,
        close: args.close,
        actor: &ctx.actor,
        settings: &ctx.settings,
    };
    let (route, why) = match ctx.db.execute(&operation).await? {
        ReplyOutcome::Sent => ("email", None),
        ReplyOutcome::Waits(why) => ("web", Some(why.english())),
        ReplyOutcome::Collision(newer) => return Err(collision(&newer)),
        ReplyOutcome::Refused(why) => return Err(CommandError::new(format!("not sent: {}", why.english()))),
        ReplyOutcome::NoConversation => return Err(not_found()),
    };
    if args.conversation.json {
        return output_json(&value!({ "route": route, "why": why }));
    }
    output(match why {
        None => "The reply is queued as an e-mail.\n".to_owned(),
        Some(why) => format!("The person can read the reply on the web with their access code: {why}.\n"),
    })
}

fn collision(newer: &[NewerMessage]) -> CommandError {
    let by: Vec<String> = newer.iter().map(|message| format!("{} ({})", message.n, message.by)).collect();
    CommandError::new(format!(
        "nothing was sent, because the conversation has new messages: {}. Read them with `scruple conversations \
         show`, then give the new number with --seen, or use --force",
        by.join(", ")
    ))
}

/// Runs `scruple conversations note`.
pub async fn note(ctx: &CommandContext, id: ConversationId, text: &str, as_json: bool) -> CommandResult {
    let text = read_text(text)?;
    let operation = AddNote { id, text: &text, seen: None, force: true, actor: &ctx.actor };
    match ctx.db.execute(&operation).await? {
        AddNoteOutcome::Done if as_json => output_json(&value!({ "noted": true })),
        AddNoteOutcome::Done => output("The note is saved.\n"),
        AddNoteOutcome::Collision(newer) => Err(collision(&newer)),
        AddNoteOutcome::Refused(why) => Err(CommandError::new(why.english())),
        AddNoteOutcome::NoConversation => Err(not_found()),
    }
}
