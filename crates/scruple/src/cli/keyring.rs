//! `scruple keyring`: the keys that decrypt the data, their replicas, and their transfer to another machine.

use super::context::CommandContext;
use super::files;
use super::outcome::{CommandError, CommandOutput, CommandResult, output, output_json};
use super::table::{count, pairs, table};
use crate::config::Config;
use crate::startup;
use clap::Subcommand;
use domain::erasure::completion::{RollForwardReport, roll_forward};
use keyring::{KeyringError, KeyringStatus, ReplicaStatus};
use message_catalogue::English;
use serde_json::json;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use store::Error;

/// Manage the keyring: its state, its replicas, its transfer to another machine
#[derive(Subcommand)]
pub enum KeyringCommand {
    /// Show where the keyring is, how current each replica is, and which warnings apply
    #[command(after_help = "Examples:
  scruple keyring status
  scruple keyring status --json")]
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Restore or give up a replica that cannot be reached
    #[command(subcommand)]
    Replica(ReplicaCommand),
    /// Transfer the keyring to another machine
    #[command(subcommand)]
    Transfer(TransferCommand),
}

/// Restore or give up a replica that cannot be reached. Erasures wait until it is back, renewed or dropped.
#[derive(Subcommand)]
pub enum ReplicaCommand {
    /// Fill an empty folder with the keyring again, from the other replicas
    #[command(after_help = "Example:
  scruple keyring replica renew /mnt/second/keyring")]
    Renew {
        /// The folder of the replica
        replica: PathBuf,
    },
    /// Give up a replica for good; erasures that waited for it are completed
    #[command(after_help = "A lost replica can still decrypt what was erased since. Destroy it if you can.

Example:
  scruple keyring replica drop /mnt/broken/keyring")]
    Drop {
        /// The folder of the replica
        replica: PathBuf,
    },
}

/// Transfer the keyring to another machine, in three steps
#[derive(Subcommand)]
pub enum TransferCommand {
    /// Step 1, on the new machine: create a one-time key pair and print its public key
    #[command(after_help = "Example:
  scruple keyring transfer request > request.txt")]
    Request,
    /// Step 2, on the old machine: encrypt the keyring to that public key
    #[command(after_help = "Destroy the old machine's replicas once the new machine has imported the file.

Example:
  scruple keyring transfer export --to scruple-transfer-request-1-... keyring.transfer")]
    Export {
        /// The public key that `keyring transfer request` printed
        #[arg(long, value_name = "KEY")]
        to: String,
        /// The file to write; it must not exist yet
        file: PathBuf,
    },
    /// Step 3, on the new machine: import the keyring; the file is useless afterwards
    #[command(after_help = "Example:
  scruple keyring transfer import keyring.transfer")]
    Import {
        /// The file that `keyring transfer export` wrote
        file: PathBuf,
    },
}

/// Shows the state of the keyring.
pub fn status(ctx: &CommandContext, as_json: bool) -> CommandResult {
    let status = ctx.db.keyring().status()?;
    if as_json { output_json(&status_json(&status)) } else { output(status_text(&status)) }
}

fn status_json(status: &KeyringStatus) -> serde_json::Value {
    let replica = |replica: &ReplicaStatus| {
        json!({
            "path": replica.path, "epoch": replica.epoch, "lag": replica.lag, "unreachable": replica.problem,
        })
    };
    json!({
        "keyring": status.keyring_id.to_string(),
        "epoch": status.epoch,
        "replicas": status.replicas.iter().map(replica).collect::<Vec<_>>(),
        "nodes": status.nodes,
        "forgotten": status.forgotten,
        "warnings": status.warnings.iter().map(English::english).collect::<Vec<_>>(),
    })
}

fn status_text(status: &KeyringStatus) -> String {
    let mut text = pairs(&[
        ("Keyring", status.keyring_id.to_string()),
        ("Epoch", status.epoch.to_string()),
        ("Forgotten", count(status.forgotten, "slot", "slots")),
        ("Size", format!("{} of 4 kB in each replica", count(status.nodes, "file", "files"))),
    ]);
    let row = |replica: &ReplicaStatus| {
        let epoch = replica.epoch.map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
        let state = match (&replica.problem, replica.lag) {
            (Some(why), _) => why.clone(),
            (None, 0) => "up to date".to_owned(),
            (None, lag) => format!("{lag} behind"),
        };
        vec![replica.path.display().to_string(), epoch, state]
    };
    let rows: Vec<Vec<String>> = status.replicas.iter().map(row).collect();
    text += &format!("\n{}", table(&["REPLICA", "EPOCH", "STATE"], &rows));
    for warning in &status.warnings {
        text += &format!("\nwarning: {}\n", warning.english());
    }
    text
}

