//! Conversations: every value that was written is read touch, and queues show the right rows and open nothing.
//! Concurrent changes of one conversation don't overwrite each other.

use std::sync::atomic::Ordering;

use keyring::{Slot, Tag16};
use policy::purpose::{Access, Finding, Support};
use store::testing::{Scratch, serial};
use store::{
    Actor, Conversation, ConversationAccessKind, ConversationId, ConversationKind, ConversationState, Error,
    MessageKind, NewMessage, Queue, Suppression, Via,
};

use crate::fixtures::{day, new_conversation, tag, tag32, write};

/// Adds conversations 1 to `n`, each under its own slot. Returns the slots.
pub async fn add_conversations(scratch: &Scratch, n: i64) -> Vec<Slot> {
    let added = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut slots = Vec::new();
            for id in 1..=n {
                let slot = tx.keyring().allocate_slot()?;
                tx.add_conversation(&new_conversation(id, slot)).await?;
                slots.push(slot);
            }
            Ok(slots)
        })
    });
    added.await.unwrap()
}

/// Changes conversation `id` and saves it.
pub async fn change(scratch: &Scratch, id: i64, change: fn(&mut Conversation)) {
    let done = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut conversation = tx.conversation(ConversationId::new(id)).await?.expect("a conversation");
            change(&mut conversation);
            tx.save_conversation(&mut conversation).await
        })
    });
    done.await.unwrap();
}

async fn queue(scratch: &Scratch, of: Queue<'_>) -> Vec<i64> {
    let conversations = scratch.db.read().await.unwrap().queue(&of, i64::MAX, 100).await.unwrap();
    conversations.iter().map(|conversation| conversation.id.number()).collect()
}

#[tokio::test]
async fn every_value_of_a_conversation_is_read_as_it_was_written() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 1).await;
    change(&scratch, 1, |conversation| {
        conversation.kind = ConversationKind::Customer;
        conversation.state = ConversationState::Waiting;
        conversation.person = Some(Slot(5));
        conversation.assigned = "kim".into();
        conversation.snoozed_day = Some(day(30_000));
        conversation.messages = 4;
        conversation.last_message_day = day(21_000);
        conversation.closed_day = Some(day(21_001));
        conversation.licence = Some(serial(77));
        conversation.related = Some(ConversationId::new(9));
        conversation.last_action = 8;
        conversation.last_action_day = Some(day(20_999));
        conversation.emails_since_action = 2;
        conversation.verified = false;
        conversation.suppression = Some(Suppression::Bounce);
    })
    .await;
    let opened = write(&scratch.db, |tx| {
        Box::pin(async move {
            let of = tx.conversation(ConversationId::new(1)).await?.expect("a conversation");
            assert_eq!(
                (of.kind, of.state, of.person),
                (ConversationKind::Customer, ConversationState::Waiting, Some(Slot(5)))
            );
            assert_eq!((&*of.assigned, of.snoozed_day, of.messages), ("kim", Some(day(30_000)), 4));
            assert_eq!(
                (of.opened_day, of.last_message_day, of.closed_day),
                (tx.today(), day(21_000), Some(day(21_001)))
            );
            assert_eq!(
                (of.licence, of.related, of.last_action, of.last_action_day),
                (Some(serial(77)), Some(ConversationId::new(9)), 8, Some(day(20_999)))
            );
            assert_eq!(
                (of.emails_since_action, of.verified, of.suppression),
                (2, false, Some(Suppression::Bounce))
            );
            let permit =
                tx.permit::<Support>(of.slot, "conversation.*", &Actor::Staff("kim".into()), "case").await?;
            assert!(tx.open_subject(&of, &permit)?.is_some_and(|v| v.text() == "canary-subject"));
            assert!(tx.open_contact(&of, &permit)?.is_some_and(|v| v.bytes().starts_with(b"canary-contact")));
            assert!(tx.open_tags(&of, &permit)?.is_none());
            assert_eq!(tx.conversation_of_slot(of.slot).await?.map(|t| t.id.number()), Some(1));
            assert_eq!(tx.conversations_of_person(Slot(5)).await?.len(), 1);
            assert!(tx.conversations_of_person(Slot(0)).await?.is_empty(), "slot 0 is no person");
            Ok(())
        })
    });
    opened.await.unwrap();
}

