//! Tells apart what is new in a text, what it quotes and its signature, so that staff read what is new first.

mod lines;
mod words;

use zeroize::Zeroizing;

use lines::{Kind, kinds};

/// Lines of a quote between two answers that stay with them for context.
const SHORT_QUOTE: usize = 6;

/// A text in its three kinds of lines.
#[derive(Default)]
pub struct Folded {
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
pub fn fold(text: &str) -> Folded {
    let lines: Vec<&str> = text.lines().collect();
    let mut kinds = kinds(&lines);
    keep_answered(&lines, &mut kinds);
    let new = |kinds: &[Kind]| {
        kinds.iter().zip(&lines).any(|(kind, line)| *kind == Kind::New && !line.trim().is_empty())
    };
    if !new(&kinds) {
        kinds.iter_mut().filter(|kind| **kind == Kind::Quoted).for_each(|kind| *kind = Kind::New);
    }
    if !new(&kinds) {
        kinds.fill(Kind::New);
    }
    let gathered = |wanted: Kind| {
        gather(lines.iter().zip(&kinds).filter(|(_, kind)| **kind == wanted).map(|(line, _)| *line))
    };
    Folded { new: gathered(Kind::New), quoted: gathered(Kind::Quoted), signature: gathered(Kind::Signature) }
}

/// Quotes that were answered line by line are new with their answers: an answer alone would mean nothing.
fn keep_answered(lines: &[&str], kinds: &mut [Kind]) {
    let runs = runs(lines, kinds);
    let is_quote = |run: &Run| run.kind == Kind::Quoted;
    // Quotes with something new below.
    let answered: Vec<usize> = (0..runs.len())
        .filter(|n| is_quote(&runs[*n]) && runs[n + 1..].iter().take(2).any(|run| run.kind == Kind::New))
        .collect();
    let begins_new = runs.first().is_some_and(|run| run.kind == Kind::New);
    for n in &answered {
        let run = &runs[*n];
        let between = begins_new && run.to - run.from <= SHORT_QUOTE;
        if answered.len() > 1 || between {
            for (kind, line) in kinds[run.from..run.to].iter_mut().zip(&lines[run.from..run.to]) {
                if line.trim_start().starts_with('>') || line.trim().is_empty() {
                    *kind = Kind::New;
                }
            }
        }
    }
}

/// Lines of one kind in a row; blank ones belong to what stands before them.
struct Run {
    kind: Kind,
    from: usize,
    to: usize,
}

fn runs(lines: &[&str], kinds: &[Kind]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (n, (line, kind)) in lines.iter().zip(kinds).enumerate() {
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
fn gather<'a>(lines: impl Iterator<Item = &'a str>) -> Zeroizing<String> {
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
