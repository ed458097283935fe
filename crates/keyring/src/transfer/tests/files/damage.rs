//! Exported keyrings that are not authentic, or for another key.

use serde_json::{Value, json};

use super::content::{good_contents, of_length, small};
use super::make::{bad, exported_chunks};
use crate::ids::hex;
use crate::transfer::encryption::{CHUNK, HEAD, SEALED_CHUNK};
use crate::transfer::tests::{private_key, public_key, request};

const ONE: &str = "one chunk";
const FULL: &str = "one full chunk";
const TWO: &str = "two full chunks";
const THREE: &str = "three chunks";
const MORE: &[u8] = &[0];
const LAST: &[u8] = &[1];
/// The ends of the first and second chunk.
const FIRST_END: usize = HEAD + SEALED_CHUNK;
const SECOND_END: usize = HEAD + 2 * SEALED_CHUNK;

/// A part of a good file: its name, start and end.
type Part = (&'static str, usize, usize);

fn parts(parts: &[Part]) -> Value {
    json!({ "parts": parts })
}

fn cut(of: &'static str, at: usize) -> Value {
    parts(&[(of, 0, at)])
}

fn flipped(of: &'static str, byte: usize, bit: u8) -> Value {
    json!({ "parts": [(of, 0, length(of))], "flip": { "byte": byte, "bit": bit } })
}

fn with(of: &'static str, append: &[u8]) -> Value {
    json!({ "parts": [(of, 0, length(of))], "append": hex(append) })
}

/// The length of a good file.
fn length(of: &str) -> usize {
    let content = good_contents().into_iter().find(|(name, ..)| *name == of).unwrap().2;
    HEAD + content.len() + 16 * content.len().div_ceil(CHUNK)
}

/// The head before the encapsulated key.
fn info(format: u16) -> Vec<u8> {
    [b"scruple\x03".as_slice(), &format.to_le_bytes(), &public_key(1)].concat()
}

/// Files whose head is refused, and private keys that don't fit.
pub(super) fn head_faults() -> Vec<Value> {
    let with_key = |name: &str, key: &str, expect: &str| json!({ "name": name, "private_key": key, "file": cut(ONE, length(ONE)), "expect": expect });
    let key = private_key(1);
    let mut faults = vec![
        bad("nothing", json!(""), "not exported"),
        bad("text", json!(hex(b"age-encryption.org/v1\n")), "not exported"),
        bad("the magic of another file", flipped(ONE, 7, 0), "not exported"),
        bad("the first bit changed", flipped(ONE, 0, 7), "not exported"),
        bad("the magic cut", cut(ONE, 7), "not exported"),
        bad("format 0", flipped(ONE, 8, 0), "unknown format"),
        bad("format 257", flipped(ONE, 9, 0), "unknown format"),
        with_key("the private key of another request", &private_key(2), "other request"),
        bad("the first bit of the public key changed", flipped(ONE, 10, 0), "other request"),
        bad("the last bit of the public key changed", flipped(ONE, 41, 7), "other request"),
        with_key("an empty private key", "", "damaged private key"),
        with_key("a private key that is cut", &key[..key.len() - 1], "damaged private key"),
        with_key("a private key in capitals", &key.to_uppercase(), "damaged private key"),
        with_key("a request for a private key", &request(&public_key(1)), "damaged private key"),
        with_key(
            "a private key with another checksum",
            &(key[..key.len() - 1].to_owned() + "x"),
            "damaged private key",
        ),
    ];
    let of_format_2 = exported_chunks(&info(1), &info(2), &[(&small(), LAST)]);
    faults.push(bad("another format in the info", json!(hex(&of_format_2)), "damaged"));
    faults
}

/// Files of which a part is changed, missing, repeated or moved.
pub(super) fn damaged() -> Vec<Value> {
    [cuts(), flips(), additions(), moved_chunks(), wrong_marks()]
        .concat()
        .into_iter()
        .map(|(name, file)| bad(&name, file, "damaged"))
        .collect()
}

fn cuts() -> Vec<(String, Value)> {
    let (one, three) = (length(ONE), length(THREE));
    let places = [8, 9, 10, 41, 42, 73, HEAD, HEAD + 1, HEAD + 15, HEAD + 16, HEAD + 17, one - 16, one - 1];
    let around =
        [FIRST_END, SECOND_END].into_iter().flat_map(|end| [end - 16, end - 1, end, end + 1, end + 16]);
    let of_three = around.chain([three - 1]).map(|at| (format!("three chunks, cut at {at}"), cut(THREE, at)));
    places.map(|at| (format!("one chunk, cut at {at}"), cut(ONE, at))).into_iter().chain(of_three).collect()
}

fn flips() -> Vec<(String, Value)> {
    let (one, three) = (length(ONE), length(THREE));
    let in_one = [
        ("the encapsulated key, first bit", HEAD - 32, 0),
        ("the encapsulated key, the bit that X25519 ignores", HEAD - 1, 7),
        ("the first bit of the text", HEAD, 0),
        ("the last bit of the text", one - 17, 7),
        ("the first bit of the tag", one - 16, 0),
        ("the last bit of the tag", one - 1, 7),
    ];
    let in_three = [
        ("the first chunk of three", HEAD + 100),
        ("the first tag of three", HEAD + CHUNK),
        ("the second chunk of three", FIRST_END),
        ("the second tag of three", SECOND_END - 1),
        ("the third chunk of three", SECOND_END + 9),
        ("the third tag of three", three - 1),
    ];
    let in_one = in_one.map(|(name, at, bit)| (format!("flipped: {name}"), flipped(ONE, at, bit)));
    let in_three = in_three.map(|(name, at)| (format!("flipped: {name}"), flipped(THREE, at, 3)));
    in_one.into_iter().chain(in_three).collect()
}

fn additions() -> Vec<(String, Value)> {
    let (one, three) = (length(ONE), length(THREE));
    let all = [
        ("a byte after one chunk", with(ONE, &[0])),
        ("16 bytes after one chunk", with(ONE, &[0; 16])),
        ("a byte after three chunks", with(THREE, &[0])),
        ("a byte after one full chunk", with(FULL, &[0])),
        ("a second file after it", parts(&[(ONE, 0, one), (ONE, 0, one)])),
        ("a second file after one full chunk", parts(&[(FULL, 0, FIRST_END), (ONE, 0, one)])),
        ("a byte inside the head", parts(&[(ONE, 0, HEAD), (ONE, HEAD - 1, one)])),
        ("a byte inside a chunk", parts(&[(THREE, 0, HEAD + 9), (THREE, HEAD + 8, three)])),
    ];
    all.map(|(name, file)| (name.to_owned(), file)).into()
}

fn moved_chunks() -> Vec<(String, Value)> {
    let head = (THREE, 0, HEAD);
    let (a, b) = ((THREE, HEAD, FIRST_END), (THREE, FIRST_END, SECOND_END));
    let c = (THREE, SECOND_END, length(THREE));
    let (other_head, other_a, other_b) =
        ((TWO, 0, HEAD), (TWO, HEAD, FIRST_END), (TWO, FIRST_END, SECOND_END));
    let all = [
        ("the first chunk missing", parts(&[head, b, c])),
        ("the second chunk missing", parts(&[head, a, c])),
        ("the last chunk missing", parts(&[head, a, b])),
        ("only the last chunk", parts(&[head, c])),
        ("the first two chunks exchanged", parts(&[head, b, a, c])),
        ("the last two chunks exchanged", parts(&[head, a, c, b])),
        ("the chunks in reverse", parts(&[head, c, b, a])),
        ("the first chunk twice", parts(&[head, a, a, b, c])),
        ("the second chunk twice", parts(&[head, a, b, b, c])),
        ("the last chunk twice", parts(&[head, a, b, c, c])),
        ("the first chunk from another file", parts(&[head, other_a, b, c])),
        ("the last chunk from another file", parts(&[head, a, other_b])),
        ("the head from another file", parts(&[other_head, a, b, c])),
        ("the head twice", parts(&[head, head, a, b, c])),
    ];
    all.map(|(name, file)| (name.to_owned(), file)).into()
}

/// Files in which nothing is wrong but a mark, or the lengths of chunks.
fn wrong_marks() -> Vec<(String, Value)> {
    let (small, two, full, long) = (small(), of_length(CHUNK + 18), of_length(CHUNK), of_length(CHUNK + 1));
    let (a, b) = two.split_at(CHUNK);
    let (start, rest) = small.split_at(9);
    let file = |chunks: &[(&[u8], &[u8])]| json!(hex(&exported_chunks(&info(1), &info(1), chunks)));
    let all = [
        ("the last of two chunks not marked as last", file(&[(a, MORE), (b, MORE)])),
        ("both of two chunks marked as last", file(&[(a, LAST), (b, LAST)])),
        ("the marks of two chunks exchanged", file(&[(a, LAST), (b, MORE)])),
        ("one chunk not marked as last", file(&[(&small, MORE)])),
        ("one chunk with the mark 2", file(&[(&small, &[2])])),
        ("one chunk without a mark", file(&[(&small, &[])])),
        ("one chunk with a mark of two bytes", file(&[(&small, &[1, 0])])),
        ("an empty chunk", file(&[(&[], LAST)])),
        ("an empty chunk after a full one", file(&[(&full, MORE), (&[], LAST)])),
        ("an empty chunk before the last", file(&[(&[], MORE), (&small, LAST)])),
        ("a short chunk before the last", file(&[(start, MORE), (rest, LAST)])),
        ("a chunk that is one byte too long", file(&[(&long, LAST)])),
    ];
    all.map(|(name, file)| (name.to_owned(), file)).into()
}
