//! `.editorconfig` agrees with rustfmt, and sources and documents keep it.

use std::fs;

use crate::source::sources::{tracked_files, workspace};

/// Endings of the files that people write. Others are data, or kept by a tool.
const WRITTEN: [&str; 8] = [".rs", ".md", ".toml", ".sql", ".html", ".css", ".js", ".editorconfig"];

fn read(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap()
}

/// Returns the value of a key in a section of an editor's settings, or in a file without sections.
fn value<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut current = "";
    text.lines().find_map(|line| {
        if line.starts_with('[') {
            current = line;
        }
        let (name, value) = line.split_once(" = ")?;
        (current == section && name == key).then_some(value)
    })
}

#[test]
fn editors_break_lines_where_rustfmt_does() {
    let (editors, rustfmt) = (read(".editorconfig"), read("rustfmt.toml"));
    let width = value(&rustfmt, "", "max_width");
    assert!(width.is_some() && value(&editors, "[*.rs]", "max_line_length") == width, "{width:?}");
    let indent = value(&rustfmt, "", "tab_spaces").unwrap_or("4");
    assert_eq!(value(&editors, "[*]", "indent_size"), Some(indent));
}

/// Returns what is wrong with the form of a text.
fn fault(text: &str) -> Option<String> {
    if !text.is_empty() && !text.ends_with('\n') {
        return Some("has no line break at its end".to_owned());
    }
    let is_wrong = |line: &str| line.ends_with([' ', '\t', '\r']);
    let wrong = text.split('\n').position(is_wrong)?;
    Some(format!("line {} ends with white space", wrong + 1))
}

#[test]
fn written_files_keep_the_editors_settings() {
    let written = |name: &String| WRITTEN.iter().any(|ending| name.ends_with(ending));
    let found: Vec<_> = tracked_files()
        .into_iter()
        .filter(|name| written(name) && workspace().join(name).exists())
        .filter_map(|name| fault(&read(&name)).map(|fault| format!("{name} {fault}")))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn white_space_at_the_end_of_a_line_is_found() {
    assert_eq!(fault("a\n  b\n"), None);
    for text in ["a", "a \n", "a\nb\t\n", "a\r\n"] {
        assert!(fault(text).is_some(), "{text:?}");
    }
}
