//! Attacks by a person who types the address of another person.

use domain::conversations::staff::ReplyOutcome;
use domain::conversations::upload::UploadTarget;
use domain::conversations::{
    ConversationEvent, ConversationRef, GiveAddress, GiveAddressOutcome, LinkCustomer, LinkOutcome,
    ReceiveOutcome, StartConversation, UnlinkCustomer,
};
use inbound_mail::{AutomatedSender, SenderClass};

use crate::conversations::support::{code_hash, form, mail};
use crate::kit::Shop;
use store::{ConversationId, Suppression};

const VICTIM: &str = "victim@example.net";

#[tokio::test]
async fn unlinking_a_customer_who_wrote_by_mail_does_not_verify_a_typed_address() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let (id, code) = shop
        .start(&StartConversation { message: "Mine", address: VICTIM, subject: "Pills", ..form(&shop) })
        .await;
    let link = LinkCustomer { which: ConversationRef::Code(&code_hash(&code)), person };
    assert_eq!(shop.execute(link).await, LinkOutcome::Done);
    assert_eq!(shop.answer_by_mail(id, "ada@example.org", true, "Pills").await, ReceiveOutcome::Joined(id));
    let give = GiveAddress { code_hash: &code_hash(&code), address: VICTIM };
    assert_eq!(shop.execute(give).await, GiveAddressOutcome::Done);
    assert!(
        shop.execute(UnlinkCustomer { which: ConversationRef::Code(&code_hash(&code)), person: None }).await
    );
    let conversation = shop.conversation(id).await;
    assert!(!conversation.verified && conversation.person.is_none());
    assert_eq!(shop.reply(id, "Who?", true).await, ReplyOutcome::Sent);
    let email = shop.send().await.unwrap();
    let reply = email.reply.as_ref().unwrap();
    assert_eq!((&*email.content.to, &*reply.subject, &*reply.quoted), (VICTIM, "", ""));
    assert!(!matches!(shop.reply(id, "Who?", true).await, ReplyOutcome::Sent));
}

#[tokio::test]
async fn an_address_verified_by_mail_stays_verified_when_its_conversation_is_unlinked() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let id = shop.start_by_mail("ada@example.org", "Mine").await;
    assert!(shop.execute(UnlinkCustomer { which: ConversationRef::Number(id), person: Some(person) }).await);
    assert!(shop.conversation(id).await.verified);
}

#[tokio::test]
async fn an_attacker_cannot_suppress_a_typed_address_with_a_forged_report_or_stop() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", VICTIM).await;
    let theirs = shop.start_by_mail(VICTIM, "Where is my key?").await;
    shop.reply(theirs, "Here.", false).await;
    // Eve has a token from the e-mail that answers her, and types another address afterwards.
    let (id, code) =
        shop.start(&StartConversation { message: "Hello", address: "eve@example.com", ..form(&shop) }).await;
    assert_eq!(
        shop.execute(GiveAddress { code_hash: &code_hash(&code), address: VICTIM }).await,
        GiveAddressOutcome::Done
    );
    let mut report = mail(&shop, "mailer@example.com", &shop.reply_to(id), false, "", "no such mailbox");
    for kind in [AutomatedSender::Bounce { hard: true }, AutomatedSender::Complaint] {
        report.sender_class = SenderClass::Automated(kind);
        report.fingerprint[0] += 1;
        assert_eq!(shop.receive(&report).await, ReceiveOutcome::Recorded(id));
    }
    assert!(matches!(shop.answer_by_mail(id, VICTIM, false, "stop").await, ReceiveOutcome::New(_)));
    let stopped = shop.db().read().await.unwrap().person(person).await.unwrap().unwrap().suppression;
    assert_eq!(
        (stopped, shop.conversation(theirs).await.suppression, shop.email_count().await),
        (None, None, 1)
    );
    assert!(shop.conversation(id).await.suppression.is_some());
}

#[tokio::test]
async fn an_attacker_cannot_end_the_suppression_that_the_owner_requested() {
    let shop = Shop::open().await;
    let (id, code) =
        shop.start(&StartConversation { message: "Hello", address: VICTIM, ..form(&shop) }).await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    let mut report = mail(&shop, "mailer@example.com", &shop.reply_to(id), false, "", "spam");
    for kind in [AutomatedSender::Complaint, AutomatedSender::Bounce { hard: true }] {
        report.sender_class = SenderClass::Automated(kind);
        report.fingerprint[0] += 1;
        assert_eq!(shop.receive(&report).await, ReceiveOutcome::Recorded(id));
        shop.answer_by_code(&code, "But I want to go on").await;
        assert_eq!(shop.conversation(id).await.suppression, Some(Suppression::Complaint));
        assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
    }
    assert_eq!(shop.email_count().await, 0);
    assert_eq!(
        shop.answer_by_mail(id, VICTIM, true, "It was me after all").await,
        ReceiveOutcome::Joined(id)
    );
    assert_eq!(shop.reply(id, "Good.", false).await, ReplyOutcome::Sent);
}

