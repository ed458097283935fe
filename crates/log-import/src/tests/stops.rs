//! No line is counted twice and none is lost, wherever an import stops and however a log grows and moves.

use std::fs;
use std::io::Write as _;

use analytics::Date;

use super::*;

/// What an import without a stop comes to.
fn at_once(text: &str) -> (Ledger, Counted) {
    let (_folder, path) = file_of(text);
    let ledger = Ledger::new("Europe/Berlin");
    let counted = import(&ledger, &path);
    (ledger, counted)
}

#[test]
fn a_stop_at_any_sealing_changes_no_figure() {
    let text = log(3_000, 5);
    let (whole, counted) = at_once(&text);
    assert_eq!((counted.ended, counted.counts.read), (Ended::Whole, 3_000));
    assert!(whole.seals() > 20, "{} sealings are too few to stop at", whole.seals());
    let (_folder, path) = file_of(&text);
    for stop in 0..whole.seals() {
        let ledger = Ledger::new("Europe/Berlin");
        ledger.fail_after(Some(stop));
        assert!(import_within(small(), &ledger, &[&path]).is_err());
        ledger.fail_after(None);
        assert_eq!(import(&ledger, &path).ended, Ended::Whole);
        assert!(ledger.days() == whole.days(), "stopped at sealing {stop}");
    }
}

#[test]
fn stopped_again_and_again_it_still_comes_to_the_same() {
    let text = log(3_000, 5);
    let (whole, _) = at_once(&text);
    let (_folder, path) = file_of(&text);
    let ledger = Ledger::new("Europe/Berlin");
    let mut stops = 0;
    loop {
        ledger.fail_after(Some(1 + stops % 3));
        match import_within(small(), &ledger, &[&path]) {
            Ok(_) => break,
            Err(_) => stops += 1,
        }
    }
    assert!(stops > 5, "{stops}");
    assert!(ledger.days() == whole.days());
    assert_eq!(ledger.figures(), whole.figures());
}

#[test]
fn the_same_log_twice_is_counted_once() {
    let (ledger, _) = at_once(&log(500, 2));
    let before = (ledger.days(), ledger.seals());
    let (_folder, path) = file_of(log(500, 2));
    let again = import(&ledger, &path);
    assert_eq!((again.ended, again.counts.read), (Ended::NothingNew, 0));
    assert!((ledger.days(), ledger.seals()) == before);
}

#[test]
fn a_log_that_grew_is_counted_from_where_it_was_left_even_within_a_line() {
    let text = log(400, 3);
    let (whole, _) = at_once(&text);
    let (_folder, path) = file_of("");
    let ledger = Ledger::new("Europe/Berlin");
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let mut read = 0;
    for piece in text.as_bytes().chunks(7_777) {
        file.write_all(piece).unwrap();
        read += import(&ledger, &path).counts.read;
    }
    assert_eq!(read, 400);
    assert!(ledger.days() == whole.days());
}

#[test]
fn a_first_line_without_an_end_waits() {
    let text = log(2, 1);
    let (_folder, path) = file_of(&text[..60]);
    let ledger = Ledger::new("UTC");
    assert_eq!(import(&ledger, &path).ended, Ended::NothingNew);
    fs::write(&path, &text[..text.len() - 1]).unwrap();
    let counted = import(&ledger, &path);
    assert_eq!((counted.ended, counted.counts.read), (Ended::BeforeRest, 1));
    fs::write(&path, &text).unwrap();
    assert_eq!(import(&ledger, &path).counts.read, 1);
}

#[test]
fn a_rotated_log_is_the_same_under_its_new_name_and_packed() {
    let text = log(300, 1);
    let (whole, _) = at_once(&text);
    let (folder, path) = file_of(&text[..text.len() / 2]);
    let ledger = Ledger::new("Europe/Berlin");
    import(&ledger, &path);
    fs::write(&path, &text).unwrap();
    let rotated = folder.path().join("access.log.1");
    fs::rename(&path, &rotated).unwrap();
    import(&ledger, &rotated);
    let packed = folder.path().join("access.log.2.gz");
    fs::write(&packed, wrapped::gzip(&text)).unwrap();
    assert_eq!(import(&ledger, &packed).ended, Ended::NothingNew);
    assert!(ledger.days() == whole.days());
    // In its place another log begins.
    fs::write(&path, log(300, 1).replace("84.1.2.", "84.9.9.")).unwrap();
    assert_eq!(import(&ledger, &path).counts.read, 300);
}

#[test]
fn a_shorter_copy_holds_nothing_new_and_another_log_with_the_same_first_line_is_refused() {
    let text = log(300, 1);
    let (_folder, path) = file_of(&text);
    let ledger = Ledger::new("UTC");
    import(&ledger, &path);
    fs::write(&path, &text[..text.len() / 3]).unwrap();
    assert_eq!(import(&ledger, &path).ended, Ended::NothingNew);
    let first = text.lines().next().unwrap();
    fs::write(&path, format!("{first}\n{}", "x".repeat(2 * text.len()))).unwrap();
    assert_eq!(import(&ledger, &path).ended, Ended::Another);
    fs::write(&path, wrapped::gzip(&format!("{first}\n{}", "x".repeat(2 * text.len())))).unwrap();
    assert_eq!(import(&ledger, &path).ended, Ended::Another);
}

#[test]
fn tallies_are_let_go_when_they_are_too_heavy_and_nothing_is_lost() {
    let text = log(3_000, 30);
    let (whole, _) = at_once(&text);
    // Days in no order at all, as of many machines.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by_key(|line| line.bytes().fold(17_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into())));
    let (_folder, path) = file_of(lines.join("\n") + "\n");
    let ledger = Ledger::new("Europe/Berlin");
    let bounds = Bounds { held: 50_000, ..small() };
    import_within(bounds, &ledger, &[&path]).unwrap();
    assert!(ledger.tallies() > 2 * whole.tallies(), "nothing was let go");
    assert!(ledger.days() == whole.days());
}

#[test]
fn any_number_of_workers_and_any_rounds_come_to_the_same() {
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
        let ledger = Ledger::new("Europe/Berlin");
        import_within(bounds, &ledger, &[&path]).unwrap();
        assert!(ledger.days() == whole.days(), "{bounds:?}");
    }
}

#[test]
fn a_day_that_is_closed_meanwhile_keeps_what_was_sealed_and_the_rest_is_late() {
    let text = log(1_000, 2);
    let (_folder, path) = file_of(&text);
    let (ledger, first) = (Ledger::new("UTC"), Date::of(2026, 3, 27).unwrap());
    ledger.close_before(2, first);
    let counted = import(&ledger, &path);
    let counts = counted.counts;
    assert!(counts.late > 0, "nothing was late");
    let (mut sealed, mut late) = (0, 0);
    for (date, tally) in ledger.days() {
        late += tally.apart().late;
        assert!(tally.apart().late == 0 || date == ledger.today);
        sealed += tally.sequence();
    }
    assert_eq!((late, sealed), (counts.late, counts.counted + counts.bots + counts.late));
    assert_eq!(counts.read, counts.counted + counts.bots + counts.late + counts.beside);
}
