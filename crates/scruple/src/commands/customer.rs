//! `scruple threads customer`: what staff do for the customer of a thread, from the thread.

use super::threads::OneThread;
use super::words;
use clap::{Args, Subcommand};

/// Do something for the customer of a thread: send their keys again, extend, revoke, start their erasure
#[derive(Subcommand)]
pub enum CustomerCommand {
    /// Send them the link to their page, where their keys are: once for each message of theirs
    #[command(after_help = "Example:
  scruple threads customer resend-keys 7K3M9QXD")]
    ResendKeys(OneThread),
    /// Extend a licence of theirs, or the one that they named
    #[command(after_help = "Example:
  scruple threads customer extend 7K3M9QXD --licence 2B4C6D8E --months 3")]
    Extend {
        /// Which of their licences.
        #[command(flatten)]
        of: OneLicence,
        /// By how many months
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=120))]
        months: i64,
    },
    /// Revoke a licence of theirs, or the one that they named; its key goes on verifying offline until its end
    #[command(after_help = "Examples:
  scruple threads customer revoke 7K3M9QXD --licence 2B4C6D8E
  scruple threads customer revoke 7K3M9QXD --licence 2B4C6D8E --restore")]
    Revoke {
        /// Which of their licences.
        #[command(flatten)]
        of: OneLicence,
        /// Take the revocation back
        #[arg(long)]
        restore: bool,
    },
    /// Start their erasure, to which they agreed in the thread; with them goes the thread
    #[command(after_help = "The text of their agreement is read from standard input; only its hash is kept.

Example:
  scruple threads customer erase 7K3M9QXD < agreement.txt")]
    Erase(OneThread),
}

/// A licence of a thread's customer.
#[derive(Args)]
pub struct OneLicence {
    /// Which thread.
    #[command(flatten)]
    pub thread: OneThread,
    /// The licence, by its 8 symbols
    #[arg(long, value_name = "LICENCE", value_parser = words::licence)]
    pub licence: i64,
}
