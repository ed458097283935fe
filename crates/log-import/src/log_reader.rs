//! Reads a log as plain text from a file or a pipe, compressed or not. Its first bytes tell the format, never its
//! name.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::gzip_members::{CompressionFormat, GzipMembers};
use super::interruptible_pipe::InterruptiblePipe;

/// An open log.
pub struct LogReader {
    source: Source,
    /// Size of the file in bytes, compressed or not; None for a pipe.
    pub size: Option<u64>,
    /// Number of bytes read from the file.
    pub bytes_read: Arc<AtomicU64>,
}

enum Source {
    /// An uncompressed file: it can seek to the position.
    File(ByteCounter<File>),
    Stream(Box<dyn Read + Send>),
}

/// Bytes that are enough to tell all formats apart.
const MAGIC_BYTES: usize = 6;

/// The file name of standard input. It may be given once.
pub const STANDARD_INPUT: &str = "-";

impl LogReader {
    /// Opens a file, or standard input for `-`. When `stop` is set, a pipe that waits for its writer is at its end.
    ///
    /// # Errors
    /// Tells why it can't be opened and what to do.
    pub fn open(path: &Path, stop: &Arc<AtomicBool>) -> Result<Self, String> {
        if path.as_os_str() == STANDARD_INPUT {
            return Self::from_pipe(InterruptiblePipe::new(io::stdin(), stop));
        }
        let why = |error: io::Error| format!("can't be opened: {}", error.kind());
        let file = File::open(path).map_err(why)?;
        let metadata = file.metadata().map_err(why)?;
        if metadata.is_dir() {
            return Err("is a folder. Name the files in it".to_owned());
        }
        if !metadata.is_file() {
            return Self::from_pipe(InterruptiblePipe::new(file, stop));
        }
        Self::from_file(file, metadata.len())
    }

    fn from_file(mut file: File, size: u64) -> Result<Self, String> {
        let why = |error: io::Error| format!("can't be read: {}", error.kind());
        let first = read_magic(&mut file).map_err(why)?;
        file.seek(SeekFrom::Start(0)).map_err(why)?;
        let counter = ByteCounter { inner: file, bytes_read: Arc::default() };
        let bytes_read = Arc::clone(&counter.bytes_read);
        let source = match CompressionFormat::detect(&first)? {
            None => Source::File(counter),
            Some(format) => Source::Stream(Box::new(GzipMembers::new(format, BufReader::new(counter)))),
        };
        Ok(Self { source, size: Some(size), bytes_read })
    }

    fn from_pipe(mut interruptible_pipe: InterruptiblePipe) -> Result<Self, String> {
        let first = read_magic(&mut interruptible_pipe)
            .map_err(|error| format!("can't be read: {}", error.kind()))?;
        let format = CompressionFormat::detect(&first)?;
        let counter =
            ByteCounter { inner: Cursor::new(first).chain(interruptible_pipe), bytes_read: Arc::default() };
        let bytes_read = Arc::clone(&counter.bytes_read);
        let source: Box<dyn Read + Send> = match format {
            None => Box::new(counter),
            Some(format) => Box::new(GzipMembers::new(format, BufReader::new(counter))),
        };
        Ok(Self { source: Source::Stream(source), size: None, bytes_read })
    }

    /// Seeks to a position of an uncompressed file. Returns None when the text must be read up to there instead.
    /// Otherwise returns the byte before the position, or None within when the file is shorter.
    ///
    /// # Errors
    /// When the file can't be read any more.
    pub fn seek(&mut self, position: u64) -> io::Result<Option<Option<u8>>> {
        let Source::File(file) = &mut self.source else { return Ok(None) };
        let mut before = [0];
        file.inner.seek(SeekFrom::Start(position.saturating_sub(1)))?;
        let there = file.inner.read(&mut before)? == 1;
        file.bytes_read.store(position, Ordering::Relaxed);
        Ok(Some(there.then_some(before[0])))
    }
}

impl Read for LogReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.source {
            Source::File(file) => file.read(buffer),
            Source::Stream(stream) => stream.read(buffer),
        }
    }
}

fn read_magic(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(MAGIC_BYTES);
    source.take(MAGIC_BYTES as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// Counts the bytes that are read through it.
struct ByteCounter<R> {
    inner: R,
    bytes_read: Arc<AtomicU64>,
}

impl<R: Read> Read for ByteCounter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes_read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
