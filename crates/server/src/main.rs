//! The binary `scruple`: reads the command line and the configuration, then does what was asked.

use clap::Parser;
use server::commands::{CommandLine, Exit};
use server::config::{Config, Problem, Problems};
use std::process::ExitCode;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let _config = match configuration(&line) {
        Ok(config) => config,
        Err(problems) => return complain(&problems.to_string(), Exit::Misuse),
    };
    complain("this command is not built yet", Exit::Failed)
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

#[allow(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
fn complain(says: &str, exit: Exit) -> ExitCode {
    eprintln!("scruple: {says}");
    exit.into()
}
