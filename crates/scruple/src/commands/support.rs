//! `scruple support`: look up a purchase to answer its buyer.

use super::words;
use clap::{Args, Subcommand};

/// Look up a purchase to answer its buyer.
#[derive(Subcommand)]
pub enum SupportCommand {
    /// Open the purchases that an order, an address or a licence leads to; the journal keeps who and why
    #[command(
        after_help = "An address is read from standard input: as an argument it would show in the list of processes.

Examples:
  scruple support find --order 1001 --case 'ticket 17: key lost'
  scruple support find --licence 7K3M9QXD --case 'ticket 18'
  scruple support find --email --case 'ticket 19' --json < address.txt"
    )]
    Find(FindPurchase),
    /// Release an order that was held back for a discount that no renewal link proves
    #[command(after_help = "Example:
  scruple support release --order 1001 --case 'discount agreed by phone'")]
    Release {
        /// The provider's order number
        #[arg(long, value_name = "N", value_parser = words::provider_number)]
        order: String,
        /// Why, for the journal
        #[arg(long, value_name = "TEXT", value_parser = words::case)]
        case: String,
    },
}

/// `scruple support find`
#[derive(Args)]
pub struct FindPurchase {
    /// What to look for.
    #[command(flatten)]
    pub asked: Asked,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT", value_parser = words::case)]
    pub case: String,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// What a purchase is looked up by: exactly one of them.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Asked {
    /// The provider's order number
    #[arg(long, value_name = "N", value_parser = words::provider_number)]
    pub order: Option<String>,
    /// An address, read from standard input
    #[arg(long)]
    pub email: bool,
    /// A licence's number: the 8 symbols of its serial
    #[arg(long, value_name = "SERIAL")]
    pub licence: Option<String>,
}
