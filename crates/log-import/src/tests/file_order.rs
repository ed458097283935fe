//! Several files of one import.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use analytics::Dimension;

use super::*;
use crate::count_files;
use crate::report::{FileOutcome, ImportReport};

/// A folder with files of these names and texts.
fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Imports files of the folder for a site on two hosts.
fn import_files(
    store: &MemoryDayStore,
    folder: &tempfile::TempDir,
    names: &[&str],
    stop: bool,
) -> Vec<(String, FileOutcome)> {
    let hosts = ["vendor.example".to_owned(), "docs.example".to_owned()];
    let (zone, stop) = (TimeZone::named(store.zone).unwrap(), Arc::new(AtomicBool::new(stop)));
    let files: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
    let site = ("vendor", &hosts[..], &zone);
    let outcomes = count_files(store, site, &files, &stop, &Progress::disabled()).unwrap();
    let folder = format!("{}/", folder.path().display());
    outcomes.into_iter().map(|(name, outcome)| (name.replace(&folder, ""), outcome)).collect()
}

fn json(host: &str, page: &str) -> String {
    format!(
        "{{\"time\":\"2026-03-27T10:00:00Z\",\"remote_addr\":\"84.1.2.3\",\"request\":\"GET {page} HTTP/1.1\",\
         \"status\":200,\"http_host\":\"{host}\",\"http_user_agent\":\"{FIREFOX}\"}}\n"
    )
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    // Another first line, and so another log.
    let other = log(90, 2).replace("84.1.2.", "84.9.9.");
    let folder = folder_of(&[("a.log", &log(40, 1)), ("b.log", &other), ("c.xz", "")]);
    std::fs::write(folder.path().join("c.xz"), b"\xfd7zXZ\0").unwrap();
    let store = MemoryDayStore::new("UTC");
    let outcomes = import_files(&store, &folder, &["absent", "a.log", ".", "c.xz", "b.log"], false);
    let names: Vec<&str> = outcomes.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["absent", "a.log", ".", "c.xz", "b.log"], "in the order given");
    let read: Vec<Option<u64>> = outcomes
        .iter()
        .map(|(_, outcome)| match outcome {
            FileOutcome::Counted(counted) => Some(counted.counts.read),
            FileOutcome::NotOpened(_) => None,
            FileOutcome::NotStarted => panic!("not interrupted"),
        })
        .collect();
    assert_eq!(read, [None, Some(40), None, None, Some(90)]);
    let report = ImportReport { files: outcomes, ..ImportReport::default() };
    assert_eq!((report.counts().read, report.problems().lines().count()), (130, 3));
}

#[test]
fn an_interrupted_import_starts_no_further_file() {
    let folder = folder_of(&[("a.log", &log(40, 1)), ("b.log", &log(90, 2))]);
    let store = MemoryDayStore::new("UTC");
    let outcomes = import_files(&store, &folder, &["a.log", "absent", "b.log"], true);
    assert!(outcomes.iter().all(|(_, outcome)| matches!(outcome, FileOutcome::NotStarted)), "{outcomes:?}");
    assert_eq!((outcomes.len(), store.seals()), (3, 0));
}

#[test]
fn the_same_file_named_twice_is_counted_once() {
    let folder = folder_of(&[("a.log", &log(40, 1))]);
    let store = MemoryDayStore::new("UTC");
    let outcomes = import_files(&store, &folder, &["a.log", "a.log"], false);
    let ends: Vec<Option<EndReason>> = outcomes
        .iter()
        .map(|(_, outcome)| match outcome {
            FileOutcome::Counted(counted) => Some(counted.end_reason),
            _ => None,
        })
        .collect();
    assert_eq!(ends, [Some(EndReason::Complete), Some(EndReason::NothingNew)]);
}

