//! What a command returns: its output, its exit status, or an error. `main` prints them.

use super::table::json_safe_for_terminal;
use serde::Serialize;
use std::process::ExitCode;

/// The exit status of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or valid.
    Done = 0,
    /// The command failed, or a promise is broken.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Misuse = 2,
    /// The verified object is not valid.
    NotValid = 3,
    /// The input is not a message that can be received (EX_DATAERR of sysexits).
    NoMessage = 65,
    /// A temporary failure: try again later (EX_TEMPFAIL of sysexits).
    TryAgain = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The output of a command, and the exit status.
pub struct CommandOutput {
    /// Text for standard output, with its line ends.
    pub text: String,
    /// Text for standard error, with its line ends.
    pub warnings: String,
    /// The exit status.
    pub exit: Exit,
}

/// Why a command failed: what happened, and what to do. Never contains a personal value.
pub struct CommandError {
    /// The exit status.
    pub exit: Exit,
    /// What happened, and what to do.
    pub message: String,
}

/// The result of a command.
pub type CommandResult = Result<CommandOutput, CommandError>;

/// Succeeds with a text for standard output.
pub fn output(text: impl Into<String>) -> CommandResult {
    Ok(CommandOutput { text: text.into(), warnings: String::new(), exit: Exit::Done })
}

/// Succeeds with a JSON value for standard output. Characters that control a terminal are escaped.
pub fn output_json(value: &impl Serialize) -> CommandResult {
    output(json_safe_for_terminal(&serde_json::to_string_pretty(value)?) + "\n")
}

impl CommandOutput {
    /// Sets the exit status.
    #[must_use]
    pub fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

impl CommandError {
    /// The command failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into() }
    }

    /// The command line or the input is wrong.
    pub fn misuse(message: impl Into<String>) -> Self {
        Self { exit: Exit::Misuse, message: message.into() }
    }
}

impl<E: std::error::Error> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}
