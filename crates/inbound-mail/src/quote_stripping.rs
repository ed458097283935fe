//! Tells apart what is new in a text, what it quotes and its signature, so that staff read what is new first.

mod lines;
mod phrases;

use zeroize::Zeroizing;

use lines::{LineKind, line_kinds};

/// Lines of a quote between two answers that stay with them for context.
const MAX_INLINE_QUOTE_LINES: usize = 6;

/// A text in its three kinds of lines.
#[derive(Default)]
pub struct StrippedText {
    /// What is new; answers between quoted lines together with what they answer.
    pub new: Zeroizing<String>,
    /// What is quoted apart from that.
    pub quoted: Zeroizing<String>,
    /// Signature and footers.
    pub signature: Zeroizing<String>,
}

/// Tells what is new in a text from what it quotes and from its signature. No line is lost, but for blank ones; when
/// nothing would be new, all of it is.
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

/// Quotes that were answered line by line are new with their answers: an answer alone would mean nothing.
fn keep_answered_quotes(lines: &[&str], line_kinds: &mut [LineKind]) {
    let runs = runs(lines, line_kinds);
    let is_quote = |run: &Run| run.kind == LineKind::Quoted;
    // Quotes with something new below.
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

/// Lines of one kind in a row; blank ones belong to what stands before them.
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

/// Lines put together, with at most two blank ones in a row and none at the ends.
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