#[tokio::test]
async fn every_change_gets_a_later_revision_and_no_revision_is_given_twice() {
    let scratch = Scratch::new().await;
    let slots = add_conversations(&scratch, 3).await;
    let revisions = async || {
        let changed = scratch.db.read().await.unwrap().conversations_changed_after(0).await.unwrap();
        changed.iter().map(|t| (t.id.number(), t.revision)).collect::<Vec<_>>()
    };
    assert_eq!(revisions().await, [(1, 1), (2, 2), (3, 3)]);
    change(&scratch, 1, |_| ()).await;
    assert_eq!(revisions().await, [(2, 2), (3, 3), (1, 4)]);
    let last = slots[0];
    write(&scratch.db, move |tx| Box::pin(async move { tx.purge_slot(last).await })).await.unwrap();
    change(&scratch, 2, |_| ()).await;
    assert_eq!(
        revisions().await,
        [(3, 3), (2, 5)],
        "a reader who saw revision 4 of the deleted conversation must see this change"
    );
    let existing = scratch
        .db
        .read()
        .await
        .unwrap()
        .existing_conversations(&[1, 2, 3, 4].map(ConversationId::new))
        .await
        .unwrap();
    assert_eq!(existing, [2, 3].map(ConversationId::new));
}

#[tokio::test]
async fn a_stale_conversation_does_not_overwrite_a_newer_one() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 1).await;
    let mut old =
        scratch.db.read().await.unwrap().conversation(ConversationId::new(1)).await.unwrap().unwrap();
    change(&scratch, 1, |conversation| conversation.assigned = "kim".into()).await;
    old.assigned = "pat".into();
    let late = write(&scratch.db, move |tx| {
        let mut old = old.clone();
        Box::pin(async move { Ok(tx.save_conversation(&mut old).await) })
    });
    assert!(matches!(late.await.unwrap(), Err(Error::Conflict)));
    assert_eq!(queue(&scratch, Queue::Mine("kim")).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_messages_get_consecutive_numbers() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 1).await;
    let writers = (0..8).map(|_| {
        let db = scratch.db.clone();
        tokio::spawn(async move { write(&db, |tx| Box::pin(add_message(tx, 1, b"text"))).await.unwrap() })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut tx = scratch.db.read().await.unwrap();
    let numbers: Vec<i64> =
        tx.messages_of(ConversationId::new(1)).await.unwrap().iter().map(|m| m.number).collect();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    assert_eq!(tx.conversation(ConversationId::new(1)).await.unwrap().unwrap().messages, 8);
}

/// Adds a message of the person to conversation `id`.
pub async fn add_message(tx: &mut store::Tx, id: i64, body: &[u8]) -> Result<store::Message, Error> {
    let mut conversation = tx.conversation(ConversationId::new(id)).await?.expect("a conversation");
    let (kind, via) = (MessageKind::Person, Via::Email);
    let message = tx
        .add_message(&NewMessage { conversation: &conversation, kind, via, actor: "", action: 0, body })
        .await?;
    conversation.messages = message.number;
    tx.save_conversation(&mut conversation).await?;
    Ok(message)
}

#[tokio::test]
async fn queues_show_the_right_conversations_newest_first_and_open_nothing() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 8).await;
    change(&scratch, 2, |t| t.assigned = "kim".into()).await;
    change(&scratch, 3, |t| t.state = ConversationState::Waiting).await;
    change(&scratch, 4, |t| t.snoozed_day = Some(day(40_000))).await;
    change(&scratch, 5, |t| t.state = ConversationState::Quarantined).await;
    change(&scratch, 6, |t| t.state = ConversationState::Closed).await;
    change(&scratch, 7, |t| (t.state, t.snoozed_day) = (ConversationState::Waiting, Some(day(40_000)))).await;
    change(&scratch, 1, |t| t.snoozed_day = Some(day(10_000))).await;
    let before = scratch.numbers("SELECT COUNT(*) FROM audit_entry").await;
    assert_eq!(queue(&scratch, Queue::Mine("kim")).await, [2]);
    assert_eq!(queue(&scratch, Queue::Mine("pat")).await, [0; 0]);
    assert_eq!(queue(&scratch, Queue::Unassigned).await, [1, 8], "a conversation returns after its snooze");
    assert_eq!(queue(&scratch, Queue::Open).await, [1, 2, 8]);
    assert_eq!(queue(&scratch, Queue::Waiting).await, [3]);
    assert_eq!(queue(&scratch, Queue::Snoozed).await, [7, 4]);
    assert_eq!(queue(&scratch, Queue::Quarantined).await, [5]);
    assert_eq!(queue(&scratch, Queue::Closed).await, [6]);
    assert_eq!(scratch.numbers("SELECT COUNT(*) FROM audit_entry").await, before);
}

