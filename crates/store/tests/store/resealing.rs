//! Resealing a conversation: no row stays under the old slot, and everything opens under the new one, in order.

use keyring::{ForgetRequest, Slot};
use policy::inventory::{OnForgetting, TABLES};
use policy::purpose::{Access, Erasing};
use store::testing::Scratch;
use store::{
    Actor, AuditKind, CHUNK, ConversationAccessKind, ConversationId, ConversationIntegrity, EmailStage,
    Error, NewAuditEntry, NewOutboxEmail, Tx,
};

use crate::conversations::add_message;
use crate::files::{contents, file, read};
use crate::fixtures::{new_conversation, tag, tag32, write};

/// Adds a conversation with these messages and a file at each. It has an access code, a processed mail and an e-mail in
/// the outbox.
async fn seed_conversation(tx: &mut Tx, id: i64, texts: &[String]) -> Result<Slot, Error> {
    let slot = tx.keyring().allocate_slot()?;
    tx.add_conversation(&new_conversation(id, slot)).await?;
    for text in texts {
        let message = add_message(tx, id, text.as_bytes()).await?;
        let sent = file(tx, slot, 0, CHUNK + text.len()).await?;
        assert!(tx.attach(sent, slot, &message).await?);
    }
    let line = NewAuditEntry {
        kind: AuditKind::Action,
        name: "wrote to us",
        actor: &Actor::Person,
        slot: Some(slot),
        cause: 0,
        recipient: &[],
        digest: &[],
    };
    let cause = tx.append_audit(&line).await?;
    let mut conversation = tx.conversation(ConversationId::new(id)).await?.expect("a conversation");
    (conversation.last_action, conversation.last_action_day) = (cause, Some(tx.today()));
    tx.set_tags(&mut conversation, b"canary-tag")?;
    tx.save_conversation(&mut conversation).await?;
    let n = u8::try_from(id).unwrap();
    tx.add_conversation_access(&tag32(n), ConversationId::new(id), slot, ConversationAccessKind::Code, None)
        .await?;
    assert!(tx.record_processed_mail(&tag(u64::from(n)), slot).await?);
    let expires_at = tx.now + 3600;
    tx.add_outbox_email(&NewOutboxEmail {
        slot,
        kind: "staff-reply",
        cause,
        expires_at,
        content: b"canary-email",
    })
    .await?;
    Ok(slot)
}

async fn rows_under(scratch: &Scratch, of: Slot) -> i64 {
    let mut rows = 0;
    for table in TABLES {
        if let OnForgetting::Delete(slot) = table.on_forgetting {
            let sql = format!("SELECT COUNT(*) FROM {} WHERE {slot} = {}", table.name, of.0);
            rows += scratch.numbers(&sql).await[0];
        }
    }
    rows
}

async fn texts_of(tx: &mut Tx, id: i64) -> Result<Vec<String>, Error> {
    let of = tx.conversation(ConversationId::new(id)).await?.expect("a conversation");
    let permit = tx.permit::<Access>(of.slot, "message.body", &Actor::Person, "").await?;
    let mut texts = Vec::new();
    for (n, message) in (1..).zip(tx.messages_of(ConversationId::new(id)).await?) {
        assert_eq!((message.number, message.slot), (n, of.slot));
        texts.push(tx.open_body(&message, &permit)?.map_or(String::new(), |body| body.text().to_owned()));
    }
    Ok(texts)
}

