//! Classification of single lines.

use std::fs;

use analytics::Dimension;
use calendar::Day;

use super::*;
use crate::counts::SkipReason;

fn combined(time: &str, path: &str) -> String {
    format!("84.1.2.3 - - [{time}] \"GET {path} HTTP/1.1\" 200 5 \"-\" \"{FIREFOX}\"\n")
}

fn nginx(host: &str, more: &str) -> String {
    format!(
        "{{\"time\":\"2026-03-27T10:00:00+00:00\",\"remote_addr\":\"84.1.2.3\",\"request\":\"GET /a HTTP/1.1\",\"status\":200,\
         \"http_host\":\"{host}\",\"http_user_agent\":\"{FIREFOX}\"{more}}}\n"
    )
}

fn caddy(host: &str) -> String {
    format!(
        "{{\"level\":\"info\",\"ts\":1774605600.5,\"request\":{{\"remote_ip\":\"84.1.2.3\",\"method\":\"GET\",\"host\":\"{host}\",\
         \"uri\":\"/a\",\"headers\":{{\"User-Agent\":[\"{FIREFOX}\"]}}}},\"status\":200}}\n"
    )
}

fn import_text(zone: &'static str, text: &str) -> (MemoryDayStore, LogOutcome) {
    let (_folder, path) = file_of(text);
    let store = MemoryDayStore::new(zone);
    let counted = import(&store, &path);
    (store, counted)
}

#[test]
fn every_format_is_read_even_in_one_file() {
    let text = combined("27/Mar/2026:10:00:00 +0000", "/a")
        + &nginx("vendor.example", "")
        + &caddy("vendor.example");
    let (store, counted) = import_text("UTC", &text);
    assert_eq!(counted.counts, Counts { read: 3, counted: 3, ..Counts::default() });
    let (date, day) = &store.days()[0];
    assert_eq!(date.to_string(), "2026-03-27");
    assert_eq!(day.cell(Dimension::Page, "/a").unwrap().views(), 3);
}

#[test]
fn several_sites_in_one_file_are_distinguished() {
    let text = nginx("www.vendor.example:443", "") + &nginx("other.example", "") + &caddy("other.example");
    let (_, counted) = import_text("UTC", &text);
    assert_eq!(counted.counts, Counts { read: 3, counted: 1, other_hosts: 2, ..Counts::default() });
}

#[test]
fn a_visitor_who_opted_out_is_not_counted_even_as_late() {
    let text =
        nginx("vendor.example", ",\"http_dnt\":\"1\"") + &nginx("vendor.example", ",\"http_sec_gpc\":\"1\"");
    let (_folder, path) = file_of(&text);
    for closed in [false, true] {
        let store = MemoryDayStore::new("UTC");
        if closed {
            store.close(Day::from_date(2026, 3, 27).unwrap());
        }
        let counted = import(&store, &path);
        assert_eq!(counted.counts, Counts { read: 2, opted_out: 2, ..Counts::default() });
        assert!(store.days().is_empty());
    }
}

#[test]
fn lines_of_a_published_day_are_counted_as_late_on_the_current_day() {
    let (_folder, path) = file_of(log(200, 2));
    let (store, closed) = (MemoryDayStore::new("UTC"), Day::from_date(2026, 3, 27).unwrap());
    store.close(closed);
    let counted = import(&store, &path);
    assert!(counted.counts.late > 50 && counted.counts.counted > 50);
    let days = store.days();
    assert!(days.iter().all(|(date, _)| *date != closed));
    let (today, tally) = days.last().unwrap();
    assert_eq!((*today, tally.uncounted().late), (store.today, counted.counts.late));
    // A second import counts nothing, and nothing is late again.
    assert_eq!(import(&store, &path).end_reason, EndReason::NothingNew);
    assert_eq!(store.days().last().unwrap().1.uncounted().late, counted.counts.late);
}

