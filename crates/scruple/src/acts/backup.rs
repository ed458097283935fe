//! `scruple backup` and `scruple restore`: the data, never the keyring.

use super::words::count;
use super::{CommandContext, Done, Failed, files, say};
use scruple::boot;
use scruple::config::Config;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use store::Actor;

/// Writes a copy of the data.
pub async fn back_up(room: &CommandContext, path: &Path) -> Done {
    let mut out = BufWriter::with_capacity(1 << 20, Progress::of(files::NewFile::begin(path)?));
    let rows = room.db.back_up(&mut out).await?;
    let progress = out.into_inner().map_err(|error| files::refused(path, error.error()))?;
    progress.end();
    progress.file.finish()?;
    say(format!(
        "{} written to {}. The copy opens only with the keyring, and of nobody who is erased from now on.\n",
        count(rows, "row", "rows"),
        path.display()
    ))
}

/// Puts a copy of the data back into an empty database, then opens the house: whoever was erased since stays erased.
pub async fn restore(config: &Config, who: Actor, path: &Path) -> Done {
    let file = File::open(path).map_err(|error| files::refused(path, &error))?;
    let store = boot::connect(config).await?;
    let rows = store.restore(&mut BufReader::with_capacity(1 << 20, file)).await?;
    drop(store);
    let said = format!("{} restored.\n", count(rows, "row", "rows"));
    match CommandContext::open(config, who).await {
        Ok(room) => room.close(say(said)).await,
        Err(why) => {
            let says = format!("the data is restored, but can't be opened: {}", why.says);
            Err(Failed { exit: why.exit, says })
        }
    }
}

/// Says on a terminal how much is written, so that nobody takes a long backup for a stuck one.
struct Progress {
    file: files::NewFile,
    written: u64,
    said: u64,
    shown: bool,
}

/// Bytes between two words on progress.
const STEP: u64 = 64 << 20;

impl Progress {
    fn of(file: files::NewFile) -> Self {
        Self { file, written: 0, said: 0, shown: io::stderr().is_terminal() }
    }

    #[allow(clippy::print_stderr, reason = "for whoever watches, never in the answer")]
    fn end(&self) {
        if self.said > 0 {
            eprintln!();
        }
    }
}

impl Write for Progress {
    #[allow(clippy::print_stderr, reason = "for whoever watches, never in the answer")]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.written += n as u64;
        if self.shown && self.written >= self.said + STEP {
            self.said = self.written;
            eprint!("\r{} MiB written", self.written >> 20);
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
