//! Malformed input over HTTP never makes the server fail, store data or delay other requests.

#[path = "../../../../../fuzz/src/mutation.rs"]
#[allow(dead_code, reason = "the fuzzer's replay uses more of it")]
mod mutation;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use mutation::Mutation;

use super::kit::database_rows::DatabaseRows;
use super::kit::http::{Connection, FORM};
use super::kit::orders::{VALIDATION_KEY, asks_for_key, order, paid};
use super::kit::{Shop, print_figures, wait_until};

const TRIES: usize = 5_000;

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a corpus").flatten().map(|file| file.path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("an input")).collect()
}

#[test]
fn five_thousand_malformed_inputs_are_refused_and_leave_nothing() {
    let shop = Shop::new();
    shop.run_ok(&["site", "add", "--id", "shop", "--host", "example.org"], "");
    let server = shop.serve();
    assert_eq!(server.post_notification(&paid(&order(1))).status, 200);
    let key = server.post_notification(&asks_for_key(&order(1)));
    let store = shop.open_store();
    // A site has a tally as soon as its day is open.
    wait_until("the open day", || (DatabaseRows::read(&store.db).count("visit_tally") > 0).then_some(()));
    let before = DatabaseRows::read(&store.db).counts();
    let (notifications, keys, addresses) = (corpus("notification"), corpus("key_text"), corpus("address"));
    let visits = [
        b"s=shop&p=%2Fa%3Futm_source%3Dx&r=https%3A%2F%2Fb.example%2F&w=1440&k=event&n=sign+up".to_vec(),
        br#"{"s":"shop","p":"https://example.org/a?utm_source=x","r":"","w":390,"k":"404","n":"\u00fc"}"#
            .to_vec(),
    ];
    let mut mutation = Mutation::seeded(2026);
    let mut statuses: BTreeMap<(&str, u16), u32> = BTreeMap::new();
    let mut connection = server.connect();
    for n in 0..TRIES {
        // Each input has its own IP address, so that no rate limit refuses it.
        let from = format!("198.{}.{}.{}", 18 + n % 2, n / 250 % 250, n % 250);
        let mut form =
            |field: &str, corpus: &[Vec<u8>]| [field.as_bytes(), b"=", &mutation.next_of(corpus)].concat();
        let (path, body) = match n % 10 {
            8 | 9 => ("/count", mutation.next_of(&visits)),
            0 => ("/licence", form("email", &addresses)),
            1 => ("/receipt", form("code", &keys)),
            2 => ("/licence/refresh", mutation.next_of(&keys)),
            _ => ("/paypro", mutation.next_of(&notifications)),
        };
        // Half of the visits have another content type than a form.
        let kind = if n % 10 == 8 { ("content-type", "text/plain") } else { FORM };
        let headers = [kind, ("x-forwarded-for", &*from)];
        let answer = connection.request("POST", path, &headers, &body).unwrap_or_else(|error| {
            panic!("no answer to input {n} at {path}: {error}\n{}", server.log());
        });
        assert!(answer.status < 500 || answer.status == 503, "input {n} at {path}: {}", answer.status);
        if answer.header("connection") == Some("close") {
            connection = server.connect();
        }
        *statuses.entry((path, answer.status)).or_default() += 1;
    }
    print_figures(&format!("malformed inputs by path and status: {statuses:?}"));
    assert!(statuses.keys().all(|(path, status)| *path != "/paypro" || !matches!(status, 200 | 503)));
    assert_eq!(DatabaseRows::read(&store.db).counts(), before, "something was stored");
    assert_eq!(server.post_notification(&asks_for_key(&order(1))), key, "the server still answers");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// A stranger can choose the fields that the signature doesn't cover.
#[test]
fn unsigned_fields_may_contain_anything() {
    let shop = Shop::new();
    let server = shop.serve();
    let (mut chance, mut connection) = (Mutation::seeded(7), server.connect());
    let seeds =
        [b"1".to_vec(), b"-1".to_vec(), b"03/21/2025 19:02:00".to_vec(), "Zo\u{eb}".as_bytes().to_vec()];
    let provider = super::kit::orders::provider();
    let mut answers: BTreeMap<u16, u32> = BTreeMap::new();
    for n in 0..400_usize {
        let mut draft = provider.charged(&order(n as u64));
        let names: Vec<String> = draft.fields().iter().map(|(name, _)| name.clone()).collect();
        let name = &names[n % names.len()];
        draft = draft.field(name, String::from_utf8_lossy(&chance.next_of(&seeds)).into_owned());
        let from = format!("198.18.{}.{}", n / 250, n % 250);
        let headers = [FORM, ("x-forwarded-for", &*from)];
        let answer =
            connection.request("POST", "/paypro", &headers, draft.body().as_bytes()).expect("an answer");
        assert!(matches!(answer.status, 200 | 400 | 403), "{name}: {} {}", answer.status, answer.text());
        *answers.entry(answer.status).or_default() += 1;
    }
    print_figures(&format!("signed notifications with one random field: {answers:?}"));
    assert!(!server.log().contains("panicked") && !server.log().contains(VALIDATION_KEY));
    shop.open_store().prove_promises();
}

#[test]
fn a_body_that_is_too_large_is_refused_and_a_slow_one_delays_no_other_request() {
    let shop = Shop::new();
    let server = shop.serve();
    let large = vec![b'a'; 65 * 1024];
    for path in ["/paypro", "/licence/refresh", "/licence", "/receipt"] {
        let answer = server.connect().post(path, &large).expect("an answer");
        assert_eq!(answer.status, 413, "{path}");
    }
    assert_eq!(server.connect().post("/count", &large[..8_193]).expect("an answer").status, 413);
    let mut slow: Vec<Connection> = (0..100).map(|_| server.connect()).collect();
    let head = "POST /paypro HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 1000\r\n\r\nIPN_";
    slow.iter_mut().for_each(|connection| connection.send(head.as_bytes()).expect("it is open"));
    let began = Instant::now();
    assert_eq!(server.post_notification(&paid(&order(1))).status, 200);
    assert!(began.elapsed().as_secs() < 10, "slow senders kept others waiting");
    // Only the long run waits until the server closes the slow connections.
    if super::kit::is_long_run() {
        for connection in &mut slow {
            assert_eq!(connection.answer().expect("an answer").status, 408);
        }
    }
}
