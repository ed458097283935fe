//! The command line: arguments, dispatch, output.
//!
//! Each command group has one file with its arguments and its execution. Arguments show in the list of processes and
//! in the shell's history, so an e-mail address is never an argument: it is read from standard input. (`paypro send`
//! simulates made-up people.)

mod actor;
mod audit;
mod backup;
mod canned;
mod context;
mod conversations;
mod doctor;
mod files;
mod keyring;
mod licence;
mod lookup;
mod mail;
mod outcome;
mod paypro;
mod person;
mod product;
mod prove;
mod receipt;
mod site;
mod table;
mod tokens;
mod value_parsers;
mod visits;

#[cfg(test)]
mod tests;

use crate::config::{Config, Problem, Problems};
use crate::{demo, serve};
use audit::AuditCommand;
use backup::{Backup, Restore};
use canned::CannedCommand;
use clap::{Parser, Subcommand};
use context::CommandContext;
use conversations::ConversationsCommand;
use doctor::Doctor;
use keyring::{KeyringCommand, TransferCommand};
use licence::LicenceCommand;
use lookup::Lookup;
use mail::MailCommand;
use outcome::output;
use paypro::PayproCommand;
use person::PersonCommand;
use product::ProductCommand;
use prove::Prove;
use receipt::ReceiptCommand;
use site::SiteCommand;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use store::Actor;
use tokens::TokensCommand;
use tracing::Level;
use visits::VisitsCommand;

pub use outcome::{CommandError, CommandOutput, CommandResult, Exit};

/// Turns purchases into licence keys, and keeps the buyers' details encrypted for support until they are erased.
#[derive(Parser)]
#[command(name = "scruple", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 done, 1 failed, 2 misuse, 3 not valid (licence verify, receipt verify).

Examples:
  scruple demo
  scruple serve
  scruple --config /etc/scruple.toml doctor"
)]
pub struct CommandLine {
    /// The configuration file, instead of scruple.toml in the working folder
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    config: Option<PathBuf>,

    /// The member of staff who acts, for the audit log, instead of the login name
    #[arg(long = "as", global = true, value_name = "NAME", value_parser = value_parsers::staff_name, help_heading = "Global options")]
    actor: Option<String>,

    /// The command.
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve,
    /// Show a whole purchase, from notification to erasure, in a temporary store
    Demo,
    /// Manage the products that the store sells
    #[command(subcommand)]
    Product(ProductCommand),
    /// Manage the web sites whose visits are counted
    #[command(subcommand)]
    Site(SiteCommand),
    /// Simulate the payment provider
    #[command(subcommand)]
    Paypro(PayproCommand),
    /// Look up a customer's purchases to answer them; the access is audited
    Lookup(Lookup),
    /// Answer people: list, read and change conversations
    #[command(subcommand)]
    Conversations(ConversationsCommand),
    /// Manage canned responses
    #[command(subcommand)]
    Canned(CannedCommand),
    /// Manage API tokens
    #[command(subcommand)]
    Tokens(TokensCommand),
    /// Import and show visit statistics
    #[command(subcommand)]
    Visits(VisitsCommand),
    /// Receive e-mail from a pipe
    #[command(subcommand)]
    Mail(MailCommand),
    /// Export or erase the personal data of one person
    #[command(subcommand)]
    Person(PersonCommand),
    /// Manage licences and the keys that sign them
    #[command(subcommand)]
    Licence(LicenceCommand),
    /// Verify receipts of erasure
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Manage the keyring, which holds the keys that decrypt the data
    #[command(subcommand)]
    Keyring(KeyringCommand),
    /// Back up the data, also while the server runs; the keyring is never included
    Backup(Backup),
    /// Restore a backup of the data; people who were erased since stay erased
    Restore(Restore),
    /// Read and verify the audit log, which records every access to personal data
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Report what is misconfigured, pending or missing
    Doctor(Doctor),
    /// Check each promise on the live database
    Prove(Prove),
}

