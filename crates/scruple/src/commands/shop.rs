//! `scruple paypro`: the payment provider, played.

use super::words::Field;
use clap::{Args, Subcommand};

/// The payment provider, played.
#[derive(Subcommand)]
pub enum PayproCommand {
    /// Make a notice as the provider would, sign it and post it
    #[command(
        after_help = "Fields that are left out get values that fit the type. Signed with paypro.validation_key; a field
SIGNATURE=... replaces the signature.

Examples:
  scruple paypro send --type 1
  scruple paypro send --type LicenseRequested --field ORDER_ID=1001 --field CUSTOMER_EMAIL=ada@example.com
  scruple paypro send --type 2 --field ORDER_ID=1001 --to http://127.0.0.1:8470/paypro
  scruple paypro send --type 6 --print"
    )]
    Send(SendNotice),
}

/// `scruple paypro send`
#[derive(Args)]
pub struct SendNotice {
    /// The notice's type: its number or its name
    #[arg(long = "type", value_name = "TYPE")]
    pub notice: String,
    /// A field of the notice; may be repeated
    #[arg(long = "field", value_name = "NAME=VALUE")]
    pub fields: Vec<Field>,
    /// Where to post it, instead of the configured server's /paypro
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// Print the body instead of posting it
    #[arg(long, conflicts_with = "to")]
    pub print: bool,
}
