//! The documents are true: their commands and links exist, and the table of routes is complete.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory as _;
use web::route::{Limits, Route};
use web::routes::ROUTES;

use crate::sources::workspace;

const GUIDES: [&str; 8] = [
    "README.md",
    "TESTING.md",
    "docs/paypro.md",
    "docs/mailbox.md",
    "docs/support.md",
    "docs/statistics.md",
    "docs/operating.md",
    "docs/threat-model.md",
];

fn read(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// Returns the words after the program's name, for each command in a document.
fn commands(text: &str) -> Vec<Vec<String>> {
    let is_package = |at: usize| text[..at].ends_with("-p ");
    let starts = text.match_indices("scruple ").filter(|(at, _)| !is_package(*at));
    let starts = starts.map(|(at, _)| &text[at + "scruple ".len()..]);
    starts.map(|rest| rest.lines().next().unwrap().split_whitespace().map(plain).collect()).collect()
}

/// Returns a word without the punctuation around it.
fn plain(word: &str) -> String {
    word.trim_matches(['`', '.', ',', ':', ')']).to_owned()
}

/// Returns whether the words begin with an existing command. Options before it are skipped.
fn exists(words: &[String]) -> bool {
    let mut command = scruple::cli::CommandLine::command();
    let mut words = words.iter().peekable();
    while let Some(option) = words.next_if(|word| word.starts_with("--")) {
        if matches!(option.as_str(), "--as" | "--config") {
            words.next();
        }
    }
    let mut depth = 0;
    for word in words {
        let Some(next) = command.find_subcommand(word) else { break };
        command = next.clone();
        depth += 1;
    }
    depth > 0 && (!command.is_subcommand_required_set() || depth > 1 || !command.has_subcommands())
}

#[test]
fn every_command_that_a_guide_names_exists() {
    for guide in GUIDES {
        for words in commands(&read(guide)) {
            let first = words.iter().find(|word| !word.starts_with("--")).map_or("", String::as_str);
            let is_command = first.chars().all(|c| c.is_ascii_lowercase()) && !first.is_empty();
            let prose = ["unix", "runs", "can", "and", "is", "gives", "does"].contains(&first);
            assert!(!is_command || prose || exists(&words), "{guide}: scruple {}", words.join(" "));
        }
    }
}

#[test]
fn every_command_of_the_program_is_named_in_the_readme() {
    let readme = read("README.md");
    for command in scruple::cli::CommandLine::command().get_subcommands() {
        let name = command.get_name();
        assert!(readme.contains(&format!("`{name}`")), "README.md doesn't name the command {name}");
    }
}

fn limits(limits: Limits) -> String {
    let body = limits.body().map(|bytes| format!("{} KiB", bytes / 1024));
    let time = limits.time().map(|time| format!("{} s", time.as_secs()));
    let parts: Vec<_> = body.into_iter().chain(time).collect();
    if parts.is_empty() { "the handler's own".to_owned() } else { parts.join(", ") }
}

fn row(route: &Route) -> String {
    format!("| {} | `{}` | {} | {} |", route.method, route.path, route.access.text(), limits(route.limits))
}

/// Returns the table of routes in the format of docs/http.md.
fn table() -> String {
    let mut lines =
        vec!["| method | path | who may use it | limits |".to_owned(), "|---|---|---|---|".to_owned()];
    lines.extend(ROUTES.iter().chain(scruple::demo::ROUTES).map(row));
    lines.join("\n")
}

#[test]
fn the_table_of_routes_is_the_program_s() {
    let (start, end) = ("<!-- routes -->\n", "\n<!-- end of routes -->");
    let path = workspace().join("docs/http.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(start).expect("docs/http.md has the mark `<!-- routes -->`");
    let (there, after) = rest.split_once(end).expect("docs/http.md has the mark `<!-- end of routes -->`");
    if std::env::var_os("SCRUPLE_WRITE_DOCS").is_some() {
        fs::write(&path, format!("{before}{start}{}{end}{after}", table())).unwrap();
    } else {
        assert_eq!(there, table(), "write it anew: SCRUPLE_WRITE_DOCS=1 cargo test -p scruple --test source");
    }
}

#[test]
fn every_link_between_the_documents_leads_to_a_file() {
    for guide in GUIDES {
        let text = read(guide);
        let folder = workspace().join(guide).parent().unwrap().to_owned();
        let links: BTreeSet<&str> =
            text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
        for link in links.into_iter().filter(|link| !link.contains("://") && !link.starts_with('#')) {
            assert!(folder.join(link.split('#').next().unwrap()).exists(), "{guide} links to {link}");
        }
    }
}

#[test]
fn the_readme_is_short() {
    assert!(read("README.md").lines().count() <= 250);
}
