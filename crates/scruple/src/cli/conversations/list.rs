//! `scruple conversations list`: the queues.

use super::super::context::CommandContext;
use super::super::outcome::{CommandResult, output, output_json};
use super::super::table::table;
use super::view;
use clap::ValueEnum;
use web::handlers::api::types::{ConversationList, ConversationRow};

/// The queues of conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Queue {
    /// Open, assigned to the acting member of staff
    Mine,
    /// Open, not assigned
    Unassigned,
    /// Open: staff must answer
    Open,
    /// Waiting for the person
    Waiting,
    /// Snoozed until a day
    Snoozed,
    /// Suspected spam, and automatic e-mail
    Held,
    /// Closed, until they are erased
    Closed,
}

/// Runs the command.
pub async fn list(
    ctx: &CommandContext,
    queue: Queue,
    limit: u16,
    after: Option<i64>,
    as_json: bool,
) -> CommandResult {
    let mut tx = ctx.db.read().await?;
    let queue = match queue {
        Queue::Mine => store::Queue::Mine(ctx.actor.as_str()),
        Queue::Unassigned => store::Queue::Unassigned,
        Queue::Open => store::Queue::Open,
        Queue::Waiting => store::Queue::Waiting,
        Queue::Snoozed => store::Queue::Snoozed,
        Queue::Held => store::Queue::Quarantined,
        Queue::Closed => store::Queue::Closed,
    };
    let conversations = tx.queue(&queue, after.unwrap_or(i64::MAX), i64::from(limit) + 1).await?;
    let page = ConversationList::of(conversations, usize::from(limit), tx.today());
    if as_json {
        return output_json(&page);
    }
    if page.conversations.is_empty() {
        return output("The queue is empty.\n");
    }
    let cells = |row: &ConversationRow| {
        vec![
            row.id.clone(),
            row.codename.clone(),
            view::state(row),
            row.kind.as_str().to_owned(),
            row.messages.to_string(),
            row.updated.clone(),
            row.assigned.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let heads = ["CONVERSATION", "NAME", "STATE", "FROM", "MESSAGES", "LAST", "ASSIGNED"];
    let mut text = table(&heads, &page.conversations.iter().map(cells).collect::<Vec<_>>());
    if let Some(next) = page.next {
        text += &format!("More conversations: --after {next}\n");
    }
    output(text)
}
