//! Every line is counted exactly once, wherever an import is interrupted and however a log grows or is renamed.

use std::fs;
use std::io::Write as _;

use calendar::Day;

use super::*;

/// The result of an import without interruption.
fn at_once(text: &str) -> (MemoryDayStore, LogOutcome) {
    let (_folder, path) = file_of(text);
    let store = MemoryDayStore::new("Europe/Berlin");
    let counted = import(&store, &path);
    (store, counted)
}

#[test]
fn an_interruption_at_any_sealing_changes_no_figure() {
    let text = log(3_000, 5);
    let (whole, counted) = at_once(&text);
    assert_eq!((counted.end_reason, counted.counts.read), (EndReason::Complete, 3_000));
    assert!(whole.seals() > 20, "{} sealings are too few to stop at", whole.seals());
    let (_folder, path) = file_of(&text);
    for stop in 0..whole.seals() {
        let store = MemoryDayStore::new("Europe/Berlin");
        store.fail_after(Some(stop));
        assert!(import_within(small(), &store, &[&path]).is_err());
        store.fail_after(None);
        assert_eq!(import(&store, &path).end_reason, EndReason::Complete);
        assert!(store.days() == whole.days(), "stopped at sealing {stop}");
    }
}

#[test]
fn repeated_interruptions_change_no_figure() {
    let text = log(3_000, 5);
    let (whole, _) = at_once(&text);
    let (_folder, path) = file_of(&text);
    let store = MemoryDayStore::new("Europe/Berlin");
    let mut stops = 0;
    loop {
        store.fail_after(Some(1 + stops % 3));
        match import_within(small(), &store, &[&path]) {
            Ok(_) => break,
            Err(_) => stops += 1,
        }
    }
    assert!(stops > 5, "{stops}");
    assert!(store.days() == whole.days());
    assert_eq!(store.figures(), whole.figures());
}

#[test]
fn the_same_log_twice_is_counted_once() {
    let (store, _) = at_once(&log(500, 2));
    let before = (store.days(), store.seals());
    let (_folder, path) = file_of(log(500, 2));
    let again = import(&store, &path);
    assert_eq!((again.end_reason, again.counts.read), (EndReason::NothingNew, 0));
    assert!((store.days(), store.seals()) == before);
}

#[test]
fn a_log_that_grew_is_resumed_at_its_position_even_within_a_line() {
    let text = log(400, 3);
    let (whole, _) = at_once(&text);
    let (_folder, path) = file_of("");
    let store = MemoryDayStore::new("Europe/Berlin");
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let mut read = 0;
    for day_count in text.as_bytes().chunks(7_777) {
        file.write_all(day_count).unwrap();
        read += import(&store, &path).counts.read;
    }
    assert_eq!(read, 400);
    assert!(store.days() == whole.days());
}

#[test]
fn a_first_line_without_line_break_is_not_counted_yet() {
    let text = log(2, 1);
    let (_folder, path) = file_of(&text[..60]);
    let store = MemoryDayStore::new("UTC");
    assert_eq!(import(&store, &path).end_reason, EndReason::NothingNew);
    fs::write(&path, &text[..text.len() - 1]).unwrap();
    let counted = import(&store, &path);
    assert_eq!((counted.end_reason, counted.counts.read), (EndReason::PartialLastLine, 1));
    fs::write(&path, &text).unwrap();
    assert_eq!(import(&store, &path).counts.read, 1);
}

#[test]
fn a_rotated_and_compressed_log_is_recognised() {
    let text = log(300, 1);
    let (whole, _) = at_once(&text);
    let (folder, path) = file_of(&text[..text.len() / 2]);
    let store = MemoryDayStore::new("Europe/Berlin");
    import(&store, &path);
    fs::write(&path, &text).unwrap();
    let rotated = folder.path().join("access.log.1");
    fs::rename(&path, &rotated).unwrap();
    import(&store, &rotated);
    let packed = folder.path().join("access.log.2.gz");
    fs::write(&packed, compressed::gzip(&text)).unwrap();
    assert_eq!(import(&store, &packed).end_reason, EndReason::NothingNew);
    assert!(store.days() == whole.days());
    // Another log begins at the old name.
    fs::write(&path, log(300, 1).replace("84.1.2.", "84.9.9.")).unwrap();
    assert_eq!(import(&store, &path).counts.read, 300);
}

#[test]
fn a_shorter_copy_has_nothing_new_and_another_log_with_the_same_first_line_is_refused() {
    let text = log(300, 1);
    let (_folder, path) = file_of(&text);
    let store = MemoryDayStore::new("UTC");
    import(&store, &path);
    fs::write(&path, &text[..text.len() / 3]).unwrap();
    assert_eq!(import(&store, &path).end_reason, EndReason::NothingNew);
    let first = text.lines().next().unwrap();
    fs::write(&path, format!("{first}\n{}", "x".repeat(2 * text.len()))).unwrap();
    assert_eq!(import(&store, &path).end_reason, EndReason::DifferentLog);
    fs::write(&path, compressed::gzip(&format!("{first}\n{}", "x".repeat(2 * text.len())))).unwrap();
    assert_eq!(import(&store, &path).end_reason, EndReason::DifferentLog);
}

#[test]
fn tallies_beyond_the_memory_limit_are_dropped_and_no_count_is_lost() {
    let text = log(3_000, 30);
    let (whole, _) = at_once(&text);
    // Days in random order, as in a log of many machines.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by_key(|line| line.bytes().fold(17_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into())));
    let (_folder, path) = file_of(lines.join("\n") + "\n");
    let store = MemoryDayStore::new("Europe/Berlin");
    let bounds = Bounds { retained_bytes: 50_000, ..small() };
    import_within(bounds, &store, &[&path]).unwrap();
    assert!(store.tallies() > 2 * whole.tallies(), "nothing was let go");
    assert!(store.days() == whole.days());
}

#[test]
fn the_number_of_workers_and_the_length_of_rounds_change_no_figure() {
    let text = log(2_000, 4);
    let (whole, _) = at_once(&text);
    let (_folder, path) = file_of(&text);
    for bounds in [
        Bounds { workers: 1, ..small() },
        Bounds { workers: 5, lines: 1, ..small() },
        Bounds { cells: 1, ..small() },
        Bounds { round: Duration::ZERO, ..small() },
        Bounds::default(),
    ] {
        let store = MemoryDayStore::new("Europe/Berlin");
        import_within(bounds, &store, &[&path]).unwrap();
        assert!(store.days() == whole.days(), "{bounds:?}");
    }
}

#[test]
fn a_day_closed_during_an_import_keeps_sealed_counts_and_the_rest_is_late() {
    let text = log(1_000, 2);
    let (_folder, path) = file_of(&text);
    let (store, first) = (MemoryDayStore::new("UTC"), Day::from_date(2026, 3, 27).unwrap());
    store.close_before(2, first);
    let counted = import(&store, &path);
    let counts = counted.counts;
    assert!(counts.late > 0, "nothing was late");
    let (mut sealed, mut late) = (0, 0);
    for (date, tally) in store.days() {
        late += tally.uncounted().late;
        assert!(tally.uncounted().late == 0 || date == store.today);
        sealed += tally.sequence();
    }
    assert_eq!((late, sealed), (counts.late, counts.counted + counts.bots + counts.late));
    assert_eq!(counts.read, counts.counted + counts.bots + counts.late + counts.not_pages);
}
