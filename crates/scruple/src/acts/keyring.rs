//! `scruple keyring`.

use super::words::{count, pairs, table};
use super::{CommandContext, Done, Failed, files, json, say};
use domain::erasure::completion::{Rolled, roll_forward};
use keyring::{KeyringError, PlaceStatus, Status};
use scruple::boot;
use scruple::commands::PlaceCommand;
use scruple::config::Config;
use serde_json::json;
use std::fs::{DirBuilder, File};
use std::io::BufReader;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use store::Error;

/// How it stands.
pub fn status(room: &CommandContext, as_json: bool) -> Done {
    let status = room.db.vault().status()?;
    if as_json { json(&shown(&status)) } else { say(lines(&status)) }
}

fn shown(status: &Status) -> serde_json::Value {
    let place = |place: &PlaceStatus| {
        json!({
            "path": place.path, "epoch": place.epoch, "lag": place.lag, "unreachable": place.why,
        })
    };
    json!({
        "keyring": status.keyring.to_string(),
        "epoch": status.epoch,
        "places": status.places.iter().map(place).collect::<Vec<_>>(),
        "nodes": status.nodes,
        "forgotten": status.forgotten,
        "warnings": status.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn lines(status: &Status) -> String {
    let mut text = pairs(&[
        ("Keyring", status.keyring.to_string()),
        ("Epoch", status.epoch.to_string()),
        ("Forgotten", count(status.forgotten, "slot", "slots")),
        ("Size", format!("{} of 4 kB in each place", count(status.nodes, "file", "files"))),
    ]);
    let row = |place: &PlaceStatus| {
        let epoch = place.epoch.map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
        let state = match (&place.why, place.lag) {
            (Some(why), _) => why.clone(),
            (None, 0) => "up to date".to_owned(),
            (None, lag) => format!("{lag} behind"),
        };
        vec![place.path.display().to_string(), epoch, state]
    };
    let rows: Vec<Vec<String>> = status.places.iter().map(row).collect();
    text += &format!("\n{}", table(&["PLACE", "EPOCH", "STATE"], &rows));
    for warning in &status.warnings {
        text += &format!("\nwarning: {warning}\n");
    }
    text
}

/// Moving house, 1.
pub fn invite(config: &Config) -> Done {
    let private = private_half(config)?;
    if let Some(folder) = private.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| files::refused(folder, &error))?;
    }
    let public = keyring::invite(&private).map_err(|why| match why {
        KeyringError::Taken { path } => Failed::new(format!(
            "an invitation is open already: adopt the file that was carried to it, or remove {} and invite anew",
            path.display()
        )),
        why => why.into(),
    })?;
    say(format!("{public}\n")).map(|outcome| super::Outcome {
        aside: "next, on the old machine: scruple keyring carry --to KEY FILE\n".into(),
        ..outcome
    })
}

/// Where an open invitation's private half lies: beside the first place, never within the data.
fn private_half(config: &Config) -> Result<PathBuf, Failed> {
    let mut path = first_place(config)?.into_os_string();
    path.push(".invitation");
    Ok(path.into())
}

fn first_place(config: &Config) -> Result<PathBuf, Failed> {
    boot::places(config)?.into_iter().next().ok_or_else(|| KeyringError::NoPlaces.into())
}

/// Moving house, 2.
pub fn carry(room: &CommandContext, to: &str, file: &Path) -> Done {
    let mut out = files::NewFile::begin(file)?;
    keyring::carry(room.db.vault(), to, &mut out)?;
    out.finish()?;
    let places: Vec<String> =
        room.db.vault().places().iter().map(|place| place.display().to_string()).collect();
    say(format!(
        "The keyring is sealed in {}; only the machine that made the invitation can open it.\n\
         Next: stop the server here, run `scruple keyring adopt FILE` there, and once that is done destroy the\n\
         keyring here: {}\n",
        file.display(),
        places.join(", ")
    ))
}

/// Moving house, 3.
pub fn adopt(config: &Config, file: &Path) -> Done {
    let private = private_half(config)?;
    if !private.exists() {
        return Err(Failed::new(
            "no invitation is open on this machine: make one with `scruple keyring invite`, and carry the keyring to it",
        ));
    }
    let carried = File::open(file).map_err(|error| files::refused(file, &error))?;
    let place = first_place(config)?;
    let keyring = keyring::adopt(&mut BufReader::new(carried), &private, &place)?;
    let mut text = format!(
        "Keyring {keyring} is in {} now, and {} is worthless from here on.\n\
         Next: bring the data here, then destroy the keyring on the old machine.\n",
        place.display(),
        file.display()
    );
    for other in boot::places(config)?.iter().skip(1) {
        text += &format!("Then fill the other place: scruple keyring place renew {}\n", other.display());
    }
    say(text)
}

/// A place that can't be reached.
pub async fn place(room: &CommandContext, command: &PlaceCommand) -> Done {
    let done = match command {
        PlaceCommand::Renew { place } => {
            room.db.vault().renew_place(&std::path::absolute(place)?)?;
            format!("{} holds the whole keyring again.\n", place.display())
        }
        PlaceCommand::Drop { place } => {
            room.db.vault().drop_place(&std::path::absolute(place)?)?;
            format!(
                "{} is given up: nothing waits for it any more. Whoever finds it can open what was erased since it \
                 was last there: destroy it if you can.\n",
                place.display()
            )
        }
    };
    match roll_forward(&room.db).await {
        Ok(Rolled { intents: 0, .. }) => say(done),
        Ok(Rolled { intents, .. }) => {
            let erasures = count(intents as u64, "erasure that waited is", "erasures that waited are");
            say(format!("{done}{erasures} complete.\n"))
        }
        Err(Error::Keyring(why @ KeyringError::Unreachable { .. })) => say(done)
            .map(|outcome| super::Outcome { aside: format!("erasures still wait: {why}\n"), ..outcome }),
        Err(error) => Err(error.into()),
    }
}
