//! `scruple visits`: what is counted of a site's visitors.

mod show;

use super::words;
use clap::{Args, Subcommand};
use std::path::PathBuf;

pub use show::{By, ShowVisits};

/// Visitors of web sites, counted
#[derive(Subcommand)]
pub enum VisitsCommand {
    /// Count the visits that web servers' logs tell of, beside a running server too, and publish the days that are over
    #[command(
        after_help = "Combined format of Apache and nginx, and JSON lines of nginx, Apache and Caddy; plain, gzip or Zstandard.

A log is known again by its first line, also after it was rotated, renamed and packed: what was counted before is passed
over, and what was stopped goes on where it was. A published day takes nothing more: when several files tell of the same
days, name all of them at once, or say --keep-open for all but the last. Days that are kept open are published by the
next import without --keep-open, or else by the server a day later.

Exit status: 0 all counted, 1 not all of it (nothing is published then; run the same again), 2 misuse.

Examples:
  scruple visits import --site vendor /var/log/nginx/access.log.2.gz /var/log/nginx/access.log.1
  ssh www cat access.log | scruple visits import --site vendor --keep-open -"
    )]
    Import(ImportLogs),
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

/// `scruple visits import`
#[derive(Args)]
pub struct ImportLogs {
    /// The site's id; lines of other hosts are left out
    #[arg(long, value_name = "ID", value_parser = words::name)]
    pub site: String,
    /// Leave past days open, since more files tell of them
    #[arg(long)]
    pub keep_open: bool,
    /// The logs, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}
