use super::product::KindArgument;
use super::value_parsers::{Field, KeysArgument, RenewalWindow, SeatsArgument};
use super::*;
use calendar::Day;
use clap::{CommandFactory, error::ErrorKind};
use std::collections::BTreeMap;
use std::path::Path;

/// Every command with its path: `scruple`, `scruple licence`, `scruple licence verify`, ...
fn every_command() -> BTreeMap<String, clap::Command> {
    fn collect(path: String, command: &clap::Command, all: &mut BTreeMap<String, clap::Command>) {
        for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
            collect(format!("{path} {}", subcommand.get_name()), subcommand, all);
        }
        all.insert(path, command.clone());
    }
    let mut root = CommandLine::command();
    root.build();
    let mut all = BTreeMap::new();
    collect("scruple".to_owned(), &root, &mut all);
    all
}

fn parse(line: &str) -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse_from(split_words(line))
}

/// Splits as a shell would: single quotes, and no further than a redirection.
fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words.into_iter().take_while(|word| word != "<" && word != ">").collect()
}

#[test]
fn the_argument_definitions_are_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_help_text_matches_its_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let commands = every_command();
    let file = |path: &String| format!("{}.txt", path.replace(' ', "-"));
    if std::env::var_os("SCRUPLE_BLESS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        for (path, command) in &commands {
            std::fs::write(folder.join(file(path)), command.clone().render_long_help().to_string()).unwrap();
        }
    }
    for (path, command) in &commands {
        let snapshot = std::fs::read_to_string(folder.join(file(path))).unwrap_or_default();
        let now = command.clone().render_long_help().to_string();
        assert!(
            now == snapshot,
            "`{path} --help` changed: SCRUPLE_BLESS=1 cargo test -p scruple help_text, then review `git diff`"
        );
    }
    let mut snapshots: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    snapshots.sort();
    let mut expected: Vec<String> = commands.keys().map(file).collect();
    expected.sort();
    assert_eq!(snapshots, expected, "a snapshot without its command");
}

#[test]
fn every_example_in_a_help_text_is_valid() {
    let mut examples = 0;
    for (path, command) in every_command() {
        let after =
            command.get_after_help().map(ToString::to_string).unwrap_or_default().replace("\\\n", " ");
        for line in after.lines().filter(|line| line.starts_with("  scruple ")) {
            assert!(path == "scruple" || line.trim().starts_with(&path), "{line} is an example of {path}");
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).err().unwrap());
            examples += 1;
        }
        let leaf = !command.has_subcommands();
        let bare = matches!(path.as_str(), "scruple serve" | "scruple demo");
        assert!(!leaf || bare || after.contains("Example"), "{path} has no example");
    }
    assert!(examples > 35, "{examples} examples");
}

#[test]
fn misuse_ends_with_status_2_and_help_with_0() {
    for wrong in ["scruple", "scruple sell", "scruple product add --id 1", "scruple licence verify KEY"] {
        assert_eq!(parse(wrong).err().unwrap().exit_code(), 2, "{wrong}");
    }
    assert_eq!(parse("scruple licence verify --help").err().unwrap().exit_code(), 0);
    assert_eq!(parse("scruple --version").err().unwrap().exit_code(), 0);
}

#[test]
fn an_e_mail_address_is_never_an_argument() {
    for wrong in [
        "scruple lookup --email ada@example.com --case x",
        "scruple lookup --email=ada@example.com --case x",
        "scruple person export ada@example.com --case x",
        "scruple person erase ada@example.com --channel email",
        "scruple licence issue --product 1 --case x --holder ada@example.com",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_lookup_needs_one_search_key_and_a_case() {
    let kind = |line: &str| parse(line).err().map(|error| error.kind());
    assert_eq!(kind("scruple lookup --order 1 --case t"), None);
    assert_eq!(kind("scruple lookup --case t"), Some(ErrorKind::MissingRequiredArgument));
    assert_eq!(kind("scruple lookup --order 1 --email --case t"), Some(ErrorKind::ArgumentConflict));
    assert_eq!(kind("scruple lookup --order 1"), Some(ErrorKind::MissingRequiredArgument));
    assert_eq!(kind("scruple lookup --order 1 --case ' '"), Some(ErrorKind::ValueValidation));
    assert_eq!(kind("scruple lookup --order 1x --case t"), Some(ErrorKind::ValueValidation));
}

#[test]
fn global_options_are_accepted_before_and_after_the_command() {
    for line in ["scruple --as ada --config a.toml doctor", "scruple doctor --config a.toml --as ada"] {
        let parsed = parse(line).ok().unwrap();
        assert_eq!(parsed.actor.as_deref(), Some("ada"));
        assert_eq!(parsed.config.as_deref(), Some(Path::new("a.toml")));
    }
}

#[test]
fn a_product_has_simple_defaults() {
    let parsed = parse("scruple product add --id 7 --name 'A B' --kind trial").ok().unwrap();
    let Command::Product(ProductCommand::Add(product)) = parsed.command else { panic!("not a product") };
    assert_eq!((product.id.as_str(), product.name.as_str(), product.kind), ("7", "A B", KindArgument::Trial));
    assert_eq!(
        (product.seats, product.keys, product.updates_months),
        (SeatsArgument::PerUnit(1), KeysArgument::One, None)
    );
    assert_eq!(product.renewal_window, RenewalWindow { before: 60, after: 30 });
    assert_eq!((product.renewal_discount, product.edition, product.grace_days), (0, 0, 14));
}

#[test]
fn argument_values_are_parsed_strictly() {
    assert_eq!("per-unit=5".parse(), Ok(SeatsArgument::PerUnit(5)));
    assert_eq!("quantity".parse(), Ok(SeatsArgument::Quantity));
    for wrong in ["per-unit=0", "per-unit=65536", "per-unit", "5", ""] {
        assert!(wrong.parse::<SeatsArgument>().is_err(), "{wrong}");
    }
    assert_eq!("60..30".parse(), Ok(RenewalWindow { before: 60, after: 30 }));
    for wrong in ["60", "60..", "..30", "-1..3", "60..=30"] {
        assert!(wrong.parse::<RenewalWindow>().is_err(), "{wrong}");
    }
    assert_eq!("2024-02-29".parse::<Day>().unwrap().to_string(), "2024-02-29");
    for (day, unix) in
        [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-22", 20_779), ("0000-03-01", -719_468)]
    {
        assert_eq!(day.parse::<Day>().unwrap().to_unix_days(), unix, "{day}");
    }
    for wrong in [
        "2023-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-04-31",
        "2026-1-1",
        "+026-01-01",
        "20260101",
        "２026-01-0",
    ] {
        assert!(wrong.parse::<Day>().is_err(), "{wrong}");
    }
    assert!("A=b=c".parse::<Field>().is_ok_and(|field| field.name == "A" && field.value == "b=c"));
    assert!("=b".parse::<Field>().is_err() && "A".parse::<Field>().is_err());
}
