//! Decompresses gzip (RFC 1952) and Zstandard (RFC 8878) with several members: logs are joined with `cat`, and some
//! programs compress in parallel.

use std::io::{self, BufRead, Error, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// A supported compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionFormat {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstandard,
}

impl CompressionFormat {
    /// Detects the format by the first bytes; none for plain text.
    ///
    /// # Errors
    /// For an unsupported format, tells which command decompresses it.
    pub(crate) fn detect(first: &[u8]) -> Result<Option<Self>, String> {
        let other = |what, with| {
            Err(format!(
                "is {what}, which is not supported. Use `{with} FILE | scruple visits import --site ID -`"
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

/// Reads the plain text of all members.
pub struct GzipMembers<R: BufRead> {
    format: CompressionFormat,
    state: MemberState<R>,
}

enum MemberState<R: BufRead> {
    Between(R),
    Gzip(GzDecoder<R>),
    Zstandard(Box<FrameDecoder>, R),
    /// At the end, or after an error.
    Finished,
}

impl<R: BufRead> GzipMembers<R> {
    /// Reads a file of one format.
    pub fn new(format: CompressionFormat, file: R) -> Self {
        Self { format, state: MemberState::Between(file) }
    }

    /// Starts the next member; false when there is none.
    fn start_member(&mut self, mut file: R) -> io::Result<bool> {
        let next = file.fill_buf()?;
        if next.is_empty() {
            return Ok(false);
        }
        // Tapes and some copies fill up with zeros after the last member.
        if next[0] == 0 {
            return expect_only_zeros(file).map(|()| false);
        }
        self.state = match self.format {
            CompressionFormat::Gzip => MemberState::Gzip(GzDecoder::new(file)),
            CompressionFormat::Zstandard => start_frame(file)?,
        };
        Ok(true)
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.state {
                MemberState::Between(_) => 0,
                MemberState::Gzip(member) => member.read(buffer)?,
                MemberState::Zstandard(member, file) => read_frame(member, file, buffer)?,
                MemberState::Finished => return Ok(0),
            };
            if read > 0 {
                return Ok(read);
            }
            let file = match std::mem::replace(&mut self.state, MemberState::Finished) {
                MemberState::Between(file) => file,
                MemberState::Gzip(member) => member.into_inner(),
                MemberState::Zstandard(_, file) => file,
                MemberState::Finished => return Ok(0),
            };
            if !self.start_member(file)? {
                return Ok(0);
            }
        }
    }
}

/// Starts the next frame, or skips a skippable frame (RFC 8878, 3.1.2).
fn start_frame<R: BufRead>(mut file: R) -> io::Result<MemberState<R>> {
    let mut decoder = FrameDecoder::new();
    match decoder.init(&mut file) {
        Ok(()) => Ok(MemberState::Zstandard(Box::new(decoder), file)),
        Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
            let skipped = io::copy(&mut Read::take(&mut file, u64::from(length)), &mut io::sink())?;
            if skipped < u64::from(length) {
                Err(ErrorKind::UnexpectedEof.into())
            } else {
                Ok(MemberState::Between(file))
            }
        }
        Err(error) => Err(Error::new(ErrorKind::InvalidData, error)),
    }
}

/// Reads more of a frame; 0 at its end.
fn read_frame(decoder: &mut FrameDecoder, file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    while decoder.can_collect() == 0 && !decoder.is_finished() {
        decoder.decode_blocks(&mut *file, BlockDecodingStrategy::UptoBlocks(1)).map_err(Error::other)?;
    }
    decoder.read(buffer)
}

fn expect_only_zeros(mut file: impl BufRead) -> io::Result<()> {
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
