//! The open store in which a command runs.

use super::outcome::{CommandError, CommandOutput, CommandResult};
use crate::config::Config;
use crate::startup::{self, OpenStore};
use domain::VendorSettings;
use domain::compliance::prove::extend_audit_chain;
use store::{Actor, Db};

/// The open store, and the actor of the command.
pub struct CommandContext {
    /// Database and keyring.
    pub db: Db,
    /// The vendor's settings.
    pub settings: VendorSettings,
    /// The actor, for the audit log.
    pub actor: Actor,
    /// Findings at opening, for standard error.
    pub warnings: String,
}

impl CommandContext {
    /// Opens the store.
    pub async fn open(config: &Config, actor: Actor) -> Result<Self, CommandError> {
        let OpenStore { db, settings, report } = startup::open(config).await?;
        let mut warnings = String::new();
        if let Some(removed) = report.erased_again.filter(|removed| *removed > 0) {
            warnings += &format!(
                "the data is older than the keyring: {removed} rows of erased people were removed again\n"
            );
        }
        if report.waiting {
            warnings += "erasures are pending, because a keyring replica cannot be reached: see `scruple keyring status`\n";
        }
        Ok(Self { db, settings, actor, warnings })
    }

    /// Closes the store, and adds the findings at opening to the result.
    pub async fn close(mut self, result: CommandResult) -> CommandResult {
        // Extend the hash chain now, as the server does every second: new entries must not stay changeable.
        if let Err(error) = extend_audit_chain(&self.db).await {
            self.warnings +=
                &format!("the hash chain of the audit log does not cover the newest entries yet: {error}\n");
        }
        self.db.close().await;
        result.map(|output| CommandOutput { warnings: self.warnings + &output.warnings, ..output })
    }
}
