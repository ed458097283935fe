use crate::keywords::alternatives;

use super::phrases::{FOOTERS, FROM, OPENINGS, ORIGINAL, SENT, TO_OR_SUBJECT, WROTE};

/// The kind of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    New,
    Quoted,
    Signature,
}

/// Maximum lines of a signature below dashes without their trailing blank.
const MAX_SIGNATURE_LINES: usize = 12;
/// Maximum lines over which an attribution ("On ... wrote:") may be broken.
const MAX_ATTRIBUTION_LINES: usize = 4;

/// The kind of each line.
pub(crate) fn line_kinds(lines: &[&str]) -> Vec<LineKind> {
    let mut line_kinds: Vec<_> = lines
        .iter()
        .map(|line| if line.trim_start().starts_with('>') { LineKind::Quoted } else { LineKind::New })
        .collect();
    attributions(lines, &mut line_kinds);
    if let Some(from) = unmarked_history(lines, &line_kinds) {
        line_kinds[from..].fill(LineKind::Quoted);
    }
    blank_lines(lines, &mut line_kinds);
    signatures(lines, &mut line_kinds);
    line_kinds
}

/// Marks the attribution above a quote ("On ... wrote:") as quoted.
fn attributions(lines: &[&str], line_kinds: &mut [LineKind]) {
    for first in 1..lines.len() {
        let begins =
            lines[first].trim_start().starts_with('>') && !lines[first - 1].trim_start().starts_with('>');
        if !begins {
            continue;
        }
        let Some(last) = (0..first).rev().take(3).find(|n| !lines[*n].trim().is_empty()) else { continue };
        if lines[last].trim_start().starts_with('>') || !lines[last].trim_end().ends_with(':') {
            continue;
        }
        let start = (last.saturating_sub(MAX_ATTRIBUTION_LINES - 1)..=last)
            .find(|from| is_attribution(&lines[*from..=last]));
        if let Some(from) = start {
            line_kinds[from..first].fill(LineKind::Quoted);
        }
    }
}

/// Whether the lines, joined, name a date or an address and a person who wrote.
fn is_attribution(lines: &[&str]) -> bool {
    let joined = lines.join(" ").trim().to_lowercase();
    let dated = joined.contains('@') || joined.bytes().filter(u8::is_ascii_digit).count() >= 3;
    let whole = lines.iter().all(|line| !line.trim().is_empty() && !line.trim_start().starts_with('>'));
    whole
        && joined.len() <= 300
        && joined.ends_with(':')
        && (wrote(&joined) && dated || opens(&joined) && ends_with_wrote(&joined))
}

fn wrote(lower: &str) -> bool {
    alternatives(WROTE).any(|verb| lower.contains(verb))
}

fn ends_with_wrote(lower: &str) -> bool {
    let end = lower.trim_end_matches(|c: char| c == ':' || c.is_whitespace());
    alternatives(WROTE).any(|verb| end.ends_with(verb))
}

fn opens(lower: &str) -> bool {
    alternatives(OPENINGS).any(|opening| lower.starts_with(opening))
}

/// The start of an earlier message below that has no quote marks: everything after it is quoted.
fn unmarked_history(lines: &[&str], line_kinds: &[LineKind]) -> Option<usize> {
    let last_mark = line_kinds.iter().rposition(|kind| *kind == LineKind::Quoted);
    (0..lines.len()).filter(|n| line_kinds[*n] == LineKind::New && !lines[*n].trim().is_empty()).find(|n| {
        is_separator(lines[*n])
            || is_rule(lines[*n])
                && lines[n + 1..]
                    .iter()
                    .take(3)
                    .enumerate()
                    .any(|(m, _)| is_header_block(&lines[n + 1 + m..]))
            || is_header_block(&lines[*n..])
            || lines[*n].len() <= 300
                && last_mark.is_none_or(|last| last < *n)
                && is_bare_attribution(&lines[*n..])
    })
}

/// A separator such as `-----Original Message-----`.
fn is_separator(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 100 || !line.starts_with("--") && !line.starts_with('_') && !line.ends_with("--") {
        return false;
    }
    let said = line.trim_matches(['-', '_', ' ']).to_lowercase();
    alternatives(ORIGINAL).any(|known| known == said)
}

/// A line of underscores or dashes alone.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 10 && (line.bytes().all(|byte| byte == b'_') || line.bytes().all(|byte| byte == b'-'))
}

/// A header block "From: ... Sent: ... To: ... Subject:", as Outlook puts it above the answered message.
fn is_header_block(lines: &[&str]) -> bool {
    let label = |line: &str, labels: &'static str| {
        let line = line.trim_start_matches(['*', ' ', '\u{a0}']);
        let Some((name, rest)) = line.split_once(':') else { return false };
        let name = name.trim_end_matches(['*', ' ', '\u{a0}']);
        name.len() <= 24 && !rest.trim_matches(['*', ' ']).is_empty() && {
            let name = name.to_lowercase();
            alternatives(labels).any(|known| known == name)
        }
    };
    let Some(first) = lines.first() else { return false };
    if first.len() > 400 || !label(first, FROM) {
        return false;
    }
    let below: Vec<&str> =
        lines[1..].iter().filter(|line| !line.trim().is_empty()).take(5).copied().collect();
    below.iter().any(|line| label(line, SENT)) && below.iter().any(|line| label(line, TO_OR_SUBJECT))
}

/// An attribution above a text without quote marks, as some programs make from HTML.
fn is_bare_attribution(lines: &[&str]) -> bool {
    let first = lines[0].trim().to_lowercase();
    opens(&first)
        && (1..=lines.len().min(3))
            .any(|n| lines[n - 1].trim_end().ends_with(':') && is_attribution(&lines[..n]))
}

/// Blank lines belong to the line before them.
fn blank_lines(lines: &[&str], line_kinds: &mut [LineKind]) {
    for n in 1..lines.len() {
        if lines[n].trim().is_empty() {
            line_kinds[n] = line_kinds[n - 1];
        }
    }
}

/// Marks signatures below `-- ` and footers that programs add, each up to the next quote.
fn signatures(lines: &[&str], line_kinds: &mut [LineKind]) {
    let mut from = 0;
    while from < lines.len() {
        let same = line_kinds[from..].iter().take_while(|kind| **kind == line_kinds[from]).count();
        let to = from + same;
        if line_kinds[from] == LineKind::New {
            let dashes = (from..to).find(|n| lines[*n] == "-- ").or_else(|| {
                (from..to)
                    .rev()
                    .take(MAX_SIGNATURE_LINES)
                    .find(|n| matches!(lines[*n].trim_end(), "--" | "\u{2014}"))
            });
            let below = dashes.unwrap_or(to);
            line_kinds[below..to].fill(LineKind::Signature);
            footers(&lines[from..below], &mut line_kinds[from..below]);
        }
        from = to;
    }
}

/// A footer such as "Sent from my telephone" in the last two lines.
fn footers(lines: &[&str], line_kinds: &mut [LineKind]) {
    for n in (0..lines.len()).rev().filter(|n| !lines[*n].trim().is_empty()).take(2) {
        let line = lines[n].trim().trim_start_matches(['-', '_', '\u{2014}', '\u{2013}', ' ']).to_lowercase();
        if line.len() > 120 || !alternatives(FOOTERS).any(|footer| line.starts_with(footer)) {
            return;
        }
        line_kinds[n..].fill(LineKind::Signature);
    }
}
