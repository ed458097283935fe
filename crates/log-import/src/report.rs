//! The report at the end of an import: numbers of lines, and never their content.

use std::fmt::Write as _;

use calendar::Day;

use super::counts::Counts;
use super::log_counter::{EndReason, LogOutcome};

/// The result of an import.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// The files as given on the command line.
    pub files: Vec<(String, FileOutcome)>,
    /// Days that were published by this import.
    pub published: Vec<Day>,
    /// Past days that are still open.
    pub open: Vec<Day>,
    /// Whether the option `--keep-open` was given.
    pub keep_open: bool,
    /// Whether the import was interrupted.
    pub stopped: bool,
}

/// The result for one file.
#[derive(Debug)]
pub enum FileOutcome {
    /// It couldn't be opened, for this reason.
    NotOpened(String),
    /// It was counted as far as possible.
    Counted(LogOutcome),
    /// It wasn't started, because the import was interrupted.
    NotStarted,
}

impl ImportReport {
    /// Whether all files were counted to their end.
    pub fn is_whole(&self) -> bool {
        self.files.iter().all(|(_, outcome)| {
            matches!(outcome, FileOutcome::Counted(counted) if matches!(counted.end_reason, EndReason::Complete | EndReason::PartialLastLine | EndReason::NothingNew))
        })
    }

    /// The line counts of all files.
    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        for (_, outcome) in &self.files {
            if let FileOutcome::Counted(counted) = outcome {
                all.add(Counts { first_skipped: Vec::new(), ..counted.counts.clone() });
            }
        }
        all
    }

    /// The report for standard output.
    pub fn text(&self) -> String {
        let mut text = count_lines(&self.counts());
        for (file, outcome) in &self.files {
            if let FileOutcome::Counted(counted) = outcome {
                describe_file(&mut text, file, counted);
            }
        }
        match &self.published[..] {
            [] => {}
            [day] => line(&mut text, format_args!("published: {day}")),
            [first, .., last] => {
                line(&mut text, format_args!("published: {} days, {first} to {last}", self.published.len()));
            }
        }
        match &self.open[..] {
            [] => {}
            [day] => line(&mut text, format_args!("still open: {day}{}", self.why_still_open())),
            [first, .., last] => {
                let (days, why) = (self.open.len(), self.why_still_open());
                line(&mut text, format_args!("still open: {days} days, {first} to {last}{why}"));
            }
        }
        text
    }

    fn why_still_open(&self) -> &'static str {
        if self.keep_open {
            ". The next import without --keep-open publishes them, or the server after a day"
        } else if self.is_whole() && !self.stopped {
            ". Another process still counts them, and the server will publish them"
        } else {
            ". The next complete import publishes them, or the server after a day"
        }
    }

    /// Problems and what to do, one line for each file; for standard error.
    pub fn problems(&self) -> String {
        let mut text = String::new();
        for (file, outcome) in &self.files {
            let why = match outcome {
                FileOutcome::NotOpened(why) => why.clone(),
                FileOutcome::NotStarted => "was not started. Run the same command again".to_owned(),
                FileOutcome::Counted(counted) => match problem(counted.end_reason) {
                    Some(why) => why,
                    None => continue,
                },
            };
            line(&mut text, format_args!("{file}: {why}"));
        }
        text
    }
}

/// The problem with a file, if there is one.
fn problem(end_reason: EndReason) -> Option<String> {
    Some(match end_reason {
        EndReason::Complete | EndReason::PartialLastLine | EndReason::NothingNew => return None,
        EndReason::DifferentLog => "begins with the same line as a log that was counted before, and continues differently. \
             If it is another log, put a line before it: `(echo other; cat FILE) | scruple visits import --site ID -`"
            .to_owned(),
        EndReason::NotALog => "is not a readable log. Lines must be in the combined format of Apache and nginx, or JSON of nginx, \
             Apache or Caddy"
            .to_owned(),
        EndReason::Unreadable(kind) => format!(
            "is damaged or truncated ({kind}). Everything before that is counted. Run the same command again when the \
             file is complete"
        ),
        EndReason::Interrupted => "was interrupted. Run the same command again to resume".to_owned(),
    })
}

fn count_lines(counts: &Counts) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("{:>12}  lines read", counts.read));
    line(&mut text, format_args!("{:>12}  counted", counts.counted));
    let rest = [
        (counts.bots, "of bots"),
        (counts.opted_out, "of visitors who opted out"),
        (counts.not_pages, "of assets, redirects and errors"),
        (counts.other_hosts, "of other hosts"),
        (counts.late, "late: their day is already published"),
        (counts.blank, "empty"),
        (counts.skipped, "unreadable"),
    ];
    for (number, what) in rest.into_iter().filter(|(number, _)| *number > 0) {
        line(&mut text, format_args!("{number:>12}  {what}"));
    }
    text
}

fn describe_file(text: &mut String, file: &str, counted: &LogOutcome) {
    let of = if counted.from > 0 { " of the new lines" } else { "" };
    let first = &counted.counts.first_skipped;
    for (number, why) in first {
        line(text, format_args!("{file}: line {number}{of}: {why}"));
    }
    let more = counted.counts.skipped.saturating_sub(first.len() as u64);
    if more > 0 && !first.is_empty() {
        line(text, format_args!("{file}: and {more} more"));
    }
    match counted.end_reason {
        EndReason::NothingNew => line(text, format_args!("{file}: nothing new")),
        EndReason::PartialLastLine => {
            line(text, format_args!("{file}: the last line is incomplete; the next import reads it"));
        }
        _ => {}
    }
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    writeln!(text, "{words}").expect("a String takes all that is written");
}