/// Forgets the old slots, then checks that all remaining values open and that the rows are consistent.
async fn check_without_slots(scratch: &Scratch, gone: Vec<Slot>) {
    for slot in &gone {
        assert_eq!(rows_under(scratch, *slot).await, 0);
    }
    let forgetting = ForgetRequest { slots: gone, tombstones: vec![], day: 20_700, digest: [0; 32] };
    scratch.db.keyring().forget(&forgetting).unwrap();
    let mut tx = scratch.db.read().await.unwrap();
    for column in tx.examine_sealed(|_| true).await.unwrap() {
        assert_eq!((column.forgotten, column.broken), (0, 0), "{:?}", column.column);
    }
    let integrity = tx.conversation_integrity().await.unwrap();
    assert_eq!(
        integrity,
        ConversationIntegrity {
            conversations: 1,
            messages: integrity.messages,
            files: integrity.files,
            access: integrity.access,
            ..ConversationIntegrity::default()
        }
    );
    for email in tx.emails_with_cause(EmailStage::Queued, i64::MIN).await.unwrap() {
        assert_eq!((email.cause_slot, &*email.name), (email.slot, "wrote to us"), "an e-mail lost its cause");
    }
    assert!(tx.orphans().await.unwrap().iter().all(|(_, rows)| *rows == 0));
}

fn texts(of: &str, n: usize) -> Vec<String> {
    (1..=n).map(|n| format!("{of} {n}: a third party's passage, and more")).collect()
}

#[tokio::test]
async fn a_redacted_passage_is_forgotten_with_the_old_slot_and_all_else_opens_under_the_new_one() {
    let scratch = Scratch::new().await;
    let made = write(&scratch.db, |tx| {
        Box::pin(async move {
            let old = seed_conversation(tx, 1, &texts("one", 3)).await?;
            let fresh = tx.keyring().allocate_slot()?;
            let permit = tx.permit::<Erasing>(old, "everything", &Actor::System, "").await?;
            let mut conversation = tx.conversation(ConversationId::new(1)).await?.expect("a conversation");
            let edit = |message: &store::Message, body: &str| {
                (message.number == 2).then(|| body.replace("a third party's passage", "[removed]"))
            };
            tx.reseal_conversation(&mut conversation, fresh, edit, &permit).await?;
            assert_eq!(conversation.slot, fresh);
            let same = tx.conversation(ConversationId::new(1)).await?.expect("a conversation");
            assert_eq!((same.slot, same.revision), (fresh, conversation.revision));
            let permit = tx.permit::<Access>(fresh, "everything", &Actor::Person, "").await?;
            assert!(tx.open_subject(&same, &permit)?.is_some_and(|v| v.text() == "canary-subject"));
            assert!(tx.open_tags(&same, &permit)?.is_some_and(|v| v.text() == "canary-tag"));
            assert!(tx.has_address(&same, &keyring::Tag16([7; 16]))?);
            assert_eq!(
                tx.conversation_access(&tag32(1)).await?.map(|access| (access.conversation, access.slot)),
                Some((ConversationId::new(1), fresh))
            );
            assert!(tx.touch_processed_mail(&tag(1)).await?);
            let expected = texts("one", 3).into_iter().enumerate().map(|(n, text)| {
                if n == 1 { text.replace("a third party's passage", "[removed]") } else { text }
            });
            assert_eq!(texts_of(tx, 1).await?, expected.collect::<Vec<_>>());
            Ok(old)
        })
    });
    let old = made.await.unwrap();
    check_without_slots(&scratch, vec![old]).await;
    let files =
        scratch.db.read().await.unwrap().attachments_of_conversation(ConversationId::new(1)).await.unwrap();
    assert_eq!(files.len(), 3);
    for (file, text) in files.iter().zip(texts("one", 3)) {
        assert!(read(&scratch, file.id).await.unwrap().len() > CHUNK);
        assert_eq!(text.len(), texts("one", 1)[0].len());
        assert!(read(&scratch, file.id).await.unwrap() == contents(CHUNK + text.len()));
    }
}