impl Shop {
    /// Receives an unverified mail with the address of the victim.
    async fn forged(&self, n: usize, to: &str, text: &str) -> ConversationId {
        let more = format!("Message-ID: <{n}@forged>\r\n");
        let ReceiveOutcome::New(id) = self.receive(&mail(self, VICTIM, to, false, &more, text)).await else {
            panic!("not started")
        };
        id
    }
}

#[tokio::test]
async fn fifty_mails_from_one_forged_address_cause_one_email_and_forms_cause_none() {
    let shop = Shop::open().await;
    let mut sent = 0;
    for n in 0..50 {
        let id = shop.forged(n, "help@example.org", &format!("Help {n}")).await;
        sent += i32::from(shop.reply(id, "Who are you?", false).await == ReplyOutcome::Sent);
        sent += i32::from(shop.reply(id, "Hello?", false).await == ReplyOutcome::Sent);
    }
    let (id, code) =
        shop.start(&StartConversation { message: "Me", address: "Victim@Example.net", ..form(&shop) }).await;
    for _ in 0..3 {
        assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
        shop.answer_by_code(&code, "And now?").await;
    }
    assert_eq!((sent, shop.email_count().await), (1, 1));
    shop.send().await.unwrap();
    // The verified owner gets a reply; the forged mails get none.
    let theirs = shop.start_by_mail(VICTIM, "What is this?").await;
    assert_eq!(shop.reply(theirs, "Somebody wrote under your name.", false).await, ReplyOutcome::Sent);
    assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
    shop.pass_days(31);
    let again = shop.forged(60, "help@example.org", "A month later").await;
    assert_eq!(shop.reply(again, "Yes?", false).await, ReplyOutcome::Sent);
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn an_answer_to_the_one_email_allows_another_and_a_stolen_token_allows_one_at_most() {
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
async fn a_suppressed_address_gets_no_email_even_for_forged_mails() {
    let shop = Shop::open().await;
    let (id, code) = shop.start(&StartConversation { message: "Me", address: VICTIM, ..form(&shop) }).await;
    assert_eq!(shop.reply(id, "Here.", false).await, ReplyOutcome::Sent);
    // The victim has the e-mail, and therefore its token.
    shop.forged(0, &shop.reply_to(id), "stop").await;
    shop.pass_days(31);
    shop.answer_by_code(&code, "And now?").await;
    assert!(matches!(shop.reply(id, "Here.", false).await, ReplyOutcome::Waits(_)));
    shop.pass_days(31);
    let theirs = shop.start_by_mail(VICTIM, "stop").await;
    let forged = shop.forged(1, "help@example.org", "Help").await;
    assert!(matches!(shop.reply(forged, "Yes?", false).await, ReplyOutcome::Refused(_)));
    assert_eq!(
        shop.answer_by_mail(theirs, VICTIM, true, "I ask after all").await,
        ReceiveOutcome::Joined(theirs)
    );
    assert_eq!(shop.reply(forged, "Yes?", false).await, ReplyOutcome::Sent);
}

#[tokio::test]
async fn erasure_by_code_spares_the_messages_that_the_owner_of_the_address_sent_by_mail() {
    let shop = Shop::open().await;
    let file = shop.upload(UploadTarget::New, "mine.txt", b"mine").await;
    let start = StartConversation {
        message: "Typed",
        name: "Eve",
        subject: "About it",
        address: VICTIM,
        files: &[file.id],
        slot: Some(file.slot),
        ..form(&shop)
    };
    let (id, code) = shop.start(&start).await;
    assert_eq!(shop.reply(id, "An answer to what was typed.", false).await, ReplyOutcome::Sent);
    shop.send().await.unwrap();
    assert_eq!(shop.answer_by_mail(id, VICTIM, true, "My key is lost").await, ReceiveOutcome::Joined(id));
    shop.reply(id, "An answer to the mail.", false).await;
    shop.answer_by_code(&code, "And I?").await;
    assert!(shop.execute(domain::conversations::EraseByCode { code_hash: &code_hash(&code) }).await);
    shop.roll_forward().await;
    assert!(shop.view_by_code(&code).await.is_none());
    assert!(shop.db().keyring().is_forgotten(file.slot).unwrap(), "the typed message can still be opened");
    let seen = shop.view_as_staff(id).await.unwrap();
    let texts: Vec<_> = seen.messages.iter().map(|m| (&*m.text, m.event)).collect();
    let gone = ("", Some(ConversationEvent::ErasedByAuthor));
    let (lost, answer) = (("My key is lost", None), ("An answer to the mail.", None));
    assert_eq!(texts, [gone, gone, lost, answer, gone]);
    assert_eq!((&*seen.address, &*seen.sender, &*seen.subject), (VICTIM, "", ""));
    assert_eq!((shop.rows("attachment").await, shop.email_count().await), (0, 1));
    assert_eq!(shop.send().await.unwrap().reply.as_ref().unwrap().text, "An answer to the mail.");
    assert_eq!(
        shop.answer_by_mail(id, VICTIM, true, "Thank you, I try it now").await,
        ReceiveOutcome::Joined(id)
    );
    assert_eq!(shop.reply(id, "Good.", false).await, ReplyOutcome::Sent);
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn concurrent_replies_to_one_forged_address_send_one_email() {
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
