//! A public function of a library is used outside of it. If it is not, it is `pub(crate)`, and the compiler reports it
//! when nothing uses it at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::source::sources::{tracked_files, workspace};

/// Crates whose functions are also for programs outside of this workspace.
const FOR_OTHERS: [&str; 1] = ["licence"];

/// Returns the names in code, without comments.
fn names(code: &str) -> BTreeSet<&str> {
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_'))).collect()
}

/// Returns the names of the functions that a file declares as `pub`.
fn public_functions(code: &str) -> Vec<&str> {
    let declared = code.lines().filter_map(|line| {
        let mut rest = line.trim_start().strip_prefix("pub ")?;
        for word in ["async ", "const "] {
            rest = rest.strip_prefix(word).unwrap_or(rest);
        }
        rest.strip_prefix("fn ")
    });
    declared.map(|rest| rest.split(['(', '<']).next().unwrap()).collect()
}

/// Returns `crates/web/src/` for `crates/web/src/app.rs`, and `None` for a file that is not a library's program.
fn library(path: &str) -> Option<&str> {
    let end = path.find("/src/")? + "/src/".len();
    (path.starts_with("crates/") && !path.starts_with("crates/scruple/")).then_some(&path[..end])
}

/// Returns each public function that only its own library names.
fn unused_outside(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, text) in files {
        // Tests and benches of a library are outside of it.
        named.entry(library(path).unwrap_or("")).or_default().extend(names(text));
    }
    let mut found = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let Some(own) = library(path) else { continue };
        if FOR_OTHERS.iter().any(|name| own == format!("crates/{name}/src/")) {
            continue;
        }
        let outside = |name: &&str| !named.iter().any(|(of, names)| *of != own && names.contains(name));
        found
            .extend(public_functions(text).into_iter().filter(outside).map(|name| format!("{path}: {name}")));
    }
    found
}

#[test]
fn a_public_function_of_a_library_is_used_outside_of_it() {
    let sources = tracked_files().into_iter().filter(|path| path.ends_with(".rs") || path.ends_with(".html"));
    let there = sources.filter(|path| workspace().join(path).exists());
    let files =
        there.map(|path| (path.clone(), fs::read_to_string(workspace().join(path)).unwrap())).collect();
    let found = unused_outside(&files);
    assert!(found.is_empty(), "make them `pub(crate)`, or private:\n{}", found.join("\n"));
}

#[test]
fn a_public_function_without_a_use_outside_is_found() {
    let file = |path: &str, code: &str| (path.to_owned(), code.to_owned());
    let files = BTreeMap::from([
        file("crates/store/src/site.rs", "pub async fn site() {}\n    pub const fn row() { site() }\n"),
        file(
            "crates/store/src/order.rs",
            "fn order() { row() }\npub fn item<'a>() {}\npub(crate) fn own() {}\n",
        ),
        file("crates/domain/src/site.rs", "// row\nfn shop() { store::site() }\n"),
        file("crates/store/tests/store/order.rs", "item::<u8>();\n"),
        file("crates/scruple/src/main.rs", "pub fn main() {}\n"),
    ]);
    assert_eq!(unused_outside(&files), ["crates/store/src/site.rs: row"]);
}
