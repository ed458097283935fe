//! `scruple conversations show` and `customer show`: decrypts a conversation, or the data of its customer.

use super::super::context::CommandContext;
use super::super::outcome::{CommandResult, output, output_json};
use super::selection::{OneConversation, not_found};
use super::view;
use domain::conversations::customer_context;
use domain::conversations::staff::ViewAsStaff;
use web::handlers::api::types::{CustomerContext, OpenConversation};

/// Shows a conversation with all its messages.
pub async fn show(ctx: &CommandContext, of: OneConversation) -> CommandResult {
    let shown = ctx.db.execute(&ViewAsStaff { id: of.id, actor: &ctx.actor }).await?.ok_or_else(not_found)?;
    let conversation = OpenConversation::from(shown);
    if of.json { output_json(&conversation) } else { output(view::conversation(&conversation)) }
}

/// Shows the customer of a conversation.
pub async fn show_customer(ctx: &CommandContext, of: OneConversation) -> CommandResult {
    let operation = customer_context::ViewCustomerContext { id: of.id, actor: &ctx.actor };
    let context = CustomerContext::from(ctx.db.execute(&operation).await?.ok_or_else(not_found)?);
    if of.json { output_json(&context) } else { output(view::customer_context(&context)) }
}
