use super::*;
use clap::{CommandFactory, error::ErrorKind};
use std::collections::BTreeMap;
use std::path::Path;

/// Every command with its path: `scruple`, `scruple licence`, `scruple licence verify`, ...
fn every_command() -> BTreeMap<String, clap::Command> {
    fn walk(path: String, command: &clap::Command, all: &mut BTreeMap<String, clap::Command>) {
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            walk(format!("{path} {}", below.get_name()), below, all);
        }
        all.insert(path, command.clone());
    }
    let mut root = CommandLine::command();
    root.build();
    let mut all = BTreeMap::new();
    walk("scruple".to_owned(), &root, &mut all);
    all
}

fn parse(line: &str) -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse_from(words_of(line))
}

/// Splits as a shell would: single quotes, and no further than a redirection.
fn words_of(line: &str) -> Vec<String> {
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
fn the_definitions_agree_with_each_other() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_help_text_is_the_reviewed_one() {
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
        let reviewed = std::fs::read_to_string(folder.join(file(path))).unwrap_or_default();
        let now = command.clone().render_long_help().to_string();
        assert_eq!(
            now, reviewed,
            "`{path} --help` changed: review it, then run the test with SCRUPLE_BLESS=1"
        );
    }
    let mut kept: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    let mut wanted: Vec<String> = commands.keys().map(file).collect();
    wanted.sort();
    assert_eq!(kept, wanted, "a reviewed text without its command");
}

#[test]
fn every_example_in_a_help_text_can_be_typed() {
    let mut examples = 0;
    for (path, command) in every_command() {
        let after =
            command.get_after_help().map(ToString::to_string).unwrap_or_default().replace("\\\n", " ");
        for line in after.lines().filter(|line| line.starts_with("  scruple ")) {
            assert!(path == "scruple" || line.trim().starts_with(&path), "{line} stands under {path}");
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).err().unwrap());
            examples += 1;
        }
        let leaf = !command.has_subcommands();
        let bare = matches!(path.as_str(), "scruple serve" | "scruple demo");
        assert!(!leaf || bare || after.contains("Example"), "{path} shows no example");
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
fn an_address_is_never_an_argument() {
    for wrong in [
        "scruple support find --email ada@example.com --case x",
        "scruple support find --email=ada@example.com --case x",
        "scruple person export ada@example.com --case x",
        "scruple person erase ada@example.com --channel mail",
        "scruple licence issue --product 1 --case x --holder ada@example.com",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_purchase_is_looked_up_by_one_thing_and_for_a_reason() {
    let kind = |line: &str| parse(line).err().map(|error| error.kind());
    assert_eq!(kind("scruple support find --order 1 --case t"), None);
    assert_eq!(kind("scruple support find --case t"), Some(ErrorKind::MissingRequiredArgument));
    assert_eq!(kind("scruple support find --order 1 --email --case t"), Some(ErrorKind::ArgumentConflict));
    assert_eq!(kind("scruple support find --order 1"), Some(ErrorKind::MissingRequiredArgument));
    assert_eq!(kind("scruple support find --order 1 --case ' '"), Some(ErrorKind::ValueValidation));
    assert_eq!(kind("scruple support find --order 1x --case t"), Some(ErrorKind::ValueValidation));
}

#[test]
fn who_acts_and_the_configuration_may_stand_anywhere() {
    for line in ["scruple --as ada --config a.toml doctor", "scruple doctor --config a.toml --as ada"] {
        let parsed = parse(line).ok().unwrap();
        assert_eq!(parsed.acting.as_deref(), Some("ada"));
        assert_eq!(parsed.config.as_deref(), Some(Path::new("a.toml")));
    }
}

#[test]
fn a_product_has_the_defaults_of_a_simple_shop() {
    let parsed = parse("scruple product add --id 7 --name 'A B' --kind trial").ok().unwrap();
    let Command::Product(ProductCommand::Add(product)) = parsed.command else { panic!("not a product") };
    assert_eq!((product.id.as_str(), product.name.as_str(), product.kind), ("7", "A B", Kind::Trial));
    assert_eq!((product.seats, product.keys, product.updates_months), (Seats::PerUnit(1), Keys::One, None));
    assert_eq!(product.renewal_window, Window { before: 60, after: 30 });
    assert_eq!((product.renewal_discount, product.edition, product.grace_days), (0, 0, 14));
}

#[test]
fn the_forms_of_arguments_are_strict() {
    assert_eq!("per-unit=5".parse(), Ok(Seats::PerUnit(5)));
    assert_eq!("quantity".parse(), Ok(Seats::Quantity));
    for wrong in ["per-unit=0", "per-unit=65536", "per-unit", "5", ""] {
        assert!(wrong.parse::<Seats>().is_err(), "{wrong}");
    }
    assert_eq!("60..30".parse(), Ok(Window { before: 60, after: 30 }));
    for wrong in ["60", "60..", "..30", "-1..3", "60..=30"] {
        assert!(wrong.parse::<Window>().is_err(), "{wrong}");
    }
    assert_eq!("2024-02-29".parse::<Date>().unwrap().to_string(), "2024-02-29");
    for (day, unix) in
        [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-22", 20_779), ("0000-03-01", -719_468)]
    {
        assert_eq!(day.parse::<Date>().unwrap().unix_day(), unix, "{day}");
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
        assert!(wrong.parse::<Date>().is_err(), "{wrong}");
    }
    assert!("A=b=c".parse::<Field>().is_ok_and(|field| field.name == "A" && field.value == "b=c"));
    assert!("=b".parse::<Field>().is_err() && "A".parse::<Field>().is_err());
}
