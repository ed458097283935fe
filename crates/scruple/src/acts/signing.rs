//! `scruple licence keys`: the keys that sign licences, and the sealed file that holds them.

use super::words::table;
use super::{CommandContext, Done, Failed, files, json, say};
use age::scrypt::{Identity, Recipient};
use age::secrecy::SecretString;
use domain::licensing::issue::Signers;
use domain::licensing::keys::{
    BackUpSigningKeys, BackedUp, NewSigningKey, RestoreSigningKeys, RetireSigningKey, Retired,
};
use scruple::commands::KeysCommand;
use serde_json::json;
use std::path::Path;
use store::SigningKeyRow;
use zeroize::Zeroizing;

/// Does it.
pub async fn run(room: &CommandContext, command: KeysCommand) -> Done {
    match command {
        KeysCommand::List { json } => list(room, json).await,
        KeysCommand::New => new(room).await,
        KeysCommand::Retire { number } => retire(room, number).await,
        KeysCommand::Export { .. } => {
            say(Signers::load(&mut room.db.read().await?).await?.public.to_string())
        }
        KeysCommand::Backup { file, passphrase_file } => {
            back_up(room, &file, passphrase_file.as_deref()).await
        }
        KeysCommand::Restore { file, passphrase_file, replace } => {
            restore(room, &file, passphrase_file.as_deref(), replace).await
        }
    }
}

