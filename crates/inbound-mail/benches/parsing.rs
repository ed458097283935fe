//! Measures parsing of e-mails, compared with mail-parser alone on the same messages in the same run.
//!
//! `cargo bench -p inbound-mail`
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement prints")]

use std::{fs, hint::black_box, path::Path, time::Instant};

use inbound_mail::{LocalIdentity, parse_email};
use mail_parser::MessageParser;

fn collection(folders: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inbound-mail/mail");
    let files = folders.iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

/// The best of ten rounds, in e-mails and bytes a second.
fn rate(mails: &[Vec<u8>], rounds: usize, read: impl Fn(&[u8])) -> (f64, f64) {
    let bytes: usize = mails.iter().map(Vec::len).sum();
    let mut best = f64::MAX;
    for _ in 0..10 {
        let begun = Instant::now();
        for _ in 0..rounds {
            mails.iter().for_each(|mail| read(mail));
        }
        best = best.min(begun.elapsed().as_secs_f64() / rounds as f64);
    }
    (mails.len() as f64 / best, bytes as f64 / best)
}

fn main() {
    let own = LocalIdentity {
        reply: Some(("support".into(), "desk.example.org".into())),
        ..LocalIdentity::default()
    };
    let all = collection(&[
        "bounce-hard",
        "bounce-soft",
        "complaint",
        "vacation",
        "list",
        "loop",
        "other",
        "person",
    ]);
    let picture = [b"From: jo@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n--b\r\nContent-Type: image/png; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n".as_slice(), "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD\r\n".repeat(100_000).as_bytes(), b"--b--\r\n"].concat();
    let parser = MessageParser::default();
    for (name, mails, rounds) in [("the collection", all, 20), ("a picture of 5 MB", vec![picture], 1)] {
        let ours = rate(&mails, rounds, |mail| drop(black_box(parse_email(mail, &own))));
        let peer = rate(&mails, rounds, |mail| drop(black_box(parser.parse(mail))));
        println!(
            "{name}: read {:.0} mails/s ({:.0} MB/s); mail-parser alone {:.0} ({:.0} MB/s); ratio {:.2}",
            ours.0,
            ours.1 / 1e6,
            peer.0,
            peer.1 / 1e6,
            peer.0 / ours.0
        );
    }
}
