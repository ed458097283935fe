//! The search of staff lives in the server's memory alone. What it keeps of a conversation is gone with it, from the
//! search and from the memory: all of the process is read, as whoever stole a dump of it would.
//!
//! What is looked for is the folded text, which the search alone makes. The text as it was written also passes buffers
//! of others, which are freed and not wiped: the network's, and the JSON reader's (TESTING.md).

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use domain::conversations::{StartConversation, Started};
use memchr::memmem;
use serde_json::Value;

use super::kit::process::Server;
use super::kit::{Beside, Shop, until, wait};

/// Stands in the conversation, and in nothing that is ever sent to the server: another process takes the message.
const WORD: &str = "VqzHolunder";

/// How often a text stands in all that a process may write to.
fn in_memory(of: &Server, text: &str) -> usize {
    let process = format!("/proc/{}", of.id());
    let maps = fs::read_to_string(format!("{process}/maps")).expect("our own child");
    let memory = File::open(format!("{process}/mem")).expect("our own child");
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let range = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let at = |hex: &str| u64::from_str_radix(hex, 16).expect("an address");
        let (from, to) = (at(range.0), at(range.1));
        let mut bytes = vec![0; usize::try_from(to - from).expect("64 bits")];
        // What was given back meanwhile can't be read, and holds nothing.
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            found += memmem::find_iter(&bytes, text).count();
        }
    }
    found
}

/// Somebody writes, through this process and not through the server.
fn writes(beside: &Beside, message: &str) -> i64 {
    let begin = StartConversation {
        message,
        name: "",
        address: "",
        licence: "",
        subject: "",
        files: &[],
        slot: None,
        quarantined: false,
        person: None,
        settings: &beside.settings,
    };
    match wait(beside.db.execute(&begin)).expect("the books") {
        Started::Started { id, .. } => id,
        Started::Refused(why) => panic!("{why}"),
    }
}

/// How many conversations staff find by a word.
fn hits(server: &Server, token: &str, word: &str) -> usize {
    let bearer = format!("Bearer {token}");
    let path = format!("/api/v1/search?q={word}");
    let found = server.connect().ask("GET", &path, &[("authorization", &bearer)], b"").expect("an answer");
    assert_eq!(found.status, 200, "{}", found.text());
    let found: Value = serde_json::from_slice(&found.body).expect("JSON");
    found["conversations"].as_array().expect("a list").len()
}

#[test]
fn an_erased_conversation_is_removed_from_the_search_index_and_memory() {
    let shop = Shop::empty();
    let server = shop.serve();
    let beside = shop.beside();
    let add = ["tokens", "add", "--name", "search", "--staff", "ada", "--scopes", "conversations:read"];
    let token = shop.says(&add, "").trim().to_owned();
    let folded = WORD.to_lowercase();
    let erase = |id| {
        shop.says(&["conversations", "erase", &domain::licensing::issue::display_number(id), "--yes"], "")
    };
    let first = writes(&beside, "A lantern.");
    // Long, and on many lines, so that whatever grows or is copied on its way is seen.
    let long = format!("A lantern, {WORD} and \"elder\".\n").repeat(800);
    let second = writes(&beside, &long);
    writes(&beside, "Another lantern, with a QuzGlowworm.");
    assert_eq!(hits(&server, &token, "lantern"), 3);
    erase(first);
    assert_eq!(hits(&server, &token, "lantern"), 2, "found after it was erased");
    let held = in_memory(&server, &folded);
    assert!(held >= 800, "the reader of memory sees {held}: the test shows nothing");
    // From here on nobody searches: it is forgotten all the same.
    erase(second);
    until("the search's forgetting", || (in_memory(&server, &folded) == 0).then_some(()));
    assert!(in_memory(&server, "quzglowworm") > 0, "the other one is still there");
    assert_eq!(hits(&server, &token, "lantern"), 1);
    beside.close();
    assert!(server.stop().success());
}
