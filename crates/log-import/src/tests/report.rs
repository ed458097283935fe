//! The report of an import, as its reader sees it.

use std::io::ErrorKind;

use analytics::log::LineError;
use calendar::Day;

use super::*;
use crate::counts::{SkipReason, UnsealedCounts};
use crate::report::{FileOutcome, ImportReport};

/// Each way in which counting of a log ends, and whether the file is then counted to its end.
const END_REASONS: [(EndReason, bool); 7] = [
    (EndReason::Complete, true),
    (EndReason::PartialLastLine, true),
    (EndReason::NothingNew, true),
    (EndReason::DifferentLog, false),
    (EndReason::NotALog, false),
    (EndReason::Unreadable(ErrorKind::UnexpectedEof), false),
    (EndReason::Interrupted, false),
];

fn counted(end_reason: EndReason, counts: Counts) -> FileOutcome {
    FileOutcome::Counted(LogOutcome { end_reason, counts, from: 0 })
}

fn report(files: impl IntoIterator<Item = (&'static str, FileOutcome)>) -> ImportReport {
    let files = files.into_iter().map(|(name, outcome)| (name.to_owned(), outcome)).collect();
    ImportReport { files, ..ImportReport::default() }
}

fn days(of_march: impl IntoIterator<Item = u32>) -> Vec<Day> {
    of_march.into_iter().map(|day| Day::from_date(2026, 3, day).unwrap()).collect()
}

/// Counts in which each number is another.
fn distinct_counts() -> Counts {
    Counts {
        read: 1_234_567,
        counted: 2,
        bots: 3,
        opted_out: 4,
        not_pages: 5,
        other_hosts: 6,
        late: 7,
        blank: 8,
        skipped: 9,
        first_skipped: Vec::new(),
    }
}

#[test]
fn every_number_has_a_line_of_its_own() {
    let report = report([("access.log", counted(EndReason::Complete, distinct_counts()))]);
    let expected = "     1234567  lines read
           2  counted
           3  of bots
           4  of visitors who opted out
           5  of assets, redirects and errors
           6  of other hosts
           7  late: their day is already published
           8  empty
           9  unreadable
";
    assert_eq!(report.text(), expected);
    assert_eq!(report.problems(), "");
}

#[test]
fn a_number_that_is_zero_is_left_out_except_the_first_two() {
    let text = report([("access.log", counted(EndReason::Complete, Counts::default()))]).text();
    assert_eq!(text, "           0  lines read\n           0  counted\n");
}

#[test]
fn the_numbers_of_all_files_are_added_and_files_that_were_not_counted_add_none() {
    let report = report([
        ("a.log", counted(EndReason::Complete, distinct_counts())),
        ("b.log", FileOutcome::NotOpened("can't be opened: permission denied".into())),
        ("c.log", counted(EndReason::Interrupted, distinct_counts())),
        ("d.log", FileOutcome::NotStarted),
    ]);
    let mut twice = distinct_counts();
    twice.add(distinct_counts());
    assert_eq!(report.counts(), twice);
    assert_eq!((twice.read, twice.counted, twice.bots, twice.opted_out), (2_469_134, 4, 6, 8));
    assert_eq!((twice.not_pages, twice.other_hosts, twice.late), (10, 12, 14));
    assert_eq!((twice.blank, twice.skipped), (16, 18));
}

#[test]
fn a_file_has_a_problem_exactly_if_it_is_not_counted_to_its_end() {
    for (end_reason, whole) in END_REASONS {
        let report = report([("access.log", counted(end_reason, Counts::default()))]);
        assert_eq!(report.is_whole(), whole, "{end_reason:?}");
        assert_eq!(report.problems().is_empty(), whole, "{end_reason:?}");
        assert!(report.problems().lines().count() <= 1, "{end_reason:?}");
    }
    for outcome in [FileOutcome::NotStarted, FileOutcome::NotOpened("is a folder".into())] {
        let report = report([("good.log", counted(EndReason::Complete, Counts::default())), ("b", outcome)]);
        assert!(!report.is_whole() && report.problems().starts_with("b: "), "{}", report.problems());
    }
}

#[test]
fn each_problem_names_its_file_and_what_to_do() {
    let all = [
        ("a.log", FileOutcome::NotOpened("is a folder. Name the files in it".into())),
        ("b.log", counted(EndReason::Complete, Counts::default())),
        ("c.log", counted(EndReason::DifferentLog, Counts::default())),
        ("d.log", counted(EndReason::NotALog, Counts::default())),
        ("e.gz", counted(EndReason::Unreadable(ErrorKind::UnexpectedEof), Counts::default())),
        ("f.log", counted(EndReason::Interrupted, Counts::default())),
        ("g.log", FileOutcome::NotStarted),
    ];
    let problems = report(all).problems();
    let lines: Vec<&str> = problems.lines().collect();
    for (line, (file, advice)) in lines.iter().zip([
        ("a.log", "is a folder. Name the files in it"),
        ("c.log", "put a line before it: `(echo other; cat FILE) | scruple visits import --site ID -`"),
        ("d.log", "combined format of Apache and nginx, or JSON of nginx, Apache or Caddy"),
        ("e.gz", "(unexpected end of file). Everything before that is counted."),
        ("f.log", "was interrupted. Run the same command again to resume"),
        ("g.log", "was not started. Run the same command again"),
    ]) {
        assert!(line.starts_with(&format!("{file}: ")) && line.contains(advice), "{line}");
    }
    assert_eq!(lines.len(), 6, "{problems}");
}

#[test]
fn unreadable_lines_are_listed_with_their_reasons_and_the_rest_as_a_number() {
    let reasons = [
        (SkipReason::Unparsable(LineError::Malformed), "the line is in none of the known formats"),
        (SkipReason::Unparsable(LineError::TooLong), "the line is too long"),
        (SkipReason::Unparsable(LineError::NoAddress), "the line has no client address"),
        (SkipReason::Unparsable(LineError::NoTime), "the line has no time"),
        (SkipReason::InFuture, "the line's time is in the future"),
    ];
    let first_skipped: Vec<(u64, SkipReason)> = (17..).zip(reasons.map(|(reason, _)| reason)).collect();
    for (skipped, from, of_new, more) in [
        (5, 0, "", ""),
        (6, 0, "", "a.log: and 1 more\n"),
        (5_000, 900, " of the new lines", "a.log: and 4995 more\n"),
    ] {
        let counts = Counts { skipped, first_skipped: first_skipped.clone(), ..Counts::default() };
        let outcome = FileOutcome::Counted(LogOutcome { end_reason: EndReason::Complete, counts, from });
        let text = report([("a.log", outcome)]).text();
        let listed: String = (17..)
            .zip(reasons)
            .map(|(line, (_, reason))| format!("a.log: line {line}{of_new}: {reason}\n"))
            .collect();
        assert!(text.ends_with(&format!("  unreadable\n{listed}{more}")), "{text}");
    }
}

#[test]
fn at_most_ten_unreadable_lines_are_kept_and_they_are_the_first_ones() {
    let reason = SkipReason::Unparsable(LineError::Malformed);
    let (mut odd, mut even) = (Counts::default(), Counts::default());
    // Two workers read the lines of a log in turn.
    for line in 1..=40 {
        if line % 2 == 1 { odd.skip(line, reason) } else { even.skip(line, reason) }
    }
    even.add(odd);
    let lines: Vec<u64> = even.first_skipped.iter().map(|(line, _)| *line).collect();
    assert_eq!((lines, even.skipped), ((1..=10).collect(), 40));
}

#[test]
fn lines_of_a_day_that_was_closed_meanwhile_are_late_instead_of_counted() {
    let mut counts = Counts { counted: 10, bots: 4, late: 1, ..Counts::default() };
    counts.move_to_late(UnsealedCounts { visits: 7, bots: 3 });
    assert_eq!(counts, Counts { counted: 3, bots: 1, late: 11, ..Counts::default() });
}

#[test]
fn published_days_are_named_one_by_one_or_as_a_range() {
    for (published, expected) in [
        (days([]), ""),
        (days([27]), "published: 2026-03-27\n"),
        (days([27, 28]), "published: 2 days, 2026-03-27 to 2026-03-28\n"),
        (days([1, 5, 31]), "published: 3 days, 2026-03-01 to 2026-03-31\n"),
    ] {
        let text = ImportReport { published, ..ImportReport::default() }.text();
        assert_eq!(text, format!("           0  lines read\n           0  counted\n{expected}"));
    }
}

#[test]
fn a_day_that_stays_open_says_who_publishes_it() {
    let kept = "The next import without --keep-open publishes them, or the server after a day";
    let elsewhere = "Another process still counts them, and the server will publish them";
    let incomplete = "The next complete import publishes them, or the server after a day";
    for (end_reason, whole) in END_REASONS {
        for (keep_open, stopped) in [(false, false), (false, true), (true, false), (true, true)] {
            let report = ImportReport {
                open: days([27]),
                keep_open,
                stopped,
                ..report([("a", counted(end_reason, Counts::default()))])
            };
            let why = match (keep_open, whole && !stopped) {
                (true, _) => kept,
                (false, true) => elsewhere,
                (false, false) => incomplete,
            };
            let text = report.text();
            assert!(text.ends_with(&format!("still open: 2026-03-27. {why}\n")), "{text}");
        }
    }
    let report = ImportReport { open: days([3, 4, 9]), ..ImportReport::default() };
    assert!(report.text().contains("still open: 3 days, 2026-03-03 to 2026-03-09. "), "{}", report.text());
}

#[test]
fn only_a_log_with_nothing_new_or_a_cut_line_gets_a_remark() {
    for (end_reason, remark) in [
        (EndReason::NothingNew, "a.log: nothing new\n"),
        (EndReason::PartialLastLine, "a.log: the last line is incomplete; the next import reads it\n"),
        (EndReason::Complete, ""),
        (EndReason::DifferentLog, ""),
        (EndReason::NotALog, ""),
        (EndReason::Interrupted, ""),
    ] {
        let text = report([("a.log", counted(end_reason, Counts::default()))]).text();
        assert_eq!(text, format!("           0  lines read\n           0  counted\n{remark}"));
    }
}
