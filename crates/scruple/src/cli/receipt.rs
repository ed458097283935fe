//! `scruple receipt`: receipts of erasure.

use super::context::CommandContext;
use super::files;
use super::licence::public_keys;
use super::outcome::{CommandError, CommandOutput, CommandResult, Exit, output};
use clap::Subcommand;
use domain::erasure::receipt;
use domain::licensing::issue::Signers;
use licence::PublicKeys;
use message_catalogue::English as _;
use std::path::{Path, PathBuf};

/// Verify receipts of erasure
#[derive(Subcommand)]
pub enum ReceiptCommand {
    /// Check that this store issued a receipt
    #[command(after_help = "Exit status: 0 valid, 3 not valid, 2 misuse.

Examples:
  scruple receipt verify receipt.txt
  scruple receipt verify receipt.txt --public-key shop.pub")]
    Verify {
        /// The receipt, or - for standard input
        file: PathBuf,
        /// The store's public keys, instead of those of the data folder
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
    },
}

/// Verifies a receipt with a file of public keys.
pub fn verify_with(file: &Path, public_key: &Path) -> CommandResult {
    verify(file, &public_keys(public_key)?)
}

/// Verifies a receipt with the public keys of this store.
pub async fn verify_here(ctx: &CommandContext, file: &Path) -> CommandResult {
    let keys = Signers::load(&mut ctx.db.read().await?).await?.public;
    verify(file, &keys)
}

fn verify(file: &Path, keys: &PublicKeys) -> CommandResult {
    let text = files::read_text(file)?;
    if text.trim().is_empty() {
        return Err(CommandError::misuse("the receipt is empty"));
    }
    match receipt::verify(&text, keys) {
        Ok(()) => output("The receipt is genuine.\n"),
        Err(why) => Ok(CommandOutput {
            text: String::new(),
            warnings: format!("not genuine: {}\n", why.english()),
            exit: Exit::NotValid,
        }),
    }
}
