//! `scruple licence keys`: the keys that sign licences, and their encrypted backup.

use super::super::context::CommandContext;
use super::super::files;
use super::super::outcome::{CommandError, CommandResult, output, output_json};
use super::super::table::{count, table};
use clap::Subcommand;
use domain::licensing::issue::Signers;
use domain::licensing::signing_keys::{
    AddSigningKey, BackUpSigningKeys, RestoreSigningKeys, RetireSigningKey, RetirementOutcome,
    SigningKeyBackup,
};
use keyring::passphrase_file::{self, PassphraseFileError};
use serde_json::json;
use std::path::{Path, PathBuf};
use store::SigningKeyRow;
use zeroize::Zeroizing;

/// Manage the keys that sign licences
#[derive(Subcommand)]
pub enum KeysCommand {
    /// List the signing keys: number, state, day
    #[command(after_help = "Examples:
  scruple licence keys list
  scruple licence keys list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Create a signing key and use it from now on; older keys still verify
    #[command(
        after_help = "Ship its public key with your program before the first licence is signed with it.

Example:
  scruple licence keys new"
    )]
    New,
    /// Stop signing with a key; licences that it signed still verify
    #[command(after_help = "Example:
  scruple licence keys retire 2")]
    Retire {
        /// The number of the key, 0 to 15
        #[arg(value_parser = clap::value_parser!(u8).range(0..=15))]
        number: u8,
    },
    /// Print the public keys, to ship with your program
    #[command(after_help = "Example:
  scruple licence keys export --public > shop.pub")]
    Export {
        /// Confirm that you want the public keys; use `backup` for the private keys
        #[arg(long, required = true)]
        public: bool,
    },
    /// Back up the private keys to a file that is encrypted with a passphrase
    #[command(
        after_help = "The file and its passphrase together can sign licences. Without --passphrase-file the passphrase is the
first line of standard input.

Examples:
  scruple licence keys backup /mnt/safe/licence-keys
  scruple licence keys backup /mnt/safe/licence-keys --passphrase-file passphrase.txt"
    )]
    Backup {
        /// The file to write, with mode 0600; it must not exist yet
        file: PathBuf,
        /// A file whose first line is the passphrase
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Restore the private keys from a file that `backup` wrote
    #[command(after_help = "Without --passphrase-file the passphrase is the first line of standard input.

Example:
  scruple licence keys restore /mnt/safe/licence-keys")]
    Restore {
        /// The file
        file: PathBuf,
        /// A file whose first line is the passphrase
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// Replace other keys that have signed licences here; those licences cannot be signed again
        #[arg(long)]
        replace: bool,
    },
}

pub async fn run(ctx: &CommandContext, command: KeysCommand) -> CommandResult {
    match command {
        KeysCommand::List { json } => list(ctx, json).await,
        KeysCommand::New => new(ctx).await,
        KeysCommand::Retire { number } => retire(ctx, number).await,
        KeysCommand::Export { .. } => {
            output(Signers::load(&mut ctx.db.read().await?).await?.public.to_string())
        }
        KeysCommand::Backup { file, passphrase_file } => {
            back_up(ctx, &file, passphrase_file.as_deref()).await
        }
        KeysCommand::Restore { file, passphrase_file, replace } => {
            restore(ctx, &file, passphrase_file.as_deref(), replace).await
        }
    }
}

