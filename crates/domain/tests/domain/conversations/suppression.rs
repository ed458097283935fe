//! Suppression: by a bounce, a complaint or the word "stop", and its end.

use domain::compliance::doctor::Condition;
use domain::compliance::doctor::conditions::OutboxCondition;
use domain::conversations::staff::ReplyOutcome;
use domain::conversations::{ConversationEvent, NoEmailReason, ReceiveOutcome, ReplyRefusal};
use domain::email::DeliveryFailure;
use inbound_mail::{AutomatedSender, SenderClass};

use crate::conversations::support::mail;
use crate::kit::Shop;
use store::{ConversationId, Suppression};

fn refused(reason: NoEmailReason) -> ReplyOutcome {
    ReplyOutcome::Refused(ReplyRefusal::NoRoute(reason))
}

impl Shop {
    /// Receives an automated mail about a conversation.
    async fn receive_automated(
        &self,
        id: ConversationId,
        kind: AutomatedSender,
        text: &str,
    ) -> ReceiveOutcome {
        let mut report = mail(self, "mailer@mail.example.net", &self.reply_to(id), false, "", text);
        report.sender_class = SenderClass::Automated(kind);
        self.receive(&report).await
    }

    async fn suppression_of(&self, address: &str) -> Option<Suppression> {
        let slot = self.slot(address).await.unwrap();
        self.db().read().await.unwrap().person(slot).await.unwrap().unwrap().suppression
    }
}

#[tokio::test]
async fn a_bounce_suppresses_all_emails_to_the_address_until_its_owner_writes_again() {
    let shop = Shop::open().await;
    let (one, two) = (
        shop.start_by_mail("bea@example.org", "First question").await,
        shop.start_by_mail("bea@example.org", "Second question").await,
    );
    shop.reply(one, "Hello.", false).await;
    shop.send().await.unwrap();
    shop.reply(two, "A reply that waits in the outbox.", false).await;
    assert_eq!(
        shop.receive_automated(one, AutomatedSender::Bounce { hard: false }, "the delivery is delayed").await,
        ReceiveOutcome::Recorded(one)
    );
    assert_eq!(shop.email_count().await, 1);
    assert_eq!(
        shop.receive_automated(one, AutomatedSender::Bounce { hard: true }, "no such mailbox").await,
        ReceiveOutcome::Recorded(one)
    );
    assert_eq!(shop.email_count().await, 0, "waiting e-mails are deleted");
    for id in [one, two] {
        assert_eq!(shop.conversation(id).await.suppression, Some(Suppression::Bounce));
        assert_eq!(shop.reply(id, "Hello?", false).await, refused(NoEmailReason::Bounced));
    }
    // An unverified mail starts its own conversation and ends no suppression.
    let forged = mail(&shop, "bea@example.org", "help@example.org", false, "", "It is me");
    let ReceiveOutcome::New(forged) = shop.receive(&forged).await else { panic!("not started") };
    assert_eq!(shop.conversation(two).await.suppression, Some(Suppression::Bounce));
    assert_eq!(shop.reply(forged, "Are you?", false).await, refused(NoEmailReason::StoppedByOwner));
    assert_eq!(
        shop.answer_by_mail(one, "bea@example.org", true, "I am here again").await,
        ReceiveOutcome::Joined(one)
    );
    for id in [one, two] {
        assert_eq!(shop.conversation(id).await.suppression, None);
        assert_eq!(shop.reply(id, "Welcome back.", false).await, ReplyOutcome::Sent);
    }
    shop.check_causes().await;
}

#[tokio::test]
async fn a_complaint_suppresses_a_customer_until_they_request_a_magic_link() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let id = shop.start_by_mail("ada@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    assert_eq!(
        shop.receive_automated(id, AutomatedSender::Complaint, "spam").await,
        ReceiveOutcome::Recorded(id)
    );
    assert_eq!(shop.suppression_of("ada@example.org").await, Some(Suppression::Complaint));
    assert_eq!(shop.reply(id, "Sorry.", false).await, refused(NoEmailReason::StoppedBySender));
    let ask =
        domain::portal::magic_link::RequestMagicLink { address: "ada@example.org", settings: &shop.settings };
    shop.execute(ask).await;
    assert_eq!(shop.suppression_of("ada@example.org").await, None);
    assert_eq!(shop.send().await.unwrap().kind, domain::email::EmailKind::MagicLink);
}

