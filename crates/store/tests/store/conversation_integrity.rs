//! References between the rows of conversations: each broken one is counted by its kind.

use store::testing::Scratch;
use store::{ConversationId, ConversationIntegrity};

use crate::fixtures::{seed_shop, write};

async fn integrity_after(sql: &str) -> ConversationIntegrity {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let saved = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut conversation = tx.conversation(ConversationId::new(1)).await?.unwrap();
            conversation.person = Some(of);
            tx.save_conversation(&mut conversation).await
        })
    });
    saved.await.unwrap();
    if !sql.is_empty() {
        assert_eq!(scratch.tamper(sql).await, 1, "{sql}");
    }
    scratch.db.read().await.unwrap().conversation_integrity().await.unwrap()
}

#[tokio::test]
async fn consistent_rows_are_counted_without_faults() {
    let whole = ConversationIntegrity {
        conversations: 1,
        messages: 1,
        files: 1,
        access: 1,
        ..ConversationIntegrity::default()
    };
    assert_eq!(integrity_after("").await, whole);
}

type Figure = fn(&ConversationIntegrity) -> i64;

#[tokio::test]
async fn every_broken_reference_is_counted() {
    let cases: [(&str, Figure); 14] = [
        ("UPDATE conversation SET kind = 'anonymous'", |t| t.not_anonymous),
        ("UPDATE conversation SET person = 99999", |t| t.without_person),
        ("UPDATE conversation SET last_action = 99999", |t| t.without_action),
        ("UPDATE conversation SET messages = 2", |t| t.miscounted),
        ("UPDATE message SET number = 2", |t| t.miscounted),
        ("UPDATE message SET slot = 99999", |t| t.mismatched_messages),
        ("UPDATE message SET conversation = 99999", |t| t.mismatched_messages),
        ("UPDATE attachment SET conversation = 99999", |t| t.mismatched_files),
        ("UPDATE attachment SET size = size + 1", |t| t.incomplete_files),
        ("UPDATE attachment SET kind = ''", |t| t.incomplete_files),
        ("UPDATE chunk SET number = 1", |t| t.incomplete_files),
        ("DELETE FROM chunk", |t| t.incomplete_files),
        ("UPDATE chunk SET slot = 99999", |t| t.mismatched_chunks),
        ("UPDATE conversation_access SET conversation = 99999", |t| t.mismatched_access),
    ];
    for (sql, broken) in cases {
        assert_eq!(broken(&integrity_after(sql).await), 1, "{sql}");
    }
}
