//! `scruple visits`: visit statistics of the sites.

mod import;
mod show;

use super::context::CommandContext;
use super::outcome::CommandResult;
use analytics::DisclosureThresholds;
use clap::Subcommand;
use import::ImportLogs;
use show::ShowVisits;

/// Import and show visit statistics
#[derive(Subcommand)]
pub enum VisitsCommand {
    /// Count the visits in web server logs, and publish the days that are over
    #[command(
        after_help = "Formats: Combined Log Format of Apache and nginx, JSON lines of nginx, Apache and Caddy; plain, gzip or
Zstandard. The command may run while the server runs.

A log is recognised by its first line, even after rotation, renaming or compression. Lines that were counted before
are skipped, and an interrupted import continues where it stopped. A published day cannot change: when several files
cover the same days, name all of them at once, or use --keep-open for all but the last. Days that are kept open are
published by the next import without --keep-open, or by the server a day later.

Exit status: 0 everything counted, 1 not everything (nothing is published; run the command again), 2 misuse.

Examples:
  scruple visits import --site vendor /var/log/nginx/access.log.2.gz /var/log/nginx/access.log.1
  ssh www cat access.log | scruple visits import --site vendor --keep-open -"
    )]
    Import(ImportLogs),
    /// Show published statistics for a range of days
    #[command(
        after_help = "Visitors are daily visitors: a person who comes on two days counts twice. A figure that fewer than \
[visits] people share on a day is suppressed for that day (k-anonymity).

Examples:
  scruple visits show --site vendor --from 2026-01-01 --to 2026-01-31 --by page
  scruple visits show --site vendor --from 2026-01-01 --to 2026-12-31 --by country --json"
    )]
    Show(ShowVisits),
}

/// Runs the command.
pub async fn run(
    ctx: &CommandContext,
    thresholds: DisclosureThresholds,
    command: VisitsCommand,
) -> CommandResult {
    match command {
        VisitsCommand::Import(args) => import::import(ctx, thresholds, args).await,
        VisitsCommand::Show(args) => show::show(ctx, thresholds, &args).await,
    }
}
