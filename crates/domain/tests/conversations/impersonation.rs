//! What somebody tries who types an address that isn't theirs.

use domain::conversations::staff::ReplyOutcome;
use domain::conversations::upload::UploadTarget;
use domain::conversations::{
    ConversationRef, GiveAddress, GiveAddressOutcome, LinkCustomer, LinkOutcome, ReceiveOutcome,
    StartConversation, UnlinkCustomer,
};
use inbound_mail::{AutomatedSender, SenderClass};

use crate::kit::Shop;
use crate::support::{form, mail, tag};

const VICTIM: &str = "victim@example.net";

#[tokio::test]
async fn who_unties_a_thread_in_which_they_wrote_by_mail_has_proved_no_address_that_was_typed() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let (id, code) = shop
        .begin(&StartConversation { message: "Mine", address: VICTIM, subject: "Pills", ..form(&shop) })
        .await;
    let tie = LinkCustomer { which: ConversationRef::Code(&tag(&code)), person };
    assert_eq!(shop.does(tie).await, LinkOutcome::Done);
    assert_eq!(shop.answers(id, "ada@example.org", true, "Pills").await, ReceiveOutcome::Joined(id));
    let give = GiveAddress { code_hash: &tag(&code), address: VICTIM };
    assert_eq!(shop.does(give).await, GiveAddressOutcome::Done);
    assert!(shop.does(UnlinkCustomer { which: ConversationRef::Code(&tag(&code)), person: None }).await);
    let conversation = shop.conversation(id).await;
    assert!(!conversation.verified && conversation.person.0 == 0);
    assert_eq!(shop.reply(id, "Who?", true).await, ReplyOutcome::Sent);
    let letter = shop.send().await.unwrap();
    let reply = letter.reply.as_ref().unwrap();
    assert_eq!((&*letter.content.to, &*reply.subject, &*reply.quoted), (VICTIM, "", ""));
    assert!(!matches!(shop.reply(id, "Who?", true).await, ReplyOutcome::Sent));
}

#[tokio::test]
async fn an_address_that_proved_itself_by_mail_stays_proved_when_its_thread_is_untied() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let id = shop.writes("ada@example.org", "Mine").await;
    assert!(shop.does(UnlinkCustomer { which: ConversationRef::Number(id), person: Some(person) }).await);
    assert!(shop.conversation(id).await.verified);
}

#[tokio::test]
async fn who_types_an_address_can_not_silence_it_with_a_forged_report_or_a_forged_word() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", VICTIM).await;
    let theirs = shop.writes(VICTIM, "Where is my key?").await;
    shop.reply(theirs, "Here.", false).await;
    // Eve has a token of her own by the letter that answers her, and types another address afterwards.
    let (id, code) =
        shop.begin(&StartConversation { message: "Hello", address: "eve@example.com", ..form(&shop) }).await;
    assert_eq!(
        shop.does(GiveAddress { code_hash: &tag(&code), address: VICTIM }).await,
        GiveAddressOutcome::Done
    );
    let mut report = mail(&shop, "mailer@example.com", &shop.reply_to(id), false, "", "no such mailbox");
    for kind in [AutomatedSender::Bounce { hard: true }, AutomatedSender::Complaint] {
        report.sender_class = SenderClass::Automated(kind);
        report.fingerprint[0] += 1;
        assert_eq!(shop.mail_in(&report).await, ReceiveOutcome::Recorded(id));
    }
    assert!(matches!(shop.answers(id, VICTIM, false, "stop").await, ReceiveOutcome::New(_)));
    let stopped = shop.db().read().await.unwrap().person(person).await.unwrap().unwrap().suppression;
    assert_eq!(
        (&*stopped, &*shop.conversation(theirs).await.suppression, shop.email_count().await),
        ("", "", 1)
    );
    assert!(!shop.conversation(id).await.suppression.is_empty());
}

#[tokio::test]
async fn who_typed_anothers_address_can_not_lift_the_stop_that_its_owner_asked_for() {
    let shop = Shop::open().await;
    let (id, code) =
        shop.begin(&StartConversation { message: "Hello", address: VICTIM, ..form(&shop) }).await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    let mut report = mail(&shop, "mailer@example.com", &shop.reply_to(id), false, "", "spam");
    for kind in [AutomatedSender::Complaint, AutomatedSender::Bounce { hard: true }] {
        report.sender_class = SenderClass::Automated(kind);
        report.fingerprint[0] += 1;
        assert_eq!(shop.mail_in(&report).await, ReceiveOutcome::Recorded(id));
        shop.say(&code, "But I want to go on").await;
        assert_eq!(shop.conversation(id).await.suppression, "complaint");
        assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
    }
    assert_eq!(shop.email_count().await, 0);
    assert_eq!(shop.answers(id, VICTIM, true, "It was me after all").await, ReceiveOutcome::Joined(id));
    assert_eq!(shop.reply(id, "Good.", false).await, ReplyOutcome::Sent);
}

impl Shop {
    /// A mail that anybody may have written under this address.
    async fn forged(&self, n: usize, to: &str, text: &str) -> i64 {
        let more = format!("Message-ID: <{n}@forged>\r\n");
        let ReceiveOutcome::New(id) = self.mail_in(&mail(self, VICTIM, to, false, &more, text)).await else {
            panic!("not begun")
        };
        id
    }
}

