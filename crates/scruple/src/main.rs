//! The binary `scruple`: runs the command line and prints its output.

use clap::Parser as _;
use scruple::cli::{self, CommandError, CommandLine, CommandOutput, Exit};
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    scruple::panic_hook::install();
    let line = CommandLine::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(CommandError::from).and_then(|runtime| runtime.block_on(cli::run(line))) {
        Ok(output) => print_output(&output),
        Err(error) => print_error(&error.message, error.exit),
    }
}

fn print_output(output: &CommandOutput) -> ExitCode {
    for line in output.warnings.lines() {
        print_error(line, output.exit);
    }
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(output.text.as_bytes()).and_then(|()| stdout.flush()) {
        // A reader that closes the pipe has read enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            print_error(&format!("standard output: {}", error.kind()), Exit::Failed)
        }
        _ => output.exit.into(),
    }
}

#[allow(clippy::print_stderr, reason = "errors and warnings of the command line go to standard error")]
fn print_error(message: &str, exit: Exit) -> ExitCode {
    eprintln!("scruple: {message}");
    exit.into()
}
