//! A pipe whose writer may pause for as long as he likes, read so that an interruption is heard meanwhile.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// The reading end. A thread of its own waits for the writer; it ends with the pipe or with the program.
pub struct Pipe {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// The piece that is being handed out, and how far.
    piece: (Vec<u8>, usize),
    stop: Arc<AtomicBool>,
}

const PIECE: usize = 64 * 1024;
/// Pieces that may wait.
const WAITING: usize = 16;
/// How often an interruption is looked for while nothing comes.
const LOOK: Duration = Duration::from_millis(100);

impl Pipe {
    /// Of whatever is read from; at its end when `stop` is set.
    pub fn of(mut source: impl Read + Send + 'static, stop: &Arc<AtomicBool>) -> Self {
        let (send, pieces) = sync_channel(WAITING);
        std::thread::spawn(move || {
            loop {
                let mut piece = vec![0; PIECE];
                let read = match source.read(&mut piece) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read,
                };
                let over = !matches!(read, Ok(1..));
                let piece = read.map(|length| {
                    piece.truncate(length);
                    piece
                });
                if send.send(piece).is_err() || over {
                    return;
                }
            }
        });
        Self { pieces, piece: (Vec::new(), 0), stop: Arc::clone(stop) }
    }

    /// None at the end.
    fn next(&self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match self.pieces.recv_timeout(LOOK) {
                Ok(piece) => return piece.map(|piece| (!piece.is_empty()).then_some(piece)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.1 == self.piece.0.len() {
            let Some(piece) = self.next()? else { return Ok(0) };
            self.piece = (piece, 0);
        }
        let (piece, from) = &mut self.piece;
        let read = (&piece[*from..]).read(buffer)?;
        *from += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer who never says anything more.
    struct Silent;

    impl Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            loop {
                std::thread::park();
            }
        }
    }

    #[test]
    fn all_that_was_written_comes_out_in_any_portions() {
        let text: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut pipe = Pipe::of(io::Cursor::new(text.clone()), &Arc::default());
        let mut read = Vec::new();
        while pipe.by_ref().take(7_777).read_to_end(&mut read).unwrap() > 0 {}
        assert!(read == text);
    }

    #[test]
    fn an_interruption_is_heard_while_nothing_comes() {
        let stop = Arc::new(AtomicBool::new(false));
        let mut pipe = Pipe::of(Silent, &stop);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(pipe.read(&mut [0; 8]).unwrap(), 0);
    }
}
