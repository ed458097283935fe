//! Separates the new text of an e-mail from quotes and signature, so that staff read the new text first.

mod lines;
mod phrases;

use zeroize::Zeroizing;

use lines::{LineKind, line_kinds};

/// Maximum lines of a quote between two answers that is kept as context.
const MAX_INLINE_QUOTE_LINES: usize = 6;

/// The lines of a text by their kind.
#[derive(Default)]
pub struct StrippedText {
    /// New text; answers between quoted lines keep the lines that they answer.
    pub new: Zeroizing<String>,
    /// Other quoted text.
    pub quoted: Zeroizing<String>,
    /// Signature and footers.
    pub signature: Zeroizing<String>,
}

/// Separates new text, quotes and signature. No line is lost, except blank ones. When nothing would be new, everything
/// is new.
#[must_use]
pub fn strip_quotes(text: &str) -> StrippedText {
    let lines: Vec<&str> = text.lines().collect();
    let mut line_kinds = line_kinds(&lines);
    keep_answered_quotes(&lines, &mut line_kinds);
    let new = |line_kinds: &[LineKind]| {
        line_kinds.iter().zip(&lines).any(|(kind, line)| *kind == LineKind::New && !line.trim().is_empty())
    };
    if !new(&line_kinds) {
        line_kinds
            .iter_mut()
            .filter(|kind| **kind == LineKind::Quoted)
            .for_each(|kind| *kind = LineKind::New);
    }
    if !new(&line_kinds) {
        line_kinds.fill(LineKind::New);
    }
    let gathered = |wanted: LineKind| {
        join_lines(lines.iter().zip(&line_kinds).filter(|(_, kind)| **kind == wanted).map(|(line, _)| *line))
    };
    StrippedText {
        new: gathered(LineKind::New),
        quoted: gathered(LineKind::Quoted),
        signature: gathered(LineKind::Signature),
    }
}

/// Keeps quotes that were answered line by line with their answers, which would mean nothing alone.
fn keep_answered_quotes(lines: &[&str], line_kinds: &mut [LineKind]) {
    let runs = runs(lines, line_kinds);
    let is_quote = |run: &Run| run.kind == LineKind::Quoted;
    // Quotes with new text below.
    let answered: Vec<usize> = (0..runs.len())
        .filter(|n| is_quote(&runs[*n]) && runs[n + 1..].iter().take(2).any(|run| run.kind == LineKind::New))
        .collect();
    let begins_new = runs.first().is_some_and(|run| run.kind == LineKind::New);
    for n in &answered {
        let run = &runs[*n];
        let between = begins_new && run.to - run.from <= MAX_INLINE_QUOTE_LINES;
        if answered.len() > 1 || between {
            for (kind, line) in line_kinds[run.from..run.to].iter_mut().zip(&lines[run.from..run.to]) {
                if line.trim_start().starts_with('>') || line.trim().is_empty() {
                    *kind = LineKind::New;
                }
            }
        }
    }
}

/// Consecutive lines of one kind; blank lines belong to the line before them.
struct Run {
    kind: LineKind,
    from: usize,
    to: usize,
}

fn runs(lines: &[&str], line_kinds: &[LineKind]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (n, (line, kind)) in lines.iter().zip(line_kinds).enumerate() {
        let blank = line.trim().is_empty();
        match runs.last_mut() {
            Some(run) if run.kind == *kind || blank => run.to = n + 1,
            None if blank => {}
            _ => runs.push(Run { kind: *kind, from: n, to: n + 1 }),
        }
    }
    runs
}

/// Joins lines, with at most two blank lines in a row and none at the ends.
fn join_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::new());
    let mut blank = 0;
    for line in lines {
        if line.trim().is_empty() {
            blank += 1;
            continue;
        }
        if !out.is_empty() {
            out.extend(std::iter::repeat_n('\n', 1 + blank.min(2)));
        }
        blank = 0;
        out.push_str(line.trim_end());
    }
    out
}
