//! `scruple canned`: canned responses, the answers that staff give often.

use super::context::CommandContext;
use super::files;
use super::outcome::{CommandError, CommandResult, output, output_json};
use super::table::{one_line, safe_for_terminal, table};
use super::value_parsers;
use clap::Subcommand;
use domain::conversations::canned_responses::{self, DeleteCannedResponse, SetCannedResponse};
use message_catalogue::English as _;
use serde_json::json as value;
use store::ConversationId;
use web::handlers::api::canned::CannedResponse;

/// Manage canned responses, with placeholders for facts but never for personal details
#[derive(Subcommand)]
pub enum CannedCommand {
    /// List the canned responses
    #[command(after_help = "Examples:
  scruple canned list
  scruple canned list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Save a canned response, read from standard input
    #[command(
        after_help = "Placeholders: {vendor} {product} {edition} {state} {conversation} {staff}. Any other is refused.

Example:
  scruple canned set --name lost-key < answer.txt"
    )]
    Set {
        /// The name of the canned response
        #[arg(long, value_name = "NAME", value_parser = value_parsers::name)]
        name: String,
    },
    /// Delete a canned response
    #[command(after_help = "Example:
  scruple canned delete --name lost-key")]
    Delete {
        /// The name of the canned response
        #[arg(long, value_name = "NAME", value_parser = value_parsers::name)]
        name: String,
    },
    /// Print a canned response with its placeholders filled in for a conversation
    #[command(after_help = "Example:
  scruple canned render --name lost-key --conversation 7K3M9QXD")]
    Render {
        /// The name of the canned response
        #[arg(long, value_name = "NAME", value_parser = value_parsers::name)]
        name: String,
        /// The conversation's number, 8 symbols
        #[arg(long, value_name = "ID", value_parser = value_parsers::conversation)]
        conversation: ConversationId,
    },
}

pub async fn run(ctx: &CommandContext, command: CannedCommand) -> CommandResult {
    match command {
        CannedCommand::List { json } => list(ctx, json).await,
        CannedCommand::Set { name } => set(ctx, &name).await,
        CannedCommand::Delete { name } => delete(ctx, &name).await,
        CannedCommand::Render { name, conversation } => render(ctx, &name, conversation).await,
    }
}

async fn list(ctx: &CommandContext, as_json: bool) -> CommandResult {
    let all = canned_responses::list(&mut ctx.db.read().await?).await?;
    if as_json {
        let all = all.into_iter().map(|(name, text)| CannedResponse { name, text });
        return output_json(&value!({ "canned": all.collect::<Vec<_>>() }));
    }
    if all.is_empty() {
        return output("There are no canned responses.\n");
    }
    let beginning = |text: &str| one_line(text).chars().take(70).collect::<String>();
    let rows: Vec<Vec<String>> = all.iter().map(|(name, text)| vec![name.clone(), beginning(text)]).collect();
    output(table(&["NAME", "BEGINNING"], &rows))
}

async fn set(ctx: &CommandContext, name: &str) -> CommandResult {
    files::prompt("Type the canned response, then end of input (Ctrl-D):");
    let body = files::read_stdin()?;
    match ctx.db.execute(&SetCannedResponse { name, body: &body, actor: &ctx.actor }).await? {
        Ok(()) => output(format!("The canned response {name} is saved.\n")),
        Err(why) => Err(CommandError::new(why.english())),
    }
}

fn not_found(name: &str) -> CommandError {
    CommandError::new(format!("there is no canned response named {name}"))
}

async fn delete(ctx: &CommandContext, name: &str) -> CommandResult {
    match ctx.db.execute(&DeleteCannedResponse { name, actor: &ctx.actor }).await? {
        true => output(format!("The canned response {name} is deleted.\n")),
        false => Err(not_found(name)),
    }
}

async fn render(ctx: &CommandContext, name: &str, conversation: ConversationId) -> CommandResult {
    let mut tx = ctx.db.read().await?;
    match canned_responses::render(&mut tx, &ctx.settings, name, conversation, ctx.actor.as_str()).await? {
        Some(text) => output(safe_for_terminal(&text) + "\n"),
        None => Err(CommandError::new(format!(
            "there is no canned response named {name}, or no such conversation"
        ))),
    }
}