/// Runs a command line. Commands that need no store and no configuration come first.
///
/// # Errors
/// See [`CommandError`].
pub async fn run(line: CommandLine) -> CommandResult {
    match &line.command {
        Command::Licence(LicenceCommand::Verify(args)) => return licence::verify::verify(args),
        Command::Receipt(ReceiptCommand::Verify { file, public_key: Some(keys) }) => {
            return receipt::verify_with(file, keys);
        }
        Command::Demo => {
            start_log(Level::WARN);
            return finished(demo::run().await);
        }
        _ => {}
    }
    let config = load_config(&line).map_err(|problems| CommandError::misuse(problems.to_string()))?;
    let actor = actor::command_actor(line.actor);
    match line.command {
        Command::Serve => {
            start_log(Level::INFO);
            finished(serve::run(config).await)
        }
        Command::Paypro(PayproCommand::Send(args)) => paypro::send(&config, &args).await,
        Command::Keyring(KeyringCommand::Transfer(TransferCommand::Request)) => {
            keyring::transfer_request(&config)
        }
        Command::Keyring(KeyringCommand::Transfer(TransferCommand::Import { file })) => {
            keyring::transfer_import(&config, &file)
        }
        Command::Mail(command) => mail::run(&config, actor, &command).await,
        Command::Restore(Restore { file }) => backup::restore(&config, actor, &file).await,
        command => run_with_store(&config, actor, command).await,
    }
}

/// Opens the store, runs the command in it, and closes the store.
async fn run_with_store(config: &Config, actor: Actor, command: Command) -> CommandResult {
    let ctx = CommandContext::open(config, actor).await?;
    let result = match command {
        Command::Product(command) => product::run(&ctx, command).await,
        Command::Site(command) => site::run(&ctx, command).await,
        Command::Visits(command) => visits::run(&ctx, config.visits.thresholds, command).await,
        Command::Lookup(args) => lookup::lookup(&ctx, &args).await,
        Command::Conversations(command) => conversations::run(&ctx, command).await,
        Command::Canned(command) => canned::run(&ctx, command).await,
        Command::Tokens(command) => tokens::run(&ctx, command).await,
        Command::Person(command) => person::run(&ctx, command).await,
        Command::Licence(command) => licence::run(&ctx, command).await,
        Command::Receipt(ReceiptCommand::Verify { file, .. }) => receipt::verify_here(&ctx, &file).await,
        Command::Keyring(KeyringCommand::Status { json }) => keyring::status(&ctx, json),
        Command::Keyring(KeyringCommand::Replica(command)) => keyring::replica(&ctx, &command).await,
        Command::Keyring(KeyringCommand::Transfer(TransferCommand::Export { to, file })) => {
            keyring::transfer_export(&ctx, &to, &file)
        }
        Command::Backup(Backup { file }) => backup::back_up(&ctx, &file).await,
        Command::Audit(command) => audit::run(&ctx, command).await,
        Command::Doctor(args) => doctor::run(config, &ctx, &args).await,
        Command::Prove(args) => prove::run(config, &ctx, &args).await,
        Command::Serve
        | Command::Demo
        | Command::Paypro(_)
        | Command::Mail(_)
        | Command::Restore(_)
        | Command::Keyring(KeyringCommand::Transfer(_)) => {
            unreachable!("these commands run before the store is opened")
        }
    };
    ctx.close(result).await
}

/// Sends the log to standard error; in colour on a terminal.
fn start_log(max_level: Level) {
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .with_target(false)
        .with_max_level(max_level)
        .init();
}

fn finished(result: Result<(), Box<dyn std::error::Error>>) -> CommandResult {
    result.map_err(|error| CommandError::new(error.to_string()))?;
    output("")
}

fn load_config(line: &CommandLine) -> Result<Config, Problems> {
    let folder = std::env::current_dir().map_err(|error| {
        Problems(vec![Problem {
            at: "working folder".to_owned(),
            message: format!("cannot be found: {}", error.kind()),
        }])
    })?;
    Config::load(&folder, line.config.as_deref(), std::env::vars_os())
}
