//! Status of the keyring and its replicas.

use keyring::{KeyringStatus, KeyringWarning};
use store::Db;

use super::advice::{Advice, Level};
use super::conditions::KeyringCondition;

pub(super) fn check(db: &Db) -> Vec<Advice> {
    match db.keyring().status() {
        Ok(status) => advice_on(status),
        Err(error) => vec![Advice::new(Level::Bad, KeyringCondition::Unusable(error))],
    }
}

fn advice_on(status: KeyringStatus) -> Vec<Advice> {
    let mut advice = vec![Advice::ok(KeyringCondition::Usable {
        replicas: status.replicas.len(),
        epoch: status.epoch,
        forgotten: status.forgotten,
    })];
    for replica in status.replicas {
        let (path, lag) = (replica.path, replica.lag);
        match replica.problem {
            Some(reason) => {
                let condition = KeyringCondition::UnusableReplica { replica: path, reason };
                advice.push(Advice::new(Level::Bad, condition));
            }
            None if lag > 0 => {
                advice.push(Advice::new(Level::Warn, KeyringCondition::LateReplica { replica: path, lag }));
            }
            None => {}
        }
    }
    advice.extend(status.warnings.into_iter().map(advice_on_warning));
    advice
}

fn advice_on_warning(warning: KeyringWarning) -> Advice {
    let level = if matches!(warning, KeyringWarning::Unconfigured(_)) { Level::Bad } else { Level::Warn };
    Advice::new(level, KeyringCondition::Warning(warning))
}
