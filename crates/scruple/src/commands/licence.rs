//! `scruple licence`: licences and the keys that sign them.

use super::words;
use clap::{Args, Subcommand};
use domain::date::Date;
use std::path::PathBuf;

/// Licences and the keys that sign them.
#[derive(Subcommand)]
pub enum LicenceCommand {
    /// Issue a licence by hand: for a purchase order, or as a gift
    #[command(after_help = "Without --holder nobody's details are kept: whoever has the key has the licence.

Examples:
  scruple licence issue --product 4711
  scruple licence issue --product 4711 --seats 25 --holder < address.txt
  scruple licence issue --product 4712 --ends 2027-06-30")]
    Issue(IssueLicence),
    /// Print what a key holds and what is known of its licence
    #[command(after_help = "Examples:
  scruple licence show 7K3M9QXD
  scruple licence show - --json < key.txt")]
    Show {
        /// A key or a licence's number, or - for standard input
        key: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Check a key without any data: needs only the public keys
    #[command(after_help = "Exit status: 0 valid, 3 not valid, 2 misuse.

Examples:
  scruple licence verify - --public-key shop.pub < key.txt
  scruple licence verify - --public-key shop.pub --product 3 --today 2026-12-31 --build 2026-11-02 < key.txt")]
    Verify(VerifyLicence),
    /// Revoke a licence; its key goes on verifying offline until its end
    #[command(after_help = "Examples:
  scruple licence revoke 7K3M9QXD
  scruple licence revoke 7K3M9QXD --restore")]
    Revoke {
        /// The licence's number: the 8 symbols of its serial
        serial: String,
        /// Take the revocation back
        #[arg(long)]
        restore: bool,
    },
    /// The keys that sign licences
    #[command(subcommand)]
    Keys(KeysCommand),
}

/// `scruple licence issue`
#[derive(Args)]
pub struct IssueLicence {
    /// The provider's product number
    #[arg(long, value_name = "N", value_parser = words::provider_number)]
    pub product: String,
    /// Seats, a multiple of those of one unit of the product; without it, one unit
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub seats: Option<u16>,
    /// The day paid for, of a subscription (whose grace comes on top) or a trial
    #[arg(long, value_name = "DATE")]
    pub ends: Option<Date>,
    /// Read the holder's address from standard input
    #[arg(long)]
    pub holder: bool,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// `scruple licence verify`
#[derive(Args)]
pub struct VerifyLicence {
    /// The key, or - for standard input
    pub key: String,
    /// The public keys, as `scruple licence keys export --public` writes them
    #[arg(long, value_name = "FILE")]
    pub public_key: PathBuf,
    /// The product's number in keys (see `scruple product list`); without it, any
    #[arg(long, value_name = "N")]
    pub product: Option<u8>,
    /// The day to check for, instead of today
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
    /// The day of the program's build: were updates still included?
    #[arg(long, value_name = "DATE")]
    pub build: Option<Date>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// The keys that sign licences.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// List them: number, state, day
    #[command(after_help = "Examples:
  scruple licence keys list
  scruple licence keys list --json")]
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a new one and sign with it from now on; older ones still verify
    #[command(after_help = "Ship its public half with your program before the first key is signed with it.

Example:
  scruple licence keys new")]
    New,
    /// Never sign with this one again; what it signed still verifies
    #[command(after_help = "Example:
  scruple licence keys retire 2")]
    Retire {
        /// Its number, 0 to 15
        #[arg(value_parser = clap::value_parser!(u8).range(0..=15))]
        number: u8,
    },
    /// Print the public halves, to ship with your program
    #[command(after_help = "Example:
  scruple licence keys export --public > shop.pub")]
    Export {
        /// Say that the public halves are meant; the secret ones leave by `backup` only
        #[arg(long, required = true)]
        public: bool,
    },
    /// Write the secret halves to a file, sealed under a passphrase: who has both can make licences
    #[command(after_help = "Without --passphrase-file the passphrase is the first line of standard input.

Examples:
  scruple licence keys backup /mnt/safe/licence-keys
  scruple licence keys backup /mnt/safe/licence-keys --passphrase-file passphrase.txt")]
    Backup {
        /// The file to write, with mode 0600; it must not exist yet
        file: PathBuf,
        /// A file whose first line is the passphrase
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Take back the secret halves from a file that `backup` wrote
    #[command(after_help = "Without --passphrase-file the passphrase is the first line of standard input.

Example:
  scruple licence keys restore /mnt/safe/licence-keys")]
    Restore {
        /// The file
        file: PathBuf,
        /// A file whose first line is the passphrase
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// Also in the place of other keys that have signed licences here: those can't be signed again then
        #[arg(long)]
        replace: bool,
    },
}
