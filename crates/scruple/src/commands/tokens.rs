//! `scruple tokens`: for programs that act for a member of staff.

use super::words;
use clap::{Args, Subcommand};
use web::handlers::api::token::Scopes;

/// Tokens of the API, for programs that act for a member of staff
#[derive(Subcommand)]
pub enum TokensCommand {
    /// Make a token and print it, this once: only its hash is kept
    #[command(
        after_help = "Scopes: threads:read, threads:write, customers:read, customers:write, visits:read, visits:write.

Examples:
  scruple tokens add --name console --staff ada --scopes threads:read,threads:write --days 90
  scruple tokens add --name statistics --staff ada --scopes visits:read --days 365"
    )]
    Add(AddToken),
    /// List the tokens, never their text
    #[command(after_help = "Examples:
  scruple tokens list
  scruple tokens list --json")]
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// End a token at once
    #[command(after_help = "Example:
  scruple tokens revoke --name console")]
    Revoke {
        /// Its name
        #[arg(long, value_name = "NAME", value_parser = words::name)]
        name: String,
    },
}

/// `scruple tokens add`
#[derive(Args)]
pub struct AddToken {
    /// What it is for: one token a name
    #[arg(long, value_name = "NAME", value_parser = words::name)]
    pub name: String,
    /// The member of staff for whom it acts, as the journal will name them
    #[arg(long, value_name = "NAME", value_parser = words::acting)]
    pub staff: String,
    /// How far it reaches, with a comma between
    #[arg(long, value_name = "SCOPES")]
    pub scopes: Scopes,
    /// Days until it ends, 1 to 365
    #[arg(long, default_value_t = 90, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=365))]
    pub days: i64,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}
