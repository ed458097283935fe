//! Finds the family of browser and operating system by uap-core's patterns (`facts/browsers.tsv`,
//! `facts/systems.tsv`). A pattern may return any text of the user agent. So only families listed in
//! `facts/families.tsv` pass, and no text that a stranger chooses gets into a table.

use std::{collections::HashMap, sync::LazyLock};

use memchr::memmem::Finder;
use regex_automata::{Input, meta::Regex, util::captures::Captures};
use regex_syntax::ParserBuilder;

use super::required_literals;

/// Maximum bytes of a user agent that are read.
const MAX_READ_BYTES: usize = 512;

/// Cache size of a pattern's lazy DFA in bytes.
const LAZY_DFA_CACHE_BYTES: usize = 16 * 1024;

/// Patterns in order; the first that matches decides.
type Patterns = Vec<Pattern>;

struct Pattern {
    /// Every matching user agent contains one of these; an empty list means that the pattern must be tried.
    literals: Vec<Finder<'static>>,
    regex: Regex,
    family: Family,
}

enum Family {
    /// A constant.
    Fixed(&'static str),
    /// A template with `$1` and so on for captured groups.
    Template(&'static str),
    /// The first captured group.
    Captured,
}

static BROWSERS: LazyLock<Patterns> = LazyLock::new(|| patterns(include_str!("../facts/browsers.tsv")));
static SYSTEMS: LazyLock<Patterns> = LazyLock::new(|| patterns(include_str!("../facts/systems.tsv")));

fn patterns(table: &'static str) -> Patterns {
    rows(table).map(|cells| Pattern::of(cells[0], cells[1])).collect()
}

impl Pattern {
    /// Nearly all user agents are ASCII; the others match as bytes.
    fn of(pattern: &str, replacement: &'static str) -> Self {
        let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
        let parsed = parser.parse(pattern).expect("the patterns are part of the program");
        let literals = required_literals::literals(&parsed).unwrap_or_default();
        // Without this limit the lazy DFAs could take 2 MB for each of 563 patterns.
        let config = Regex::config().utf8_empty(false).hybrid_cache_capacity(LAZY_DFA_CACHE_BYTES);
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&parsed)
            .expect("the patterns are part of the program");
        Self {
            literals: literals.iter().map(|literal| Finder::new(literal).into_owned()).collect(),
            regex,
            family: Family::of(replacement),
        }
    }

    /// `lower` is the user agent in lower case.
    fn matches(&self, user_agent: &str, lower: &[u8]) -> bool {
        let possible =
            self.literals.is_empty() || self.literals.iter().any(|literal| literal.find(lower).is_some());
        possible && self.regex.is_match(Input::new(user_agent))
    }
}

impl Family {
    fn of(replacement: &'static str) -> Self {
        match replacement {
            "" => Self::Captured,
            template if template.contains('$') => Self::Template(template),
            fixed => Self::Fixed(fixed),
        }
    }

    fn resolve(&self, captures: &Captures, user_agent: &str) -> String {
        let group =
            |number| captures.get_group(number).and_then(|span| user_agent.get(span.range())).unwrap_or("");
        match self {
            Self::Fixed(family) => (*family).to_owned(),
            Self::Captured => group(1).to_owned(),
            Self::Template(template) => {
                let mut parts = template.split('$');
                let mut family = parts.next().unwrap_or("").to_owned();
                for part in parts {
                    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
                    family.push_str(part[..digits].parse().map_or("", group));
                    family.push_str(&part[digits..]);
                }
                family.trim().to_owned()
            }
        }
    }
}

/// The family by the patterns, before it is checked against the list.
fn family(patterns: &Patterns, user_agent: &str) -> Option<String> {
    let lower = user_agent.to_ascii_lowercase();
    let found = patterns.iter().find(|pattern| pattern.matches(user_agent, lower.as_bytes()))?;
    let mut captures = found.regex.create_captures();
    found.regex.captures(Input::new(user_agent), &mut captures);
    Some(found.family.resolve(&captures, user_agent))
}

/// Counted names by the patterns' names of families.
struct Families {
    browsers: HashMap<&'static str, &'static str>,
    systems: HashMap<&'static str, &'static str>,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| {
    let mut families = Families { browsers: HashMap::new(), systems: HashMap::new() };
    for cells in rows(include_str!("../facts/families.tsv")) {
        let of_kind = if cells[0] == "browser" { &mut families.browsers } else { &mut families.systems };
        for family in cells[2].split('|').chain([cells[1]]).filter(|family| !family.is_empty()) {
            of_kind.insert(family, cells[1]);
        }
    }
    families
});

fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 3]> {
    table.lines().filter(|line| !line.starts_with("# ")).map(|line| {
        let mut cells = [""; 3];
        for (cell, text) in cells.iter_mut().zip(line.split('\t')) {
            *cell = text;
        }
        cells
    })
}

/// The counted name of a browser's family, or empty.
pub(super) fn browser(user_agent: &str) -> &'static str {
    browser_family(user_agent).and_then(|family| FAMILIES.browsers.get(&*family).copied()).unwrap_or("")
}

/// The counted name of an operating system's family, or empty.
pub(super) fn system(user_agent: &str) -> &'static str {
    system_family(user_agent).and_then(|family| FAMILIES.systems.get(&*family).copied()).unwrap_or("")
}

/// The browser's family as the patterns return it, listed or not: for tests against uap-core's own cases. It must not
/// be counted, since it may be any text of the user agent.
pub fn browser_family(user_agent: &str) -> Option<String> {
    family(&BROWSERS, truncate(user_agent))
}

/// The operating system's family, as [`browser_family`].
pub fn system_family(user_agent: &str) -> Option<String> {
    family(&SYSTEMS, truncate(user_agent))
}

fn truncate(user_agent: &str) -> &str {
    &user_agent[..user_agent.floor_char_boundary(MAX_READ_BYTES)]
}
