//! A docstring says more than the name of its item. It isn't there because each item must have one.

use std::collections::BTreeSet;
use std::fs;

use crate::source::sources::{tracked_files, workspace};

/// Crates whose items all have a docstring (`missing_docs`), and descriptions that readers of the API and of the
/// command's help see.
const SHOWN: [&str; 9] = [
    "crates/analytics/",
    "crates/calendar/",
    "crates/inbound-mail/",
    "crates/keyring/",
    "crates/licence/",
    "crates/paypro/",
    "crates/policy/",
    "crates/scruple/src/cli",
    "crates/web/src/handlers/api",
];

/// Words that add nothing to a name.
const FILLERS: [&str; 15] = [
    "a", "an", "and", "are", "in", "is", "its", "of", "return", "returns", "that", "the", "this", "to",
    "whose",
];

/// Returns the words of a text or a declaration without the plural's `s`: `Days of SiteRow` is `day`, `of`, `site`, `row`.
fn words(text: &str) -> BTreeSet<String> {
    let mut spaced = String::new();
    for c in text.chars() {
        if c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase());
    }
    let words = spaced.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.map(|word| if word.len() > 3 { word.trim_end_matches('s') } else { word }.to_owned()).collect()
}

/// Returns the only line of each docstring whose words are all in its item's declaration, or in the name of its type.
fn repetitions(code: &str) -> Vec<&str> {
    let lines: Vec<&str> = code.lines().collect();
    let doc = |at: usize| lines.get(at).and_then(|line: &&str| line.trim_start().strip_prefix("///"));
    let (mut found, mut of) = (Vec::new(), "");
    for (at, line) in lines.iter().enumerate() {
        if !line.starts_with([' ', '/', '#', '}']) {
            of = line;
        }
        let Some(text) =
            doc(at).filter(|text| !text.contains(['`', '[']) && !text.contains(char::is_numeric))
        else {
            continue;
        };
        if doc(at + 1).is_some() || at > 0 && doc(at - 1).is_some() {
            continue;
        }
        let declaration = lines[at + 1..].iter().find(|line| !line.trim_start().starts_with('#'));
        let mut known = words(declaration.unwrap_or(&""));
        if line.starts_with(' ') {
            known.extend(words(of));
        }
        let said = words(text);
        if said.iter().all(|word| known.contains(word) || FILLERS.contains(&word.as_str())) {
            found.push(text.trim());
        }
    }
    found
}

#[test]
fn a_docstring_says_more_than_the_name() {
    let mut found = Vec::new();
    let is_checked =
        |path: &String| path.contains("/src/") && !SHOWN.iter().any(|shown| path.starts_with(shown));
    for path in tracked_files().iter().filter(|path| path.ends_with(".rs") && is_checked(path)) {
        let Ok(code) = fs::read_to_string(workspace().join(path)) else { continue };
        found.extend(repetitions(&code).into_iter().map(|text| format!("{path}: {text}")));
    }
    assert!(found.is_empty(), "say more, or nothing:\n{}", found.join("\n"));
}

#[test]
fn a_docstring_that_repeats_the_name_is_found() {
    let code = "\
/// A site.
pub struct Site {
    /// Id of the site.
    pub id: i64,
    /// Id, at most 40 characters.
    pub id: String,
    /// Names.
    #[serde(default)]
    pub name: String,
    /// The name
    /// of the site.
    pub full_name: String,
    /// Whether visitors are counted.
    pub open: bool,
}
";
    assert_eq!(repetitions(code), ["A site.", "Id of the site.", "Names."]);
}
