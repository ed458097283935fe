//! What somebody tries who types an address that isn't theirs.

use desk::converse::staff::Replied;
use desk::converse::{Begin, GiveAddress, Given, Taken, Tie, Tied, Untie, Which};
use inbox::{Machine, Nature};

use crate::desk_of::{form, mail, tag};
use crate::kit::Shop;

const VICTIM: &str = "victim@example.net";

#[tokio::test]
async fn who_unties_a_thread_in_which_they_wrote_by_mail_has_proved_no_address_that_was_typed() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let (id, code) =
        shop.begin(&Begin { message: "Mine", address: VICTIM, subject: "Pills", ..form(&shop) }).await;
    let tie = Tie { which: Which::Code(&tag(&code)), person };
    assert_eq!(shop.does(tie).await, Tied::Done);
    assert_eq!(shop.answers(id, "ada@example.org", true, "Pills").await, Taken::Joined(id));
    let give = GiveAddress { tag: &tag(&code), address: VICTIM };
    assert_eq!(shop.does(give).await, Given::Done);
    assert!(shop.does(Untie { which: Which::Code(&tag(&code)), person: None }).await);
    let thread = shop.thread(id).await;
    assert!(!thread.verified && thread.person.0 == 0);
    assert_eq!(shop.reply(id, "Who?", true).await, Replied::Sent);
    let letter = shop.send().await.unwrap();
    let reply = letter.reply.as_ref().unwrap();
    assert_eq!((&*letter.content.to, &*reply.subject, &*reply.quoted), (VICTIM, "", ""));
    assert!(!matches!(shop.reply(id, "Who?", true).await, Replied::Sent));
}

#[tokio::test]
async fn an_address_that_proved_itself_by_mail_stays_proved_when_its_thread_is_untied() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let id = shop.writes("ada@example.org", "Mine").await;
    assert!(shop.does(Untie { which: Which::Number(id), person: Some(person) }).await);
    assert!(shop.thread(id).await.verified);
}

#[tokio::test]
async fn who_types_an_address_can_not_silence_it_with_a_forged_report_or_a_forged_word() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", VICTIM).await;
    let theirs = shop.writes(VICTIM, "Where is my key?").await;
    shop.reply(theirs, "Here.", false).await;
    // Eve has a token of her own by the letter that answers her, and types another address afterwards.
    let (id, code) = shop.begin(&Begin { message: "Hello", address: "eve@example.com", ..form(&shop) }).await;
    assert_eq!(shop.does(GiveAddress { tag: &tag(&code), address: VICTIM }).await, Given::Done);
    let mut report = mail(&shop, "mailer@example.com", &shop.reply_to(id), false, "", "no such mailbox");
    for kind in [Machine::Bounce { hard: true }, Machine::Complaint] {
        report.nature = Nature::Machine(kind);
        report.fingerprint[0] += 1;
        assert_eq!(shop.mail_in(&report).await, Taken::Recorded(id));
    }
    assert!(matches!(shop.answers(id, VICTIM, false, "stop").await, Taken::New(_)));
    let stopped = shop.db().read().await.unwrap().person(person).await.unwrap().unwrap().stopped;
    assert_eq!((&*stopped, &*shop.thread(theirs).await.stopped, shop.letters().await), ("", "", 1));
    assert!(!shop.thread(id).await.stopped.is_empty());
}

#[tokio::test]
async fn who_typed_anothers_address_can_not_lift_the_stop_that_its_owner_asked_for() {
    let shop = Shop::open().await;
    let (id, code) = shop.begin(&Begin { message: "Hello", address: VICTIM, ..form(&shop) }).await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    let mut report = mail(&shop, "mailer@example.com", &shop.reply_to(id), false, "", "spam");
    for kind in [Machine::Complaint, Machine::Bounce { hard: true }] {
        report.nature = Nature::Machine(kind);
        report.fingerprint[0] += 1;
        assert_eq!(shop.mail_in(&report).await, Taken::Recorded(id));
        shop.say(&code, "But I want to go on").await;
        assert_eq!(shop.thread(id).await.stopped, "complaint");
        assert!(matches!(shop.reply(id, "Here.", false).await, Replied::Waits(_)));
    }
    assert_eq!(shop.letters().await, 0);
    assert_eq!(shop.answers(id, VICTIM, true, "It was me after all").await, Taken::Joined(id));
    assert_eq!(shop.reply(id, "Good.", false).await, Replied::Sent);
}
