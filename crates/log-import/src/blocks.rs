//! A log cut into blocks of whole lines, for whoever reads next, and the place up to which it was handed out.

use std::io::{self, Read};

use analytics::log::LONGEST_LINE;
use memchr::{memchr, memchr_iter, memrchr};

use super::plain::Plain;

/// Bytes of a block, as long as its last line allows.
const BLOCK: usize = 1 << 20;

/// By so many bytes of its first line a log is known again.
pub const HEAD: usize = 256;

/// Hands a log out.
pub struct Blocks {
    plain: Plain,
    /// Bytes of a block, about.
    size: usize,
    /// Read, and not handed out: the beginning of a line.
    rest: Vec<u8>,
    /// Bytes of a line that is too long, which were let go.
    let_go: u64,
    /// Bytes of plain text up to the end of the last line that was handed out.
    place: u64,
    /// Lines that were handed out.
    lines: u64,
    over: Option<io::Result<()>>,
}

/// Where a log went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// Where it was left, at the beginning of a line.
    On,
    /// Nowhere: it is shorter than what was read of it before.
    Nowhere,
    /// Into the middle of a line: it isn't the log that was read before.
    Astray,
}

/// Lines, and the number of the first of them.
#[derive(Default)]
pub struct Block {
    /// Whole lines.
    pub text: Vec<u8>,
    /// Counted from where the reading began, from 1.
    pub first: u64,
}

impl Blocks {
    /// Of a log from its beginning.
    pub fn of(plain: Plain) -> Self {
        Self::of_about(BLOCK, plain)
    }

    /// The same with blocks of another size.
    pub fn of_about(size: usize, plain: Plain) -> Self {
        Self { plain, size, rest: Vec::new(), let_go: 0, place: 0, lines: 0, over: None }
    }

    /// The log, for how much of it there is and was read.
    pub fn plain(&self) -> &Plain {
        &self.plain
    }

    /// Up to where it was handed out, in bytes of plain text, and how many lines.
    pub fn handed_out(&self) -> (u64, u64) {
        (self.place, self.lines)
    }

    /// Whether something stands behind the last whole line.
    pub fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Whether that is more than a line of a log can be.
    pub fn has_too_long_a_rest(&self) -> bool {
        self.rest.len() > LONGEST_LINE
    }

    /// The first line that isn't empty, cut off after [`HEAD`] bytes; None while it has no end. Before anything is handed out.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut blank = 0;
        loop {
            blank += self.rest[blank..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let first = &self.rest[blank..];
            if let Some(end) = memchr(b'\n', &first[..first.len().min(HEAD)]) {
                return Ok(Some(first[..end].trim_ascii_end().to_vec()));
            }
            if first.len() >= HEAD {
                return Ok(Some(first[..HEAD].to_vec()));
            }
            if self.fill(4 * HEAD)? == 0 {
                return Ok(None);
            }
        }
    }

    /// Goes on at a place of the plain text. After [`head`](Self::head).
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn go_on(&mut self, place: u64) -> io::Result<Went> {
        if place == 0 {
            return Ok(Went::On);
        }
        let before = match self.plain.go_to(place)? {
            Some(before) => {
                self.rest.clear();
                before
            }
            None => self.read_up_to(place)?,
        };
        self.place = place;
        Ok(match before {
            None => Went::Nowhere,
            Some(b'\n') => Went::On,
            Some(_) => Went::Astray,
        })
    }

    /// The byte before a place, when the text reaches that far.
    fn read_up_to(&mut self, place: u64) -> io::Result<Option<u8>> {
        let mut left = place;
        loop {
            let passed = usize::try_from(left).unwrap_or(usize::MAX).min(self.rest.len());
            left -= passed as u64;
            let last = self.rest[..passed].last().copied();
            self.rest.drain(..passed);
            if left == 0 {
                return Ok(last);
            }
            if self.fill(BLOCK)? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads so many bytes more, fewer only at the end. What was read before an error waits too.
    fn fill(&mut self, more: usize) -> io::Result<usize> {
        self.plain.by_ref().take(more as u64).read_to_end(&mut self.rest)
    }

    /// The next block; false when there is none. What stands behind the last line's end is never handed out: whoever writes it
    /// may be in the middle of a line.
    ///
    /// # Errors
    /// When the log can't be read any further; all whole lines before that were handed out.
    pub fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        while self.over.is_none() {
            match self.fill(self.size) {
                Ok(read) if read == self.size => {}
                end => self.over = Some(end.map(drop)),
            }
            if let Some(end) = memrchr(b'\n', &self.rest) {
                self.hand_out(end + 1, block);
                return Ok(true);
            }
            // No line of a log: one byte too many is enough to tell.
            let let_go = self.rest.len().saturating_sub(LONGEST_LINE + 1);
            self.rest.truncate(LONGEST_LINE + 1);
            self.let_go += let_go as u64;
        }
        self.over.replace(Ok(())).unwrap_or(Ok(())).map(|()| false)
    }

    fn hand_out(&mut self, length: usize, block: &mut Block) {
        block.text.clear();
        block.text.extend_from_slice(&self.rest[..length]);
        self.rest.drain(..length);
        block.first = self.lines + 1;
        self.lines += memchr_iter(b'\n', &block.text).count() as u64;
        self.place += length as u64 + std::mem::take(&mut self.let_go);
    }
}