async fn merge(scratch: &Scratch, first: Vec<String>, second: Vec<String>) {
    let made = write(&scratch.db, move |tx| {
        let (first, second) = (first.clone(), second.clone());
        Box::pin(async move {
            seed_conversation(tx, 1, &first).await?;
            let gone = seed_conversation(tx, 2, &second).await?;
            let permit = tx.permit::<Erasing>(gone, "everything", &Actor::System, "").await?;
            let (mut into, from) = (
                tx.conversation(ConversationId::new(1)).await?.unwrap(),
                tx.conversation(ConversationId::new(2)).await?.unwrap(),
            );
            tx.merge_conversation(&from, &mut into, &permit).await?;
            assert!(tx.conversation(ConversationId::new(2)).await?.is_none());
            for n in [1, 2] {
                assert_eq!(
                    tx.conversation_access(&tag32(n)).await?.map(|access| (access.conversation, access.slot)),
                    Some((ConversationId::new(1), into.slot))
                );
                assert!(tx.touch_processed_mail(&tag(u64::from(n))).await?);
            }
            assert_eq!(texts_of(tx, 1).await?, [first, second].concat());
            assert_eq!(tx.outbox_of(into.slot).await?.len(), 2);
            Ok(gone)
        })
    });
    let gone = made.await.unwrap();
    check_without_slots(scratch, vec![gone]).await;
}

#[tokio::test]
async fn the_messages_of_a_merged_conversation_follow_the_others_in_their_order() {
    let scratch = Scratch::new().await;
    merge(&scratch, texts("one", 2), texts("two", 3)).await;
    let files =
        scratch.db.read().await.unwrap().attachments_of_conversation(ConversationId::new(1)).await.unwrap();
    assert_eq!(files.len(), 5);
    assert!(read(&scratch, files[4].id).await.unwrap().len() > CHUNK);
}

#[tokio::test]
async fn conversations_with_any_texts_merge_without_loss() {
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..6 {
        let mut some = || {
            let mut next = || {
                chance ^= chance << 13;
                chance ^= chance >> 7;
                chance ^= chance << 17;
                usize::try_from(chance % 200).unwrap()
            };
            (0..next() % 5).map(|_| "ж".repeat(next())).collect::<Vec<_>>()
        };
        merge(&Scratch::new().await, some(), some()).await;
    }
}

#[tokio::test]
async fn a_link_to_a_merged_conversation_is_moved_and_a_link_to_a_deleted_one_is_removed() {
    let scratch = Scratch::new().await;
    let slots = crate::conversations::add_conversations(&scratch, 3).await;
    crate::conversations::change(&scratch, 2, |t| t.related = Some(ConversationId::new(1))).await;
    crate::conversations::change(&scratch, 1, |t| t.related = Some(ConversationId::new(3))).await;
    let merged = write(&scratch.db, |tx| {
        Box::pin(async move {
            let (from, mut into) = (
                tx.conversation(ConversationId::new(1)).await?.unwrap(),
                tx.conversation(ConversationId::new(3)).await?.unwrap(),
            );
            let permit = tx.permit::<Erasing>(from.slot, "everything", &Actor::System, "").await?;
            tx.merge_conversation(&from, &mut into, &permit).await?;
            Ok(tx.conversation(ConversationId::new(2)).await?.unwrap().related)
        })
    });
    assert_eq!(
        merged.await.unwrap(),
        Some(ConversationId::new(3)),
        "the link leads to the merged conversation"
    );
    let gone = slots[2];
    write(&scratch.db, move |tx| Box::pin(async move { tx.purge_slot(gone).await })).await.unwrap();
    assert_eq!(
        scratch.db.read().await.unwrap().conversation(ConversationId::new(2)).await.unwrap().unwrap().related,
        None
    );
}

#[tokio::test]
async fn a_stale_conversation_is_not_merged() {
    let scratch = Scratch::new().await;
    crate::conversations::add_conversations(&scratch, 2).await;
    let old = scratch.db.read().await.unwrap().conversation(ConversationId::new(2)).await.unwrap().unwrap();
    crate::conversations::change(&scratch, 2, |t| t.assigned = "kim".into()).await;
    let merged = write(&scratch.db, move |tx| {
        let old = old.clone();
        Box::pin(async move {
            let mut into = tx.conversation(ConversationId::new(1)).await?.unwrap();
            let permit = tx.permit::<Erasing>(old.slot, "everything", &Actor::System, "").await?;
            Ok(tx.merge_conversation(&old, &mut into, &permit).await)
        })
    });
    assert!(matches!(merged.await.unwrap(), Err(Error::Conflict)));
}