#[tokio::test]
async fn fifty_mails_from_one_forged_address_cause_one_letter_and_forms_with_it_none() {
    let shop = Shop::open().await;
    let mut sent = 0;
    for n in 0..50 {
        let id = shop.forged(n, "help@example.org", &format!("Help {n}")).await;
        sent += i32::from(shop.reply(id, "Who are you?", false).await == ReplyOutcome::Sent);
        sent += i32::from(shop.reply(id, "Hello?", false).await == ReplyOutcome::Sent);
    }
    let (id, code) =
        shop.begin(&StartConversation { message: "Me", address: "Victim@Example.net", ..form(&shop) }).await;
    for _ in 0..3 {
        assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
        shop.say(&code, "And now?").await;
    }
    assert_eq!((sent, shop.email_count().await), (1, 1));
    shop.send().await.unwrap();
    // Who proves the address is answered, and what was forged is not.
    let theirs = shop.writes(VICTIM, "What is this?").await;
    assert_eq!(shop.reply(theirs, "Somebody wrote under your name.", false).await, ReplyOutcome::Sent);
    assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
    shop.pass_days(31);
    let again = shop.forged(60, "help@example.org", "A month later").await;
    assert_eq!(shop.reply(again, "Yes?", false).await, ReplyOutcome::Sent);
    shop.holds().await;
    shop.solicited().await;
}

#[tokio::test]
async fn who_answers_the_one_letter_gets_another_and_a_stolen_token_is_worth_one_at_most() {
    let shop = Shop::open().await;
    let first = shop.forged(0, "help@example.org", "Help").await;
    assert_eq!(shop.reply(first, "With what?", false).await, ReplyOutcome::Sent);
    let token = shop.reply_to(first);
    let mut sent = 0;
    for n in 1..20 {
        let id = shop.forged(n, &token, "With this").await;
        sent += i32::from(shop.reply(id, "I see.", false).await == ReplyOutcome::Sent);
    }
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn who_wants_no_letters_gets_none_whoever_writes_under_their_address() {
    let shop = Shop::open().await;
    let (id, code) = shop.begin(&StartConversation { message: "Me", address: VICTIM, ..form(&shop) }).await;
    assert_eq!(shop.reply(id, "Here.", false).await, ReplyOutcome::Sent);
    // They have the letter, and so its token.
    shop.forged(0, &shop.reply_to(id), "stop").await;
    shop.pass_days(31);
    shop.say(&code, "And now?").await;
    assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
    shop.pass_days(31);
    let theirs = shop.writes(VICTIM, "stop").await;
    let forged = shop.forged(1, "help@example.org", "Help").await;
    assert!(matches!(shop.reply(forged, "Yes?", false).await, ReplyOutcome::Refused(_)));
    assert_eq!(shop.answers(theirs, VICTIM, true, "I ask after all").await, ReceiveOutcome::Joined(theirs));
    assert_eq!(shop.reply(forged, "Yes?", false).await, ReplyOutcome::Sent);
}

#[tokio::test]
async fn a_code_erases_what_it_shows_and_not_what_the_owner_of_the_address_wrote_by_mail() {
    let shop = Shop::open().await;
    let file = shop.upload(UploadTarget::New, "mine.txt", b"mine").await;
    let begin = StartConversation {
        message: "Typed",
        name: "Eve",
        subject: "About it",
        address: VICTIM,
        files: &[file.id],
        slot: Some(file.slot),
        ..form(&shop)
    };
    let (id, code) = shop.begin(&begin).await;
    assert_eq!(shop.reply(id, "An answer to what was typed.", false).await, ReplyOutcome::Sent);
    shop.send().await.unwrap();
    assert_eq!(shop.answers(id, VICTIM, true, "My key is lost").await, ReceiveOutcome::Joined(id));
    shop.reply(id, "An answer to the mail.", false).await;
    shop.say(&code, "And I?").await;
    assert!(shop.does(domain::conversations::EraseByCode { code_hash: &tag(&code) }).await);
    shop.roll_forward().await;
    assert!(shop.look(&code).await.is_none());
    assert!(shop.db().keyring().is_forgotten(file.slot).unwrap(), "what was typed is gone for good");
    let seen = shop.seen(id).await.unwrap();
    let said: Vec<&str> = seen.messages.iter().map(|m| &*m.text).collect();
    let gone = "Erased by the person who wrote on the contact page.";
    assert_eq!(said, [gone, gone, "My key is lost", "An answer to the mail.", gone]);
    assert_eq!((&*seen.address, &*seen.sender, &*seen.subject), (VICTIM, "", ""));
    assert_eq!((shop.rows("attachment").await, shop.email_count().await), (0, 1));
    assert_eq!(shop.send().await.unwrap().reply.as_ref().unwrap().text, "An answer to the mail.");
    assert_eq!(shop.answers(id, VICTIM, true, "Thank you, I try it now").await, ReceiveOutcome::Joined(id));
    assert_eq!(shop.reply(id, "Good.", false).await, ReplyOutcome::Sent);
    shop.holds().await;
    shop.solicited().await;
}

#[tokio::test]
async fn two_who_answer_one_forged_address_at_the_same_moment_send_one_letter() {
    let shop = Shop::open().await;
    for n in 0..10 {
        let (one, two) = (
            shop.forged(2 * n, "help@example.org", &format!("One {n}")).await,
            shop.forged(2 * n + 1, "help@example.org", &format!("Two {n}")).await,
        );
        let (to_one, to_two) =
            tokio::join!(shop.reply(one, "Hello?", false), shop.reply(two, "Hello?", false));
        let sent = [&to_one, &to_two].into_iter().filter(|replied| **replied == ReplyOutcome::Sent).count();
        assert_eq!(sent, 1, "{to_one:?} {to_two:?}");
        shop.pass_days(31);
    }
}
