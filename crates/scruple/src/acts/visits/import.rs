//! `scruple visits import`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use analytics::{Date, DisclosureThresholds};
use domain::statistics::close_days;
use log_import::house::DbDayStore;
use log_import::plain::STANDARD_INPUT;
use log_import::progress::Progress;
use log_import::report::Report;
use log_import::{books::Fault, count_files};
use scruple::commands::{Exit, ImportLogs};
use tokio::signal::unix::{SignalKind, signal};

use super::super::{CommandContext, Done, Failed, Outcome};

/// Does it.
pub async fn import(room: &CommandContext, folding: DisclosureThresholds, asked: ImportLogs) -> Done {
    let ImportLogs { site, keep_open, files } = asked;
    files_are_there(&files)?;
    let Some(site) = room.db.read().await?.site(&site).await? else {
        return Err(Failed::new(format!(
            "there is no site {site}: `scruple site list` shows those that there are"
        )));
    };
    let books = Arc::new(DbDayStore::of(room.db.clone(), site)?);
    let (stop, progress) = (Arc::new(AtomicBool::new(false)), Arc::new(Progress::on_terminal()));
    let listening = listen(&stop)?;
    let counted = tokio::task::spawn_blocking({
        let (books, stop, progress) = (Arc::clone(&books), Arc::clone(&stop), Arc::clone(&progress));
        move || {
            let site = books.site();
            count_files(&*books, (&site.name, &site.hosts, books.zone()), &files, &stop, &progress)
        }
    });
    let counted = counted.await.map_err(|error| Failed::new(error.to_string()))?;
    let mut report = Report { files: counted.map_err(began_in_vain)?, keep_open, ..Report::default() };
    let past = books.past_days().await?;
    if report.is_whole() && !keep_open {
        publish(room, &books, &past, folding, (&stop, &progress)).await?;
    }
    report.open = books.past_days().await?;
    report.published = past.into_iter().filter(|date| !report.open.contains(date)).collect();
    listening.abort();
    report.stopped = stop.load(Ordering::Relaxed);
    let exit = if report.is_whole() && !report.stopped { Exit::Done } else { Exit::Failed };
    Ok(Outcome { text: report.text(), aside: report.troubles(), exit })
}

/// A name that leads nowhere is told before anything is counted.
fn files_are_there(files: &[PathBuf]) -> Result<(), Failed> {
    let is_input = |file: &&PathBuf| file.as_os_str() == STANDARD_INPUT;
    if files.iter().filter(is_input).count() > 1 {
        return Err(Failed::misuse("standard input (-) can be named once"));
    }
    let missing = |file: &Path| match std::fs::metadata(file) {
        Ok(found) if found.is_dir() => Some(format!("{}: is a folder: name the files in it", file.display())),
        Ok(_) => None,
        Err(error) => Some(format!("{}: {}", file.display(), error.kind())),
    };
    match files.iter().filter(|file| !is_input(file)).find_map(|file| missing(file)) {
        Some(why) => Err(Failed::new(format!("{why}. Nothing was counted"))),
        None => Ok(()),
    }
}

fn began_in_vain(fault: Fault) -> Failed {
    Failed::new(format!(
        "{fault}. What was sealed until then is counted: run the same again, and it goes on from there"
    ))
}

/// An interruption ends the import behind the next sealing, a second one at once: whatever isn't sealed is read again.
fn listen(stop: &Arc<AtomicBool>) -> Result<tokio::task::JoinHandle<()>, Failed> {
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

/// Publishes past days, some at a time, so that an interruption is heard.
async fn publish(
    room: &CommandContext,
    books: &DbDayStore,
    days: &[Date],
    folding: DisclosureThresholds,
    (stop, progress): (&AtomicBool, &Progress),
) -> Result<(), Failed> {
    const AT_ONCE: usize = 16;
    for (n, some) in days.chunks(AT_ONCE).enumerate() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let done = |more| progress.publishing(n * AT_ONCE + more, days.len());
        close_days(&room.db, books.site(), some, folding, done).await?;
    }
    progress.end();
    Ok(())
}
