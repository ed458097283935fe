//! Status of the keyring and its replicas.

use keyring::{KeyringStatus, KeyringWarning};
use store::Db;

use super::{Advice, Level};

pub(super) fn check(db: &Db) -> Vec<Advice> {
    match db.keyring().status() {
        Ok(status) => advice_on(&status),
        Err(error) => vec![Advice::new(
            Level::Bad,
            format!("the keyring cannot be used: {error}"),
            "make it usable again; until then no sealed value opens, and notifications (webhooks) are answered 503",
        )],
    }
}

fn advice_on(status: &KeyringStatus) -> Vec<Advice> {
    let mut advice = Vec::new();
    let replicas = status.replicas.len();
    advice.push(Advice::ok(format!(
        "the keyring: {replicas} {}, epoch {}, {} slots forgotten",
        if replicas == 1 { "replica" } else { "replicas" },
        status.epoch,
        status.forgotten
    )));
    for replica in &status.replicas {
        let path = replica.path.display();
        match &replica.problem {
            Some(reason) => advice.push(Advice::new(
                Level::Bad,
                format!("the replica {path} cannot be used: {reason}. Erasures wait, and receipts are withheld"),
                format!(
                    "mount it again; or, if its disk is new and empty, `scruple keyring replica renew {path}`; or, if \
                     it will never come back, `scruple keyring replica drop {path}`"
                ),
            )),
            None if replica.lag > 0 => advice.push(Advice::new(
                Level::Warn,
                format!(
                    "the replica {path} is {} epochs behind: keys that were forgotten since can still be read \
                     from it",
                    replica.lag
                ),
                "restart the server; it updates the replica",
            )),
            None => {}
        }
    }
    advice.extend(status.warnings.iter().map(advice_on_warning));
    advice
}

fn advice_on_warning(warning: &KeyringWarning) -> Advice {
    let action = match warning {
        KeyringWarning::SingleReplica => "name a second folder, on another disk, in keyring.replicas",
        KeyringWarning::SameDevice(..) => "move one of them to another disk",
        KeyringWarning::Unconfigured(_) => "name it in keyring.replicas again, or drop it",
        KeyringWarning::FileSystem(..) => "move it to a disk of this machine without snapshots",
    };
    let level = if matches!(warning, KeyringWarning::Unconfigured(_)) { Level::Bad } else { Level::Warn };
    Advice::new(level, warning.to_string(), action)
}
