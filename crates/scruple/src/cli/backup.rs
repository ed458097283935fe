//! `scruple backup` and `scruple restore`: a copy of the data, never of the keyring.

use super::context::CommandContext;
use super::files;
use super::outcome::{CommandError, CommandResult, output};
use super::table::count;
use crate::config::Config;
use crate::startup;
use clap::Args;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use store::Actor;

/// Arguments of `scruple backup`
#[derive(Args)]
#[command(
    after_help = "The copy can only be opened with the keyring. It cannot be opened for people who were erased since.

Example:
  scruple backup /mnt/backup/monday.scruple"
)]
pub struct Backup {
    /// The file to write; it must not exist yet
    pub file: PathBuf,
}

/// Arguments of `scruple restore`
#[derive(Args)]
#[command(after_help = "Stop the server first.

Example:
  scruple restore /mnt/backup/monday.scruple")]
pub struct Restore {
    /// A file that `scruple backup` wrote
    pub file: PathBuf,
}

/// Writes a copy of the data, also while the server runs.
pub async fn back_up(ctx: &CommandContext, path: &Path) -> CommandResult {
    let mut out = BufWriter::with_capacity(1 << 20, Progress::of(files::NewFile::create(path)?));
    let rows = ctx.db.write_backup(&mut out).await?;
    let progress = out.into_inner().map_err(|error| files::io_error(path, error.error()))?;
    progress.end();
    progress.file.finish()?;
    output(format!(
        "{} written to {}. The copy can only be opened with the keyring, and not for people who are erased from now on.\n",
        count(rows, "row", "rows"),
        path.display()
    ))
}

/// Restores a copy of the data into an empty database, then opens the store. People who were erased since stay erased.
pub async fn restore(config: &Config, actor: Actor, path: &Path) -> CommandResult {
    let file = File::open(path).map_err(|error| files::io_error(path, &error))?;
    let store = startup::connect(config).await?;
    let rows = store.restore(&mut BufReader::with_capacity(1 << 20, file)).await?;
    drop(store);
    let text = format!("{} restored.\n", count(rows, "row", "rows"));
    match CommandContext::open(config, actor).await {
        Ok(ctx) => ctx.close(output(text)).await,
        Err(why) => {
            let message = format!("the data is restored, but cannot be opened: {}", why.message);
            Err(CommandError { exit: why.exit, message })
        }
    }
}

/// Reports on a terminal how much is written.
struct Progress {
    file: files::NewFile,
    written: u64,
    reported: u64,
    shown: bool,
}

/// Bytes between two reports.
const STEP: u64 = 64 << 20;

impl Progress {
    fn of(file: files::NewFile) -> Self {
        Self { file, written: 0, reported: 0, shown: io::stderr().is_terminal() }
    }

    #[allow(clippy::print_stderr, reason = "progress for a terminal, never part of the output")]
    fn end(&self) {
        if self.reported > 0 {
            eprintln!();
        }
    }
}

impl Write for Progress {
    #[allow(clippy::print_stderr, reason = "progress for a terminal, never part of the output")]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.written += n as u64;
        if self.shown && self.written >= self.reported + STEP {
            self.reported = self.written;
            eprint!("\r{} MiB written", self.written >> 20);
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
