//! The search index of staff is only in the server's memory. An erased conversation is removed from the index and from
//! the memory. The test reads all memory of the process, as a thief of a memory dump would.
//!
//! It looks for the lower-case text, which only the index contains. The original text also passes through buffers of
//! the network and of the JSON parser, which are freed and not wiped (TESTING.md).

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use domain::conversations::{StartConversation, Started};
use memchr::memmem;
use serde_json::Value;

use super::kit::process::Server;
use super::kit::{OpenStore, Shop, block_on, wait_until};
use store::ConversationId;

/// A word of the conversation that is never sent to the server, because the test's own process stores the message.
const WORD: &str = "VqzHolunder";

/// Counts a text in all writable memory of a process.
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
        // Memory that was released meanwhile can't be read, and holds nothing.
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            found += memmem::find_iter(&bytes, text).count();
        }
    }
    found
}

/// Starts a conversation in the test's own process, without the server.
fn start_conversation(store: &OpenStore, message: &str) -> ConversationId {
    let begin = StartConversation::with_message(message, &store.settings);
    match block_on(store.db.execute(&begin)).expect("the database") {
        Started::Started { id, .. } => id,
        Started::Refused(why) => panic!("{why:?}"),
    }
}

/// Returns how many conversations staff find by a word.
fn hits(server: &Server, token: &str, word: &str) -> usize {
    let bearer = format!("Bearer {token}");
    let path = format!("/api/v1/search?q={word}");
    let found =
        server.connect().request("GET", &path, &[("authorization", &bearer)], b"").expect("an answer");
    assert_eq!(found.status, 200, "{}", found.text());
    let found: Value = serde_json::from_slice(&found.body).expect("JSON");
    found["conversations"].as_array().expect("a list").len()
}

#[test]
fn an_erased_conversation_is_removed_from_the_search_index_and_memory() {
    let shop = Shop::empty();
    let server = shop.serve();
    let store = shop.open_store();
    let add = ["tokens", "add", "--name", "search", "--staff", "ada", "--scopes", "conversations:read"];
    let token = shop.run_ok(&add, "").trim().to_owned();
    let folded = WORD.to_lowercase();
    let erase = |id: ConversationId| shop.run_ok(&["conversations", "erase", &id.to_string(), "--yes"], "");
    let first = start_conversation(&store, "A lantern.");
    // The text is long and has many lines, so that buffers grow and are copied.
    let long = format!("A lantern, {WORD} and \"elder\".\n").repeat(800);
    let second = start_conversation(&store, &long);
    start_conversation(&store, "Another lantern, with a QuzGlowworm.");
    assert_eq!(hits(&server, &token, "lantern"), 3);
    erase(first);
    assert_eq!(hits(&server, &token, "lantern"), 2, "found after it was erased");
    let held = in_memory(&server, &folded);
    assert!(held >= 800, "only {held} copies are found before the erasure: the test proves nothing");
    // The index removes the conversation without another search.
    erase(second);
    wait_until("the removal from memory", || (in_memory(&server, &folded) == 0).then_some(()));
    assert!(in_memory(&server, "quzglowworm") > 0, "the other conversation stays");
    assert_eq!(hits(&server, &token, "lantern"), 1);
    store.close();
    assert!(server.stop().success());
}
