//! The example file documents the whole configuration: every key with its default, and no other key.

use scruple::config::Config;
use std::collections::BTreeMap;
use toml::{Table, Value};

const EXAMPLE: &str = include_str!("../../../../scruple.example.toml");

fn flat(table: Table) -> BTreeMap<String, Value> {
    let keys = |(section, value): (String, Value)| match value {
        Value::Table(keys) => keys.into_iter().map(move |(key, v)| (format!("{section}.{key}"), v)),
        other => panic!("{section} = {other:?} is outside a section"),
    };
    table.into_iter().flat_map(keys).collect()
}

/// Returns whether a line is a commented-out key.
fn is_key(line: &str) -> bool {
    line.starts_with('#') && !line.starts_with("# ")
}

#[test]
fn the_example_has_every_key_with_its_default_and_no_other() {
    let live: String = EXAMPLE
        .lines()
        .map(|line| if is_key(line) { &line[1..] } else { line })
        .flat_map(|l| [l, "\n"])
        .collect();
    let example = flat(toml::from_str(&live).unwrap());
    let known = Config::keys().into_iter().map(|(key, default)| {
        let value: Table = toml::from_str(&format!("value = {default}")).unwrap();
        (key.to_owned(), value["value"].clone())
    });
    let known: BTreeMap<String, Value> = known.collect();
    let only = |these: &BTreeMap<String, Value>, others: &BTreeMap<String, Value>| {
        let only = these.iter().filter(|(key, value)| others.get(*key) != Some(value));
        only.map(|(key, value)| format!("{key} = {value:?}")).collect::<Vec<_>>()
    };
    let (lacking, wrong) = (only(&known, &example), only(&example, &known));
    assert!(
        lacking.is_empty() && wrong.is_empty(),
        "scruple.example.toml lacks {lacking:?} and has {wrong:?}, which is not the program's"
    );
}

#[test]
fn the_example_sets_no_key() {
    assert!(flat(toml::from_str(EXAMPLE).unwrap()).is_empty());
}

#[test]
fn each_key_has_its_explanation() {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    for pair in lines.windows(2).filter(|pair| is_key(pair[1])) {
        assert!(pair[0].starts_with("# ") && pair[0].ends_with('.'), "before {}", pair[1]);
    }
    assert!(lines.iter().all(|line| line.len() <= 120));
}