/// Runs `keyring transfer request`, step 1 of a transfer.
pub fn transfer_request(config: &Config) -> CommandResult {
    let private = request_key_path(config)?;
    if let Some(folder) = private.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| files::io_error(folder, &error))?;
    }
    let public = keyring::create_transfer_request(&private).map_err(|why| match why {
        KeyringError::NotEmpty { path } => CommandError::new(format!(
            "a transfer request is open already: import the file that was exported for it, or remove {} and make a new request",
            path.display()
        )),
        why => why.into(),
    })?;
    output(format!("{public}\n")).map(|output| CommandOutput {
        warnings: "next, on the old machine: scruple keyring transfer export --to KEY FILE\n".into(),
        ..output
    })
}

/// The file of the private key of an open transfer request: beside the first replica, never inside the data folder.
fn request_key_path(config: &Config) -> Result<PathBuf, CommandError> {
    let mut path = first_replica(config)?.into_os_string();
    path.push(".transfer-request");
    Ok(path.into())
}

fn first_replica(config: &Config) -> Result<PathBuf, CommandError> {
    startup::replicas(config)?.into_iter().next().ok_or_else(|| KeyringError::NoReplicas.into())
}

/// Runs `keyring transfer export`, step 2 of a transfer.
pub fn transfer_export(ctx: &CommandContext, to: &str, file: &Path) -> CommandResult {
    let mut out = files::NewFile::create(file)?;
    keyring::export_keyring(ctx.db.keyring(), to, &mut out)?;
    out.finish()?;
    let replicas: Vec<String> =
        ctx.db.keyring().replica_paths().iter().map(|path| path.display().to_string()).collect();
    output(format!(
        "The keyring is encrypted in {}. Only the machine that made the request can open it.\n\
         Next: stop the server here, and run `scruple keyring transfer import FILE` there. Then destroy the\n\
         keyring here: {}\n",
        file.display(),
        replicas.join(", ")
    ))
}

/// Runs `keyring transfer import`, step 3 of a transfer.
pub fn transfer_import(config: &Config, file: &Path) -> CommandResult {
    let private = request_key_path(config)?;
    if !private.exists() {
        return Err(CommandError::new(
            "no transfer request is open on this machine: make one with `scruple keyring transfer request`",
        ));
    }
    let mut exported = File::open(file).map_err(|error| files::io_error(file, &error))?;
    let replica = first_replica(config)?;
    let keyring = keyring::import_keyring(&mut exported, &private, &replica)?;
    let mut text = format!(
        "Keyring {keyring} is in {} now. The file {} is useless from now on.\n\
         Next: move the data here, then destroy the keyring on the old machine.\n",
        replica.display(),
        file.display()
    );
    for other in startup::replicas(config)?.iter().skip(1) {
        text += &format!("Then fill the other replica: scruple keyring replica renew {}\n", other.display());
    }
    output(text)
}

/// Runs `keyring replica`, then completes the erasures that waited for the replica.
pub async fn replica(ctx: &CommandContext, command: &ReplicaCommand) -> CommandResult {
    let done = match command {
        ReplicaCommand::Renew { replica } => {
            ctx.db.keyring().renew_replica(&std::path::absolute(replica)?)?;
            format!("{} has the whole keyring again.\n", replica.display())
        }
        ReplicaCommand::Drop { replica } => {
            ctx.db.keyring().drop_replica(&std::path::absolute(replica)?)?;
            format!(
                "{} is given up, and nothing waits for it any more. It can still decrypt what was erased since it was \
                 last reachable: destroy it if you can.\n",
                replica.display()
            )
        }
    };
    match roll_forward(&ctx.db).await {
        Ok(RollForwardReport { intents: 0, .. }) => output(done),
        Ok(RollForwardReport { intents, .. }) => {
            let erasures = count(intents as u64, "pending erasure is", "pending erasures are");
            output(format!("{done}{erasures} complete.\n"))
        }
        Err(Error::Keyring(why @ KeyringError::Unreachable { .. })) => output(done).map(|output| {
            CommandOutput { warnings: format!("erasures are still pending: {why}\n"), ..output }
        }),
        Err(error) => Err(error.into()),
    }
}
