//! `scruple visits import`: counts the visits in web server logs.

use super::super::context::CommandContext;
use super::super::outcome::{CommandError, CommandOutput, CommandResult, Exit};
use super::super::value_parsers;
use analytics::DisclosureThresholds;
use calendar::Day;
use clap::Args;
use domain::statistics::close_days;
use log_import::db_day_store::DbDayStore;
use log_import::log_reader::STANDARD_INPUT;
use log_import::progress::Progress;
use log_import::report::ImportReport;
use log_import::{count_files, day_store::ImportError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// Arguments of `scruple visits import`
#[derive(Args)]
pub struct ImportLogs {
    /// The id of the site; lines of other hosts are ignored
    #[arg(long, value_name = "ID", value_parser = value_parsers::name)]
    pub site: String,
    /// Do not publish past days yet, because more files cover them
    #[arg(long)]
    pub keep_open: bool,
    /// The logs, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Runs the command.
pub async fn import(
    ctx: &CommandContext,
    thresholds: DisclosureThresholds,
    args: ImportLogs,
) -> CommandResult {
    let ImportLogs { site, keep_open, files } = args;
    check_files(&files)?;
    let Some(site) = ctx.db.read().await?.site(&site).await? else {
        return Err(CommandError::new(format!("there is no site {site}: see `scruple site list`")));
    };
    let day_store = Arc::new(DbDayStore::new(ctx.db.clone(), site)?);
    let (stop, progress) = (Arc::new(AtomicBool::new(false)), Arc::new(Progress::on_terminal()));
    let listening = listen(&stop)?;
    let counted = tokio::task::spawn_blocking({
        let (day_store, stop, progress) = (Arc::clone(&day_store), Arc::clone(&stop), Arc::clone(&progress));
        move || {
            let site = day_store.site();
            count_files(&*day_store, (&site.name, &site.hosts, day_store.zone()), &files, &stop, &progress)
        }
    });
    let counted = counted.await.map_err(|error| CommandError::new(error.to_string()))?;
    let mut report =
        ImportReport { files: counted.map_err(interrupted)?, keep_open, ..ImportReport::default() };
    let past = day_store.past_days().await?;
    if report.is_whole() && !keep_open {
        publish(ctx, &day_store, &past, thresholds, (&stop, &progress)).await?;
    }
    report.open = day_store.past_days().await?;
    report.published = past.into_iter().filter(|date| !report.open.contains(date)).collect();
    listening.abort();
    report.stopped = stop.load(Ordering::Relaxed);
    let exit = if report.is_whole() && !report.stopped { Exit::Done } else { Exit::Failed };
    Ok(CommandOutput { text: report.text(), warnings: report.problems(), exit })
}

/// Refuses missing files before anything is counted.
fn check_files(files: &[PathBuf]) -> Result<(), CommandError> {
    let is_input = |file: &&PathBuf| file.as_os_str() == STANDARD_INPUT;
    if files.iter().filter(is_input).count() > 1 {
        return Err(CommandError::misuse("standard input (-) can be named once"));
    }
    let missing = |file: &Path| match std::fs::metadata(file) {
        Ok(found) if found.is_dir() => Some(format!("{} is a folder: name the files in it", file.display())),
        Ok(_) => None,
        Err(error) => Some(format!("{}: {}", file.display(), error.kind())),
    };
    match files.iter().filter(|file| !is_input(file)).find_map(|file| missing(file)) {
        Some(why) => Err(CommandError::new(format!("{why}. Nothing was counted"))),
        None => Ok(()),
    }
}

fn interrupted(fault: ImportError) -> CommandError {
    CommandError::new(format!(
        "{fault}. The visits up to the last checkpoint are counted: run the command again to continue"
    ))
}

/// Stops the import at the next checkpoint on the first signal, and at once on the second. The next import continues
/// from the last checkpoint.
fn listen(stop: &Arc<AtomicBool>) -> Result<tokio::task::JoinHandle<()>, CommandError> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stop = Arc::clone(stop);
    Ok(tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if stop.swap(true, Ordering::Relaxed) {
                std::process::exit(Exit::Failed as i32);
            }
        }
    }))
}

/// Publishes past days in small batches, so that a signal can stop it.
async fn publish(
    ctx: &CommandContext,
    day_store: &DbDayStore,
    days: &[Day],
    thresholds: DisclosureThresholds,
    (stop, progress): (&AtomicBool, &Progress),
) -> Result<(), CommandError> {
    const AT_ONCE: usize = 16;
    for (n, some) in days.chunks(AT_ONCE).enumerate() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let done = |more| progress.publishing(n * AT_ONCE + more, days.len());
        close_days(&ctx.db, day_store.site(), some, thresholds, done).await?;
    }
    progress.end();
    Ok(())
}
