//! Opening and decompressing of files and pipes.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::sync::atomic::Ordering;

use super::*;
use crate::gzip_members::{CompressionFormat, GzipMembers};
use crate::interruptible_pipe::InterruptiblePipe;

/// Decompresses these bytes, and returns what came before the end or the error.
fn decompressed(format: CompressionFormat, bytes: &[u8]) -> (String, io::Result<()>) {
    let mut text = Vec::new();
    let end = GzipMembers::new(format, bytes).read_to_end(&mut text).map(drop);
    (String::from_utf8(text).unwrap(), end)
}

fn open(bytes: impl AsRef<[u8]>) -> LogReader {
    let (_folder, path) = file_of(bytes);
    LogReader::open(&path, &Arc::default()).unwrap()
}

#[test]
fn the_first_bytes_alone_tell_the_format() {
    let gzip = Some(CompressionFormat::Gzip);
    let zstandard = Some(CompressionFormat::Zstandard);
    for (first, expected) in [
        (&b""[..], None),
        (b"\n", None),
        (b"84.1.2", None),
        (b"{\"ts\":", None),
        (b"\x1f", None),
        (b"\x1f\x8b", gzip),
        (b"\x1f\x8c\x08\0\0\0", None),
        (b"\x28\xb5\x2f", None),
        (b"\x28\xb5\x2f\xfd", zstandard),
        (b"\x28\xb5\x2f\xfe\0\0", None),
        (b"\x4f\x2a\x4d\x18\0\0", None),
        (b"\x50\x2a\x4d\x18\0\0", zstandard),
        (b"\x5f\x2a\x4d\x18\0\0", zstandard),
        (b"\x60\x2a\x4d\x18\0\0", None),
        // Words that only begin like another format.
        (b"BZ", None),
        (b"PK", None),
        (b"PKI is", None),
        (b"\xfd7zXZ", None),
        (b"\x04\x22\x4d", None),
    ] {
        assert_eq!(CompressionFormat::detect(first), Ok(expected), "{first:?}");
    }
    for first in [&b"BZh"[..], b"PK\x03\x04", b"\xfd7zXZ\0", b"\x04\x22\x4d\x18"] {
        let why = CompressionFormat::detect(first).unwrap_err();
        assert!(why.contains(" FILE | scruple visits import --site ID -`"), "{why}");
    }
}

#[test]
fn only_zeros_may_follow_the_last_member() {
    let (gzip, zstandard) = (compressed::gzip("line\n"), compressed::zstandard("line\n"));
    for (format, packed) in [(CompressionFormat::Gzip, gzip), (CompressionFormat::Zstandard, zstandard)] {
        let with = |more: &[u8]| decompressed(format, &[&packed, more].concat());
        assert!(with(&[]).1.is_ok() && with(&[0]).1.is_ok() && with(&[0; 100_000]).1.is_ok(), "{format:?}");
        let (text, end) = with(&[&[0; 9_000][..], b"x"].concat());
        assert_eq!((text.as_str(), end.unwrap_err().kind()), ("line\n", ErrorKind::InvalidData));
        for more in [&b"x"[..], b"another text", &packed[1..], &packed[..packed.len() - 1]] {
            let (text, end) = with(more);
            assert!(end.is_err() && text.starts_with("line\n"), "{format:?} {text} {more:?}");
        }
    }
}

#[test]
fn a_skippable_frame_is_skipped_only_if_it_is_whole() {
    let skipped = |magic: u8, length: u32, content: &[u8]| {
        [&[magic, 0x2a, 0x4d, 0x18][..], &length.to_le_bytes(), content].concat()
    };
    let line = compressed::zstandard("line\n");
    let zstandard = |parts: &[&[u8]]| decompressed(CompressionFormat::Zstandard, &parts.concat());
    for magic in 0x50..=0x5f {
        let (text, end) = zstandard(&[&skipped(magic, 3, b"abc"), &line, &skipped(magic, 0, b"")]);
        end.unwrap();
        assert_eq!(text, "line\n", "{magic:x}");
    }
    let (text, end) = zstandard(&[&line, &skipped(0x50, 4, b"abc")]);
    assert_eq!((text.as_str(), end.unwrap_err().kind()), ("line\n", ErrorKind::UnexpectedEof));
    // A length that would reach beyond any file.
    assert!(zstandard(&[&skipped(0x50, u32::MAX, &line)]).1.is_err());
}

#[test]
fn an_archive_of_no_members_or_of_empty_ones_is_an_empty_log() {
    for (format, empty) in [
        (CompressionFormat::Gzip, compressed::gzip("")),
        (CompressionFormat::Zstandard, compressed::zstandard("")),
    ] {
        for bytes in [Vec::new(), empty.clone(), empty.repeat(3)] {
            let (text, end) = decompressed(format, &bytes);
            end.unwrap();
            assert_eq!(text, "", "{format:?}");
        }
    }
}

