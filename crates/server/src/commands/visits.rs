//! `scruple visits`: what is counted of a site's visitors.

mod show;

use clap::Subcommand;

pub use show::{By, ShowVisits};

/// Visitors of web sites, counted
#[derive(Subcommand)]
pub enum VisitsCommand {
    /// Show published figures of some days, as a table or as JSON
    #[command(
        after_help = "Visitors are daily visitors: whoever comes on two days counts twice. What fewer people than \
[visits] people had in common on a day is left out of that day.

Examples:
  scruple visits show --site vendor --from 2026-01-01 --to 2026-01-31 --by page
  scruple visits show --site vendor --from 2026-01-01 --to 2026-12-31 --by country --json"
    )]
    Show(ShowVisits),
}
