//! `scruple visits import`.

mod figures;
mod log;

use std::fs;
use std::io::{Read as _, Write as _};

use calendar::Day;
use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::cli::shop::Shop;
use crate::signal::send_signal;
use figures::published;
use log::{Form, log};

const IMPORT: &str = "visits import --site vendor";

/// Creates a shop with a site in Berlin.
fn shop() -> Shop {
    let shop = Shop::new();
    shop.run("site add --id vendor --host vendor.example --time-zone Europe/Berlin").done();
    shop
}

/// Creates a shop that has imported this log.
fn with(text: &str) -> Shop {
    let shop = shop();
    shop.write("access.log", text);
    shop.run(&format!("{IMPORT} access.log")).done();
    shop
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).expect("memory");
    packer.finish().expect("memory")
}

#[test]
fn a_log_is_counted_once_and_its_days_are_published() {
    let (shop, text) = (shop(), log(Form::Combined, 0..2_000));
    shop.write("access.log", &text);
    let output = shop.run(&format!("{IMPORT} access.log")).done();
    // From 2024-03-29 22:30 to 2024-04-01 22:30 in Berlin. Daylight saving time begins on 2024-03-31.
    assert!(output.contains("        2000  lines read\n"), "{output}");
    assert!(output.contains("of bots") && output.contains("of assets"), "{output}");
    assert!(output.contains("published: 4 days, 2024-03-29 to 2024-04-01\n"), "{output}");
    let first = published(&shop);
    assert_eq!(first.days, ["2024-03-29", "2024-03-30", "2024-03-31", "2024-04-01"]);
    assert!(first.of("page").rows.len() > 10 && first.of("download").total.views > 50);
    // That night has no hour from two to three.
    assert!(
        first.of_day("2024-03-31").iter().all(|reading| reading.rows.iter().all(|row| row.value != "02"))
    );
    let again = shop.run(&format!("{IMPORT} access.log")).done();
    assert!(
        again.contains("access.log: nothing new") && again.contains("           0  lines read"),
        "{again}"
    );
    assert_eq!(published(&shop), first);
}

#[test]
fn a_log_is_counted_equally_in_every_format_and_compression() {
    let combined = log(Form::Combined, 0..700);
    let expected = published(&with(&combined));
    let forms: [(&str, Vec<u8>); 6] = [
        ("nginx", log(Form::Nginx, 0..700).into_bytes()),
        ("apache", log(Form::Apache, 0..700).into_bytes()),
        ("caddy", log(Form::Caddy, 0..700).into_bytes()),
        ("gzip", gzip(&combined)),
        ("gzip of two members", [gzip(&combined[..33_333]), gzip(&combined[33_333..])].concat()),
        ("zstandard", compress_to_vec(combined.as_bytes(), CompressionLevel::Fastest)),
    ];
    for (name, bytes) in forms {
        let shop = shop();
        fs::write(shop.path("access.log"), bytes).expect("a file");
        let output = shop.run(&format!("{IMPORT} access.log")).done();
        assert_eq!(published(&shop), expected, "{name}: {output}");
    }
    let shop = shop();
    shop.run_with_input(&format!("{IMPORT} -"), &combined).done();
    assert_eq!(published(&shop), expected, "standard input");
    shop.write("access.log", &combined);
    assert!(shop.run(&format!("{IMPORT} access.log")).done().contains("nothing new"));
}

#[test]
fn a_log_that_grows_and_rotates_is_counted_on() {
    let text = log(Form::Combined, 0..1_200);
    let (shop, whole) = (shop(), with(&text));
    // The file ends in the middle of a line.
    shop.write("access.log", &text[..text.len() / 3]);
    let output = shop.run(&format!("{IMPORT} --keep-open access.log")).done();
    assert!(output.contains("the last line is incomplete"), "{output}");
    assert!(output.contains("still open: ") && !output.contains("published"), "{output}");
    assert_eq!(published(&shop).days, [""; 0]);
    shop.write("access.log", &text[..text.len() / 2]);
    shop.run(&format!("{IMPORT} --keep-open access.log")).done();
    fs::remove_file(shop.path("access.log")).expect("it is there");
    fs::write(shop.path("access.log.1.gz"), gzip(&text)).expect("a file");
    shop.run(&format!("{IMPORT} access.log.1.gz")).done();
    assert_eq!(published(&shop), published(&whole));
}

