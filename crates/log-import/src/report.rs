//! What an import says at its end: numbers of lines, and never what stands in them.

use std::fmt::Write as _;

use analytics::Date;

use super::counting::{Counted, Ended};
use super::counts::Counts;

/// What became of all that was to be imported.
#[derive(Debug, Default)]
pub struct Report {
    /// The files, as they were named.
    pub files: Vec<(String, Told)>,
    /// Days that are published now.
    pub published: Vec<Date>,
    /// Past days that are open, and why.
    pub open: Vec<Date>,
    /// Whether it was asked to keep them open.
    pub keep_open: bool,
    /// Whether it was interrupted.
    pub stopped: bool,
}

/// What became of a file.
#[derive(Debug)]
pub enum Told {
    /// It couldn't be opened.
    Closed(String),
    /// As far as it could be read.
    Read(Counted),
    /// It wasn't begun, because all was stopped.
    Untouched,
}

impl Report {
    /// Whether all files were counted to their end.
    pub fn is_whole(&self) -> bool {
        self.files.iter().all(|(_, told)| {
            matches!(told, Told::Read(counted) if matches!(counted.ended, Ended::Whole | Ended::BeforeRest | Ended::NothingNew))
        })
    }

    /// What became of the lines of all files.
    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        for (_, told) in &self.files {
            if let Told::Read(counted) = told {
                all.add(Counts { first_unread: Vec::new(), ..counted.counts.clone() });
            }
        }
        all
    }

    /// For standard output.
    pub fn text(&self) -> String {
        let mut text = numbers(&self.counts());
        for (file, told) in &self.files {
            if let Told::Read(counted) = told {
                tell_file(&mut text, file, counted);
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
            [day] => line(&mut text, format_args!("still open: {day}{}", self.why_open())),
            [first, .., last] => {
                let (days, why) = (self.open.len(), self.why_open());
                line(&mut text, format_args!("still open: {days} days, {first} to {last}{why}"));
            }
        }
        text
    }

    fn why_open(&self) -> &'static str {
        if self.keep_open {
            "; the next import without --keep-open publishes them, or else the server after a day"
        } else if self.is_whole() && !self.stopped {
            "; another program still counts them, and the server will publish them"
        } else {
            "; the next import that ends well publishes them, or else the server after a day"
        }
    }

    /// What went wrong and what to do, a line for each file; for standard error.
    pub fn troubles(&self) -> String {
        let mut text = String::new();
        for (file, told) in &self.files {
            let why = match told {
                Told::Closed(why) => why.clone(),
                Told::Untouched => "wasn't begun: run the same again".to_owned(),
                Told::Read(counted) => match trouble(counted.ended) {
                    Some(why) => why,
                    None => continue,
                },
            };
            line(&mut text, format_args!("{file}: {why}"));
        }
        text
    }
}

/// What went wrong with a file, if anything did.
fn trouble(ended: Ended) -> Option<String> {
    Some(match ended {
        Ended::Whole | Ended::BeforeRest | Ended::NothingNew => return None,
        Ended::Another => "begins with the same line as a log that was counted before, and goes on otherwise. If it \
             is another log, put a line before it: `(echo other; cat FILE) | scruple visits import --site ID -`"
            .to_owned(),
        Ended::NoLog => "is no log that can be read: lines are expected in the combined format of Apache and nginx, \
             or as JSON of nginx, Apache or Caddy"
            .to_owned(),
        Ended::Unreadable(kind) => format!(
            "is damaged or cut off ({kind}); what comes before that is counted. Run the same again when it is whole"
        ),
        Ended::Stopped => "was stopped; run the same again, and it goes on from there".to_owned(),
    })
}

fn numbers(counts: &Counts) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("{:>12}  lines read", counts.read));
    line(&mut text, format_args!("{:>12}  counted", counts.counted));
    let rest = [
        (counts.bots, "of machines"),
        (counts.objected, "of people who don't want to be counted"),
        (counts.beside, "of files beside the pages, redirects and errors"),
        (counts.elsewhere, "of other hosts"),
        (counts.late, "late: their day is published already"),
        (counts.blank, "empty"),
        (counts.unread, "unreadable"),
    ];
    for (number, what) in rest.into_iter().filter(|(number, _)| *number > 0) {
        line(&mut text, format_args!("{number:>12}  {what}"));
    }
    text
}

fn tell_file(text: &mut String, file: &str, counted: &Counted) {
    let of = if counted.from > 0 { " of what is new" } else { "" };
    let first = &counted.counts.first_unread;
    for (number, why) in first {
        line(text, format_args!("{file}: line {number}{of}: {why}"));
    }
    let more = counted.counts.unread.saturating_sub(first.len() as u64);
    if more > 0 && !first.is_empty() {
        line(text, format_args!("{file}: and {more} more"));
    }
    match counted.ended {
        Ended::NothingNew => line(text, format_args!("{file}: nothing new")),
        Ended::BeforeRest => {
            line(text, format_args!("{file}: the last line has no end yet and waits for the next import"));
        }
        _ => {}
    }
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    writeln!(text, "{words}").expect("a String takes all that is written");
}
