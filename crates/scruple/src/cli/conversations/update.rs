//! Changes of conversations: assign, close, snooze, tag, release, merge, redact, erase.

use super::super::context::CommandContext;
use super::super::files;
use super::super::outcome::{CommandError, CommandResult, output, output_json};
use super::super::value_parsers;
use super::selection::{OneConversation, checked, not_found};
use super::view;
use calendar::Day;
use clap::Args;
use domain::conversations::staff::{
    AssignConversation, ChangeOutcome, EraseConversation, MergeConversations, RedactMessage,
    ReleaseConversation, SetConversationState, SnoozeConversation, TagConversation,
};
use domain::erasure::completion::roll_forward;
use serde_json::json as value;
use store::{ConversationId, ConversationState};
use web::handlers::api::types::ConversationRow;

/// The assignee of a conversation: exactly one of the options.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Assignee {
    /// The name of a member of staff
    #[arg(long, value_name = "NAME", value_parser = value_parsers::staff_name)]
    pub to: Option<String>,
    /// Remove the assignment
    #[arg(long)]
    pub unassign: bool,
}

/// The end of a snooze: exactly one of the options.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct SnoozeUntil {
    /// Snooze until this day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    pub until: Option<Day>,
    /// End the snooze now
    #[arg(long)]
    pub wake: bool,
}

/// Assigns a conversation, or removes its assignment.
pub async fn assign(ctx: &CommandContext, id: ConversationId, to: &Assignee, as_json: bool) -> CommandResult {
    let changed = ctx.db.execute(&AssignConversation { id, to: to.to.as_deref() }).await?;
    show_state(ctx, id, changed, as_json).await
}

/// Closes or reopens a conversation.
pub async fn close(ctx: &CommandContext, of: OneConversation, reopen: bool) -> CommandResult {
    let state = if reopen { ConversationState::Open } else { ConversationState::Closed };
    let changed = ctx.db.execute(&SetConversationState { id: of.id, state }).await?;
    show_state(ctx, of.id, changed, of.json).await
}

/// Snoozes a conversation, or ends its snooze.
pub async fn snooze(ctx: &CommandContext, of: OneConversation, until: &SnoozeUntil) -> CommandResult {
    let changed = ctx.db.execute(&SnoozeConversation { id: of.id, until_day: until.until }).await?;
    show_state(ctx, of.id, changed, of.json).await
}

/// Replaces the tags of a conversation.
pub async fn tag(ctx: &CommandContext, of: OneConversation, tags: &[String]) -> CommandResult {
    let changed = ctx.db.execute(&TagConversation { id: of.id, tags }).await?;
    show_state(ctx, of.id, changed, of.json).await
}

/// Releases a held conversation.
pub async fn release(ctx: &CommandContext, of: OneConversation) -> CommandResult {
    let changed = ctx.db.execute(&ReleaseConversation { id: of.id, actor: &ctx.actor }).await?;
    show_state(ctx, of.id, changed, of.json).await
}

/// Merges a conversation into another.
pub async fn merge(ctx: &CommandContext, of: OneConversation, into: ConversationId) -> CommandResult {
    let changed = ctx.db.execute(&MergeConversations { id: of.id, into, actor: &ctx.actor }).await?;
    complete_erasure(ctx, changed).await?;
    show_state(ctx, into, ChangeOutcome::Done, of.json).await
}

/// Removes a passage and files for good.
pub async fn redact(
    ctx: &CommandContext,
    of: OneConversation,
    message: i64,
    numbers: &[i64],
) -> CommandResult {
    files::prompt("Type the passage exactly as in the message, then end of input (Ctrl-D):");
    let passage = files::read_stdin()?;
    let passage = passage.trim_end_matches('\n');
    let operation = RedactMessage { id: of.id, message, passage, files: numbers, actor: &ctx.actor };
    let changed = ctx.db.execute(&operation).await?;
    complete_erasure(ctx, changed).await?;
    show_state(ctx, of.id, ChangeOutcome::Done, of.json).await
}

/// Erases a conversation.
pub async fn erase(ctx: &CommandContext, of: OneConversation) -> CommandResult {
    let changed = ctx.db.execute(&EraseConversation { id: of.id, actor: &ctx.actor }).await?;
    complete_erasure(ctx, changed).await?;
    if of.json {
        return output_json(&value!({ "erased": of.id.to_string() }));
    }
    output("The conversation is erased.\n")
}

/// Forgets the erased key slot now (crypto-shredding); the server would do it within seconds.
async fn complete_erasure(ctx: &CommandContext, changed: ChangeOutcome) -> Result<(), CommandError> {
    checked(changed)?;
    match roll_forward(&ctx.db).await {
        Ok(_) => Ok(()),
        Err(error) => Err(CommandError::new(format!(
            "the change is made, but the old content's key is not erased yet: {error}. Scruple tries again by itself"
        ))),
    }
}

/// Prints the state of the conversation after a change.
async fn show_state(
    ctx: &CommandContext,
    id: ConversationId,
    changed: ChangeOutcome,
    as_json: bool,
) -> CommandResult {
    checked(changed)?;
    let mut tx = ctx.db.read().await?;
    let conversation = tx.conversation(id).await?.ok_or_else(not_found)?;
    let row = ConversationRow::of(&conversation, tx.today());
    if as_json {
        return output_json(&row);
    }
    let assigned = row.assigned.as_ref().map_or_else(String::new, |name| format!(", assigned to {name}"));
    output(format!("{} {} is {}{assigned}.\n", row.id, row.codename, view::state(&row)))
}
