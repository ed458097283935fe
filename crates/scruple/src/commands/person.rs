//! `scruple person`: one person's details.

use super::words;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// One person's details: hand them out or erase them.
#[derive(Subcommand)]
pub enum PersonCommand {
    /// Print everything held about the person with the address on standard input, as JSON
    #[command(
        after_help = "The address is read from standard input: as an argument it would show in the list of processes.

Example:
  scruple person export --case 'request of 3 May' < address.txt > held.json"
    )]
    Export {
        /// Why, for the journal
        #[arg(long, value_name = "TEXT", value_parser = words::case)]
        case: String,
    },
    /// Erase the person with the address on standard input, who agreed to what that makes impossible
    #[command(
        after_help = "The first line of standard input is the address; without --agreement, what follows is the text of the
person's agreement. Of that only its hash, the day and the channel are kept. It can't be undone.

Examples:
  scruple person erase --channel mail --agreement agreement.txt --receipt receipt.txt < address.txt
  scruple person erase --channel phone"
    )]
    Erase {
        /// A file with the text of the person's agreement
        #[arg(long, value_name = "FILE")]
        agreement: Option<PathBuf>,
        /// How the agreement came
        #[arg(long, value_name = "CHANNEL")]
        channel: Channel,
        /// Where to write the receipt, instead of standard output
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
    },
}

/// How a person's agreement came to staff. A closed list: a text of one's own could say who agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Channel {
    /// By mail
    Mail,
    /// On paper
    Email,
    /// By telephone
    Phone,
    /// Face to face
    InPerson,
}
