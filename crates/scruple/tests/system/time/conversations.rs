//! Conversations in old copies: what was erased since, or redacted, or merged, opens from none of them.

use std::net::SocketAddr;

use domain::conversations::view::ViewConversation;

use keyring::Slot;

use super::super::kit::conversation::{self, between, look, with_code};
use super::super::kit::database_rows::{DatabaseRows, Row};
use super::super::kit::http::Connection;
use super::super::kit::orders::order;
use super::super::kit::portal::Visitor;
use super::super::kit::process::Server;
use super::super::kit::{Beside, Shop, wait};

/// The conversations of a moment, by what becomes of them after its copies were made.
pub struct SampleConversations {
    /// The moment, from 0.
    nth: usize,
    /// Codes, and the slots under which their conversations lay at that moment.
    erased: (String, Slot),
    tied: (String, Slot),
    marked: (String, Slot),
    redacted: (String, Slot),
    merged: (String, Slot),
    into: (String, Slot),
    lives: (String, Slot),
}

impl SampleConversations {
    /// One of each kind: `gone` is the customer who will be erased, `stays` one who won't.
    pub fn begin(nth: usize, server: &Server, beside: &Beside, gone: u64, stays: u64) -> Self {
        let write = |word: &str, address: &str| {
            let message = format!("Talk {nth} {word}, with Mr Neighbour.");
            let file = format!("file of {word}").repeat(9_000);
            let fields = [("message", &*message), ("email", address)];
            let code = conversation::write(&mut server.connect(), &fields, &[("a.txt", file.as_bytes())]);
            let code = code.expect("an answer");
            let (_, slot) = beside.thread_of(&code).expect("a conversation");
            (code, slot)
        };
        let address = order(gone).buyer.email;
        let talks = Self {
            nth,
            erased: write("erased", ""),
            tied: write("tied", ""),
            marked: write("marked", &address),
            redacted: write("redacted", ""),
            merged: write("merged", ""),
            into: write("into", ""),
            lives: write("lives", ""),
        };
        for (person, codes) in [(gone, vec![&talks.tied]), (stays, vec![&talks.merged, &talks.into])] {
            let visitor = Visitor::come(server.address, beside, &order(person).buyer.email);
            for (code, _) in codes {
                assert_eq!(visitor.post("/licence/conversation", &[("code", code)]).status, 303);
            }
        }
        talks
    }

    /// What staff do with them. Who is tied and marked goes with their person.
    pub fn end(&self, shop: &Shop) {
        let beside = shop.beside();
        let number = |(code, _): &(String, Slot)| {
            domain::licensing::issue::display_number(beside.thread_of(code).expect("a conversation").0)
        };
        let (erased, redacted) = (number(&self.erased), number(&self.redacted));
        let (merged, into) = (number(&self.merged), number(&self.into));
        beside.close();
        shop.says(&["conversations", "erase", &erased, "--yes"], "");
        shop.says(&["conversations", "redact", &redacted, "--message", "1"], "Mr Neighbour");
        shop.says(&["conversations", "merge", &merged, "--into", &into], "");
    }

    /// What opens of them in a copy of the `copied`-th moment, or later, beside today's keyring.
    pub fn only_the_living_open(&self, copied: usize, to: SocketAddr) {
        let nth = self.nth;
        for (code, _) in [&self.erased, &self.tied, &self.marked] {
            assert!(
                look(to, code).is_none(),
                "an erased conversation of moment {nth} opens in copy {copied}"
            );
        }
        let (redacted, merged) = (look(to, &self.redacted.0), look(to, &self.merged.0));
        let into = look(to, &self.into.0).expect("into which another was merged");
        assert!(into.contains(&format!("Talk {nth} into")));
        if copied == nth {
            // The copy knows the slots of before alone, and those are forgotten.
            assert!(redacted.is_none(), "a passage of moment {nth} opens that was taken out");
            assert!(merged.is_none() && !into.contains("merged"), "a slot of before the merging opens");
        } else {
            let redacted = redacted.expect("without the passage");
            assert!(redacted.contains("with [removed].") && !redacted.contains("Neighbour"), "{redacted}");
            assert_eq!(merged.as_deref().map(|page| page.contains("merged")), Some(true));
            assert!(into.contains(&format!("Talk {nth} merged")));
        }
        let lives = look(to, &self.lives.0).expect("nobody erased it");
        assert!(lives.contains(&format!("Talk {nth} lives, with Mr Neighbour.")));
        let file = between(&lives, "name=\"file\" value=\"", "\"").expect("its file");
        let mut connection = Connection::open(to).expect("it listens");
        let file = with_code(&mut connection, "/conversation/file", &self.lives.0, &[("file", file)]);
        assert_eq!(file.expect("an answer").text(), "file of lives".repeat(9_000));
    }

    /// Every sealed thing of the conversations in a copy lies under one of their slots, and today's keyring has
    /// forgotten the right ones. Says how many slots it looked at.
    pub fn keys_are_gone(&self, copy: &DatabaseRows, beside: &Beside) -> usize {
        let gone = [&self.erased, &self.tied, &self.marked, &self.redacted, &self.merged];
        let stays = [&self.into, &self.lives];
        let mut looked = 0;
        for (slots, forgotten) in [(&gone[..], true), (&stays[..], false)] {
            for (_, slot) in slots {
                assert_eq!(beside.db.keyring().is_forgotten(*slot).expect("the keyring"), forgotten);
                let under = |row: &Row| row["slot"].as_u64() == Some(slot.0);
                for table in ["conversation", "message", "attachment", "chunk", "conversation_access"] {
                    assert!(copy.rows(table).iter().any(under), "no {table} in the copy");
                }
                looked += 1;
            }
        }
        looked
    }

    /// The stated limit: whoever has the keyring of that time too reads what was there.
    pub fn erased_opens(&self, beside: &Beside) -> bool {
        let look =
            ViewConversation { code_hash: &conversation::tag(&self.erased.0), settings: &beside.settings };
        let page = wait(beside.db.execute(&look)).expect("the books");
        page.is_some_and(|page| page.messages[0].text.contains("erased"))
    }
}
