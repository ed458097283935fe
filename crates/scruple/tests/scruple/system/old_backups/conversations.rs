//! Conversations in old copies. What was erased, redacted or merged later can't be opened from any copy.

use std::net::SocketAddr;

use domain::conversations::view::ViewConversation;

use keyring::Slot;

use super::super::kit::conversation::{self, between, view, with_code};
use super::super::kit::database_rows::{DatabaseRows, Row};
use super::super::kit::http::Connection;
use super::super::kit::orders::order;
use super::super::kit::portal::PortalSession;
use super::super::kit::process::Server;
use super::super::kit::{OpenStore, Shop, block_on};

/// The conversations of a moment, named after what happens to them when its copies exist.
pub struct SampleConversations {
    /// The number of the moment, from 0.
    nth: usize,
    /// Access codes, and the key slots of their conversations at that moment.
    erased: (String, Slot),
    linked: (String, Slot),
    marked: (String, Slot),
    redacted: (String, Slot),
    merged: (String, Slot),
    into: (String, Slot),
    kept: (String, Slot),
}

impl SampleConversations {
    /// Starts one conversation of each kind. The customer `gone` will be erased, `stays` will not.
    pub fn start(nth: usize, server: &Server, store: &OpenStore, gone: u64, stays: u64) -> Self {
        let write = |word: &str, address: &str| {
            let message = format!("Talk {nth} {word}, with Mr Neighbour.");
            let file = format!("file of {word}").repeat(9_000);
            let fields = [("message", &*message), ("email", address)];
            let code = conversation::start(&mut server.connect(), &fields, &[("a.txt", file.as_bytes())]);
            let code = code.expect("an answer");
            let (_, slot) = store.conversation_of(&code).expect("a conversation");
            (code, slot)
        };
        let address = order(gone).buyer.email;
        let conversations = Self {
            nth,
            erased: write("erased", ""),
            linked: write("linked", ""),
            marked: write("marked", &address),
            redacted: write("redacted", ""),
            merged: write("merged", ""),
            into: write("into", ""),
            kept: write("kept", ""),
        };
        for (person, codes) in
            [(gone, vec![&conversations.linked]), (stays, vec![&conversations.merged, &conversations.into])]
        {
            let session = PortalSession::sign_in(server.address, store, &order(person).buyer.email);
            for (code, _) in codes {
                assert_eq!(session.post("/licence/conversation", &[("code", code)]).status, 303);
            }
        }
        conversations
    }

    /// Erases, redacts and merges. The linked and the marked conversation are erased with their person.
    pub fn end(&self, shop: &Shop) {
        let store = shop.open_store();
        let number =
            |(code, _): &(String, Slot)| store.conversation_of(code).expect("a conversation").0.to_string();
        let (erased, redacted) = (number(&self.erased), number(&self.redacted));
        let (merged, into) = (number(&self.merged), number(&self.into));
        store.close();
        shop.run_ok(&["conversations", "erase", &erased, "--yes"], "");
        shop.run_ok(&["conversations", "redact", &redacted, "--message", "1"], "Mr Neighbour");
        shop.run_ok(&["conversations", "merge", &merged, "--into", &into], "");
    }

    /// Checks which conversations open in a copy of the `copied`-th moment with today's keyring.
    pub fn check_pages(&self, copied: usize, to: SocketAddr) {
        let nth = self.nth;
        for (code, _) in [&self.erased, &self.linked, &self.marked] {
            assert!(
                view(to, code).is_none(),
                "an erased conversation of moment {nth} opens in copy {copied}"
            );
        }
        let (redacted, merged) = (view(to, &self.redacted.0), view(to, &self.merged.0));
        let into = view(to, &self.into.0).expect("into which another was merged");
        assert!(into.contains(&format!("Talk {nth} into")));
        if copied == nth {
            // The copy has only the earlier slots, which are forgotten.
            assert!(redacted.is_none(), "a passage of moment {nth} opens that was taken out");
            assert!(merged.is_none() && !into.contains("merged"), "a slot of before the merging opens");
        } else {
            let redacted = redacted.expect("without the passage");
            assert!(redacted.contains("with [removed].") && !redacted.contains("Neighbour"), "{redacted}");
            assert_eq!(merged.as_deref().map(|page| page.contains("merged")), Some(true));
            assert!(into.contains(&format!("Talk {nth} merged")));
        }
        let kept = view(to, &self.kept.0).expect("it was not erased");
        assert!(kept.contains(&format!("Talk {nth} kept, with Mr Neighbour.")));
        let file = between(&kept, "name=\"file\" value=\"", "\"").expect("its file");
        let mut connection = Connection::open(to).expect("it listens");
        let file = with_code(&mut connection, "/conversation/file", &self.kept.0, &[("file", file)]);
        assert_eq!(file.expect("an answer").text(), "file of kept".repeat(9_000));
    }

    /// Checks that a copy has rows under each slot, and that today's keyring has forgotten exactly the right slots.
    /// Returns the number of slots.
    pub fn check_slots(&self, copy: &DatabaseRows, store: &OpenStore) -> usize {
        let gone = [&self.erased, &self.linked, &self.marked, &self.redacted, &self.merged];
        let stays = [&self.into, &self.kept];
        let mut looked = 0;
        for (slots, forgotten) in [(&gone[..], true), (&stays[..], false)] {
            for (_, slot) in slots {
                assert_eq!(store.db.keyring().is_forgotten(*slot).expect("the keyring"), forgotten);
                let under = |row: &Row| row["slot"].as_u64() == Some(slot.0);
                for table in ["conversation", "message", "attachment", "chunk", "conversation_access"] {
                    assert!(copy.rows(table).iter().any(under), "no {table} in the copy");
                }
                looked += 1;
            }
        }
        looked
    }

    /// Returns whether the erased conversation opens. With the keyring of that time it does, which is the documented
    /// limit.
    pub fn erased_can_be_opened(&self, store: &OpenStore) -> bool {
        let operation = ViewConversation {
            code_hash: &conversation::token_hash(&self.erased.0),
            settings: &store.settings,
        };
        let page = block_on(store.db.execute(&operation)).expect("the database");
        page.is_some_and(|page| page.messages[0].text.contains("erased"))
    }
}
