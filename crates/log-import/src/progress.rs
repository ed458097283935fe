//! Shows the progress of an import on one line of a terminal, and nothing elsewhere.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::log_reader::LogReader;

/// The progress line.
pub struct Progress {
    line: Option<Mutex<Line>>,
}

struct Line {
    file: String,
    begun: Instant,
    last: Option<Instant>,
}

/// Minimum time between updates of the line.
const REFRESH_INTERVAL: Duration = Duration::from_millis(200);
/// Characters of the bar.
const BAR_WIDTH: u64 = 20;
/// Moves to the line's beginning and erases it (ECMA-48: CR, EL).
const CLEAR_LINE: &str = "\r\x1b[K";

impl Progress {
    /// Shows progress on standard error if it is a terminal.
    pub fn on_terminal() -> Self {
        let line = || Mutex::new(Line { file: String::new(), begun: Instant::now(), last: None });
        Self { line: io::stderr().is_terminal().then(line) }
    }

    /// Shows nothing.
    pub const fn disabled() -> Self {
        Self { line: None }
    }

    /// Starts the next file.
    pub(crate) fn start_file(&self, file: &str) {
        self.update_line(|line| {
            let short: String = file.chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
            *line = Line { file: short.replace(char::is_control, "?"), begun: Instant::now(), last: None };
            None
        });
    }

    /// Shows how many lines were consumed.
    pub fn update(&self, lines: u64, log_reader: &LogReader) {
        self.update_line(|line| {
            let speed = lines as f64 / line.begun.elapsed().as_secs_f64().max(0.001);
            let bytes_read = log_reader.bytes_read.load(Ordering::Relaxed);
            let bar = log_reader.size.map(|size| bar(bytes_read, size)).unwrap_or_default();
            Some(format!("{}  {bar}{lines} lines, {speed:.0}/s", line.file))
        });
    }

    /// Shows how many days were published.
    pub fn publishing(&self, done: usize, all: usize) {
        self.update_line(|_| {
            Some(format!("publishing  {}{done} of {all} days", bar(done as u64, all as u64)))
        });
    }

    /// Erases the line.
    pub fn end(&self) {
        self.update_line(|line| {
            line.last = None;
            Some(String::new())
        });
    }

    fn update_line(&self, format_line: impl FnOnce(&mut Line) -> Option<String>) {
        let Some(line) = &self.line else { return };
        let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
        let due = line.last.is_none_or(|last| last.elapsed() >= REFRESH_INTERVAL);
        if let Some(text) = format_line(&mut line).filter(|_| due) {
            line.last = Some(Instant::now());
            let mut terminal = io::stderr().lock();
            // A closed terminal must not end the import.
            drop(
                terminal.write_all(format!("{CLEAR_LINE}{text}").as_bytes()).and_then(|()| terminal.flush()),
            );
        }
    }
}

/// `[#####...............]  25 %  `
fn bar(done: u64, all: u64) -> String {
    let done = done.min(all);
    let of = |parts: u64| done.saturating_mul(parts).checked_div(all).unwrap_or(parts);
    let full = of(BAR_WIDTH) as usize;
    format!("[{}{}] {:3} %  ", "#".repeat(full), ".".repeat(BAR_WIDTH as usize - full), of(100))
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_is_full_at_the_end_and_never_overflows() {
        assert_eq!(bar(0, 8), "[....................]   0 %  ");
        assert_eq!(bar(2, 8), "[#####...............]  25 %  ");
        for (done, all) in [(8, 8), (9, 8), (0, 0)] {
            assert_eq!(bar(done, all), "[####################] 100 %  ");
        }
    }
}
