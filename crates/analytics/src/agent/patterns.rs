//! Families of browsers and systems, by the patterns of uap-core (`facts/browsers.tsv`, `facts/systems.tsv`). The
//! patterns can make a family out of anything that a user agent says, so only families of `facts/families.tsv` are let
//! through: nothing that a stranger writes into his user agent gets into a table.

use std::{collections::HashMap, sync::LazyLock};

use memchr::memmem::Finder;
use regex_automata::{Input, meta::Regex, util::captures::Captures};
use regex_syntax::ParserBuilder;

use super::required;

/// Bytes of a user agent that are looked at.
const READ: usize = 512;

/// Bytes of the state machine of a pattern.
const HYBRID: usize = 16 * 1024;

/// The first pattern that matches decides.
type Patterns = Vec<Pattern>;

struct Pattern {
    /// One of them is in every user agent that matches; none: try.
    words: Vec<Finder<'static>>,
    regex: Regex,
    family: Family,
}

enum Family {
    /// The same whatever matched.
    Fixed(&'static str),
    /// With `$1` and so on for what was captured.
    Template(&'static str),
    /// What the first group captured.
    Captured,
}

static BROWSERS: LazyLock<Patterns> = LazyLock::new(|| patterns(include_str!("../facts/browsers.tsv")));
static SYSTEMS: LazyLock<Patterns> = LazyLock::new(|| patterns(include_str!("../facts/systems.tsv")));

fn patterns(table: &'static str) -> Patterns {
    rows(table).map(|cells| Pattern::of(cells[0], cells[1])).collect()
}

impl Pattern {
    /// User agents are ASCII but for a few, which then match as bytes.
    fn of(pattern: &str, replacement: &'static str) -> Self {
        let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
        let parsed = parser.parse(pattern).expect("the patterns are part of the program");
        let words = required::words(&parsed).unwrap_or_default();
        // The growing state machine would take 2 MB for each of 563 patterns if it were let.
        let config = Regex::config().utf8_empty(false).hybrid_cache_capacity(HYBRID);
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&parsed)
            .expect("the patterns are part of the program");
        Self {
            words: words.iter().map(|word| Finder::new(word).into_owned()).collect(),
            regex,
            family: Family::of(replacement),
        }
    }

    /// `small` is the user agent in small letters.
    fn matches(&self, agent: &str, small: &[u8]) -> bool {
        let possible = self.words.is_empty() || self.words.iter().any(|word| word.find(small).is_some());
        possible && self.regex.is_match(Input::new(agent))
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

    fn resolve(&self, captures: &Captures, agent: &str) -> String {
        let group =
            |number| captures.get_group(number).and_then(|span| agent.get(span.range())).unwrap_or("");
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

/// The family that the patterns say, before it is known whether it is a listed one.
fn family(patterns: &Patterns, agent: &str) -> Option<String> {
    let small = agent.to_ascii_lowercase();
    let found = patterns.iter().find(|pattern| pattern.matches(agent, small.as_bytes()))?;
    let mut captures = found.regex.create_captures();
    found.regex.captures(Input::new(agent), &mut captures);
    Some(found.family.resolve(&captures, agent))
}

/// By the patterns' name of a family: the name that is counted.
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

/// The counted name of a browser's family, or nothing.
pub(super) fn browser(agent: &str) -> &'static str {
    browser_family(agent).and_then(|family| FAMILIES.browsers.get(&*family).copied()).unwrap_or("")
}

/// The counted name of a system's family, or nothing.
pub(super) fn system(agent: &str) -> &'static str {
    system_family(agent).and_then(|family| FAMILIES.systems.get(&*family).copied()).unwrap_or("")
}

/// The browser's family as the patterns have it, listed or not: for measuring against uap-core's own cases. Must not be
/// counted, since it may be anything that a user agent says.
pub fn browser_family(agent: &str) -> Option<String> {
    family(&BROWSERS, read(agent))
}

/// The system's family, as [`browser_family`].
pub fn system_family(agent: &str) -> Option<String> {
    family(&SYSTEMS, read(agent))
}

fn read(agent: &str) -> &str {
    &agent[..agent.floor_char_boundary(READ)]
}
