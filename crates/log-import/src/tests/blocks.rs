//! Splitting of a log into blocks of whole lines, its first line, and its position.

use std::io;

use analytics::log::MAX_LINE_BYTES;
use proptest::prelude::*;

use super::*;
use crate::blocks::{Block, HEAD_BYTES, Resumed};

/// Opens these bytes as a file, to be read in blocks of `size` bytes.
fn blocks_of(bytes: impl AsRef<[u8]>, size: usize) -> Blocks {
    let (_folder, path) = file_of(bytes);
    Blocks::with_block_size(size, LogReader::open(&path, &Arc::default()).unwrap())
}

/// Reads all blocks. Returns the text, the number of each block's first line, and how reading ended.
fn read_all(blocks: &mut Blocks) -> (Vec<u8>, Vec<u64>, io::Result<()>) {
    let (mut text, mut firsts, mut block) = (Vec::new(), Vec::new(), Block::default());
    loop {
        match blocks.next(&mut block) {
            Ok(true) => {
                text.extend_from_slice(&block.text);
                firsts.push(block.first);
            }
            end => return (text, firsts, end.map(drop)),
        }
    }
}

fn lines_in(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[test]
fn the_first_line_that_is_not_empty_identifies_a_log() {
    let of = |count: usize| "x".repeat(count);
    let head = of(HEAD_BYTES);
    let cases: [(String, Option<&str>); 13] = [
        ("a line\nand another\n".into(), Some("a line")),
        ("a line\r\n".into(), Some("a line")),
        ("a line \t \n".into(), Some("a line")),
        ("\n \t\r\n  a line\n".into(), Some("a line")),
        (format!("{}a line\n", "\n".repeat(5_000)), Some("a line")),
        (of(HEAD_BYTES - 1) + "\n", Some(&head[1..])),
        (of(HEAD_BYTES) + "\n", Some(&head)),
        (of(HEAD_BYTES + 1) + "\n", Some(&head)),
        // As many bytes as identify a log, and its writer has not ended the line.
        (of(HEAD_BYTES), Some(&head)),
        (of(HEAD_BYTES - 1), None),
        ("half a line".into(), None),
        ("\n\n\n".into(), None),
        (String::new(), None),
    ];
    for (text, expected) in cases {
        let head = blocks_of(&text, 64).head().unwrap();
        assert_eq!(head.as_deref(), expected.map(str::as_bytes), "{text:.80?}");
    }
}

#[test]
fn a_log_keeps_its_first_line_while_it_grows_by_single_bytes() {
    let text = format!("{}\nsecond\n", "y".repeat(HEAD_BYTES - 2));
    for length in 0..=text.len() {
        let head = blocks_of(&text[..length], 64).head().unwrap();
        let complete = length > HEAD_BYTES - 2;
        assert_eq!(head.is_some(), complete, "{length} bytes");
        assert!(head.is_none_or(|head| head == text.as_bytes()[..HEAD_BYTES - 2]), "{length} bytes");
    }
}

#[test]
fn looking_at_the_first_line_consumes_no_line() {
    let text = "\n\nfirst\nsecond\n";
    let mut blocks = blocks_of(text, 4);
    blocks.head().unwrap();
    assert_eq!(blocks.consumed(), (0, 0));
    let (read, firsts, end) = read_all(&mut blocks);
    end.unwrap();
    assert_eq!((read.as_slice(), firsts.first()), (text.as_bytes(), Some(&1)));
}

#[test]
fn reading_resumes_only_where_a_line_begins() {
    let text = "first\nsecond\n";
    let cases = [
        (0, Resumed::AtLineStart),
        (1, Resumed::MidLine),
        (5, Resumed::MidLine),
        (6, Resumed::AtLineStart),
        (7, Resumed::MidLine),
        (12, Resumed::MidLine),
        (13, Resumed::AtLineStart),
        (14, Resumed::PastEnd),
        (1 << 40, Resumed::PastEnd),
    ];
    for packed in [false, true] {
        for (position, expected) in cases {
            let bytes = if packed { compressed::gzip(text) } else { text.into() };
            let mut blocks = blocks_of(bytes, 8);
            blocks.head().unwrap();
            let resumed = blocks.resume_at(position).unwrap();
            assert_eq!(resumed, expected, "at {position}, packed: {packed}");
            if expected == Resumed::AtLineStart {
                let rest = &text.as_bytes()[position as usize..];
                assert_eq!(read_all(&mut blocks).0, rest, "at {position}, packed: {packed}");
                assert_eq!(blocks.consumed(), (text.len() as u64, lines_in(rest)), "at {position}");
            }
        }
    }
}

#[test]
fn a_line_of_the_greatest_length_is_kept_whole_and_a_longer_one_is_cut() {
    for (length, kept) in [
        (MAX_LINE_BYTES, MAX_LINE_BYTES),
        (MAX_LINE_BYTES + 1, MAX_LINE_BYTES + 1),
        (20 * MAX_LINE_BYTES, MAX_LINE_BYTES + 1),
    ] {
        let text = format!("{}\nnext\n", "x".repeat(length));
        let mut blocks = blocks_of(&text, 4_096);
        let (read, firsts, end) = read_all(&mut blocks);
        end.unwrap();
        let first = read.iter().position(|byte| *byte == b'\n').unwrap();
        // The bytes of the block with the line break come on top.
        assert!((kept..=kept + 4_096).contains(&first), "{first} of {length} bytes are kept");
        assert!(length > MAX_LINE_BYTES || first == length, "{first} of {length} bytes are kept");
        assert!(read.ends_with(b"\nnext\n") && firsts[0] == 1);
        assert_eq!(blocks.consumed(), (text.len() as u64, 2));
    }
}

#[test]
fn an_endless_line_at_the_end_takes_bounded_memory_and_is_reported() {
    let mut blocks = blocks_of("line\n".to_owned() + &"x".repeat(9 * MAX_LINE_BYTES), 4_096);
    let (read, _, end) = read_all(&mut blocks);
    end.unwrap();
    assert_eq!(read, b"line\n");
    assert_eq!(blocks.consumed(), (5, 1));
    assert!(blocks.has_partial_line() && blocks.has_oversized_partial_line());
}

#[test]
fn all_whole_lines_before_damage_are_read_and_the_error_is_told_once() {
    let text = log(400, 1);
    let packed = compressed::gzip(&text);
    let mut blocks = blocks_of(&packed[..packed.len() / 2], 512);
    let (read, _, end) = read_all(&mut blocks);
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(read.len() > 1_000 && read.ends_with(b"\n") && text.as_bytes().starts_with(&read));
    assert_eq!(blocks.consumed(), (read.len() as u64, lines_in(&read)));
    assert!(!blocks.next(&mut Block::default()).unwrap(), "the end after the error");
}

proptest! {
    #[test]
    fn blocks_of_any_size_are_the_lines_up_to_the_last_line_break(
        text in "[ab\n\r]{0,300}", size in 1..40_usize, packed: bool,
    ) {
        let bytes = if packed { compressed::gzip(&text) } else { text.clone().into() };
        let mut blocks = blocks_of(bytes, size);
        let (read, firsts, end) = read_all(&mut blocks);
        prop_assert!(end.is_ok());
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        prop_assert_eq!(&read, &text.as_bytes()[..whole]);
        prop_assert_eq!(blocks.consumed(), (whole as u64, lines_in(&read)));
        prop_assert_eq!(blocks.has_partial_line(), whole < text.len());
        prop_assert!(firsts.is_empty() || firsts[0] == 1);
        prop_assert!(firsts.is_sorted_by(|a, b| a < b), "{:?}", firsts);
    }

    #[test]
    fn a_log_read_in_two_runs_is_read_once(
        text in "[ab\n]{2,200}", cut: prop::sample::Index, sizes in (1..40_usize, 1..40_usize), packed: bool,
    ) {
        let pack = |text: &str| if packed { compressed::gzip(text) } else { text.into() };
        // The writer may be in the middle of a line when the first run reads the log.
        let mut first = blocks_of(pack(&text[..cut.index(text.len())]), sizes.0);
        let (mut read, _, _) = read_all(&mut first);
        let mut second = blocks_of(pack(&text), sizes.1);
        second.head().unwrap();
        prop_assert_eq!(second.resume_at(first.consumed().0).unwrap(), Resumed::AtLineStart);
        read.extend(read_all(&mut second).0);
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        prop_assert_eq!(&read, &text.as_bytes()[..whole]);
        prop_assert_eq!(second.consumed().0, whole as u64);
        prop_assert_eq!(first.consumed().1 + second.consumed().1, lines_in(&read));
    }
}