#[test]
fn several_files_of_the_same_days_are_one_log() {
    let (first, second) = (log(Form::Combined, 0..900), log(Form::Nginx, 900..1_500));
    let (shop, whole) = (shop(), with(&(first.clone() + &second)));
    shop.write("a.log", &first);
    shop.write("b.log", &second);
    shop.run(&format!("{IMPORT} a.log b.log")).done();
    assert_eq!(published(&shop), published(&whole));
}

#[test]
fn lines_of_a_published_day_are_late_and_reported() {
    let shop = with(&log(Form::Combined, 0..700));
    let before = published(&shop);
    // These lines are of two days, of which one is published.
    shop.write("late.log", &log(Form::Caddy, 600..900));
    let output = shop.run(&format!("{IMPORT} late.log")).done();
    let late = output
        .lines()
        .find(|line| line.contains("late: their day is already published"))
        .expect("the report of it");
    let late: u64 = late.trim().split(' ').next().expect("a number").parse().expect("a number");
    assert!((50..300).contains(&late), "{output}");
    let after = published(&shop);
    assert_eq!(after.of_day(&before.days[0]), before.of_day(&before.days[0]));
    assert!(shop.run(&format!("{IMPORT} late.log")).done().contains("nothing new"));
}

#[test]
fn sites_in_one_file_are_told_apart_by_their_hosts() {
    let (shop, text) = (shop(), log(Form::Nginx, 0..700));
    shop.run("site add --id docs --host docs.example --time-zone Europe/Berlin").done();
    let other = log(Form::Nginx, 0..700).replace("vendor.example", "docs.example");
    let mixed: String = text.lines().zip(other.lines()).flat_map(|(a, b)| [a, "\n", b, "\n"]).collect();
    shop.write("both.log", &mixed);
    let output = shop.run(&format!("{IMPORT} both.log")).done();
    assert!(output.contains("of other hosts"), "{output}");
    // The importer keeps a position in the same file for each site.
    shop.run("visits import --site docs both.log").done();
    let expected = published(&with(&text));
    assert_eq!(published(&shop), expected);
    assert_eq!(figures::published_of(&shop, "docs"), expected);
}

#[test]
fn unreadable_lines_are_reported_by_number_and_never_repeated() {
    let (shop, text) = (shop(), log(Form::Combined, 0..700));
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(3, "card 4111111111111111 of ada@example.com");
    lines.insert(200, "{\"secret\":");
    shop.write("access.log", &(lines.join("\n") + "\n"));
    let ran = shop.run(&format!("{IMPORT} access.log"));
    ran.hides(&["4111111111111111", "ada@", "secret", "84.1.2"]);
    let output = ran.done();
    assert!(output.contains("           2  unreadable\n"), "{output}");
    assert!(output.contains("access.log: line 4: the line is in none of the known formats\n"), "{output}");
    assert!(output.contains("access.log: line 201: "), "{output}");
    assert_eq!(published(&shop), published(&with(&text)));
}

