//! Stop: a letter that came back, a complaint, or the word itself; and what ends it.

use domain::conversations::ReceiveOutcome;
use domain::conversations::staff::ReplyOutcome;
use inbound_mail::{AutomatedSender, SenderClass};

use crate::kit::Shop;
use crate::support::mail;

impl Shop {
    /// What a machine sends about a thread.
    async fn machine(&self, id: i64, kind: AutomatedSender, text: &str) -> ReceiveOutcome {
        let mut report = mail(self, "mailer@mail.example.net", &self.reply_to(id), false, "", text);
        report.sender_class = SenderClass::Automated(kind);
        self.mail_in(&report).await
    }

    async fn person_stopped(&self, address: &str) -> String {
        let slot = self.slot(address).await.unwrap();
        self.db().read().await.unwrap().person(slot).await.unwrap().unwrap().suppression
    }
}

#[tokio::test]
async fn a_letter_that_came_back_stops_all_letters_to_the_address_until_they_write_again() {
    let shop = Shop::open().await;
    let (one, two) =
        (shop.writes("bea@example.org", "One").await, shop.writes("bea@example.org", "Two").await);
    shop.reply(one, "Hello.", false).await;
    shop.send().await.unwrap();
    shop.reply(two, "Waits.", false).await;
    assert_eq!(
        shop.machine(one, AutomatedSender::Bounce { hard: false }, "late").await,
        ReceiveOutcome::Recorded(one)
    );
    assert_eq!(shop.email_count().await, 1);
    assert_eq!(
        shop.machine(one, AutomatedSender::Bounce { hard: true }, "no such mailbox").await,
        ReceiveOutcome::Recorded(one)
    );
    assert_eq!(shop.email_count().await, 0, "what waited is dropped");
    for id in [one, two] {
        assert_eq!(shop.conversation(id).await.suppression, "bounce");
        let ReplyOutcome::Refused(why) = shop.reply(id, "Hello?", false).await else {
            panic!("a letter to nobody")
        };
        assert!(why.contains("bounced"));
    }
    // Nobody proved that she wrote: that is a thread of its own, and ends the stop of no other.
    let forged = mail(&shop, "bea@example.org", "help@example.org", false, "", "It is me");
    let ReceiveOutcome::New(forged) = shop.mail_in(&forged).await else { panic!("not begun") };
    assert_eq!(shop.conversation(two).await.suppression, "bounce");
    let ReplyOutcome::Refused(why) = shop.reply(forged, "Are you?", false).await else { panic!("a letter") };
    assert!(why.contains("stopped"), "{why}");
    assert_eq!(
        shop.answers(one, "bea@example.org", true, "I am here again").await,
        ReceiveOutcome::Joined(one)
    );
    for id in [one, two] {
        assert_eq!(shop.conversation(id).await.suppression, "");
        assert_eq!(shop.reply(id, "Welcome back.", false).await, ReplyOutcome::Sent);
    }
    shop.solicited().await;
}

#[tokio::test]
async fn a_complaint_stops_a_customers_letters_and_asking_for_the_page_ends_it() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let id = shop.writes("ada@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    assert_eq!(shop.machine(id, AutomatedSender::Complaint, "spam").await, ReceiveOutcome::Recorded(id));
    assert_eq!(shop.person_stopped("ada@example.org").await, "complaint");
    assert!(matches!(shop.reply(id, "Sorry.", false).await, ReplyOutcome::Refused(_)));
    let ask =
        domain::portal::magic_link::RequestMagicLink { address: "ada@example.org", settings: &shop.settings };
    shop.does(ask).await;
    assert_eq!(shop.person_stopped("ada@example.org").await, "");
    assert_eq!(shop.send().await.unwrap().kind, domain::email::EmailKind::MagicLink);
}

