//! Where an import stops: on request, at a day that can't be opened, and in a file that is no log.

use std::fs;
use std::sync::atomic::Ordering;

use calendar::Day;

use super::observed_day_store::ObservedDayStore;
use super::*;

/// A line of a page view at noon.
fn noon(date: &str, page: &str) -> String {
    format!("84.1.2.3 - - [{date}:12:00:00 +0000] \"GET {page} HTTP/1.1\" 200 5 \"-\" \"{FIREFOX}\"\n")
}

#[test]
fn a_stop_after_any_sealing_keeps_what_is_sealed_and_loses_nothing() {
    let text = log(1_500, 3);
    let (_folder, path) = file_of(&text);
    let whole = ObservedDayStore::new();
    assert_eq!(whole.import(&path).unwrap().end_reason, EndReason::Complete);
    for stop in 1..whole.inner.seals() {
        let store = ObservedDayStore { stops_at: stop, ..ObservedDayStore::new() };
        let first = store.import(&path).unwrap();
        assert_eq!((first.end_reason, store.inner.seals()), (EndReason::Interrupted, stop));
        assert!(first.counts.read > 0 && first.counts.read < 1_500, "{}", first.counts.read);
        let rest = ObservedDayStore { stop: Arc::default(), stops_at: u64::MAX, ..store };
        let more = rest.import(&path).unwrap();
        assert_eq!((more.end_reason, first.counts.read + more.counts.read), (EndReason::Complete, 1_500));
        assert!(rest.inner.days() == whole.inner.days(), "stopped at sealing {stop}");
    }
}

#[test]
fn a_stop_before_the_first_line_counts_nothing() {
    let (_folder, path) = file_of(log(50, 1));
    let store = ObservedDayStore::new();
    store.stop.store(true, Ordering::Relaxed);
    let outcome = store.import(&path).unwrap();
    assert_eq!((outcome.end_reason, outcome.counts), (EndReason::Interrupted, Counts::default()));
    assert_eq!(store.inner.seals(), 0);
    store.stop.store(false, Ordering::Relaxed);
    assert_eq!(store.import(&path).unwrap().counts.read, 50);
}

#[test]
fn a_day_that_cannot_be_opened_ends_the_import_and_the_next_run_continues() {
    let text = log(900, 3);
    let (_folder, path) = file_of(&text);
    let whole = ObservedDayStore::new();
    whole.import(&path).unwrap();
    let (_, second, third) = {
        let days: Vec<Day> = whole.inner.days().into_iter().map(|(date, _)| date).collect();
        (days[0], days[1], days[2])
    };
    for broken in [second, third] {
        let store = ObservedDayStore { broken_day: Some(broken), ..ObservedDayStore::new() };
        assert!(matches!(store.import(&path), Err(ImportError::Store(store::Error::Conflict))));
        assert!(store.inner.days().iter().all(|(date, _)| *date < broken), "{broken} was counted");
        let mended = ObservedDayStore { broken_day: None, ..store };
        assert_eq!(mended.import(&path).unwrap().end_reason, EndReason::Complete);
        assert!(mended.inner.days() == whole.inner.days());
    }
}

#[test]
fn a_day_is_opened_once_however_many_lines_it_has() {
    let (_folder, path) = file_of(log(1_000, 4));
    let store = ObservedDayStore::new();
    store.import(&path).unwrap();
    assert_eq!(store.openings().len(), 4);
    assert!(store.openings().iter().all(|(_, openings)| *openings == 1), "{:?}", store.openings());
    // A published day is remembered too.
    let closed = store.openings()[1].0;
    let again = ObservedDayStore::new();
    again.inner.close(closed);
    again.import(&path).unwrap();
    // Late lines are counted on the current day, which is opened for them.
    assert_eq!(again.openings().len(), 5);
    assert!(again.openings().iter().all(|(_, openings)| *openings == 1), "{:?}", again.openings());
}

#[test]
fn a_day_that_begins_during_an_import_is_counted_from_then_on() {
    let text: String = (0..10).map(|n| noon("02/May/2026", &format!("/{n}"))).collect();
    let (_folder, path) = file_of(noon("01/May/2026", "/") + &text);
    // Lines of tomorrow are looked up again one by one, until tomorrow has come.
    let store = ObservedDayStore { midnight_at: 4, ..ObservedDayStore::new() };
    let outcome = store.import(&path).unwrap();
    assert_eq!(
        count_lines(&outcome.counts),
        Counts { read: 11, counted: 8, skipped: 3, ..Counts::default() }
    );
    let lines: Vec<u64> = outcome.counts.first_skipped.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4]);
}

#[test]
fn a_file_is_no_log_after_four_mebibytes_of_other_lines_unless_it_was_one_before() {
    let good = noon("27/Mar/2026", "/");
    let noise = "no line of a log\n".repeat((6 << 20) / 17);
    let (_folder, path) = file_of(noise.clone() + &good);
    let store = MemoryDayStore::new("UTC");
    assert_eq!(import(&store, &path).end_reason, EndReason::NotALog);
    assert_eq!(store.seals(), 0);
    // One good line before them, or before the position, and they are skipped one by one.
    fs::write(&path, good.clone() + &noise + &good).unwrap();
    let counts = import(&store, &path).counts;
    assert_eq!((counts.counted, counts.skipped), (2, counts.read - 2));
    fs::write(&path, good.clone() + &noise + &good + &noise).unwrap();
    let more = import(&store, &path);
    assert_eq!((more.end_reason, more.counts.skipped), (EndReason::Complete, more.counts.read));
    assert!(more.from > 0 && more.counts.read > 300_000);
}

#[test]
fn the_first_line_alone_decides_which_log_is_resumed() {
    let (store, good) = (MemoryDayStore::new("UTC"), |page| noon("27/Mar/2026", page));
    let (_folder, path) = file_of(good("/a") + &good("/b"));
    assert_eq!(import(&store, &path).from, 0);
    // Empty lines before it are part of the text, so the position moves into the middle of a line.
    fs::write(&path, "\n".to_owned() + &good("/a") + &good("/b")).unwrap();
    assert_eq!(import(&store, &path).end_reason, EndReason::DifferentLog);
    fs::write(&path, good("/z") + &good("/a") + &good("/b")).unwrap();
    let other = import(&store, &path);
    assert_eq!((other.from, other.counts.counted), (0, 3));
}