#[tokio::test]
async fn the_word_stop_suppresses_emails_wherever_it_is_written() {
    let shop = Shop::open().await;
    let (one, two) = (
        shop.start_by_mail("bea@example.org", "First question").await,
        shop.start_by_mail("bea@example.org", "Second question").await,
    );
    shop.reply(two, "A reply that waits in the outbox.", false).await;
    shop.answer_by_mail(one, "bea@example.org", true, "STOP").await;
    assert_eq!(shop.email_count().await, 0);
    for id in [one, two] {
        assert_eq!(shop.reply(id, "But", false).await, refused(NoEmailReason::StoppedBySender));
    }
    // An unverified mail counts if it names a conversation of that address.
    let three = shop.start_by_mail("cyd@example.org", "Third question").await;
    shop.reply(three, "A reply that waits in the outbox.", false).await;
    let forged = mail(&shop, "cyd@example.org", "help@example.org", false, "", "stop");
    assert!(matches!(shop.receive(&forged).await, ReceiveOutcome::New(_)));
    assert_eq!(shop.email_count().await, 1);
    assert!(matches!(
        shop.answer_by_mail(three, "cyd@example.org", false, "Stop.").await,
        ReceiveOutcome::New(_)
    ));
    assert_eq!(shop.email_count().await, 0);
    assert_eq!(shop.conversation(three).await.suppression, Some(Suppression::Stop));
}

#[tokio::test]
async fn an_automated_mail_is_shown_to_staff_and_does_not_count_as_an_action_of_the_person() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("bea@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    shop.send().await.unwrap();
    let before = shop.conversation(id).await;
    assert_eq!(
        shop.receive_automated(id, AutomatedSender::Vacation, "I am away").await,
        ReceiveOutcome::Recorded(id)
    );
    let after = shop.conversation(id).await;
    assert_eq!(
        (after.state, after.last_action, after.emails_since_action),
        (before.state, before.last_action, 1)
    );
    let vacation = ConversationEvent::Automated(AutomatedSender::Vacation);
    assert_eq!(shop.view_as_staff(id).await.unwrap().messages[2].event, Some(vacation));
    // Without a conversation it goes into quarantine. A report without a conversation is dropped.
    let mut list = mail(&shop, "news@example.net", "help@example.org", true, "", "News");
    list.sender_class = SenderClass::Automated(AutomatedSender::List);
    let ReceiveOutcome::New(quarantined) = shop.receive(&list).await else { panic!("lost") };
    assert_eq!(shop.view_as_staff(quarantined).await.unwrap().state, "quarantined");
    assert_eq!(shop.reply(quarantined, "Hello", false).await, refused(NoEmailReason::Held));
    let release = domain::conversations::staff::ReleaseConversation {
        id: quarantined,
        actor: &crate::conversations::support::staff(),
    };
    shop.execute(release).await;
    assert_eq!(shop.reply(quarantined, "So you are a person.", false).await, ReplyOutcome::Sent);
    let mut report = mail(&shop, "mailer@example.net", "help@example.org", false, "", "Undeliverable");
    report.sender_class = SenderClass::Automated(AutomatedSender::Bounce { hard: true });
    assert!(matches!(shop.receive(&report).await, ReceiveOutcome::Dropped));
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn staff_see_an_email_that_could_not_be_sent() {
    use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};
    let shop = Shop::open().await;
    let id = shop.start_by_mail("bea@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    let email = shop.execute(ClaimEmail).await.unwrap();
    shop.execute(RecordDelivery {
        email: &email,
        outcome: DeliveryOutcome::Rejected(DeliveryFailure::Reply(550)),
    })
    .await;
    let seen = shop.view_as_staff(id).await.unwrap();
    let unsent = ConversationEvent::Unsent(DeliveryFailure::Reply(550));
    assert_eq!((&*seen.state, seen.messages[2].event), ("open", Some(unsent)));
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_reply_that_expired_unsent_is_reported_to_staff_and_by_the_doctor() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("bea@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    shop.pass_days(31);
    assert!(shop.send().await.is_none());
    assert_eq!(shop.email_count().await, 0);
    let seen = shop.view_as_staff(id).await.unwrap();
    let expired = ConversationEvent::Unsent(DeliveryFailure::Expired);
    assert_eq!((&*seen.state, seen.messages[2].event), ("open", Some(expired)));
    let facts = domain::compliance::doctor::Facts { smtp_configured: true, ..Default::default() };
    let advice = domain::compliance::doctor::doctor(shop.db(), &shop.settings, &facts).await;
    let expired: Vec<_> = advice.iter().filter_map(|a| expired_emails(&a.condition)).collect();
    assert_eq!(expired, [1], "{advice:#?}");
    shop.check_integrity().await;
}

/// The number of e-mails that expired, if the condition is about them.
fn expired_emails(condition: &Condition) -> Option<i64> {
    match condition {
        Condition::Outbox(OutboxCondition::Expired { emails, .. }) => Some(*emails),
        _ => None,
    }
}
