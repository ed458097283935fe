//! Splits a log into blocks of whole lines for the workers, and tracks the position up to which it was consumed.

use std::io::{self, Read};

use analytics::log::MAX_LINE_BYTES;
use memchr::{memchr, memchr_iter, memrchr};

use super::log_reader::LogReader;

/// Size of a block in bytes; the last line may exceed it.
const BLOCK_BYTES: usize = 1 << 20;

/// Bytes of a log's first line that identify the log.
pub const HEAD_BYTES: usize = 256;

/// Reads a log in blocks.
pub struct Blocks {
    reader: LogReader,
    /// Approximate size of a block in bytes.
    size: usize,
    /// Bytes that were read but not consumed: the beginning of a line.
    buffer: Vec<u8>,
    /// Bytes of an overlong line that were skipped.
    skipped: u64,
    /// Bytes of plain text up to the end of the last consumed line.
    position: u64,
    /// Number of consumed lines.
    lines: u64,
    ended: Option<io::Result<()>>,
}

/// Where reading of a log resumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// At the position where it stopped, which is the beginning of a line.
    AtLineStart,
    /// The log is shorter than the position.
    PastEnd,
    /// The position is in the middle of a line: it is another log.
    MidLine,
}

/// Lines, and the number of the first of them.
#[derive(Default)]
pub struct Block {
    /// Whole lines.
    pub text: Vec<u8>,
    /// The first line's number, counted from 1 where reading began.
    pub first: u64,
}

impl Blocks {
    /// Creates a reader at the beginning of a log.
    pub fn new(reader: LogReader) -> Self {
        Self::with_block_size(BLOCK_BYTES, reader)
    }

    /// The same with another block size.
    pub(crate) fn with_block_size(size: usize, reader: LogReader) -> Self {
        Self { reader, size, buffer: Vec::new(), skipped: 0, position: 0, lines: 0, ended: None }
    }

    /// The underlying reader, for progress.
    pub fn reader(&self) -> &LogReader {
        &self.reader
    }

    /// The consumed bytes of plain text, and the consumed lines.
    pub(crate) fn consumed(&self) -> (u64, u64) {
        (self.position, self.lines)
    }

    /// Whether bytes follow the last whole line.
    pub(crate) fn has_partial_line(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Whether these bytes exceed the length of a log line.
    pub(crate) fn has_oversized_partial_line(&self) -> bool {
        self.buffer.len() > MAX_LINE_BYTES
    }

    /// The first line that isn't empty, cut after [`HEAD_BYTES`] bytes; None while it has no line break. Call it
    /// before any block is consumed.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut blank = 0;
        loop {
            blank += self.buffer[blank..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let first = &self.buffer[blank..];
            if let Some(end) = memchr(b'\n', &first[..first.len().min(HEAD_BYTES)]) {
                return Ok(Some(first[..end].trim_ascii_end().to_vec()));
            }
            if first.len() >= HEAD_BYTES {
                return Ok(Some(first[..HEAD_BYTES].to_vec()));
            }
            if self.fill(4 * HEAD_BYTES)? == 0 {
                return Ok(None);
            }
        }
    }

    /// Resumes at a position of the plain text. Call it after [`head`](Self::head).
    ///
    /// # Errors
    /// When the log can't be read.
    pub(crate) fn resume_at(&mut self, position: u64) -> io::Result<Resumed> {
        if position == 0 {
            return Ok(Resumed::AtLineStart);
        }
        let before = match self.reader.seek(position)? {
            Some(before) => {
                self.buffer.clear();
                before
            }
            None => self.read_up_to(position)?,
        };
        self.position = position;
        Ok(match before {
            None => Resumed::PastEnd,
            Some(b'\n') => Resumed::AtLineStart,
            Some(_) => Resumed::MidLine,
        })
    }

    /// The byte before a position, if the text reaches that far.
    fn read_up_to(&mut self, position: u64) -> io::Result<Option<u8>> {
        let mut left = position;
        loop {
            let passed = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            left -= passed as u64;
            let last = self.buffer[..passed].last().copied();
            self.buffer.drain(..passed);
            if left == 0 {
                return Ok(last);
            }
            if self.fill(BLOCK_BYTES)? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads up to `more` bytes, fewer only at the end. Bytes read before an error are kept.
    fn fill(&mut self, more: usize) -> io::Result<usize> {
        self.reader.by_ref().take(more as u64).read_to_end(&mut self.buffer)
    }

    /// Reads the next block; false when there is none. It never returns bytes behind the last line break, because
    /// their writer may be in the middle of a line.
    ///
    /// # Errors
    /// When the log can't be read any further; all whole lines before were returned.
    pub fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        while self.ended.is_none() {
            match self.fill(self.size) {
                Ok(read) if read == self.size => {}
                end => self.ended = Some(end.map(drop)),
            }
            if let Some(end) = memrchr(b'\n', &self.buffer) {
                self.take_block(end + 1, block);
                return Ok(true);
            }
            // Too long for a log line. One byte beyond the limit is enough to recognise it later.
            let skipped = self.buffer.len().saturating_sub(MAX_LINE_BYTES + 1);
            self.buffer.truncate(MAX_LINE_BYTES + 1);
            self.skipped += skipped as u64;
        }
        self.ended.replace(Ok(())).unwrap_or(Ok(())).map(|()| false)
    }

    fn take_block(&mut self, length: usize, block: &mut Block) {
        block.text.clear();
        block.text.extend_from_slice(&self.buffer[..length]);
        self.buffer.drain(..length);
        block.first = self.lines + 1;
        self.lines += memchr_iter(b'\n', &block.text).count() as u64;
        self.position += length as u64 + std::mem::take(&mut self.skipped);
    }
}
