//! The command line: what can be asked of the program, as types. What happens then stands elsewhere.
//!
//! An argument shows in the list of processes and in the shell's history, so no address is an argument: it is
//! read from standard input. (`paypro send` plays with made-up people.)

mod canned;
mod customer;
mod keyring;
mod licence;
mod mail;
mod person;
mod product;
mod shop;
mod site;
mod support;
mod threads;
mod tokens;
mod visits;
mod words;

#[cfg(test)]
mod tests;

pub use canned::CannedCommand;
pub use customer::{CustomerCommand, OneLicence};
pub use domain::date::Date;
pub use keyring::{KeyringCommand, PlaceCommand};
pub use licence::{IssueLicence, KeysCommand, LicenceCommand, VerifyLicence};
pub use mail::MailCommand;
pub use person::{Channel, PersonCommand};
pub use product::{AddProduct, EditProduct, Kind, ProductCommand};
pub use shop::{PayproCommand, SendNotice};
pub use site::{AddSite, EditSite, SiteCommand};
pub use support::{Asked, FindPurchase, SupportCommand};
pub use threads::{Assignee, OneThread, Queue, ReplyToThread, Rest, ThreadsCommand};
pub use tokens::{AddToken, TokensCommand};
pub use visits::{By, ImportLogs, ShowVisits, VisitsCommand};
pub use words::{Field, Keys, Seats, Window};

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Turns purchases into licences and keeps the buyers' details sealed, until they are forgotten.
#[derive(Parser)]
#[command(name = "scruple", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 done, 1 failed, 2 misuse, 3 not valid (licence verify, receipt verify).

Examples:
  scruple demo
  scruple serve
  scruple --config /etc/scruple.toml doctor"
)]
pub struct CommandLine {
    /// The configuration, instead of scruple.toml in the working folder
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub config: Option<PathBuf>,

    /// Who acts, as the journal will name them, instead of the system's person
    #[arg(long = "as", global = true, value_name = "NAME", value_parser = words::acting, help_heading = "Everywhere")]
    pub acting: Option<String>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked of the program.
#[derive(Subcommand)]
pub enum Command {
    /// Run the shop's server
    Serve,
    /// Show a whole purchase, from notice to erasure, on a shop of its own that is gone afterwards
    Demo,
    /// What the shop sells
    #[command(subcommand)]
    Product(ProductCommand),
    /// Web sites whose visitors are counted
    #[command(subcommand)]
    Site(SiteCommand),
    /// The payment provider, played
    #[command(subcommand)]
    Paypro(PayproCommand),
    /// Look up a purchase to answer its buyer
    #[command(subcommand)]
    Support(SupportCommand),
    /// Answer people
    #[command(subcommand)]
    Threads(ThreadsCommand),
    /// Answers that are given often
    #[command(subcommand)]
    Canned(CannedCommand),
    /// Tokens for programs that act for a member of staff
    #[command(subcommand)]
    Tokens(TokensCommand),
    /// Visitors of web sites, counted
    #[command(subcommand)]
    Visits(VisitsCommand),
    /// Mail that comes in by a pipe
    #[command(subcommand)]
    Mail(MailCommand),
    /// One person's details: hand them out or erase them
    #[command(subcommand)]
    Person(PersonCommand),
    /// Licences and the keys that sign them
    #[command(subcommand)]
    Licence(LicenceCommand),
    /// Receipts of erasure
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Where the keys are kept that open what is sealed
    #[command(subcommand)]
    Keyring(KeyringCommand),
    /// Copy the data, also while the server runs; never the keyring
    #[command(after_help = "The copy opens only with the keyring, and of nobody who was erased since.

Example:
  scruple backup /mnt/backup/monday.scruple")]
    Backup {
        /// The file to write; it must not exist yet
        file: PathBuf,
    },
    /// Put a copy of the data back; whoever was erased since stays erased
    #[command(after_help = "The server must not be running.

Example:
  scruple restore /mnt/backup/monday.scruple")]
    Restore {
        /// A file that `backup` wrote
        file: PathBuf,
    },
    /// The record of every opening of a personal value
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Say what is configured badly, waits or lacks
    #[command(after_help = "Examples:
  scruple doctor
  scruple doctor --json")]
    Doctor {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Check promise by promise on the live database whether it is kept
    #[command(after_help = "Exit status: 0 all kept, 1 one is broken.

Examples:
  scruple prove
  scruple prove --json")]
    Prove {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// Receipts of erasure.
#[derive(Subcommand)]
pub enum ReceiptCommand {
    /// Check that a receipt is one of this shop's
    #[command(after_help = "Exit status: 0 valid, 3 not valid, 2 misuse.

Examples:
  scruple receipt verify receipt.txt
  scruple receipt verify receipt.txt --public-key shop.pub")]
    Verify {
        /// The receipt, or - for standard input
        file: PathBuf,
        /// The shop's public keys, instead of those of the data folder
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
    },
}

/// The journal.
#[derive(Subcommand)]
pub enum JournalCommand {
    /// Print the journal, oldest first
    #[command(after_help = "Examples:
  scruple journal show
  scruple journal show --since 2026-01-01 --json
  scruple journal show --cases --as ada")]
    Show {
        /// Leave out what is older than this day (YYYY-MM-DD)
        #[arg(long, value_name = "DATE")]
        since: Option<Date>,
        /// Open the cases too, which are sealed: the journal gets a line for each person concerned
        #[arg(long)]
        cases: bool,
        /// Write JSON, one line for each entry
        #[arg(long)]
        json: bool,
    },
    /// Recompute the journal's chain and say where it breaks
    #[command(after_help = "Exit status: 0 whole, 1 broken.

Example:
  scruple journal verify")]
    Verify {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or valid.
    Done = 0,
    /// It failed, or a promise is broken.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Misuse = 2,
    /// What was to be verified is not valid.
    NotValid = 3,
    /// What came in is no message that can be taken (EX_DATAERR of sysexits).
    NoMessage = 65,
    /// It can't be done now: whoever asked should try again (EX_TEMPFAIL of sysexits).
    TryAgain = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
