//! How the keyring stands.

use keyring::{KeyringStatus, KeyringWarning};
use store::Db;

use super::{Advice, Level};

pub(super) fn look(db: &Db) -> Vec<Advice> {
    match db.keyring().status() {
        Ok(status) => of(&status),
        Err(error) => vec![Advice::new(
            Level::Bad,
            format!("the keyring cannot be used: {error}"),
            "make it usable again; until then no sealed value opens, and notifications (webhooks) are answered 503",
        )],
    }
}

fn of(status: &KeyringStatus) -> Vec<Advice> {
    let mut advice = Vec::new();
    let places = status.replicas.len();
    advice.push(Advice::ok(format!(
        "the keyring: {places} {}, epoch {}, {} slots forgotten",
        if status.replicas.len() == 1 { "replica" } else { "replicas" },
        status.epoch,
        status.forgotten
    )));
    for place in &status.replicas {
        let path = place.path.display();
        match &place.problem {
            Some(why) => advice.push(Advice::new(
                Level::Bad,
                format!("the replica {path} cannot be used: {why}. Forgetting waits, and receipts are withheld"),
                format!(
                    "mount it again; or, if its disk is new and empty, `scruple keyring replica renew {path}`; or, if \
                     it will never come back, `scruple keyring replica drop {path}`"
                ),
            )),
            None if place.lag > 0 => advice.push(Advice::new(
                Level::Warn,
                format!(
                    "the replica {path} is {} epochs behind: keys that were forgotten since can still be read from it",
                    place.lag
                ),
                "restart the server; it updates the replica",
            )),
            None => {}
        }
    }
    advice.extend(status.warnings.iter().map(warn));
    advice
}

fn warn(warning: &KeyringWarning) -> Advice {
    let action = match warning {
        KeyringWarning::SingleReplica => "name a second folder, on another disk, in keyring.replicas",
        KeyringWarning::SameDevice(..) => "move one of them to another disk",
        KeyringWarning::Unconfigured(_) => "name it in keyring.replicas again, or drop it",
        KeyringWarning::FileSystem(..) => "move it to a disk of this machine without snapshots",
    };
    let level = if matches!(warning, KeyringWarning::Unconfigured(_)) { Level::Bad } else { Level::Warn };
    Advice::new(level, warning.to_string(), action)
}
