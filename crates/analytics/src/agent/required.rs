//! What a user agent must contain for a pattern to match at all: most of 563 patterns are ruled out by a search for a word,
//! ten times faster than by trying them.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Shorter words rule too little out.
const SHORTEST: usize = 3;

/// Words, in small letters, one of which is in every text that matches; None when there are no such words.
pub(super) fn words(pattern: &Hir) -> Option<Vec<String>> {
    match pattern.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => {
            letters(pattern).filter(|word| word.len() >= SHORTEST).map(|word| vec![word])
        }
        HirKind::Capture(group) => words(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => words(&repeated.sub),
        HirKind::Alternation(branches) => branches.iter().map(words).try_fold(Vec::new(), |mut all, one| {
            all.extend(one?);
            Some(all)
        }),
        HirKind::Concat(parts) => best_of(parts),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Of the parts that follow each other, the one whose words rule most out. Letters side by side are one word.
fn best_of(parts: &[Hir]) -> Option<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut run = String::new();
    for part in parts {
        match letters(part) {
            Some(more) => run.push_str(&more),
            None => {
                found.push(vec![std::mem::take(&mut run)]);
                found.extend(words(part));
            }
        }
    }
    found.push(vec![run]);
    let shortest = |words: &Vec<String>| words.iter().map(String::len).min().unwrap_or(0);
    found.into_iter().filter(|words| shortest(words) >= SHORTEST).max_by_key(shortest)
}

/// The text of a literal in small letters, or of a letter in both cases.
fn letters(part: &Hir) -> Option<String> {
    match part.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(text.to_ascii_lowercase())
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut cases = class.ranges().iter();
            let one = |range: &regex_syntax::hir::ClassBytesRange| {
                (range.start() == range.end()).then(|| range.start())
            };
            let (first, second) = (one(cases.next()?)?, one(cases.next()?)?);
            (cases.next().is_none() && first.eq_ignore_ascii_case(&second))
                .then(|| char::from(second.to_ascii_lowercase()).to_string())
        }
        _ => None,
    }
}
