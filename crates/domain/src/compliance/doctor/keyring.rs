//! How the keyring stands.

use keyring::{Status, Warning};
use store::Db;

use super::{Advice, Level};

pub(super) fn look(db: &Db) -> Vec<Advice> {
    match db.vault().status() {
        Ok(status) => of(&status),
        Err(error) => vec![Advice::new(
            Level::Bad,
            format!("the keyring can't be used: {error}"),
            "until then nothing sealed opens, and notices are answered 503",
        )],
    }
}

fn of(status: &Status) -> Vec<Advice> {
    let mut advice = Vec::new();
    let places = status.places.len();
    advice.push(Advice::ok(format!(
        "the keyring: {places} {}, epoch {}, {} slots forgotten",
        if places == 1 { "place" } else { "places" },
        status.epoch,
        status.forgotten
    )));
    for place in &status.places {
        let path = place.path.display();
        match &place.why {
            Some(why) => advice.push(Advice::new(
                Level::Bad,
                format!("the place {path} can't be used: {why}. Forgetting waits, and receipts are withheld"),
                format!(
                    "mount it again; or, if its disk is new and empty, `scruple keyring place renew {path}`; or, if \
                     it will never come back, `scruple keyring place drop {path}`"
                ),
            )),
            None if place.lag > 0 => advice.push(Advice::new(
                Level::Warn,
                format!(
                    "the place {path} lags by {} epochs: what was forgotten since still opens from it",
                    place.lag
                ),
                "restart the server, which brings it up",
            )),
            None => {}
        }
    }
    advice.extend(status.warnings.iter().map(warn));
    advice
}

fn warn(warning: &Warning) -> Advice {
    let todo = match warning {
        Warning::SinglePlace => "name a second folder, on another disk, in keyring.places",
        Warning::SameDevice(..) => "move one of them to another disk",
        Warning::Unconfigured(_) => "name it in keyring.places again, or drop it",
        Warning::FileSystem(..) => "move it to a disk of this machine without snapshots",
    };
    let level = if matches!(warning, Warning::Unconfigured(_)) { Level::Bad } else { Level::Warn };
    Advice::new(level, warning.to_string(), todo)
}