#[tokio::test]
async fn a_queue_is_read_page_by_page_without_losing_or_repeating_a_conversation() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 23).await;
    let mut tx = scratch.db.read().await.unwrap();
    let (mut before, mut seen) = (i64::MAX, Vec::new());
    loop {
        let page = tx.queue(&Queue::Open, before, 5).await.unwrap();
        let Some(last) = page.last() else { break };
        before = last.revision;
        seen.extend(page.iter().map(|t| t.id.number()));
    }
    assert_eq!(seen, (1..=23).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn conversations_past_retention_are_found_by_kind_and_day() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 5).await;
    change(&scratch, 1, |t| (t.state, t.closed_day) = (ConversationState::Closed, Some(day(100)))).await;
    change(&scratch, 2, |t| {
        (t.state, t.closed_day, t.kind) =
            (ConversationState::Closed, Some(day(100)), ConversationKind::Anonymous);
    })
    .await;
    change(&scratch, 3, |t| (t.state, t.last_message_day) = (ConversationState::Waiting, day(100))).await;
    change(&scratch, 4, |t| (t.state, t.last_message_day) = (ConversationState::Quarantined, day(100))).await;
    let ids =
        |conversations: Vec<Conversation>| conversations.iter().map(|t| t.id.number()).collect::<Vec<_>>();
    let mut tx = scratch.db.read().await.unwrap();
    assert_eq!(ids(tx.conversations_past_retention(day(99), day(99)).await.unwrap()), [0; 0]);
    assert_eq!(ids(tx.conversations_past_retention(day(99), day(100)).await.unwrap()), [2]);
    assert_eq!(ids(tx.conversations_past_retention(day(100), day(99)).await.unwrap()), [1]);
    assert_eq!(ids(tx.inactive_conversations(day(99)).await.unwrap()), [0; 0]);
    assert_eq!(ids(tx.inactive_conversations(day(100)).await.unwrap()), [3, 4]);
}

#[tokio::test]
async fn conversations_are_found_by_address_without_an_audit_entry() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 3).await;
    change(&scratch, 2, |t| t.person = Some(Slot(5))).await;
    let marked = write(&scratch.db, |tx| {
        Box::pin(async move {
            let mut third = tx.conversation(ConversationId::new(3)).await?.expect("a conversation");
            tx.set_address_tag(&mut third, Some(&tag(3)))?;
            tx.save_conversation(&mut third).await?;
            let first = tx.conversation(ConversationId::new(1)).await?.expect("a conversation");
            assert!(tx.has_address(&third, &tag(3))? && !tx.has_address(&first, &tag(3))?);
            assert!(!tx.have_same_address(&first, &third)?);
            tx.set_address_tag(&mut third, None)?;
            assert!(!tx.has_address(&third, &tag(3))? && !tx.have_same_address(&third, &third)?);
            Ok(())
        })
    });
    marked.await.unwrap();
    let mut tx = scratch.db.read().await.unwrap();
    let found = tx.conversations_with_address(&Tag16([7; 16])).await.unwrap();
    assert_eq!(
        found.iter().map(|t| t.id.number()).collect::<Vec<_>>(),
        [1],
        "a linked conversation is found by its person instead"
    );
    assert_eq!(tx.conversations_with_address(&tag(3)).await.unwrap().len(), 1);
    assert!(tx.conversations_with_address(&tag(4)).await.unwrap().is_empty());
    assert!(tx.latest_audit_entries().await.unwrap().is_empty());
}

#[tokio::test]
async fn of_concurrent_recordings_of_one_mail_exactly_one_succeeds() {
    let scratch = Scratch::new().await;
    let slot = add_conversations(&scratch, 1).await[0];
    let recorders = (0..6).map(|_| {
        let db = scratch.db.clone();
        tokio::spawn(async move {
            write(&db, move |tx| Box::pin(async move { tx.record_processed_mail(&tag(1), slot).await }))
                .await
                .unwrap()
        })
    });
    let mut recorded = 0;
    for recorder in recorders.collect::<Vec<_>>() {
        recorded += i32::from(recorder.await.unwrap());
    }
    assert_eq!(recorded, 1);
    scratch.now.fetch_add(29 * 86_400, Ordering::SeqCst);
    let delete_old =
        async || write(&scratch.db, |tx| Box::pin(async move { tx.delete_old_processed_mail().await })).await;
    assert_eq!(delete_old().await.unwrap(), 0);
    let touch = async || {
        write(&scratch.db, |tx| Box::pin(async move { tx.touch_processed_mail(&tag(1)).await }))
            .await
            .unwrap()
    };
    assert!(touch().await);
    scratch.now.fetch_add(29 * 86_400, Ordering::SeqCst);
    assert_eq!(delete_old().await.unwrap(), 0, "30 days count from the last arrival");
    scratch.now.fetch_add(86_400, Ordering::SeqCst);
    assert_eq!(delete_old().await.unwrap(), 1);
    assert!(!touch().await);
}

