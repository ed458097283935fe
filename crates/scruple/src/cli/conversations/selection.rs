//! The argument that selects a conversation, and the answers for one that is missing or refuses a change.

use super::super::outcome::CommandError;
use super::super::value_parsers;
use clap::Args;
use domain::conversations::staff::ChangeOutcome;
use message_catalogue::English as _;
use store::ConversationId;

/// Selects one conversation, and the output format.
#[derive(Args, Clone, Copy)]
pub struct OneConversation {
    /// The conversation's number, 8 symbols
    #[arg(value_name = "ID", value_parser = value_parsers::conversation)]
    pub id: ConversationId,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The answer for a conversation that was erased, merged into another, or never existed: the three look the same.
pub fn not_found() -> CommandError {
    CommandError::new("there is no conversation with this number: it was erased, merged, or never existed")
}

/// Turns a refused change into an error.
pub fn checked(changed: ChangeOutcome) -> Result<(), CommandError> {
    match changed {
        ChangeOutcome::Done => Ok(()),
        ChangeOutcome::Refused(why) => Err(CommandError::new(format!("not changed: {}", why.english()))),
        ChangeOutcome::NoConversation => Err(not_found()),
    }
}
