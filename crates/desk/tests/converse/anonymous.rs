//! Somebody without a name: writes, comes back, reads, answers, erases.

use desk::converse::staff::Replied;
use desk::converse::{Answered, Begin, EraseByCode};

use crate::desk_of::{form, tag};
use crate::kit::Shop;

#[tokio::test]
async fn a_nameless_person_writes_reads_the_answer_answers_and_erases() {
    let shop = Shop::open().await;
    let (id, code) = shop.begin(&Begin { message: "Does it run on a boat?", ..form(&shop) }).await;
    let sealed = "length(contact) = 0 AND length(mark) = 0 AND person = 0 AND kind = 'anonymous'";
    assert_eq!(shop.scratch.numbers(&format!("SELECT COUNT(*) FROM thread WHERE {sealed}")).await[0], 1);
    assert!(matches!(shop.reply(id, "It does.", true).await, Replied::Waits(_)));
    assert_eq!(shop.letters().await, 0);
    let seen = shop.look(&code).await.unwrap();
    let said: Vec<(&str, &str)> = seen.messages.iter().map(|m| (m.from, &*m.text)).collect();
    assert_eq!(said, [("you", "Does it run on a boat?"), ("staff", "It does.")]);
    assert_eq!(seen.forgotten_after, "90 days");
    assert_eq!(shop.say(&code, "And on a raft?").await, Answered::Done);
    assert_eq!(shop.seen(id).await.unwrap().state, "open");
    assert!(shop.db().write(&EraseByCode { tag: &tag(&code) }).await.unwrap());
    for rolled in [false, true] {
        if rolled {
            shop.roll().await;
        }
        assert!(shop.look(&code).await.is_none());
        assert_eq!(shop.say(&code, "Still there?").await, Answered::NoThread);
        assert!(shop.seen(id).await.is_none());
    }
    for table in ["thread", "message", "way", "taken", "attachment", "chunk", "outbox", "intent"] {
        assert_eq!(shop.rows(table).await, 0, "{table}");
    }
    shop.sound().await;
}
