//! `scruple tokens`: API tokens, for programs that act for a member of staff.

use super::context::CommandContext;
use super::outcome::{CommandError, CommandOutput, CommandResult, Exit, output, output_json};
use super::table::{day, table};
use super::value_parsers;
use clap::{Args, Subcommand};
use domain::api_token::{AddApiToken, RevokeApiToken, Scopes};
use serde_json::json as value;
use store::ApiToken;

/// Manage API tokens, for programs that act for a member of staff
#[derive(Subcommand)]
pub enum TokensCommand {
    /// Create a token and print it once; only its hash is kept
    #[command(
        after_help = "Scopes: conversations:read, conversations:write, customers:read, customers:write, visits:read, \
visits:write.

Examples:
  scruple tokens add --name console --staff ada --scopes conversations:read,conversations:write --days 90
  scruple tokens add --name statistics --staff ada --scopes visits:read --days 365"
    )]
    Add(AddToken),
    /// List the tokens, without their text
    #[command(after_help = "Examples:
  scruple tokens list
  scruple tokens list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token; it stops working at once
    #[command(after_help = "Example:
  scruple tokens revoke --name console")]
    Revoke {
        /// The name of the token
        #[arg(long, value_name = "NAME", value_parser = value_parsers::name)]
        name: String,
    },
}

/// Arguments of `scruple tokens add`
#[derive(Args)]
pub struct AddToken {
    /// A name that says what the token is for; each name is used once
    #[arg(long, value_name = "NAME", value_parser = value_parsers::name)]
    pub name: String,
    /// The member of staff for whom the token acts, as the audit log names them
    #[arg(long, value_name = "NAME", value_parser = value_parsers::staff_name)]
    pub staff: String,
    /// The permissions of the token, separated by commas
    #[arg(long, value_name = "SCOPES", value_parser = value_parsers::scopes)]
    pub scopes: Scopes,
    /// Days until the token expires, 1 to 365
    #[arg(long, default_value_t = 90, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=365))]
    pub days: i64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub async fn run(ctx: &CommandContext, command: TokensCommand) -> CommandResult {
    match command {
        TokensCommand::Add(args) => add(ctx, &args).await,
        TokensCommand::List { json } => list(ctx, json).await,
        TokensCommand::Revoke { name } => revoke(ctx, &name).await,
    }
}

async fn add(ctx: &CommandContext, args: &AddToken) -> CommandResult {
    let AddToken { name, staff, scopes, days, json: as_json } = args;
    let operation = AddApiToken { name, staff, scopes, days: *days, actor: &ctx.actor };
    let Some((token, ends)) = ctx.db.execute(&operation).await? else {
        return Err(CommandError::new(format!(
            "a token named {name} exists already: revoke it first, or choose another name"
        )));
    };
    let ends = ends.to_string();
    if *as_json {
        return output_json(&value!({ "name": name, "token": token.text(), "ends": ends }));
    }
    Ok(CommandOutput {
        text: format!("{}\n", token.text()),
        warnings: format!(
            "the token acts for {staff} until {ends}; store it now, because it is not shown again\n"
        ),
        exit: Exit::Done,
    })
}

async fn list(ctx: &CommandContext, as_json: bool) -> CommandResult {
    let tokens = ctx.db.read().await?.api_tokens().await?;
    let ends = |token: &ApiToken| day(token.expires_day, "never");
    if as_json {
        let one = |t: &ApiToken| {
            value!({ "name": t.name, "staff": t.staff, "scopes": t.scopes.split(',').collect::<Vec<_>>(),
                     "created": t.created_day.to_string(), "ends": ends(t) })
        };
        return output_json(&value!({ "tokens": tokens.iter().map(one).collect::<Vec<_>>() }));
    }
    if tokens.is_empty() {
        return output("There are no tokens.\n");
    }
    let row = |t: &ApiToken| {
        vec![t.name.clone(), t.staff.clone(), t.scopes.clone(), t.created_day.to_string(), ends(t)]
    };
    let rows: Vec<Vec<String>> = tokens.iter().map(row).collect();
    output(table(&["NAME", "STAFF", "SCOPES", "CREATED", "ENDS"], &rows))
}

async fn revoke(ctx: &CommandContext, name: &str) -> CommandResult {
    match ctx.db.execute(&RevokeApiToken { name, actor: &ctx.actor }).await? {
        true => output(format!("The token {name} is revoked.\n")),
        false => Err(CommandError::new(format!("there is no token named {name}"))),
    }
}
