//! A pipe that can be interrupted while its writer pauses.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// The reading end. A thread waits for the writer; it ends with the pipe or with the program.
pub struct InterruptiblePipe {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// The current chunk, and how much of it was read.
    chunk: (Vec<u8>, usize),
    stop: Arc<AtomicBool>,
}

const CHUNK_BYTES: usize = 64 * 1024;
/// Maximum number of chunks in the queue (backpressure).
const MAX_WAITING_CHUNKS: usize = 16;
/// How often it checks for an interruption while no data comes.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

impl InterruptiblePipe {
    /// Wraps a source. When `stop` is set, the pipe is at its end.
    pub fn new(mut source: impl Read + Send + 'static, stop: &Arc<AtomicBool>) -> Self {
        let (send, chunks) = sync_channel(MAX_WAITING_CHUNKS);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK_BYTES];
                let read = match source.read(&mut chunk) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read,
                };
                let ended = !matches!(read, Ok(1..));
                let chunk = read.map(|length| {
                    chunk.truncate(length);
                    chunk
                });
                if send.send(chunk).is_err() || ended {
                    return;
                }
            }
        });
        Self { chunks, chunk: (Vec::new(), 0), stop: Arc::clone(stop) }
    }

    /// None at the end.
    fn next(&self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match self.chunks.recv_timeout(POLL_INTERVAL) {
                Ok(chunk) => return chunk.map(|chunk| (!chunk.is_empty()).then_some(chunk)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

impl Read for InterruptiblePipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.1 == self.chunk.0.len() {
            let Some(chunk) = self.next()? else { return Ok(0) };
            self.chunk = (chunk, 0);
        }
        let (chunk, offset) = &mut self.chunk;
        let read = (&chunk[*offset..]).read(buffer)?;
        *offset += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that never writes.
    struct Silent;

    impl Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            loop {
                std::thread::park();
            }
        }
    }

    #[test]
    fn all_bytes_come_out_in_any_portions() {
        let text: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut pipe = InterruptiblePipe::new(io::Cursor::new(text.clone()), &Arc::default());
        let mut read = Vec::new();
        while pipe.by_ref().take(7_777).read_to_end(&mut read).unwrap() > 0 {}
        assert!(read == text);
    }

    #[test]
    fn an_interruption_is_noticed_while_no_data_comes() {
        let stop = Arc::new(AtomicBool::new(false));
        let mut pipe = InterruptiblePipe::new(Silent, &stop);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(pipe.read(&mut [0; 8]).unwrap(), 0);
    }
}