async fn list(room: &CommandContext, as_json: bool) -> Done {
    let mut tx = room.db.read().await?;
    let (keys, signs) = (tx.signing_keys().await?, Signers::load(&mut tx).await?.current());
    let state = |key: &SigningKeyRow| match (key.current, key.id == signs) {
        (true, true) => "signs",
        (true, false) => "older",
        (false, _) => "retired",
    };
    if as_json {
        let each = |key: &SigningKeyRow| {
            json!({
                "number": key.id, "state": state(key), "since": domain::day::text(key.since_day), "public": hex(&key.public),
            })
        };
        return json(&keys.iter().map(each).collect::<Vec<_>>());
    }
    let row = |key: &SigningKeyRow| {
        vec![key.id.to_string(), state(key).to_owned(), domain::day::text(key.since_day), hex(&key.public)]
    };
    say(table(&["NUMBER", "STATE", "SINCE", "PUBLIC HALF"], &keys.iter().map(row).collect::<Vec<_>>()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn new(room: &CommandContext) -> Done {
    let Some(id) = room.db.write(&NewSigningKey { who: &room.who }).await? else {
        return Err(Failed::new("all 16 numbers of signing keys are in use"));
    };
    say(format!(
        "Signing key {id} signs from now on; what the older ones signed stays valid.\n\
         Next: ship `scruple licence keys export --public` with your program, and back it up with\n\
         `scruple licence keys backup FILE`.\n"
    ))
}

async fn retire(room: &CommandContext, id: u8) -> Done {
    match room.db.write(&RetireSigningKey { id, who: &room.who }).await? {
        Retired::Done => {
            say(format!("Signing key {id} signs nothing new any more; what it signed stays valid.\n"))
        }
        Retired::NoSuchKey => Err(Failed::new(format!(
            "there is no signing key {id} that signs: see `scruple licence keys list`"
        ))),
        Retired::LastOne => Err(Failed::new(format!(
            "signing key {id} is the only one that signs: make a new one first with `scruple licence keys new`"
        ))),
    }
}

async fn back_up(room: &CommandContext, file: &Path, passphrase_file: Option<&Path>) -> Done {
    // Before anybody is asked for a passphrase and the journal gets its line.
    files::must_be_new(file)?;
    let passphrase = passphrase(passphrase_file)?;
    let keys = room.db.write(&BackUpSigningKeys { who: &room.who }).await?;
    files::write_new(file, &seal(&keys, passphrase)?)?;
    say(format!(
        "{} of signing keys written to {}, sealed under the passphrase (age format).\n\
         Who has both can make licences: keep them apart.\n",
        super::words::count(keys.len() as u64, "pair", "pairs"),
        file.display()
    ))
}

async fn restore(room: &CommandContext, file: &Path, passphrase_file: Option<&Path>, replace: bool) -> Done {
    let sealed = std::fs::read(file).map_err(|error| files::refused(file, &error))?;
    let keys = open(&sealed, passphrase(passphrase_file)?)?;
    let mut tx = room.db.read().await?;
    let known = tx.signing_keys().await?;
    let issued = !tx.count_licences().await?.is_empty();
    drop(tx);
    for key in &keys {
        let public = licence::SigningKey::from_seed(key.id, &key.seed)?.public().to_bytes();
        // What the other key signed could never be signed again.
        if issued && !replace && known.iter().any(|row| row.id == key.id && row.public != public) {
            return Err(Failed::new(format!(
                "this shop has another signing key {} and has issued licences: if those don't matter, say --replace",
                key.id
            )));
        }
    }
    room.db.write(&RestoreSigningKeys { keys: &keys, who: &room.who }).await?;
    let numbers: Vec<String> = keys.iter().map(|key| key.id.to_string()).collect();
    say(format!("Signing keys {} are back.\n", numbers.join(", ")))
}

/// The passphrase: the first line of its file, or of standard input.
fn passphrase(file: Option<&Path>) -> Result<SecretString, Failed> {
    if file.is_none() {
        files::prompt("The passphrase of the file, on one line:");
    }
    let text = match file {
        Some(file) => files::text_of(file)?,
        None => files::standard_input()?,
    };
    let line = text.lines().next().unwrap_or("").trim();
    if line.chars().count() < 8 {
        return Err(Failed::misuse("the passphrase must have at least 8 characters, on the first line"));
    }
    Ok(SecretString::from(line.to_owned()))
}

/// What the sealed text begins with.
const HEAD: &str = "scruple signing keys 1\n";

/// Seals signing keys under a passphrase (age-encryption.org/v1, scrypt).
fn seal(keys: &[BackedUp], passphrase: SecretString) -> Result<Vec<u8>, Failed> {
    let text = Zeroizing::new([HEAD.as_bytes(), &Zeroizing::new(serde_json::to_vec(keys)?)].concat());
    Ok(age::encrypt(&Recipient::new(passphrase), &text)?)
}

/// Opens what [`seal`] sealed.
fn open(sealed: &[u8], passphrase: SecretString) -> Result<Vec<BackedUp>, Failed> {
    let text = age::decrypt(&Identity::new(passphrase), sealed).map(Zeroizing::new).map_err(|error| {
        Failed::new(match error {
            age::DecryptError::ExcessiveWork { .. } => "the file was sealed with more work than this machine does",
            _ => "the file doesn't open: the passphrase is wrong, or it is no backup of signing keys, or damaged",
        })
    })?;
    let keys = text.strip_prefix(HEAD.as_bytes()).and_then(|keys| serde_json::from_slice(keys).ok());
    keys.ok_or_else(|| Failed::new("the file opens, but holds no signing keys that this version knows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_keys_open_with_their_passphrase_alone() {
        let keys = [BackedUp { id: 3, seed: [7; 32], current: true }];
        let passphrase = |text: &str| SecretString::from(text.to_owned());
        let sealed = seal(&keys, passphrase("correct horse")).ok().unwrap();
        assert!(!sealed.windows(8).any(|part| part == [7; 8]));
        let opened = open(&sealed, passphrase("correct horse")).ok().unwrap();
        assert_eq!((opened[0].id, opened[0].seed, opened[0].current), (3, [7; 32], true));
        assert!(open(&sealed, passphrase("battery staple")).is_err());
        assert!(open(&sealed[..sealed.len() - 1], passphrase("correct horse")).is_err());
        assert!(open(b"no such file", passphrase("correct horse")).is_err());
    }
}
