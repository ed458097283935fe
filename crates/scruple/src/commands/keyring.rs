//! `scruple keyring`: where the keys are kept that open what is sealed.

use clap::Subcommand;
use std::path::PathBuf;

/// Where the keys are kept that open what is sealed.
#[derive(Subcommand)]
pub enum KeyringCommand {
    /// Say where the keyring is, how new each place is, and what could keep an old root alive
    #[command(after_help = "Examples:
  scruple keyring status
  scruple keyring status --json")]
    Status {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Moving house, 1, on the new machine: make a one-time key pair and print its public half
    #[command(after_help = "Example:
  scruple keyring invite > invitation.txt")]
    Invite,
    /// Moving house, 2, on the old machine: seal the keyring to the invitation
    #[command(after_help = "Destroy the old machine's place once the new one has adopted the file.

Example:
  scruple keyring carry --to age1... keyring.carried")]
    Carry {
        /// The invitation: the public half that `keyring invite` printed
        #[arg(long, value_name = "KEY")]
        to: String,
        /// The file to write; it must not exist yet
        file: PathBuf,
    },
    /// Moving house, 3, on the new machine: take the keyring; the file is worthless afterwards
    #[command(after_help = "Example:
  scruple keyring adopt keyring.carried")]
    Adopt {
        /// The file that `keyring carry` wrote
        file: PathBuf,
    },
    /// A place that can't be reached
    #[command(subcommand)]
    Place(PlaceCommand),
}

/// A place of the keyring that can't be reached: erasures wait for it until it is back, renewed or dropped.
#[derive(Subcommand)]
pub enum PlaceCommand {
    /// Say that this folder is empty because it is new, and fill it from the other places
    #[command(after_help = "Example:
  scruple keyring place renew /mnt/second/keyring")]
    Renew {
        /// The place's folder
        place: PathBuf,
    },
    /// Say that this place will never come back; erasures that waited for it are completed
    #[command(after_help = "Whoever finds it later can open what was erased since. Destroy it if you can.

Example:
  scruple keyring place drop /mnt/broken/keyring")]
    Drop {
        /// The place's folder
        place: PathBuf,
    },
}
