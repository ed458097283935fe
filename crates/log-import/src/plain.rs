//! A log as plain text, whatever it is wrapped in: a file or a pipe, as it is or compressed. What it is is told by its first
//! bytes, never by its name.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::members::{Members, Wrapping};
use super::pipe::Pipe;

/// A log that was opened.
pub struct Plain {
    source: Source,
    /// Bytes of the file as it lies there; none of a pipe, whose end nobody knows.
    pub size: Option<u64>,
    /// How many of these were read.
    pub taken: Arc<AtomicU64>,
}

enum Source {
    /// Plain text in a file: what was read before is passed over at once.
    File(Counted<File>),
    Stream(Box<dyn Read + Send>),
}

/// Bytes that tell all wrappings apart.
const MAGIC: usize = 6;

/// How often `-` may stand among the files: standard input has one end.
pub const STANDARD_INPUT: &str = "-";

impl Plain {
    /// Opens a file, or standard input for `-`. Once `stop` is set, a pipe that waits for its writer is at its end.
    ///
    /// # Errors
    /// Says why it can't be opened and what to do.
    pub fn open(path: &Path, stop: &Arc<AtomicBool>) -> Result<Self, String> {
        if path.as_os_str() == STANDARD_INPUT {
            return Self::of_pipe(Pipe::of(io::stdin(), stop));
        }
        let why = |error: io::Error| format!("can't be opened: {}", error.kind());
        let file = File::open(path).map_err(why)?;
        let kept = file.metadata().map_err(why)?;
        if kept.is_dir() {
            return Err("is a folder: name the files in it".to_owned());
        }
        if !kept.is_file() {
            return Self::of_pipe(Pipe::of(file, stop));
        }
        Self::of_file(file, kept.len())
    }

    fn of_file(mut file: File, size: u64) -> Result<Self, String> {
        let why = |error: io::Error| format!("can't be read: {}", error.kind());
        let first = first_of(&mut file).map_err(why)?;
        file.seek(SeekFrom::Start(0)).map_err(why)?;
        let counted = Counted { inner: file, taken: Arc::default() };
        let taken = Arc::clone(&counted.taken);
        let source = match Wrapping::of(&first)? {
            None => Source::File(counted),
            Some(wrapping) => Source::Stream(Box::new(Members::new(wrapping, BufReader::new(counted)))),
        };
        Ok(Self { source, size: Some(size), taken })
    }

    fn of_pipe(mut pipe: Pipe) -> Result<Self, String> {
        let first = first_of(&mut pipe).map_err(|error| format!("can't be read: {}", error.kind()))?;
        let wrapping = Wrapping::of(&first)?;
        let whole = Counted { inner: Cursor::new(first).chain(pipe), taken: Arc::default() };
        let taken = Arc::clone(&whole.taken);
        let source: Box<dyn Read + Send> = match wrapping {
            None => Box::new(whole),
            Some(wrapping) => Box::new(Members::new(wrapping, BufReader::new(whole))),
        };
        Ok(Self { source: Source::Stream(source), size: None, taken })
    }

    /// Goes on at a place of the plain text, in a file and without reading what lies before. None when the text has to be
    /// read up to there; else the byte before that place, or nothing when the file ends before it.
    ///
    /// # Errors
    /// When the file can't be read any more.
    pub fn go_to(&mut self, place: u64) -> io::Result<Option<Option<u8>>> {
        let Source::File(file) = &mut self.source else { return Ok(None) };
        let mut before = [0];
        file.inner.seek(SeekFrom::Start(place.saturating_sub(1)))?;
        let there = file.inner.read(&mut before)? == 1;
        file.taken.store(place, Ordering::Relaxed);
        Ok(Some(there.then_some(before[0])))
    }
}

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.source {
            Source::File(file) => file.read(buffer),
            Source::Stream(stream) => stream.read(buffer),
        }
    }
}

fn first_of(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(MAGIC);
    source.take(MAGIC as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// Counts what is read through it.
struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
