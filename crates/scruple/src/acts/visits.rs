//! `scruple visits`.

mod import;
mod show;

use analytics::Folding;
use scruple::commands::VisitsCommand;

use super::{Done, Room};

/// Does it.
pub async fn run(room: &Room, folding: Folding, command: VisitsCommand) -> Done {
    match command {
        VisitsCommand::Import(asked) => import::import(room, folding, asked).await,
        VisitsCommand::Show(asked) => show::show(room, folding, &asked).await,
    }
}