#[tokio::test]
async fn an_access_leads_to_its_conversation_until_it_expires_or_is_deleted() {
    let scratch = Scratch::new().await;
    let slot = add_conversations(&scratch, 1).await[0];
    let made = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let today = tx.today();
            tx.add_conversation_access(
                &tag32(1),
                ConversationId::new(1),
                slot,
                ConversationAccessKind::Code,
                None,
            )
            .await?;
            tx.add_conversation_access(
                &tag32(2),
                ConversationId::new(1),
                slot,
                ConversationAccessKind::Email,
                Some(today + 60),
            )
            .await?;
            tx.add_conversation_access(
                &tag32(3),
                ConversationId::new(1),
                slot,
                ConversationAccessKind::Merged,
                None,
            )
            .await
        })
    });
    made.await.unwrap();
    let kinds = async || {
        let mut tx = scratch.db.read().await.unwrap();
        let mut kinds = Vec::new();
        for n in 1..=4 {
            let access = tx.conversation_access(&tag32(n)).await.unwrap();
            assert!(access.is_none_or(|access| (access.conversation, access.slot) == (ConversationId::new(1), slot)));
            kinds.extend(access.map(|access| access.kind));
        }
        kinds
    };
    assert_eq!(
        kinds().await,
        [ConversationAccessKind::Code, ConversationAccessKind::Email, ConversationAccessKind::Merged]
    );
    scratch.now.fetch_add(60 * 86_400, Ordering::SeqCst);
    assert_eq!(kinds().await, [ConversationAccessKind::Code, ConversationAccessKind::Merged]);
    let deleted = write(&scratch.db, |tx| {
        Box::pin(async move {
            tx.delete_conversation_access(ConversationId::new(1), ConversationAccessKind::Code).await?;
            tx.delete_expired_conversation_access().await
        })
    });
    assert_eq!(deleted.await.unwrap(), 1);
    assert_eq!(kinds().await, [ConversationAccessKind::Merged]);
}

#[tokio::test]
async fn a_person_who_reads_their_own_conversation_is_audited_without_slot_and_hour() {
    let scratch = Scratch::new().await;
    add_conversations(&scratch, 1).await;
    let read = write(&scratch.db, |tx| {
        Box::pin(async move {
            let of = tx.conversation(ConversationId::new(1)).await?.expect("a conversation");
            let own = tx.permit_unattributed::<Access>("message.body", &Actor::Person).await?;
            assert!(tx.open_subject(&of, &own)?.is_some());
            let index = tx.permit_unattributed::<Finding>("message.body", &Actor::System).await?;
            assert!(tx.open_subject(&of, &index)?.is_some());
            tx.latest_audit_entries().await
        })
    });
    for entry in read.await.unwrap() {
        assert_eq!((entry.slot, entry.at.second_of_day(), &*entry.kind), (None, 0, "opening"));
    }
}

#[tokio::test]
async fn a_suppression_is_stored_and_removed() {
    let scratch = Scratch::new().await;
    let of = crate::fixtures::seed_shop(&scratch.db).await;
    for why in
        [Suppression::Bounce, Suppression::Complaint, Suppression::Stop].map(Some).into_iter().chain([None])
    {
        write(&scratch.db, move |tx| Box::pin(async move { tx.set_suppression(of, why).await }))
            .await
            .unwrap();
        let person = scratch.db.read().await.unwrap().person(of).await.unwrap().unwrap();
        assert_eq!(person.suppression, why);
    }
}

#[tokio::test]
async fn an_api_token_is_valid_until_its_day_and_its_name_is_unique() {
    let scratch = Scratch::new().await;
    let of = |n, name: &str, expires_day| store::ApiToken {
        token_hash: tag32(n),
        name: name.into(),
        staff: "kim".into(),
        scopes: "conversations:read".into(),
        created_day: day(20_000),
        expires_day,
    };
    let today = scratch.db.clock.today();
    let tokens =
        [of(1, "one", None), of(2, "two", Some(today + 1)), of(3, "three", Some(today)), of(4, "one", None)];
    for (token, added) in tokens.into_iter().zip([true, true, true, false]) {
        let done = write(&scratch.db, move |tx| {
            let token = token.clone();
            Box::pin(async move { tx.add_api_token(&token).await })
        });
        assert_eq!(done.await.unwrap(), added);
    }
    let mut tx = scratch.db.read().await.unwrap();
    assert!(tx.api_token(&tag32(1)).await.unwrap().is_some_and(|token| token.name == "one"));
    assert!(tx.api_token(&tag32(2)).await.unwrap().is_some());
    assert!(tx.api_token(&tag32(3)).await.unwrap().is_none());
    assert_eq!(tx.api_tokens().await.unwrap().len(), 3);
    drop(tx);
    let dropped = write(&scratch.db, |tx| Box::pin(async move { tx.delete_api_token("one").await }));
    assert!(dropped.await.unwrap());
    assert!(scratch.db.read().await.unwrap().api_token(&tag32(1)).await.unwrap().is_none());
}
