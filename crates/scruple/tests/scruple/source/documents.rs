//! The documents are true: their commands, links and files exist, and docs/http.md has all routes and rate limits.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory as _;
use web::rate_limit::RateLimitKey;
use web::route::{Limits, Route};
use web::routes::ROUTES;

use crate::source::sources::{tracked_files, workspace};

const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "GLOSSARY.md",
    "SECURITY.md",
    "TESTING.md",
    "crates/licence/README.md",
    "docs/DECISIONS.md",
    "docs/http.md",
    "docs/paypro.md",
    "docs/mailbox.md",
    "docs/support.md",
    "docs/statistics.md",
    "docs/operating.md",
    "docs/threat-model.md",
    "docs/formats.md",
];

fn read(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// Returns the words after the program's name, for each command in a document.
fn commands(text: &str) -> Vec<Vec<String>> {
    let is_cargo_target = |at: usize| text[..at].ends_with("-p ") || text[..at].ends_with("--test ");
    let starts = text.match_indices("scruple ").filter(|(at, _)| !is_cargo_target(*at));
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
fn every_command_that_a_document_names_exists() {
    for document in DOCUMENTS {
        for words in commands(&read(document)) {
            let first = words.iter().find(|word| !word.starts_with("--")).map_or("", String::as_str);
            let is_command = first.chars().all(|c| c.is_ascii_lowercase()) && !first.is_empty();
            let prose = ["unix", "runs", "can", "and", "is", "gives", "does", "the"].contains(&first);
            assert!(!is_command || prose || exists(&words), "{document}: scruple {}", words.join(" "));
        }
    }
}

#[test]
fn every_command_of_the_program_is_named_in_the_readme() {
    let readme = read("README.md");
    for command in scruple::cli::CommandLine::command().get_subcommands() {
        let name = command.get_name();
        assert!(
            readme.contains(&format!("`{name}`")),
            "README.md, section \"Use it for your shop\", doesn't name the command {name}"
        );
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
fn route_table() -> String {
    let mut lines =
        vec!["| method | path | who may use it | limits |".to_owned(), "|---|---|---|---|".to_owned()];
    lines.extend(ROUTES.iter().chain(scruple::demo::ROUTES).map(row));
    lines.join("\n")
}

/// Returns the table of rate limits in the format of docs/http.md.
fn rate_limit_table() -> String {
    let mut lines =
        vec!["| what is limited | at once | a minute after that |".to_owned(), "|---|---|---|".to_owned()];
    for key in RateLimitKey::ALL {
        let (burst, per_minute) = key.burst_and_rate();
        lines.push(format!("| {} | {burst} | {per_minute} |", key.text()));
    }
    lines.join("\n")
}

/// Returns docs/http.md with this table between its marks of this name.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("\n<!-- end of {name} -->"));
    let (before, rest) = text.split_once(start.as_str()).expect("docs/http.md has the mark of each table");
    let (_, after) = rest.split_once(end.as_str()).expect("docs/http.md has the end mark of each table");
    format!("{before}{start}{table}{end}{after}")
}

#[test]
fn the_tables_of_routes_and_rate_limits_are_the_program_s() {
    let path = workspace().join("docs/http.md");
    let there = fs::read_to_string(&path).unwrap();
    let with_routes = with_table(&there, "routes", &route_table());
    let whole = with_table(&with_routes, "rate limits", &rate_limit_table());
    if std::env::var_os("SCRUPLE_WRITE_DOCS").is_some() {
        fs::write(&path, whole).unwrap();
    } else {
        let wrong = lines_of_one(&there, &whole);
        assert!(
            wrong.is_empty(),
            "docs/http.md differs: SCRUPLE_WRITE_DOCS=1 cargo test -p scruple documents\n{wrong}"
        );
    }
}

/// Returns the lines that only one of two texts has, `-` for the first and `+` for the second.
fn lines_of_one(first: &str, second: &str) -> String {
    let only = |sign: &str, of: &str, other: &str| {
        let other: BTreeSet<&str> = other.lines().collect();
        let lines = of.lines().filter(|line| !other.contains(line));
        lines.map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    only("-", first, second) + &only("+", second, first)
}

#[test]
fn a_difference_of_two_texts_is_shown_by_its_lines() {
    assert_eq!(lines_of_one("a\nb\nc\n", "a\nd\nc\n"), "- b\n+ d\n");
    assert_eq!(lines_of_one("a\n", "a\n"), "");
}

#[test]
fn every_link_between_the_documents_leads_to_a_file() {
    for document in DOCUMENTS {
        let text = read(document);
        let folder = workspace().join(document).parent().unwrap().to_owned();
        let links: BTreeSet<&str> =
            text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
        for link in links.into_iter().filter(|link| !link.contains("://") && !link.starts_with('#')) {
            assert!(folder.join(link.split('#').next().unwrap()).exists(), "{document} links to {link}");
        }
    }
}

/// Returns the file names between backticks, such as `routes.rs` and `web/src/http_server.rs`.
fn named_files(text: &str) -> BTreeSet<String> {
    let endings = [".rs", ".md", ".toml", ".tsv"];
    let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let names = spans.filter(|span| endings.iter().any(|ending| span.ends_with(*ending)));
    names.map(str::to_owned).collect()
}

#[test]
fn every_file_that_a_document_names_is_in_the_repository() {
    // A shop writes its own scruple.toml.
    let (tracked, of_a_shop) = (tracked_files(), "scruple.toml");
    for document in DOCUMENTS {
        for name in named_files(&read(document)) {
            let below = format!("/{name}");
            let found = tracked.iter().any(|path| *path == name || path.ends_with(below.as_str()));
            assert!(found || name == of_a_shop, "{document} names {name}");
        }
    }
}

#[test]
fn only_names_of_files_between_backticks_are_found() {
    let found = named_files("`a/b.rs` and c.rs, `d.toml`, `e`\n```toml\nf.md\n");
    assert_eq!(found, BTreeSet::from(["a/b.rs".to_owned(), "d.toml".to_owned()]));
}

#[test]
fn the_readme_is_short() {
    assert!(read("README.md").lines().count() <= 250);
}