async fn list(ctx: &CommandContext, as_json: bool) -> CommandResult {
    let mut tx = ctx.db.read().await?;
    let (keys, signs) = (tx.signing_keys().await?, Signers::load(&mut tx).await?.current());
    let state = |key: &SigningKeyRow| match (key.current, key.id == signs) {
        (true, true) => "signs",
        (true, false) => "older",
        (false, _) => "retired",
    };
    if as_json {
        let each = |key: &SigningKeyRow| {
            json!({
                "number": key.id, "state": state(key), "since": key.since_day.to_string(), "public": hex(&key.public),
            })
        };
        return output_json(&json!({ "keys": keys.iter().map(each).collect::<Vec<_>>() }));
    }
    let row = |key: &SigningKeyRow| {
        vec![key.id.to_string(), state(key).to_owned(), key.since_day.to_string(), hex(&key.public)]
    };
    output(table(&["NUMBER", "STATE", "SINCE", "PUBLIC KEY"], &keys.iter().map(row).collect::<Vec<_>>()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn new(ctx: &CommandContext) -> CommandResult {
    let Some(id) = ctx.db.execute(&AddSigningKey { actor: &ctx.actor }).await? else {
        return Err(CommandError::new("all 16 numbers of signing keys are in use"));
    };
    output(format!(
        "Signing key {id} signs from now on. Licences that older keys signed stay valid.\n\
         Next: ship `scruple licence keys export --public` with your program, and back it up with\n\
         `scruple licence keys backup FILE`.\n"
    ))
}

async fn retire(ctx: &CommandContext, id: u8) -> CommandResult {
    match ctx.db.execute(&RetireSigningKey { id, actor: &ctx.actor }).await? {
        RetirementOutcome::Retired => {
            output(format!("Signing key {id} is retired. Licences that it signed stay valid.\n"))
        }
        RetirementOutcome::NoSuchKey => Err(CommandError::new(format!(
            "there is no active signing key {id}: see `scruple licence keys list`"
        ))),
        RetirementOutcome::LastCurrentKey => Err(CommandError::new(format!(
            "signing key {id} is the only active one: create a new one first with `scruple licence keys new`"
        ))),
    }
}

async fn back_up(ctx: &CommandContext, file: &Path, passphrase_file: Option<&Path>) -> CommandResult {
    // Check the file before the prompt for a passphrase, and before the audit entry.
    files::must_be_new(file)?;
    let passphrase = passphrase(passphrase_file)?;
    let keys = ctx.db.execute(&BackUpSigningKeys { actor: &ctx.actor }).await?;
    files::write_new(file, &encrypt(&keys, &passphrase)?)?;
    output(format!(
        "{} of signing keys written to {}, encrypted with the passphrase.\n\
         The file and the passphrase together can sign licences: store them apart.\n",
        count(keys.len() as u64, "pair", "pairs"),
        file.display()
    ))
}

async fn restore(
    ctx: &CommandContext,
    file: &Path,
    passphrase_file: Option<&Path>,
    replace: bool,
) -> CommandResult {
    let sealed = std::fs::read(file).map_err(|error| files::io_error(file, &error))?;
    let keys = decrypt(&sealed, &passphrase(passphrase_file)?)?;
    let mut tx = ctx.db.read().await?;
    let known = tx.signing_keys().await?;
    let issued = !tx.count_licences().await?.is_empty();
    drop(tx);
    for key in &keys {
        let public = licence::SigningKey::from_seed(key.id, &key.seed)?.public().to_bytes();
        // Licences that the other key signed could not be signed again.
        if issued && !replace && known.iter().any(|row| row.id == key.id && row.public != public) {
            return Err(CommandError::new(format!(
                "this store has another signing key {} and has issued licences with it: use --replace to replace it anyway",
                key.id
            )));
        }
    }
    ctx.db.execute(&RestoreSigningKeys { keys: &keys, actor: &ctx.actor }).await?;
    let numbers: Vec<String> = keys.iter().map(|key| key.id.to_string()).collect();
    output(format!("Signing keys {} are restored.\n", numbers.join(", ")))
}

/// Reads the passphrase from the first line of its file, or of standard input.
fn passphrase(file: Option<&Path>) -> Result<Zeroizing<String>, CommandError> {
    if file.is_none() {
        files::prompt("Type the passphrase of the file, on one line:");
    }
    let text = match file {
        Some(file) => files::read_text(file)?,
        None => files::read_stdin()?,
    };
    let line = text.lines().next().unwrap_or("").trim();
    if line.chars().count() < 8 {
        return Err(CommandError::misuse(
            "the passphrase must have at least 8 characters, on the first line",
        ));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// The first line of the encrypted text.
const HEAD: &str = "signing keys 1\n";

/// Encrypts signing keys with a passphrase: a line that names the content, then JSON.
fn encrypt(keys: &[SigningKeyBackup], passphrase: &str) -> Result<Vec<u8>, CommandError> {
    let text = Zeroizing::new([HEAD.as_bytes(), &Zeroizing::new(serde_json::to_vec(keys)?)].concat());
    Ok(passphrase_file::encrypt(passphrase, &text)?)
}

/// Decrypts the output of [`encrypt`].
fn decrypt(file: &[u8], passphrase: &str) -> Result<Vec<SigningKeyBackup>, CommandError> {
    let text = passphrase_file::decrypt(passphrase, file).map_err(|why| match why {
        PassphraseFileError::OtherFile => CommandError::new("the file is not a backup of signing keys"),
        why => why.into(),
    })?;
    let keys = text.strip_prefix(HEAD.as_bytes()).and_then(|keys| serde_json::from_slice(keys).ok());
    keys.ok_or_else(|| CommandError::new("the file is decrypted, but this version does not know its format"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_keys_are_decrypted_with_their_passphrase_alone() {
        let keys = [SigningKeyBackup { id: 3, seed: [7; 32], current: true }];
        let sealed = encrypt(&keys, "correct horse").ok().unwrap();
        assert!(!sealed.windows(8).any(|part| part == [7; 8]));
        let opened = decrypt(&sealed, "correct horse").ok().unwrap();
        assert_eq!((opened[0].id, opened[0].seed, opened[0].current), (3, [7; 32], true));
        let refused = |file: &[u8], passphrase: &str| decrypt(file, passphrase).err().unwrap().message;
        assert!(refused(&sealed, "battery staple").contains("passphrase is wrong"));
        assert!(refused(&sealed[..sealed.len() - 1], "correct horse").contains("damaged"));
        assert!(refused(b"no such file", "correct horse").contains("not a backup"));
        let other = passphrase_file::encrypt("correct horse", b"another content").unwrap();
        assert!(refused(&other, "correct horse").contains("does not know its format"));
    }
}
