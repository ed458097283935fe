//! `scruple conversations customer`: shows and helps the customer of a conversation.

use super::super::context::CommandContext;
use super::super::files;
use super::super::outcome::{CommandError, CommandResult, output, output_json};
use super::super::value_parsers;
use super::selection::{OneConversation, checked, not_found};
use super::show::show_customer;
use clap::{Args, Subcommand};
use domain::conversations::customer_context::{
    ExtendLinkedLicence, ResendKeys, RevokeLinkedLicence, StartCustomerErasure,
};
use domain::conversations::staff::ChangeOutcome;
use domain::erasure::completion::roll_forward;
use domain::erasure::request::AgreementOutcome;
use licence::Serial;
use serde_json::json as value;
use store::ConversationId;

/// Show or help the customer of a conversation
#[derive(Subcommand)]
pub enum CustomerCommand {
    /// Show the customer, their licences, orders and earlier conversations
    #[command(
        after_help = "Only the values that are shown are decrypted. The access is audited, with the conversation as the case.

Examples:
  scruple conversations customer show 7K3M9QXD
  scruple conversations customer show 7K3M9QXD --json"
    )]
    Show(OneConversation),
    /// E-mail the customer a link to their portal with their keys, once for each of their messages
    #[command(after_help = "Example:
  scruple conversations customer resend-keys 7K3M9QXD")]
    ResendKeys(OneConversation),
    /// Extend a licence of the customer, or the licence that they named
    #[command(after_help = "Example:
  scruple conversations customer extend 7K3M9QXD --licence 2B4C6D8E --months 3")]
    Extend {
        /// The licence.
        #[command(flatten)]
        of: OneLicence,
        /// The number of months
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=120))]
        months: i64,
    },
    /// Revoke a licence of the customer, or the licence that they named
    #[command(after_help = "The key still verifies offline until it ends.

Examples:
  scruple conversations customer revoke 7K3M9QXD --licence 2B4C6D8E
  scruple conversations customer revoke 7K3M9QXD --licence 2B4C6D8E --restore")]
    Revoke {
        /// The licence.
        #[command(flatten)]
        of: OneLicence,
        /// Undo the revocation
        #[arg(long)]
        restore: bool,
    },
    /// Start the erasure of a customer who agreed to it in the conversation; this erases the conversation too
    #[command(after_help = "The text of the agreement is read from standard input. Only its hash is kept.

Example:
  scruple conversations customer erase 7K3M9QXD < agreement.txt")]
    Erase(OneConversation),
}

/// Selects a licence of the customer of a conversation.
#[derive(Args)]
pub struct OneLicence {
    /// The conversation.
    #[command(flatten)]
    pub conversation: OneConversation,
    /// The licence number, 8 symbols
    #[arg(long, value_name = "LICENCE", value_parser = value_parsers::licence)]
    pub licence: Serial,
}

pub async fn run(ctx: &CommandContext, command: CustomerCommand) -> CommandResult {
    let actor = &ctx.actor;
    match command {
        CustomerCommand::Show(of) => show_customer(ctx, of).await,
        CustomerCommand::ResendKeys(of) => {
            let operation = ResendKeys { id: of.id, actor, settings: &ctx.settings };
            let sent = ctx.db.execute(&operation).await?;
            report(sent, of.json, "The e-mail with the link to their portal is queued.\n")
        }
        CustomerCommand::Extend { of, months } => {
            let OneLicence { conversation, licence } = of;
            let operation = ExtendLinkedLicence { id: conversation.id, serial: licence, months, actor };
            report(ctx.db.execute(&operation).await?, conversation.json, "The licence is extended.\n")
        }
        CustomerCommand::Revoke { of, restore } => {
            let OneLicence { conversation, licence } = of;
            let operation =
                RevokeLinkedLicence { id: conversation.id, serial: licence, revoked: !restore, actor };
            let text = if restore { "The revocation is undone.\n" } else { "The licence is revoked.\n" };
            report(ctx.db.execute(&operation).await?, conversation.json, text)
        }
        CustomerCommand::Erase(of) => erase(ctx, of.id, of.json).await,
    }
}

fn report(changed: ChangeOutcome, as_json: bool, text: &str) -> CommandResult {
    checked(changed)?;
    if as_json { output_json(&value!({ "done": true })) } else { output(text.to_owned()) }
}

async fn erase(ctx: &CommandContext, id: ConversationId, as_json: bool) -> CommandResult {
    files::prompt("Type the text of the agreement, then end of input (Ctrl-D):");
    let agreement = files::read_stdin()?;
    if agreement.trim().is_empty() {
        return Err(CommandError::misuse(
            "the customer's agreement is missing: its text is read from standard input",
        ));
    }
    if ctx.db.read().await?.conversation(id).await?.is_none() {
        return Err(not_found());
    }
    let operation =
        StartCustomerErasure { id, agreement: agreement.trim(), actor: &ctx.actor, settings: &ctx.settings };
    let (code, due) = match ctx.db.execute(&operation).await? {
        Some(AgreementOutcome::Started { code }) => (code, None),
        Some(AgreementOutcome::CoolingOff { day, code }) => (code, Some(day.to_string())),
        Some(AgreementOutcome::UnknownPerson) | None => {
            return Err(CommandError::new("the conversation is not linked to a customer"));
        }
    };
    let waiting = match due {
        None => roll_forward(&ctx.db).await.err(),
        Some(_) => None,
    };
    if as_json {
        return output_json(&value!({ "code": code, "due": due, "waits": waiting.is_some() }));
    }
    let state = match (&due, &waiting) {
        (Some(due), _) => format!("The erasure is due on {due}. The person can cancel it until then."),
        (None, None) => "The person and this conversation are erased.".to_owned(),
        (None, Some(why)) => {
            format!("The person can no longer be found. The erasure is not complete yet: {why}.")
        }
    };
    output(format!("{state}\nGive the person this code for their receipt: {code}\n"))
}
