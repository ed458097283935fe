//! The cost of receiving mail, compared with parsing alone and with one row in a transaction, in the same run:
//! `cargo bench -p scruple --bench mail`. `SCRUPLE_TEST_DATABASE` names a PostgreSQL; without it the engine is SQLite.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod kit;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use inbound_mail::LocalIdentity;
use mail::receive::receive_message;
use store::testing::Scratch;
use store::{Error, Operation, Tx};

use kit::settings;

const MAILS: u64 = 1000;

/// The baseline: one row in a transaction.
struct OneRow(u64);

impl Operation for OneRow {
    const NAME: &'static str = "one row";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_fact(&format!("bench {}", self.0), "x").await
    }
}

/// Returns a usual message: two texts, a signature, a quotation, and an attachment of `bytes` bytes.
fn mail(n: u64, bytes: usize) -> Vec<u8> {
    let file = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJz\r\n".repeat(bytes / 45);
    let said = format!(
        "Does version {n} run on an older system?\r\n\r\nKind regards\r\nErika\r\n-- \r\nErika Example\r\n\r\nOn Monday \
         you wrote:\r\n> We have a new version.\r\n"
    );
    format!(
        "Authentication-Results: mx.example; dmarc=pass header.from=buyers.example\r\nFrom: Erika \
         <erika{n}@buyers.example>\r\nTo: help@shop.example\r\nSubject: Older systems\r\nMessage-ID: \
         <{n}@buyers.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: \
         multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\
         Content-Type: text/plain\r\n\r\n{said}\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>{said}</p>\r\n--a--\r\n--m\r\n\
         Content-Type: application/octet-stream; name=log.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n{file}\r\n\
         --m--\r\n"
    )
    .into_bytes()
}

async fn round(name: &str, mails: u64, bytes: usize) {
    let own = Arc::new(LocalIdentity {
        reply: Some(("help".into(), "shop.example".into())),
        addresses: vec!["help@shop.example".into()],
        authserv_id: Some("mx.example".into()),
    });
    let (scratch, settings) = (Scratch::new().await, settings());
    domain::startup::prepare_store(&scratch.db).await.expect("a fresh store starts");
    let per_second = |begun: Instant| mails as f64 / begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    (0..mails).for_each(|n| drop(black_box(inbound_mail::parse_email(&mail(n, bytes), &own))));
    let parsing = per_second(begun);
    let begun = Instant::now();
    for n in 0..mails {
        scratch.db.execute(&OneRow(n)).await.expect("one row");
    }
    let rows = per_second(begun);
    let begun = Instant::now();
    for n in 0..mails {
        let received = receive_message(&scratch.db, &settings, &own, mail(n, bytes)).await;
        assert!(received.is_ok(), "a message was not received");
    }
    let receiving = per_second(begun);
    println!(
        "{name}: received {receiving:.0}/s ({:.1} MB/s)   parsed alone {parsing:.0}/s ({:.2})   one bare row each {rows:.0}/s ({:.2})",
        receiving * bytes as f64 / 1e6,
        receiving / parsing,
        receiving / rows
    );
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        round("mails of 1 kB", MAILS, 0).await;
        round("mails with a file of 1 MB", MAILS / 20, 1_000_000).await;
    });
}
