//! gzip (RFC 1952) and Zstandard (RFC 8878), of as many members one after the other as there are: rotated logs are put
//! together with `cat`, and some programs compress in parallel.

use std::io::{self, BufRead, Error, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// What plain text can be wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstandard,
}

impl Wrapping {
    /// What begins with these bytes; none for plain text.
    ///
    /// # Errors
    /// For what can't be read here, says what can be done instead.
    pub fn of(first: &[u8]) -> Result<Option<Self>, String> {
        let other = |what, with| {
            Err(format!(
                "is {what}, which isn't read here: `{with} FILE | scruple visits import --site ID -` reads it"
            ))
        };
        match first {
            [0x1f, 0x8b, ..] => Ok(Some(Self::Gzip)),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Some(Self::Zstandard)),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => other("compressed by xz", "xz -dc"),
            [b'B', b'Z', b'h', ..] => other("compressed by bzip2", "bzip2 -dc"),
            [0x04, 0x22, 0x4d, 0x18, ..] => other("compressed by lz4", "lz4 -dc"),
            [b'P', b'K', 3, 4, ..] => other("a zip archive", "unzip -p"),
            _ => Ok(None),
        }
    }
}

/// The plain text of all members.
pub struct Members<R: BufRead> {
    wrapping: Wrapping,
    now: Now<R>,
}

enum Now<R: BufRead> {
    Between(R),
    Gzip(GzDecoder<R>),
    Zstandard(Box<FrameDecoder>, R),
    /// Read to the end, or no further for an error.
    Over,
}

impl<R: BufRead> Members<R> {
    /// Of a file of one wrapping.
    pub fn new(wrapping: Wrapping, file: R) -> Self {
        Self { wrapping, now: Now::Between(file) }
    }

    /// Begins the next member, unless there is none: then false.
    fn begin(&mut self, mut file: R) -> io::Result<bool> {
        let next = file.fill_buf()?;
        if next.is_empty() {
            return Ok(false);
        }
        // Tapes and some copies fill up with zeros behind the last member.
        if next[0] == 0 {
            return only_zeros(file).map(|()| false);
        }
        self.now = match self.wrapping {
            Wrapping::Gzip => Now::Gzip(GzDecoder::new(file)),
            Wrapping::Zstandard => frame(file)?,
        };
        Ok(true)
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.now {
                Now::Between(_) => 0,
                Now::Gzip(member) => member.read(buffer)?,
                Now::Zstandard(member, file) => of_frame(member, file, buffer)?,
                Now::Over => return Ok(0),
            };
            if read > 0 {
                return Ok(read);
            }
            let file = match std::mem::replace(&mut self.now, Now::Over) {
                Now::Between(file) => file,
                Now::Gzip(member) => member.into_inner(),
                Now::Zstandard(_, file) => file,
                Now::Over => return Ok(0),
            };
            if !self.begin(file)? {
                return Ok(0);
            }
        }
    }
}

/// The next frame; frames that are to be skipped (RFC 8878, 3.1.2) are.
fn frame<R: BufRead>(mut file: R) -> io::Result<Now<R>> {
    let mut decoder = FrameDecoder::new();
    match decoder.init(&mut file) {
        Ok(()) => Ok(Now::Zstandard(Box::new(decoder), file)),
        Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
            let skipped = io::copy(&mut Read::take(&mut file, u64::from(length)), &mut io::sink())?;
            if skipped < u64::from(length) {
                Err(ErrorKind::UnexpectedEof.into())
            } else {
                Ok(Now::Between(file))
            }
        }
        Err(error) => Err(Error::new(ErrorKind::InvalidData, error)),
    }
}

/// More of a frame; 0 at its end.
fn of_frame(decoder: &mut FrameDecoder, file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    while decoder.can_collect() == 0 && !decoder.is_finished() {
        decoder.decode_blocks(&mut *file, BlockDecodingStrategy::UptoBlocks(1)).map_err(Error::other)?;
    }
    decoder.read(buffer)
}

fn only_zeros(mut file: impl BufRead) -> io::Result<()> {
    loop {
        let rest = file.fill_buf()?;
        if rest.is_empty() {
            return Ok(());
        }
        if rest.iter().any(|byte| *byte != 0) {
            return Err(ErrorKind::InvalidData.into());
        }
        let length = rest.len();
        file.consume(length);
    }
}