#[tokio::test]
async fn the_word_stop_stops_wherever_it_is_written() {
    let shop = Shop::open().await;
    let (one, two) =
        (shop.writes("bea@example.org", "One").await, shop.writes("bea@example.org", "Two").await);
    shop.reply(two, "Waits.", false).await;
    shop.answers(one, "bea@example.org", true, "STOP").await;
    assert_eq!(shop.email_count().await, 0);
    for id in [one, two] {
        assert!(matches!(shop.reply(id, "But", false).await, ReplyOutcome::Refused(_)));
    }
    // Without proof, it counts where a thread of that address is named.
    let three = shop.writes("cyd@example.org", "Three").await;
    shop.reply(three, "Waits.", false).await;
    let forged = mail(&shop, "cyd@example.org", "help@example.org", false, "", "stop");
    assert!(matches!(shop.mail_in(&forged).await, ReceiveOutcome::New(_)));
    assert_eq!(shop.email_count().await, 1);
    assert!(matches!(shop.answers(three, "cyd@example.org", false, "Stop.").await, ReceiveOutcome::New(_)));
    assert_eq!(shop.email_count().await, 0);
    assert_eq!(shop.conversation(three).await.suppression, "stop");
}

#[tokio::test]
async fn what_machines_send_is_shown_to_staff_and_is_no_act() {
    let shop = Shop::open().await;
    let id = shop.writes("bea@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    let before = shop.conversation(id).await;
    assert_eq!(shop.machine(id, AutomatedSender::Vacation, "I am away").await, ReceiveOutcome::Recorded(id));
    let after = shop.conversation(id).await;
    assert_eq!(
        (after.state, after.last_action, after.emails_since_action),
        (before.state, before.last_action, 1)
    );
    assert_eq!(shop.seen(id).await.unwrap().messages[2].machine, "automatic out-of-office reply");
    // Without a thread it is held, but for reports, which are about nothing of ours.
    let mut list = mail(&shop, "news@example.net", "help@example.org", true, "", "News");
    list.sender_class = SenderClass::Automated(AutomatedSender::List);
    let ReceiveOutcome::New(held) = shop.mail_in(&list).await else { panic!("lost") };
    assert_eq!(shop.seen(held).await.unwrap().state, "quarantined");
    assert!(matches!(shop.reply(held, "Hello", false).await, ReplyOutcome::Refused(_)));
    let release =
        domain::conversations::staff::ReleaseConversation { id: held, actor: &crate::support::staff() };
    shop.does(release).await;
    assert_eq!(shop.reply(held, "So you are a person.", false).await, ReplyOutcome::Sent);
    let mut report = mail(&shop, "mailer@example.net", "help@example.org", false, "", "Undeliverable");
    report.sender_class = SenderClass::Automated(AutomatedSender::Bounce { hard: true });
    assert!(matches!(shop.mail_in(&report).await, ReceiveOutcome::Dropped(_)));
    shop.holds().await;
    shop.solicited().await;
}

#[tokio::test]
async fn staff_are_told_of_a_letter_that_could_not_be_sent() {
    use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};
    let shop = Shop::open().await;
    let id = shop.writes("bea@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    let letter = shop.does(ClaimEmail).await.unwrap();
    shop.does(RecordDelivery { email: &letter, outcome: DeliveryOutcome::Rejected("550".into()) }).await;
    let seen = shop.seen(id).await.unwrap();
    assert_eq!((&*seen.state, &*seen.messages[2].machine), ("open", "an e-mail could not be sent: 550"));
    shop.holds().await;
}

#[tokio::test]
async fn a_reply_that_waited_until_it_was_too_old_is_told_to_staff_and_the_doctor() {
    let shop = Shop::open().await;
    let id = shop.writes("bea@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    shop.pass_days(31);
    assert!(shop.send().await.is_none());
    assert_eq!(shop.email_count().await, 0);
    let seen = shop.seen(id).await.unwrap();
    let last = &*seen.messages[2].machine;
    assert_eq!(&*seen.state, "open");
    assert!(last.starts_with("an e-mail could not be sent: "), "{last}");
    let facts = domain::compliance::doctor::Facts { smtp_configured: true, ..Default::default() };
    let advice = domain::compliance::doctor::doctor(shop.db(), &shop.settings, &facts).await;
    let named: Vec<_> = advice.iter().filter(|a| a.message.contains("expired unsent")).collect();
    assert!(named.len() == 1 && named[0].message.starts_with("1 e-mails"), "{advice:#?}");
    shop.holds().await;
}