#[test]
fn after_an_error_nothing_more_is_read() {
    let packed = compressed::gzip("line\n");
    let mut members = GzipMembers::new(CompressionFormat::Gzip, &packed[..packed.len() - 1]);
    assert!(members.read_to_end(&mut Vec::new()).is_err());
    let mut joined = GzipMembers::new(CompressionFormat::Gzip, &b"\x1f\x8b\x08 no member"[..]);
    assert!(joined.read(&mut [0; 9]).is_err());
    assert_eq!(members.read(&mut []).unwrap(), 0);
}

#[test]
fn progress_counts_the_bytes_of_the_file_and_not_of_the_text() {
    let text = log(300, 1);
    for bytes in [text.clone().into_bytes(), compressed::gzip(&text), compressed::zstandard(&text)] {
        let mut reader = open(&bytes);
        assert_eq!(reader.size, Some(bytes.len() as u64));
        assert_eq!(reader.bytes_read.load(Ordering::Relaxed), 0);
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert!(read == text);
        assert_eq!(reader.bytes_read.load(Ordering::Relaxed), bytes.len() as u64);
    }
}

#[test]
fn progress_of_a_resumed_file_begins_at_its_position() {
    let mut reader = open("first\nsecond\n");
    assert_eq!(reader.seek(6).unwrap(), Some(Some(b'\n')));
    assert_eq!(reader.bytes_read.load(Ordering::Relaxed), 6);
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), reader.bytes_read.load(Ordering::Relaxed)), ("second\n", 13));
}

#[test]
fn only_an_uncompressed_file_can_seek() {
    assert_eq!(open(compressed::gzip("line\n")).seek(5).unwrap(), None);
    assert_eq!(open("line\n").seek(5).unwrap(), Some(Some(b'\n')));
    assert_eq!(open("line\n").seek(4).unwrap(), Some(Some(b'e')));
    assert_eq!(open("line\n").seek(6).unwrap(), Some(None));
}

/// Opens the reading end of a pipe that has received these bytes and whose writer is gone.
#[cfg(target_os = "linux")]
fn open_pipe(bytes: &[u8]) -> Result<LogReader, String> {
    use std::os::fd::AsRawFd as _;

    let (reading, mut writing) = io::pipe().unwrap();
    // Less than a pipe holds, so writing doesn't wait for the reader.
    assert!(bytes.len() < 60_000);
    writing.write_all(bytes).unwrap();
    drop(writing);
    let path = format!("/proc/self/fd/{}", reading.as_raw_fd());
    LogReader::open(Path::new(&path), &Arc::default())
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_read_like_a_file_compressed_or_not() {
    let text = log(300, 1);
    let whole = MemoryDayStore::new("UTC");
    let (_folder, path) = file_of(&text);
    import(&whole, &path);
    for bytes in [text.clone().into_bytes(), compressed::gzip(&text), compressed::zstandard(&text)] {
        let mut reader = open_pipe(&bytes).unwrap();
        assert_eq!(reader.size, None);
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert!(read == text);
        assert_eq!(reader.bytes_read.load(Ordering::Relaxed), bytes.len() as u64);
    }
    for bytes in [&b""[..], b"x", b"12345"] {
        let mut read = Vec::new();
        open_pipe(bytes).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
    }
    assert!(open_pipe(b"BZh91AY").err().unwrap().contains("bzip2 -dc"));
}

/// A source that is interrupted before each byte, and fails at its end.
struct Failing(Vec<u8>, bool);

impl io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(ErrorKind::Interrupted.into());
        }
        match self.0.pop() {
            None => Err(ErrorKind::ConnectionReset.into()),
            Some(byte) => {
                buffer[0] = byte;
                Ok(1)
            }
        }
    }
}

#[test]
fn an_error_of_a_pipe_comes_after_all_bytes_before_it() {
    let mut pipe = InterruptiblePipe::new(Failing(b"321".to_vec(), false), &Arc::default());
    let mut read = Vec::new();
    let error = pipe.read_to_end(&mut read).unwrap_err();
    assert_eq!((read.as_slice(), error.kind()), (&b"123"[..], ErrorKind::ConnectionReset));
    // The thread that read the pipe is gone, so the pipe is at its end.
    assert_eq!(pipe.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_set_stop_ends_a_pipe_that_still_has_data() {
    let stop = Arc::new(AtomicBool::new(false));
    let mut pipe = InterruptiblePipe::new(io::repeat(b'x'), &stop);
    let mut buffer = [0; 64 * 1024];
    assert!(pipe.read(&mut buffer).unwrap() > 0);
    stop.store(true, Ordering::Relaxed);
    // At most the rest of the chunk that was being read.
    let rest = io::copy(&mut pipe, &mut io::sink()).unwrap();
    assert!(rest < buffer.len() as u64, "{rest}");
}
