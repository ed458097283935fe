//! Conversations while the server is killed: a code that was shown works, or its conversation was erased.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::kit::conversation;
use super::super::kit::database_rows::DatabaseRows;
use super::super::kit::http::Connection;
use super::super::kit::random::SeededRandom;

/// What writers know of their conversations.
#[derive(Default)]
pub struct SampleConversations {
    next: AtomicU64,
    known: Mutex<BTreeMap<u64, SampleConversation>>,
}

/// A conversation whose code was shown.
struct SampleConversation {
    code: String,
    /// Answers that were said to have arrived.
    arrived: Vec<String>,
    /// Its erasure was asked for, whatever was answered.
    asked: bool,
    /// Its writer was told that it is erased.
    erased: bool,
}

impl SampleConversations {
    /// Begins a conversation, answers in one, or erases one.
    pub fn act(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        match chance.below(4) {
            0 | 1 => self.begin(connection, chance),
            2 => self.answer(connection, chance),
            _ => self.erase(connection, chance),
        }
    }

    fn begin(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        let n = self.next.fetch_add(1, Ordering::SeqCst);
        // Two pieces, so that the server can be killed between them.
        let file = vec![b'x'; 100_000];
        let files: &[conversation::File<'_>] = if chance.below(3) == 0 { &[("log.txt", &file)] } else { &[] };
        let code = conversation::write(connection, &[("message", &format!("Talk {n} begins."))], files)?;
        let begun = SampleConversation { code, arrived: Vec::new(), asked: false, erased: false };
        self.known.lock().expect("no thread panicked").insert(n, begun);
        Ok(())
    }

    /// One that nobody has asked to erase.
    fn one(&self, chance: &mut SeededRandom, asks: bool) -> Option<(u64, String)> {
        let mut known = self.known.lock().expect("no thread panicked");
        let mut free: Vec<(&u64, &mut SampleConversation)> =
            known.iter_mut().filter(|(_, talk)| !talk.asked).collect();
        let count = free.len() as u64;
        if count == 0 {
            return None;
        }
        let (n, talk) = &mut free[usize::try_from(chance.below(count)).expect("small")];
        talk.asked = asks;
        Some((**n, talk.code.clone()))
    }

    fn answer(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        let Some((n, code)) = self.one(chance, false) else { return Ok(()) };
        let text = format!("Answer {} in it.", self.next.fetch_add(1, Ordering::SeqCst));
        let answered = conversation::answer(connection, &code, &text)?;
        let mut known = self.known.lock().expect("no thread panicked");
        let talk = known.get_mut(&n).expect("known");
        match answered.status {
            200 => talk.arrived.push(text),
            // Somebody else erases it meanwhile.
            404 => assert!(talk.asked, "the code of talk {n} was shown and leads nowhere"),
            other => panic!("{other}: {}", answered.text()),
        }
        Ok(())
    }

    fn erase(&self, connection: &mut Connection, chance: &mut SeededRandom) -> io::Result<()> {
        let Some((n, code)) = self.one(chance, true) else { return Ok(()) };
        let erased = conversation::erase(connection, &code)?;
        assert_eq!(erased.status, 200, "talk {n}: {}", erased.text());
        self.known.lock().expect("no thread panicked").get_mut(&n).expect("known").erased = true;
        Ok(())
    }

    /// Every writer comes back with their code when the server is up again.
    pub fn settle(&self, to: SocketAddr) {
        for (n, talk) in self.known.lock().expect("no thread panicked").iter_mut() {
            let page = conversation::look(to, &talk.code);
            assert!(!(talk.erased && page.is_some()), "talk {n} was said to be erased, and is there");
            let Some(page) = page else {
                assert!(talk.asked, "the code of talk {n} was shown and leads nowhere");
                talk.erased = true;
                continue;
            };
            for text in talk.arrived.iter().chain([&format!("Talk {n} begins.")]) {
                assert_eq!(page.matches(text.as_str()).count(), 1, "talk {n}: {text}");
            }
        }
    }

    /// Reads the books of a shop at rest, and says what happened.
    pub fn settled(&self, books: &DatabaseRows) -> String {
        let ids = |table: &str, column: &str| -> BTreeSet<String> {
            books.rows(table).iter().map(|row| row[column].to_string()).collect()
        };
        let (threads, messages, slots) =
            (ids("conversation", "id"), ids("message", "id"), ids("conversation", "slot"));
        for row in books.rows("conversation") {
            let own =
                books.rows("message").iter().filter(|message| message["conversation"] == row["id"]).count();
            assert_eq!(row["messages"].to_string(), own.to_string(), "half of a conversation");
        }
        for table in ["message", "conversation_access"] {
            assert!(ids(table, "conversation").is_subset(&threads) && ids(table, "slot").is_subset(&slots));
        }
        // What was on its way when the server was killed belongs to no message, and is swept the next day.
        let sent = books.rows("attachment").iter().filter(|file| file["message"] != 0);
        for file in sent {
            assert!(messages.contains(&file["message"].to_string()), "a file of no message");
        }
        assert!(ids("chunk", "attachment").is_subset(&ids("attachment", "id")), "a piece of no file");
        let known = self.known.lock().expect("no thread panicked");
        let living = known.values().filter(|talk| !talk.erased).count();
        assert!(threads.len() >= living, "a conversation is lost");
        let count = |what: fn(&&SampleConversation) -> bool| known.values().filter(what).count();
        format!(
            "{} codes shown, {} conversations erased, {} answers in the others",
            known.len(),
            count(|talk| talk.erased),
            known.values().filter(|talk| !talk.erased).map(|talk| talk.arrived.len()).sum::<usize>(),
        )
    }
}
