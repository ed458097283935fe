//! `scruple canned`: answers that are given often.

use super::words;
use clap::Subcommand;

/// Canned answers, with places for facts but never for a person's details
#[derive(Subcommand)]
pub enum CannedCommand {
    /// List the canned answers
    #[command(after_help = "Examples:
  scruple canned list
  scruple canned list --json")]
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a canned answer, read from standard input
    #[command(
        after_help = "Placeholders: {vendor} {product} {edition} {state} {thread} {staff}. Any other is refused.

Example:
  scruple canned set --name lost-key < answer.txt"
    )]
    Set {
        /// Its name
        #[arg(long, value_name = "NAME", value_parser = words::name)]
        name: String,
    },
    /// Take a canned answer away
    #[command(after_help = "Example:
  scruple canned drop --name lost-key")]
    Drop {
        /// Its name
        #[arg(long, value_name = "NAME", value_parser = words::name)]
        name: String,
    },
    /// Print a canned answer filled for a thread
    #[command(after_help = "Example:
  scruple canned fill --name lost-key --thread 7K3M9QXD")]
    Fill {
        /// Its name
        #[arg(long, value_name = "NAME", value_parser = words::name)]
        name: String,
        /// The thread, by its 8 symbols
        #[arg(long, value_name = "ID", value_parser = words::thread)]
        thread: i64,
    },
}