#[test]
fn days_of_23_and_25_hours_end_at_their_own_midnight() {
    // 2026-03-29 has 23 hours in Berlin, 2025-10-26 has 25.
    for (date, month, first, hours) in [("2026-03-29", "Mar", 23, 23), ("2025-10-26", "Oct", 22, 25)] {
        let (year, _, day) = date.parse::<Day>().unwrap().to_date();
        let line = |hour: u32, minute: u32| {
            let (day, hour) = if hour >= 24 { (day, hour - 24) } else { (day - 1, hour) };
            combined(&format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:00 +0000"), "/a")
        };
        let text = line(first - 1, 59)
            + &(first..first + hours).map(|hour| line(hour, 0)).collect::<String>()
            + &line(first + hours, 0);
        let (store, counted) = import_text("Europe/Berlin", &text);
        assert_eq!(counted.counts.counted, u64::from(hours) + 2);
        let views: Vec<(String, u64)> =
            store.days().iter().map(|(date, tally)| (date.to_string(), tally.sequence())).collect();
        assert_eq!(views[1], (date.to_owned(), hours.into()), "{views:?}");
        assert_eq!((views[0].1, views[2].1), (1, 1));
    }
}

#[test]
fn skipped_lines_are_counted_by_number_and_never_repeated() {
    let good = combined("27/Mar/2026:10:00:00 +0000", "/a");
    let text = [
        good.as_str(),
        "secret-word of nobody\n",
        "\n",
        "84.1.2.3 - - [never] \"GET /secret-word HTTP/1.1\" 200 5\n",
        &good,
        "{\"secret-word\":\n",
        &combined("27/Mar/2099:10:00:00 +0000", "/secret-word"),
        &good,
    ]
    .concat();
    let (_, counted) = import_text("UTC", &text);
    let counts = count_lines(&counted.counts);
    assert_eq!(counts, Counts { read: 8, counted: 3, blank: 1, skipped: 4, ..Counts::default() });
    let positions: Vec<u64> = counted.counts.first_skipped.iter().map(|(line, _)| *line).collect();
    assert_eq!(positions, [2, 4, 6, 7]);
    assert_eq!(counted.counts.first_skipped[3].1, SkipReason::InFuture);
    let outcome = format!("{counted:?}");
    assert!(!outcome.contains("secret") && !outcome.contains("84.1"), "{outcome}");
}

#[test]
fn only_the_first_skipped_lines_are_listed() {
    let good = combined("27/Mar/2026:10:00:00 +0000", "/a");
    let text = good.clone() + &"what?\n".repeat(3_000) + &good;
    let (_, counted) = import_text("UTC", &text);
    assert_eq!(counted.counts.skipped, 3_000);
    let positions: Vec<u64> = counted.counts.first_skipped.iter().map(|(line, _)| *line).collect();
    assert_eq!(positions, (2..=11).collect::<Vec<u64>>());
}

#[test]
fn an_overlong_line_takes_bounded_memory() {
    let good = combined("27/Mar/2026:10:00:00 +0000", "/a");
    let (_folder, path) = file_of(good.clone() + &"x".repeat(5 << 20) + "\n" + &good);
    let store = MemoryDayStore::new("UTC");
    let counted = import(&store, &path);
    assert_eq!(count_lines(&counted.counts), Counts { read: 3, counted: 2, skipped: 1, ..Counts::default() });
    // The position is right too.
    fs::write(&path, good.clone() + &"x".repeat(5 << 20) + "\n" + &good + &good).unwrap();
    assert_eq!(import(&store, &path).counts, Counts { read: 1, counted: 1, ..Counts::default() });
}

#[test]
fn an_empty_file_has_nothing_new_and_a_file_that_is_no_log_is_refused_and_not_recorded() {
    for text in ["", "\n\n \n"] {
        let (store, counted) = import_text("UTC", text);
        assert_eq!((counted.end_reason, counted.counts.read), (EndReason::NothingNew, 0));
        assert_eq!(store.seals(), 0);
    }
    for text in [
        "Dear Ada,\nyour order\n".to_owned(),
        "\u{89}PNG\r\n\u{1a}\n\0\0\n".repeat(9),
        "words\n".repeat(1 << 20),
    ] {
        let (store, counted) = import_text("UTC", &text);
        assert_eq!(counted.end_reason, EndReason::NotALog);
        assert_eq!(store.seals(), 0);
        assert!(counted.counts.read < 1_000_000, "it was read to its end");
    }
}
