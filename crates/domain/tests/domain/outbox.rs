//! E-mails that wait to be sent: claims, attempts, expiry, and the actions that cause them.

use domain::conversations::ConversationEvent;
use domain::email::{
    Action, ClaimEmail, ClaimedEmail, DeliveryFailure, DeliveryOutcome, EmailKind, RecordDelivery,
};
use domain::portal::magic_link::RequestMagicLink;
use store::{AuditKind, ConversationId, ConversationState};

use crate::kit::{Shop, products};

async fn claim(shop: &Shop) -> Option<ClaimedEmail> {
    shop.execute(ClaimEmail).await
}

async fn record(shop: &Shop, email: &ClaimedEmail, outcome: DeliveryOutcome) {
    shop.execute(RecordDelivery { email, outcome }).await;
}

fn busy() -> DeliveryOutcome {
    DeliveryOutcome::Retry(DeliveryFailure::Reply(451))
}

/// A shop with a waiting magic link for Ada.
async fn with_magic_link() -> Shop {
    let shop = Shop::open().await;
    shop.keys(&shop.purchase("1", products::EDITOR, "ada@example.org")).await;
    shop.execute(RequestMagicLink { address: "ada@example.org", settings: &shop.settings }).await;
    shop
}

/// A shop with a conversation whose reply waits in the outbox.
async fn with_reply() -> (Shop, ConversationId) {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "It breaks").await;
    shop.reply(id, "Update it.", false).await;
    (shop, id)
}

/// What the conversation tells staff about an e-mail that was not sent.
async fn remark(shop: &Shop, id: ConversationId) -> Option<ConversationEvent> {
    let seen = shop.view_as_staff(id).await.unwrap();
    seen.messages.into_iter().find_map(|message| message.event)
}

async fn given_up(shop: &Shop) -> i64 {
    shop.scratch.numbers("SELECT COUNT(*) FROM outbox WHERE state <> 'waiting'").await[0]
}

