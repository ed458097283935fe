//! `scruple visits`.

mod import;
mod show;

use analytics::DisclosureThresholds;
use scruple::commands::VisitsCommand;

use super::{CommandContext, Done};

/// Does it.
pub async fn run(room: &CommandContext, folding: DisclosureThresholds, command: VisitsCommand) -> Done {
    match command {
        VisitsCommand::Import(asked) => import::import(room, folding, asked).await,
        VisitsCommand::Show(asked) => show::show(room, folding, &asked).await,
    }
}
