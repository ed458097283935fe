//! Vectors of transfer requests: `transfer-requests.json`.

use serde_json::{Value, json};

use super::{private_key, public_key, request, text};
use crate::KeyringError;
use crate::ids::hex;
use crate::test_vectors::{assert_made, assert_mostly_bad, vectors};
use crate::transfer::encryption::EncryptingWriter;
use crate::transfer::key_text::{KeyTextFault, REQUEST, from_text};

const FILE: &str = "transfer-requests.json";
const SOURCE: &str =
    "transfer requests of docs/formats.md, made by crates/keyring/src/transfer/tests/requests.rs";

fn good(name: &str, text: &str, key: &[u8; 32]) -> Value {
    json!({ "name": name, "text": text, "expect": "good", "public_key": hex(key) })
}

fn bad(name: &str, text: &str, expect: &str) -> Value {
    json!({ "name": name, "text": text, "expect": expect })
}

/// Replaces the character at a position.
fn changed(text: &str, at: usize, character: char) -> String {
    text.chars().enumerate().map(|(i, c)| if i == at { character } else { c }).collect()
}

fn good_vectors() -> Vec<Value> {
    let key = public_key(1);
    let text = request(&key);
    vec![
        good("a request", &text, &key),
        good("another request", &request(&public_key(2)), &public_key(2)),
        good("digits only", &request(&[0x55; 32]), &[0x55; 32]),
        good("with a line end", &format!("{text}\n"), &key),
        good("with white space around it", &format!(" \t{text}\r\n"), &key),
    ]
}

fn bad_vectors() -> Vec<Value> {
    let (text, other) = (request(&public_key(1)), request(&public_key(2)));
    let at = REQUEST.len();
    let (head, key, sum) = (&text[..at + 2], &text[at + 2..at + 66], &text[at + 67..]);
    let next = |c: char| char::from_digit((c.to_digit(16).unwrap() + 1) % 16, 16).unwrap();
    let turned = |i: usize| changed(&text, i, next(text.chars().nth(i).unwrap()));
    let version = |version: &str| format!("{REQUEST}{version}-{key}-{sum}");
    let exchanged = (at + 2..at + 65).find(|i| text.as_bytes()[*i] != text.as_bytes()[i + 1]).unwrap();
    let exchanged = format!(
        "{}{}{}{}",
        &text[..exchanged],
        &text[exchanged + 1..exchanged + 2],
        &text[exchanged..=exchanged],
        &text[exchanged + 2..]
    );
    vec![
        bad("nothing", "", "other prefix"),
        bad("a word", "nonsense", "other prefix"),
        bad("the key alone", key, "other prefix"),
        bad("a private key", &private_key(1), "other prefix"),
        bad("the prefix in capitals", &text.to_uppercase(), "other prefix"),
        bad("the first character missing", &text[1..], "other prefix"),
        bad("a character before it", &format!("-{text}"), "other prefix"),
        bad(
            "an age recipient",
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudztdzqqfm3y7a",
            "other prefix",
        ),
        bad("version 2", &version("2"), "unknown version"),
        bad("version 0", &version("0"), "unknown version"),
        bad("version 01", &version("01"), "unknown version"),
        bad("version 10", &version("10"), "unknown version"),
        bad("no version", &version(""), "unknown version"),
        bad("the prefix alone", REQUEST, "mistyped"),
        bad("the prefix and the version alone", head, "mistyped"),
        bad("no dash after the version", &format!("{REQUEST}1{key}{sum}"), "mistyped"),
        bad("no checksum", &format!("{head}{key}"), "mistyped"),
        bad("an empty checksum", &format!("{head}{key}-"), "mistyped"),
        bad("the first half", &text[..text.len() / 2], "mistyped"),
        bad("the first digit of the key changed", &turned(at + 2), "mistyped"),
        bad("the last digit of the key changed", &turned(at + 65), "mistyped"),
        bad("the first digit of the checksum changed", &turned(at + 67), "mistyped"),
        bad("the last digit of the checksum changed", &turned(text.len() - 1), "mistyped"),
        bad("two neighbouring digits exchanged", &exchanged, "mistyped"),
        bad("a digit missing", &format!("{}{}", &text[..at + 20], &text[at + 21..]), "mistyped"),
        bad("a digit twice", &format!("{}{}", &text[..at + 20], &text[at + 19..]), "mistyped"),
        bad("the last digit missing", &text[..text.len() - 1], "mistyped"),
        bad("a digit after it", &format!("{text}0"), "mistyped"),
        bad("a dash after it", &format!("{text}-"), "mistyped"),
        bad("an o for a digit", &changed(&text, at + 10, 'o'), "mistyped"),
        bad("a character of two bytes for a digit", &changed(&text, at + 10, 'é'), "mistyped"),
        bad("the key in capitals", &format!("{head}{}-{sum}", key.to_uppercase()), "mistyped"),
        bad("the checksum in capitals", &format!("{head}{key}-{}", sum.to_uppercase()), "mistyped"),
        bad("a space inside", &format!("{} {}", &text[..at + 30], &text[at + 30..]), "mistyped"),
        bad("a line end inside", &format!("{}\n{}", &text[..at + 30], &text[at + 30..]), "mistyped"),
        bad("two requests", &format!("{text}\n{other}"), "mistyped"),
        bad("the checksum of another request", &format!("{head}{key}-{}", &other[at + 67..]), "mistyped"),
        bad("the key 0, which is of low order", &request(&[0; 32]), "unusable"),
        bad("the key 1, which is of low order", &request(&low_order()), "unusable"),
    ]
}

fn low_order() -> [u8; 32] {
    let mut key = [0; 32];
    key[0] = 1;
    key
}

fn fault(text: &str) -> Result<[u8; 32], KeyTextFault> {
    let key = from_text(REQUEST, text)?;
    match EncryptingWriter::new(&mut Vec::new(), &key) {
        Ok(_) => Ok(*key),
        Err(KeyringError::InvalidTransferRequest(fault)) => Err(fault),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn each_vector_of_a_transfer_request_has_its_expected_outcome() {
    for vector in vectors(FILE) {
        let outcome = match fault(text(&vector, "text")) {
            Ok(key) => {
                assert_eq!(hex(&key), text(&vector, "public_key"));
                "good"
            }
            Err(KeyTextFault::OtherPrefix) => "other prefix",
            Err(KeyTextFault::UnknownVersion) => "unknown version",
            Err(KeyTextFault::Mistyped) => "mistyped",
            Err(KeyTextFault::Unusable) => "unusable",
        };
        assert_eq!(outcome, vector["expect"], "{}", vector["name"]);
    }
}

#[test]
fn the_vectors_of_transfer_requests_are_up_to_date() {
    let all = [good_vectors(), bad_vectors()].concat();
    assert_mostly_bad(&all);
    assert_made(FILE, SOURCE, &all);
}