#[test]
fn a_file_that_is_no_log_is_refused_and_an_empty_file_is_accepted() {
    let shop = shop();
    shop.write("empty.log", "");
    assert!(shop.run(&format!("{IMPORT} empty.log")).done().contains("empty.log: nothing new"));
    shop.write("text.txt", "Dear Ada,\nhere is your key.\n");
    fs::write(shop.path("picture.png"), [&b"\x89PNG\r\n\x1a\n"[..], &[7; 9_000]].concat()).expect("a file");
    fs::write(shop.path("zeros"), [0; 200_000]).expect("a file");
    for file in ["text.txt", "picture.png", "zeros"] {
        let ran = shop.run(&format!("{IMPORT} {file}"));
        ran.refused(1, "is not a readable log");
        ran.hides(&["Ada", "PNG"]);
    }
    fs::write(shop.path("a.xz"), b"\xfd7zXZ\0\0\0\0").expect("a file");
    shop.run(&format!("{IMPORT} a.xz")).refused(1, "xz -dc");
}

#[test]
fn a_broken_file_publishes_nothing_until_it_is_whole() {
    let (shop, text) = (shop(), log(Form::Combined, 0..1_500));
    let packed = gzip(&text);
    fs::write(shop.path("access.log.gz"), &packed[..packed.len() / 2]).expect("a file");
    let ran = shop.run(&format!("{IMPORT} access.log.gz"));
    ran.refused(1, "is damaged or truncated");
    assert!(ran.out.contains("still open: ") && !ran.out.contains("published:"), "{}", ran.out);
    fs::write(shop.path("access.log.gz"), &packed).expect("a file");
    shop.run(&format!("{IMPORT} access.log.gz")).done();
    assert_eq!(published(&shop), published(&with(&text)));
}

#[test]
fn wrong_arguments_are_refused_before_anything_is_counted() {
    let shop = shop();
    shop.write("access.log", &log(Form::Combined, 0..100));
    shop.run(&format!("{IMPORT} access.log absent.log")).refused(1, "absent.log");
    shop.run(&format!("{IMPORT} access.log .")).refused(1, "is a folder");
    shop.run(&format!("{IMPORT} - access.log -")).refused(2, "can be named once");
    shop.run("visits import --site nobody access.log").refused(1, "there is no site nobody");
    assert_eq!(shop.run(IMPORT).code, 2);
    assert!(shop.run(&format!("{IMPORT} access.log")).done().contains("         100  lines read"));
}

#[test]
fn an_interrupted_import_from_standard_input_is_continued_by_the_next_run() {
    let (shop, text) = (shop(), log(Form::Combined, 0..1_500));
    let half = text[..text.len() / 2].rfind('\n').expect("a line") + 1;
    let mut child = shop.command(&format!("{IMPORT} -")).spawn().expect("the binary");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(&text.as_bytes()[..half]).expect("it reads");
    // The program has read more than the pipe holds, so its signal handler is installed.
    send_signal("INT", child.id());
    let ended = child.wait().expect("its end");
    assert_eq!(ended.code(), Some(1));
    let mut output = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut output).expect("text");
    assert!(output.contains("was interrupted"), "{output}");
    drop(input);
    shop.run_with_input(&format!("{IMPORT} -"), &text).done();
    assert_eq!(published(&shop), published(&with(&text)));
}

#[test]
fn the_database_contains_nothing_of_a_log_whose_days_are_published() {
    let text = log(Form::Combined, 0..700) + &log(Form::Combined, 700..701).replace("84.1.2.", "198.51.100.");
    let shop = with(&text);
    let db = shop.open();
    let site = crate::cli::shop::block_on(async { db.read().await?.site("vendor").await })
        .expect("read")
        .expect("a site");
    for date in &published(&shop).days {
        let date = date.parse::<Day>().expect("a day");
        let kept = crate::cli::shop::block_on(async { db.read().await?.tallies(site.id, date).await })
            .expect("read");
        assert!(kept.is_empty(), "a tally of {date} is kept");
    }
    crate::cli::shop::block_on(db.close());
    if shop.url().is_empty() {
        let data = fs::read(shop.path("scruple-data/scruple.db")).expect("the data");
        for mark in ["198.51.100.", "84.1.2.", "Mozilla/5.0", "access.log"] {
            assert!(memchr::memmem::find(&data, mark.as_bytes()).is_none(), "{mark} is in the database");
        }
    }
}