#[tokio::test]
async fn an_attempt_that_failed_is_repeated_after_growing_pauses_and_given_up_after_eight() {
    let (shop, id) = with_reply().await;
    assert_eq!(shop.conversation(id).await.state, ConversationState::Waiting);
    for attempt in 1..=8 {
        let email = claim(&shop).await.unwrap_or_else(|| panic!("attempt {attempt} is not due"));
        assert_eq!(email.attempts, attempt);
        record(&shop, &email, busy()).await;
        assert!(claim(&shop).await.is_none(), "at once after attempt {attempt}");
        shop.pass_seconds(60 * attempt * attempt - 1);
        assert!(claim(&shop).await.is_none(), "a second too early after attempt {attempt}");
        shop.pass_seconds(1);
    }
    assert!(claim(&shop).await.is_none());
    assert_eq!(given_up(&shop).await, 1);
    assert_eq!(remark(&shop, id).await, Some(ConversationEvent::Unsent(DeliveryFailure::Reply(451))));
    assert_eq!(shop.conversation(id).await.state, ConversationState::Open, "staff must look at it");
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_rejected_e_mail_is_given_up_at_once() {
    let no = || DeliveryOutcome::Rejected(DeliveryFailure::Reply(550));
    let (shop, id) = with_reply().await;
    let email = claim(&shop).await.unwrap();
    record(&shop, &email, no()).await;
    assert_eq!((given_up(&shop).await, shop.conversation(id).await.state), (1, ConversationState::Open));
    let unsent = ConversationEvent::Unsent(DeliveryFailure::Reply(550));
    assert_eq!(remark(&shop, id).await, Some(unsent));
    let links = with_magic_link().await;
    let email = claim(&links).await.unwrap();
    record(&links, &email, no()).await;
    assert_eq!((given_up(&links).await, claim(&links).await.is_none()), (1, true));
    assert_eq!(links.rows("conversation").await, 0);
}

#[tokio::test]
async fn a_claimed_e_mail_is_due_again_five_minutes_after_its_sender_vanished() {
    let shop = with_magic_link().await;
    assert_eq!(claim(&shop).await.unwrap().attempts, 1);
    for (seconds, due) in [(0, false), (299, false), (1, true), (0, false)] {
        shop.pass_seconds(seconds);
        assert_eq!(claim(&shop).await.is_some(), due, "after {seconds} seconds more");
    }
}

#[tokio::test]
async fn a_magic_link_that_was_not_sent_in_an_hour_is_deleted_and_counted() {
    let shop = with_magic_link().await;
    shop.pass_seconds(3_599);
    let email = claim(&shop).await.expect("a second before its end");
    record(&shop, &email, busy()).await;
    // The next attempt would come after its end.
    shop.pass_seconds(60);
    assert!(claim(&shop).await.is_none());
    assert_eq!(shop.email_count().await, 0);
    let counters = shop.db().read().await.unwrap().counters_since(shop.today()).await.unwrap();
    assert!(counters.contains(&("expired-email".to_owned(), 1)), "{counters:?}");
}

#[tokio::test]
async fn an_e_mail_that_is_being_sent_does_not_expire_meanwhile() {
    let shop = with_magic_link().await;
    shop.pass_seconds(3_599);
    let email = claim(&shop).await.unwrap();
    shop.pass_seconds(200);
    assert!(claim(&shop).await.is_none());
    assert_eq!(shop.email_count().await, 1);
    record(&shop, &email, DeliveryOutcome::Sent([7; 32])).await;
    assert_eq!(shop.email_count().await, 0);
}

#[tokio::test]
async fn a_sent_e_mail_leaves_one_audit_entry_with_its_cause() {
    let shop = with_magic_link().await;
    let email = claim(&shop).await.unwrap();
    let slot = shop.slot("ada@example.org").await.unwrap();
    record(&shop, &email, DeliveryOutcome::Sent([7; 32])).await;
    let mut tx = shop.db().read().await.unwrap();
    let entries = tx.audit_entries_of_kind(AuditKind::Email).await.unwrap();
    let [entry] = &entries[..] else { panic!("{} entries", entries.len()) };
    assert_eq!((entry.name.as_str(), entry.actor.as_str(), entry.slot), ("magic-link", "system", Some(slot)));
    assert_eq!((entry.cause, entry.digest.as_slice()), (email.cause, &[7; 32][..]));
    assert!(!entry.recipient.is_empty() && entry.recipient != b"ada@example.org");
    let cause = tx.audit_entry(entry.cause).await.unwrap().unwrap();
    assert_eq!((cause.kind.as_str(), cause.name.as_str()), ("action", "requested the magic link"));
    assert_eq!((cause.actor.as_str(), cause.slot), ("person", Some(slot)));
    // By the day only.
    assert_eq!((entry.at, cause.at), (shop.today().midnight(), shop.today().midnight()));
}

#[tokio::test]
async fn e_mails_that_can_no_longer_be_sent_do_not_hold_up_the_others() {
    let shop = Shop::open().await;
    for n in 0..4 {
        let id = shop.start_by_mail(&format!("ada{n}@example.org"), "It breaks").await;
        shop.reply(id, "Update it.", false).await;
    }
    let spoilt =
        "UPDATE outbox SET kind = 'newsletter' WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT 3)";
    assert_eq!(shop.scratch.tamper(spoilt).await, 3);
    assert!(claim(&shop).await.is_some(), "the fourth is sent in the same round");
    assert_eq!(given_up(&shop).await, 3);
    assert!(claim(&shop).await.is_none());
}

#[test]
fn each_kind_of_e_mail_has_its_name_and_its_causes() {
    for (kind, name, causes) in [
        (
            EmailKind::MagicLink,
            "magic-link",
            &[Action::RequestedMagicLink, Action::AnsweredWithMagicLink][..],
        ),
        (EmailKind::NewAddress, "new-address", &[Action::RequestedAddressChange]),
        (EmailKind::StaffReply, "staff-reply", &[Action::SentMessage]),
    ] {
        assert_eq!((kind.name(), EmailKind::from_name(name)), (name, Some(kind)));
        assert_eq!(kind.caused_by(), causes, "{name}");
    }
    for none in ["", "newsletter", "Magic-Link", "magic_link"] {
        assert_eq!(EmailKind::from_name(none), None, "{none}");
    }
}
