//! What the commands do: a file for each group. Each act gives back what it says and how it ends; printing is left
//! to `main`, so that nothing is said twice or half.

pub mod actor;
pub mod backup;
pub mod canned;
pub mod checks;
mod files;
pub mod journal;
pub mod keyring;
pub mod licence;
pub mod mail;
pub mod paypro;
pub mod person;
mod post;
pub mod product;
pub mod receipt;
pub mod signing;
pub mod site;
pub mod support;
pub mod threads;
pub mod tokens;
pub mod visits;
mod words;

use domain::VendorSettings;
use domain::compliance::prove::close_journal;
use scruple::boot;
use scruple::commands::Exit;
use scruple::config::Config;
use serde::Serialize;
use store::{Actor, Db};

/// What an act says, and how the program ends.
pub struct Outcome {
    /// For standard output, with its line ends.
    pub text: String,
    /// For standard error: what isn't the answer, but whoever typed the command should know.
    pub aside: String,
    /// The exit status.
    pub exit: Exit,
}

/// Why an act failed: what happened and what to do. No personal value stands in it.
pub struct Failed {
    /// The exit status.
    pub exit: Exit,
    /// What happened and what to do.
    pub says: String,
}

/// What every act gives back.
pub type Done = Result<Outcome, Failed>;

/// The house, opened, and who acts in it.
pub struct CommandContext {
    /// Database and keyring.
    pub db: Db,
    /// The vendor's settings.
    pub house: VendorSettings,
    /// Who acts, for the journal.
    pub who: Actor,
    /// What opening found, for standard error.
    pub aside: String,
}

impl CommandContext {
    /// Opens the house.
    pub async fn open(config: &Config, who: Actor) -> Result<Self, Failed> {
        let (db, house, started) = boot::open(config).await?;
        let mut aside = String::new();
        if let Some(gone) = started.gone_again.filter(|gone| *gone > 0) {
            aside += &format!(
                "the data is older than the keyring: {gone} rows of erased persons are gone again\n"
            );
        }
        if started.waiting {
            aside += "erasures wait, because a place of the keyring can't be reached: see `scruple keyring status`\n";
        }
        Ok(Self { db, house, who, aside })
    }

    /// Closes the database and gives the outcome what opening found.
    pub async fn close(mut self, done: Done) -> Done {
        // A server does this every second; without one, what was just done must not stay open to change either.
        if let Err(error) = close_journal(&self.db).await {
            self.aside += &format!("the journal's chain isn't closed over the last lines: {error}\n");
        }
        self.db.close().await;
        done.map(|outcome| Outcome { aside: self.aside + &outcome.aside, ..outcome })
    }
}

/// Said, and done.
pub fn say(text: impl Into<String>) -> Done {
    Ok(Outcome { text: text.into(), aside: String::new(), exit: Exit::Done })
}

/// One JSON value, for a script. JSON itself spells only the lower control characters out, and a terminal obeys
/// others too.
pub fn json(value: &impl Serialize) -> Done {
    say(words::spelled_out(&serde_json::to_string_pretty(value)?) + "\n")
}

impl Outcome {
    /// Ends otherwise.
    pub fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

impl Failed {
    /// It failed.
    pub fn new(says: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, says: says.into() }
    }

    /// It was asked wrongly.
    pub fn misuse(says: impl Into<String>) -> Self {
        Self { exit: Exit::Misuse, says: says.into() }
    }
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}