#[test]
fn every_host_of_the_site_is_counted_and_no_other() {
    let hosts = [
        ("vendor.example", true),
        ("VENDOR.example:8443", true),
        ("www.vendor.example", true),
        ("docs.example", true),
        ("www.docs.example.", false),
        ("vendor.example.evil.example", false),
        ("notvendor.example", false),
        ("sub.vendor.example", false),
        // A line that names no host belongs to the file's only site.
        ("-", true),
        ("", true),
    ];
    for (host, own) in hosts {
        let folder = folder_of(&[("a.log", &json(host, "/a"))]);
        let store = MemoryDayStore::new("UTC");
        let outcomes = import_files(&store, &folder, &["a.log"], false);
        let FileOutcome::Counted(counted) = &outcomes[0].1 else { panic!("{outcomes:?}") };
        let (is, is_not) = (u64::from(own), u64::from(!own));
        let expected = Counts { read: 1, counted: is, other_hosts: is_not, ..Counts::default() };
        assert_eq!(counted.counts, expected, "{host}");
    }
}

#[test]
fn a_day_begins_at_midnight_of_the_site_and_not_of_the_server() {
    // The offset in the log is the server's; the expected day and hour are the site's.
    for (zone, time, day, hour) in [
        ("UTC", "27/Mar/2026:23:59:59 +0000", "2026-03-27", "23"),
        ("UTC", "27/Mar/2026:23:59:60 +0000", "2026-03-28", "00"),
        ("UTC", "27/Mar/2026:23:30:00 -0100", "2026-03-28", "00"),
        ("UTC", "28/Mar/2026:00:30:00 +0100", "2026-03-27", "23"),
        ("America/Los_Angeles", "28/Mar/2026:06:59:59 +0000", "2026-03-27", "23"),
        ("America/Los_Angeles", "28/Mar/2026:07:00:00 +0000", "2026-03-28", "00"),
        ("Asia/Kathmandu", "27/Mar/2026:18:14:59 +0000", "2026-03-27", "23"),
        ("Asia/Kathmandu", "27/Mar/2026:18:15:00 +0000", "2026-03-28", "00"),
        ("Pacific/Kiritimati", "27/Mar/2026:10:00:00 +0000", "2026-03-28", "00"),
        ("Pacific/Pago_Pago", "28/Mar/2026:10:59:59 +0000", "2026-03-27", "23"),
        // The hour from two to three is missing in Berlin on this day, and comes twice in autumn.
        ("Europe/Berlin", "29/Mar/2026:00:59:59 +0000", "2026-03-29", "01"),
        ("Europe/Berlin", "29/Mar/2026:01:00:00 +0000", "2026-03-29", "03"),
        ("Europe/Berlin", "26/Oct/2025:00:30:00 +0000", "2025-10-26", "02"),
        ("Europe/Berlin", "26/Oct/2025:01:30:00 +0000", "2025-10-26", "02"),
        ("Europe/Berlin", "28/Feb/2024:23:00:00 +0000", "2024-02-29", "00"),
    ] {
        let line = format!("84.1.2.3 - - [{time}] \"GET /a HTTP/1.1\" 200 5 \"-\" \"{FIREFOX}\"\n");
        let folder = folder_of(&[("a.log", &line)]);
        let store = MemoryDayStore::new(zone);
        import_files(&store, &folder, &["a.log"], false);
        let days = store.days();
        assert_eq!((days.len(), days[0].0.to_string().as_str()), (1, day), "{zone} {time}");
        assert!(days[0].1.cell(Dimension::Hour, hour).is_some(), "{zone} {time}: not in hour {hour}");
    }
}

#[test]
fn a_stop_during_a_file_leaves_the_next_one_unread() {
    let folder = folder_of(&[("a.log", &log(40, 1))]);
    let store =
        observed_day_store::ObservedDayStore { stops_at: 1, ..observed_day_store::ObservedDayStore::new() };
    let path = folder.path().join("a.log");
    let zone = TimeZone::named("UTC").unwrap();
    let files = [path.clone(), path];
    let outcomes =
        count_files(&store, ("vendor", &[], &zone), &files, &store.stop, &Progress::disabled()).unwrap();
    assert!(store.stop.load(Ordering::Relaxed));
    assert!(matches!(outcomes[1].1, FileOutcome::NotStarted), "{outcomes:?}");
}
