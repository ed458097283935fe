//! `scruple product`: what the shop sells.

use super::words::{self, Keys, Seats, Window};
use clap::{Args, Subcommand, ValueEnum};

/// What the shop sells.
#[derive(Subcommand)]
pub enum ProductCommand {
    /// Add a product; orders that waited for it are served at once
    #[command(after_help = "Examples:
  scruple product add --id 4711 --name 'Pixel Studio' --kind perpetual --updates-months 12 \\
      --renewal-discount 40 --renewal-window 60..30
  scruple product add --id 4712 --name 'Pixel Cloud' --kind subscription --seats quantity
  scruple product add --id 4713 --name 'Pixel Studio, company' --kind perpetual --keys each --edition 2")]
    Add(AddProduct),
    /// List the products with the number that stands in their keys
    #[command(after_help = "Examples:
  scruple product list
  scruple product list --json")]
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a product; keys already issued stay as they are
    #[command(after_help = "Examples:
  scruple product edit --id 4711 --name 'Pixel Studio 2'
  scruple product edit --id 4711 --renewal-discount 0")]
    Edit(EditProduct),
}

/// `scruple product add`
#[derive(Args)]
pub struct AddProduct {
    /// The provider's product number
    #[arg(long, value_name = "N", value_parser = words::provider_number)]
    pub id: String,
    /// The name, as buyers read it
    #[arg(long, value_name = "TEXT", value_parser = words::name)]
    pub name: String,
    /// What a purchase gives
    #[arg(long, value_name = "KIND")]
    pub kind: Kind,
    /// Seats of an order: per-unit=N (N for each unit ordered), or quantity
    #[arg(long, default_value = "per-unit=1", value_name = "SEATS")]
    pub seats: Seats,
    /// Several units: one key with all seats, or a key for each
    #[arg(long, default_value = "one", value_name = "KEYS")]
    pub keys: Keys,
    /// Months of updates from the purchase; without it, no end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub updates_months: Option<u16>,
    /// The edition that stands in the key, 0 to 127
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=127))]
    pub edition: u8,
    /// Per cent off for a renewal; 0 offers none
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub renewal_discount: u8,
    /// Days before and after the end of updates in which the discount holds
    #[arg(long, default_value = "60..30", value_name = "BEFORE..AFTER")]
    pub renewal_window: Window,
    /// Days that a subscription's key goes on after its end, while the next charge is on its way
    #[arg(long, default_value_t = 14, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=365))]
    pub grace_days: u16,
    /// Hold back an order with a discount that no renewal link proves, until staff release it
    #[arg(long)]
    pub hold_unproved_discount: bool,
    /// The product shows the buyer's company, so the company's name is kept
    #[arg(long)]
    pub prints_company: bool,
}

/// `scruple product edit`: what is left out stays.
#[derive(Args)]
pub struct EditProduct {
    /// The provider's product number
    #[arg(long, value_name = "N", value_parser = words::provider_number)]
    pub id: String,
    /// The name, as buyers read it
    #[arg(long, value_name = "TEXT", value_parser = words::name)]
    pub name: Option<String>,
    /// What a purchase gives
    #[arg(long, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Seats of an order: per-unit=N (N for each unit ordered), or quantity
    #[arg(long, value_name = "SEATS")]
    pub seats: Option<Seats>,
    /// Several units: one key with all seats, or a key for each
    #[arg(long, value_name = "KEYS")]
    pub keys: Option<Keys>,
    /// Months of updates from the purchase; 0 is no end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=600))]
    pub updates_months: Option<u16>,
    /// The edition that stands in the key, 0 to 127
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=127))]
    pub edition: Option<u8>,
    /// Per cent off for a renewal; 0 offers none
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub renewal_discount: Option<u8>,
    /// Days before and after the end of updates in which the discount holds
    #[arg(long, value_name = "BEFORE..AFTER")]
    pub renewal_window: Option<Window>,
    /// Days that a subscription's key goes on after its end, while the next charge is on its way
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=365))]
    pub grace_days: Option<u16>,
    /// Whether to hold back an order with a discount that no renewal link proves
    #[arg(long, value_name = "BOOL")]
    pub hold_unproved_discount: Option<bool>,
    /// Whether the product shows the buyer's company, so that the company's name is kept
    #[arg(long, value_name = "BOOL")]
    pub prints_company: Option<bool>,
}

/// What a purchase gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A licence without end
    Perpetual,
    /// A licence as long as it is paid for
    Subscription,
    /// A licence for a time, free
    Trial,
}
