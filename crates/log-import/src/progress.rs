//! How far an import is, on one line of a terminal. Nothing is shown where nobody watches.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::plain::Plain;

/// The line.
pub struct Progress {
    shown: Option<Mutex<Shown>>,
}

struct Shown {
    file: String,
    begun: Instant,
    last: Option<Instant>,
}

/// How often the line changes.
const BEAT: Duration = Duration::from_millis(200);
/// Characters of the bar.
const BAR: u64 = 20;
/// Goes to the line's beginning and removes it (ECMA-48: CR, EL).
const CLEAR: &str = "\r\x1b[K";

impl Progress {
    /// On standard error, if it is a terminal.
    pub fn on_terminal() -> Self {
        let shown = || Mutex::new(Shown { file: String::new(), begun: Instant::now(), last: None });
        Self { shown: io::stderr().is_terminal().then(shown) }
    }

    /// Nowhere.
    pub const fn quiet() -> Self {
        Self { shown: None }
    }

    /// Another file begins.
    pub fn begin(&self, file: &str) {
        self.with(|shown| {
            let short: String = file.chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
            *shown = Shown { file: short.replace(char::is_control, "?"), begun: Instant::now(), last: None };
            None
        });
    }

    /// So many lines of a log were handed out.
    pub fn tell(&self, lines: u64, plain: &Plain) {
        self.with(|shown| {
            let speed = lines as f64 / shown.begun.elapsed().as_secs_f64().max(0.001);
            let taken = plain.taken.load(Ordering::Relaxed);
            let bar = plain.size.map(|size| bar(taken, size)).unwrap_or_default();
            Some(format!("{}  {bar}{lines} lines, {speed:.0}/s", shown.file))
        });
    }

    /// So many days of all were published.
    pub fn publishing(&self, done: usize, all: usize) {
        self.with(|_| Some(format!("publishing  {}{done} of {all} days", bar(done as u64, all as u64))));
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.with(|shown| {
            shown.last = None;
            Some(String::new())
        });
    }

    fn with(&self, line: impl FnOnce(&mut Shown) -> Option<String>) {
        let Some(shown) = &self.shown else { return };
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let beat = shown.last.is_none_or(|last| last.elapsed() >= BEAT);
        if let Some(text) = line(&mut shown).filter(|_| beat) {
            shown.last = Some(Instant::now());
            let mut terminal = io::stderr().lock();
            // A terminal that is gone is nothing that an import would end for.
            drop(terminal.write_all(format!("{CLEAR}{text}").as_bytes()).and_then(|()| terminal.flush()));
        }
    }
}

/// `[#####...............]  25 %  `
fn bar(done: u64, all: u64) -> String {
    let done = done.min(all);
    let of = |parts: u64| done.saturating_mul(parts).checked_div(all).unwrap_or(parts);
    let full = of(BAR) as usize;
    format!("[{}{}] {:3} %  ", "#".repeat(full), ".".repeat(BAR as usize - full), of(100))
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
