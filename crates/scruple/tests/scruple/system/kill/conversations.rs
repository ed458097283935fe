//! Conversations while the server is killed: an access code that was shown works until its conversation is erased.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::kit::conversation;
use super::super::kit::database_rows::DatabaseRows;
use super::super::kit::http::Connection;
use super::super::kit::random::SeededRandom;

/// The conversations, as their senders know them from the responses.
#[derive(Default)]
pub struct SampleConversations {
    next: AtomicU64,
    known: Mutex<BTreeMap<u64, SampleConversation>>,
}

/// A conversation whose access code was shown.
struct SampleConversation {
    code: String,
    /// Messages whose arrival was confirmed.
    arrived: Vec<String>,
    /// Its erasure was requested, with or without a response.
    asked: bool,
    /// Its erasure was confirmed.
    erased: bool,
}

impl SampleConversations {
    /// Starts a conversation, writes in one, or erases one.
    pub fn do_random_action(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        match chance.below(4) {
            0 | 1 => self.begin(connection, chance),
            2 => self.answer(connection, chance),
            _ => self.erase(connection, chance),
        }
    }

    fn begin(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        let n = self.next.fetch_add(1, Ordering::SeqCst);
        // The file has two chunks, so that the server can be killed between them.
        let file = vec![b'x'; 100_000];
        let files: &[conversation::File<'_>] = if chance.below(3) == 0 { &[("log.txt", &file)] } else { &[] };
        let code = conversation::start(connection, &[("message", &format!("Talk {n} begins."))], files)?;
        let begun = SampleConversation { code, arrived: Vec::new(), asked: false, erased: false };
        self.known.lock().expect("no thread panicked").insert(n, begun);
        Ok(())
    }

    /// Picks a conversation whose erasure was not requested.
    fn pick(&self, chance: &mut SeededRandom, asks: bool) -> Option<(u64, String)> {
        let mut known = self.known.lock().expect("no thread panicked");
        let mut free: Vec<(&u64, &mut SampleConversation)> =
            known.iter_mut().filter(|(_, conversation)| !conversation.asked).collect();
        let count = free.len() as u64;
        if count == 0 {
            return None;
        }
        let (n, conversation) = &mut free[usize::try_from(chance.below(count)).expect("small")];
        conversation.asked = asks;
        Some((**n, conversation.code.clone()))
    }

    fn answer(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        let Some((n, code)) = self.pick(chance, false) else { return Ok(()) };
        let text = format!("Answer {} in it.", self.next.fetch_add(1, Ordering::SeqCst));
        let answered = conversation::answer(connection, &code, &text)?;
        let mut known = self.known.lock().expect("no thread panicked");
        let conversation = known.get_mut(&n).expect("known");
        match answered.status {
            200 => conversation.arrived.push(text),
            // Another connection erases it meanwhile.
            404 => assert!(conversation.asked, "the code of conversation {n} was shown and leads nowhere"),
            other => panic!("{other}: {}", answered.text()),
        }
        Ok(())
    }

    fn erase(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        let Some((n, code)) = self.pick(chance, true) else { return Ok(()) };
        let erased = conversation::erase(connection, &code)?;
        assert_eq!(erased.status, 200, "conversation {n}: {}", erased.text());
        self.known.lock().expect("no thread panicked").get_mut(&n).expect("known").erased = true;
        Ok(())
    }

    /// Opens every conversation by its access code, on the restarted server.
    pub fn check_codes(&self, to: SocketAddr) {
        for (n, conversation) in self.known.lock().expect("no thread panicked").iter_mut() {
            let page = conversation::view(to, &conversation.code);
            assert!(
                !(conversation.erased && page.is_some()),
                "conversation {n} was said to be erased, and is there"
            );
            let Some(page) = page else {
                assert!(conversation.asked, "the code of conversation {n} was shown and leads nowhere");
                conversation.erased = true;
                continue;
            };
            for text in conversation.arrived.iter().chain([&format!("Talk {n} begins.")]) {
                assert_eq!(page.matches(text.as_str()).count(), 1, "conversation {n}: {text}");
            }
        }
    }

    /// Checks the rows of all conversations while no server runs, and returns a summary.
    pub fn check_rows(&self, database: &DatabaseRows) -> String {
        let ids = |table: &str, column: &str| -> BTreeSet<String> {
            database.rows(table).iter().map(|row| row[column].to_string()).collect()
        };
        let (conversations, messages, slots) =
            (ids("conversation", "id"), ids("message", "id"), ids("conversation", "slot"));
        for row in database.rows("conversation") {
            let own = database
                .rows("message")
                .iter()
                .filter(|message| message["conversation"] == row["id"])
                .count();
            assert_eq!(row["messages"].to_string(), own.to_string(), "a conversation is stored in part");
        }
        for table in ["message", "conversation_access"] {
            assert!(
                ids(table, "conversation").is_subset(&conversations) && ids(table, "slot").is_subset(&slots)
            );
        }
        // An upload that a kill interrupted belongs to no message. The retention run deletes it the next day.
        let sent = database.rows("attachment").iter().filter(|file| file["message"] != 0);
        for file in sent {
            assert!(messages.contains(&file["message"].to_string()), "a file of no message");
        }
        assert!(ids("chunk", "attachment").is_subset(&ids("attachment", "id")), "a chunk of no file");
        let known = self.known.lock().expect("no thread panicked");
        let living = known.values().filter(|conversation| !conversation.erased).count();
        assert!(conversations.len() >= living, "a conversation is lost");
        let count = |what: fn(&&SampleConversation) -> bool| known.values().filter(what).count();
        format!(
            "{} codes shown, {} conversations erased, {} answers in the others",
            known.len(),
            count(|conversation| conversation.erased),
            known
                .values()
                .filter(|conversation| !conversation.erased)
                .map(|conversation| conversation.arrived.len())
                .sum::<usize>(),
        )
    }
}
