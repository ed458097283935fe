//! Files do not import each other in circles. A re-export doesn't count as an import.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::sources::{code, files, workspace};

/// The module paths of a crate, such as `tx` or `blind_index::memory`, each with the paths that it imports.
type Modules = BTreeMap<String, String>;

/// `src/a/b.rs` and `src/a/b/mod.rs` are both `a::b`; `lib.rs` and `main.rs` are the root, the empty path.
fn module_of(file: &Path, src: &Path) -> String {
    let path = file.strip_prefix(src).unwrap().with_extension("");
    let mut parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.pop_if(|last| matches!(last.as_str(), "lib" | "main" | "mod"));
    parts.join("::")
}

fn modules(krate: &Path) -> Modules {
    let src = krate.join("src");
    files(&src, ".rs").iter().map(|file| (module_of(file, &src), code(file))).collect()
}

/// Returns all paths in a `use` tree: `a::{b, c::{self, d}}` is `a::b`, `a::c` and `a::c::d`.
fn flattened(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap();
        return vec![path.trim().trim_end_matches("::self").to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, symbol) in inner.char_indices() {
        match symbol {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[from..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| flattened(&format!("{}{part}", head.trim()))).collect()
}

/// Returns the paths of this crate in `use` statements (not `pub use`) and in the code.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in code.split(';') {
        let start = statement.rfind("\nuse ").map(|at| at + 5);
        let start = start.or_else(|| statement.starts_with("use ").then_some(4));
        if let Some(start) = start {
            found.extend(flattened(&statement[start..].replace('\n', " ")));
        }
    }
    for (at, _) in code.match_indices("crate::") {
        let path = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
        let end = code[at..].find(path).map_or(code.len(), |end| at + end);
        let line = &code[code[..at].rfind('\n').map_or(0, |n| n + 1)..at];
        if !line.trim_start().starts_with("pub use") && !line.contains("use ") {
            found.push(code[at..end].trim_end_matches("::").to_owned());
        }
    }
    found
}

/// Returns the module of a path: its longest prefix that is a module.
fn target(path: &str, from: &str, modules: &Modules) -> Option<String> {
    let mut absolute: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    let mut parts = path.split("::").peekable();
    match *parts.peek()? {
        "crate" => {
            absolute.clear();
            parts.next();
        }
        "self" => {
            parts.next();
        }
        "super" => {}
        first => {
            let child =
                [from, first].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("::");
            modules.get(&child)?;
        }
    }
    while parts.peek() == Some(&"super") {
        absolute.pop();
        parts.next();
    }
    absolute.extend(parts);
    (0..=absolute.len()).rev().map(|n| absolute[..n].join("::")).find(|module| modules.contains_key(module))
}

fn edges(modules: &Modules) -> BTreeMap<&str, BTreeSet<String>> {
    let of = |name: &String, code: &String| {
        let targets = imports(code).into_iter().filter_map(|path| target(&path, name, modules));
        targets.filter(|to| to != name).collect()
    };
    modules.iter().map(|(name, code)| (name.as_str(), of(name, code))).collect()
}

/// Returns the modules that a module imports, directly or indirectly.
fn reachable(from: &str, edges: &BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(module) = open.pop() {
        for to in edges.get(module.as_str()).into_iter().flatten() {
            if seen.insert(to.clone()) {
                open.push(to.clone());
            }
        }
    }
    seen
}

fn circles(modules: &Modules) -> Vec<String> {
    let edges = edges(modules);
    let in_circle = edges.iter().filter(|(module, _)| reachable(module, &edges).contains(**module));
    in_circle.map(|(module, imports)| format!("{module} -> {imports:?}")).collect()
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(workspace().join("crates")).unwrap() {
        let krate = entry.unwrap().path();
        if krate.join("Cargo.toml").exists() {
            let name = krate.file_name().unwrap().to_string_lossy().into_owned();
            found.extend(circles(&modules(&krate)).into_iter().map(|circle| format!("{name}: {circle}")));
        }
    }
    assert!(found.is_empty(), "import circles:\n{}", found.join("\n"));
}

#[test]
fn a_circle_of_imports_is_found() {
    let module = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let circle = Modules::from([
        module("", "mod a;\nmod b;\npub use a::A;"),
        module("a", "use super::b::{self, B};"),
        module("a::c", "pub struct C;"),
        module("b", "fn f() -> crate::a::c::C { }"),
    ]);
    assert_eq!(circles(&circle), Vec::<String>::new(), "a uses b, b uses a::c");
    let mut closed = circle.clone();
    closed.insert("a::c".to_owned(), "use super::A;\n".to_owned());
    let found = circles(&closed);
    assert_eq!(found.len(), 3, "{found:?}");
}
