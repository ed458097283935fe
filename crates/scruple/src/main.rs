//! The binary `scruple`: reads the command line and the configuration, then does what was asked.

mod acts;

use acts::{CommandContext, Done, Failed, Outcome};
use clap::Parser;
use scruple::commands::{
    Command, CommandLine, Exit, KeyringCommand, LicenceCommand, PayproCommand, ReceiptCommand,
};
use scruple::config::{Config, Problem, Problems};
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::process::ExitCode;
use store::Actor;
use tracing::Level;

fn main() -> ExitCode {
    scruple::fault::tell_only_where();
    let line = CommandLine::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(Failed::from).and_then(|runtime| runtime.block_on(act(line))) {
        Ok(outcome) => print(&outcome),
        Err(failed) => complain(&failed.says, failed.exit),
    }
}

/// What each command does. The first need nothing but their files, the next the configuration, the rest the house.
async fn act(line: CommandLine) -> Done {
    match &line.command {
        Command::Licence(LicenceCommand::Verify(asked)) => return acts::licence::verify(asked),
        Command::Receipt(ReceiptCommand::Verify { file, public_key: Some(keys) }) => {
            return acts::receipt::verify_with(file, keys);
        }
        Command::Demo => {
            log(Level::WARN);
            return ran(scruple::demo::run().await);
        }
        _ => {}
    }
    let config = configuration(&line).map_err(|problems| Failed::misuse(problems.to_string()))?;
    let who = acts::actor::acting(line.acting);
    match line.command {
        Command::Serve => {
            log(Level::INFO);
            ran(scruple::serve::run(config).await)
        }
        Command::Paypro(PayproCommand::Send(asked)) => acts::paypro::send(&config, &asked).await,
        Command::Keyring(KeyringCommand::Invite) => acts::keyring::invite(&config),
        Command::Keyring(KeyringCommand::Adopt { file }) => acts::keyring::adopt(&config, &file),
        Command::Mail(command) => acts::mail::run(&config, who, &command).await,
        Command::Restore { file } => acts::backup::restore(&config, who, &file).await,
        command => in_the_house(&config, who, command).await,
    }
}

async fn in_the_house(config: &Config, who: Actor, command: Command) -> Done {
    let room = CommandContext::open(config, who).await?;
    let done = match command {
        Command::Product(command) => acts::product::run(&room, command).await,
        Command::Site(command) => acts::site::run(&room, command).await,
        Command::Visits(command) => acts::visits::run(&room, config.visits.folding, command).await,
        Command::Support(command) => acts::support::run(&room, command).await,
        Command::Threads(command) => acts::threads::run(&room, command).await,
        Command::Canned(command) => acts::canned::run(&room, command).await,
        Command::Tokens(command) => acts::tokens::run(&room, command).await,
        Command::Person(command) => acts::person::run(&room, command).await,
        Command::Licence(command) => acts::licence::run(&room, command).await,
        Command::Receipt(ReceiptCommand::Verify { file, .. }) => {
            acts::receipt::verify_here(&room, &file).await
        }
        Command::Keyring(KeyringCommand::Status { json }) => acts::keyring::status(&room, json),
        Command::Keyring(KeyringCommand::Carry { to, file }) => acts::keyring::carry(&room, &to, &file),
        Command::Keyring(KeyringCommand::Place(command)) => acts::keyring::place(&room, &command).await,
        Command::Backup { file } => acts::backup::back_up(&room, &file).await,
        Command::Journal(command) => acts::journal::run(&room, command).await,
        Command::Doctor { json } => acts::checks::advise(config, &room, json).await,
        Command::Prove { json } => acts::checks::proof(config, &room, json).await,
        Command::Serve
        | Command::Demo
        | Command::Paypro(_)
        | Command::Mail(_)
        | Command::Restore { .. }
        | Command::Keyring(KeyringCommand::Invite | KeyringCommand::Adopt { .. }) => {
            unreachable!("done before the house was opened")
        }
    };
    room.close(done).await
}

/// The log goes to standard error; in colour where somebody watches.
fn log(most: Level) {
    let coloured = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(coloured)
        .with_target(false)
        .with_max_level(most)
        .init();
}

fn ran(ended: Result<(), Box<dyn std::error::Error>>) -> Done {
    ended.map_err(|error| Failed::new(error.to_string()))?;
    acts::say("")
}

fn configuration(line: &CommandLine) -> Result<Config, Problems> {
    let folder = std::env::current_dir().map_err(|error| {
        Problems(vec![Problem {
            at: "working folder".to_owned(),
            says: format!("can't be found: {}", error.kind()),
        }])
    })?;
    Config::load(&folder, line.config.as_deref(), std::env::vars_os())
}

fn print(outcome: &Outcome) -> ExitCode {
    for line in outcome.aside.lines() {
        complain(line, outcome.exit);
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(outcome.text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&format!("standard output: {}", error.kind()), Exit::Failed)
        }
        _ => outcome.exit.into(),
    }
}

#[allow(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
fn complain(says: &str, exit: Exit) -> ExitCode {
    eprintln!("scruple: {says}");
    exit.into()
}
