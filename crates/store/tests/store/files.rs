//! Files in chunks: complete, in order, and sealed to their row.

use std::sync::atomic::Ordering;

use keyring::Slot;
use policy::purpose::Access;
use store::testing::Scratch;
use store::{Actor, CHUNK, ConversationId, Error, FileKind, Tx};

use crate::conversations::{add_conversations, add_message};
use crate::fixtures::{new_conversation, write};

/// Bytes that differ from chunk to chunk.
pub fn contents(size: usize) -> Vec<u8> {
    (0..size).map(|n| u8::try_from((n / 7 + n / CHUNK) % 251).unwrap()).collect()
}

/// Adds an unattached file of `size` bytes under a slot.
pub async fn file(tx: &mut Tx, of: Slot, n: i64, size: usize) -> Result<i64, Error> {
    let id = tx.create_attachment(of, n, &format!("canary-{n}.txt")).await?;
    for (n, chunk) in contents(size).chunks(CHUNK).enumerate() {
        tx.add_chunk(id, of, i64::try_from(n).unwrap(), chunk).await?;
    }
    tx.finish_attachment(id, i64::try_from(size).unwrap(), FileKind::Text).await?;
    Ok(id)
}

/// Opens a file's bytes.
pub async fn read(scratch: &Scratch, id: i64) -> Result<Vec<u8>, Error> {
    write(&scratch.db, move |tx| {
        Box::pin(async move {
            let file = tx.attachment(id).await?.expect("a file");
            let permit = tx.permit::<Access>(file.slot, "chunk.bytes", &Actor::Person, "").await?;
            let mut bytes = Vec::new();
            while let Some(chunk) =
                tx.open_chunk(&file, i64::try_from(bytes.len() / CHUNK).unwrap(), &permit).await?
            {
                bytes.extend_from_slice(chunk.bytes());
                if chunk.bytes().len() < CHUNK {
                    break;
                }
            }
            Ok(bytes)
        })
    })
    .await
}

/// Adds a conversation with one message that has files of these sizes.
pub async fn with_files(scratch: &Scratch, sizes: &'static [usize]) -> Vec<i64> {
    let slot = add_conversations(scratch, 1).await[0];
    let made = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let message = add_message(tx, 1, b"").await?;
            let mut ids = Vec::new();
            for (n, size) in (0..).zip(sizes) {
                let id = file(tx, slot, n, *size).await?;
                assert!(tx.attach(id, slot, &message).await?);
                ids.push(id);
            }
            Ok(ids)
        })
    });
    made.await.unwrap()
}

#[tokio::test]
async fn a_file_of_any_size_is_read_unchanged() {
    let scratch = Scratch::new().await;
    const SIZES: &[usize] = &[0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 17 * CHUNK + 5, 40 * CHUNK];
    let ids = with_files(&scratch, SIZES).await;
    for (id, size) in ids.iter().zip(SIZES) {
        assert!(read(&scratch, *id).await.unwrap() == contents(*size), "{size}");
    }
    let mut tx = scratch.db.read().await.unwrap();
    let files = tx.attachments_of_conversation(ConversationId::new(1)).await.unwrap();
    assert_eq!(files.iter().map(|f| f.id).collect::<Vec<_>>(), ids);
    assert!(files.iter().zip(SIZES).all(|(f, s)| f.size == i64::try_from(*s).unwrap()));
    assert_eq!(tx.conversation_integrity().await.unwrap().incomplete_files, 0);
}

#[tokio::test]
async fn a_chunk_moved_within_its_file_or_to_another_does_not_open() {
    let scratch = Scratch::new().await;
    let ids = with_files(&scratch, &[3 * CHUNK, 3 * CHUNK]).await;
    for (from, to) in [((ids[0], 0), (ids[0], 1)), ((ids[0], 2), (ids[1], 2))] {
        let sql = format!(
            "UPDATE chunk SET bytes = (SELECT o.bytes FROM chunk o WHERE o.attachment = {} AND o.number = {}) \
             WHERE attachment = {} AND number = {}",
            from.0, from.1, to.0, to.1
        );
        assert_eq!(scratch.tamper(&sql).await, 1);
    }
    for id in ids {
        let outcome = read(&scratch, id).await;
        assert!(matches!(outcome, Err(Error::Damaged { column }) if column == "chunk.bytes"));
    }
    let found = scratch.db.read().await.unwrap().examine_sealed(|_| true).await.unwrap();
    let chunks = found.iter().find(|f| f.column.table == "chunk").unwrap();
    assert_eq!((chunks.open, chunks.broken), (4, 2));
}

#[tokio::test]
async fn a_file_is_attached_once_when_finished_and_in_its_own_conversation() {
    let scratch = Scratch::new().await;
    let slots = add_conversations(&scratch, 2).await;
    let (mine, other) = (slots[0], slots[1]);
    let tried = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let message = add_message(tx, 1, b"text").await?;
            let half = tx.create_attachment(mine, 0, "half").await?;
            let theirs = file(tx, other, 0, 5).await?;
            let whole = file(tx, mine, 0, 5).await?;
            assert!(!tx.attach(half, mine, &message).await?, "unfinished");
            assert!(!tx.attach(theirs, mine, &message).await?, "another's");
            assert!(!tx.attach(theirs, other, &message).await?, "into a message of another");
            assert!(tx.attach(whole, mine, &message).await?);
            assert!(!tx.attach(whole, mine, &message).await?, "twice");
            let attached = tx.attachments_of(message.id).await?;
            assert_eq!(attached.iter().map(|f| f.id).collect::<Vec<_>>(), [whole]);
            assert!(tx.attachments_of(0).await?.is_empty());
            Ok(())
        })
    });
    tried.await.unwrap();
}

#[tokio::test]
async fn unattached_files_of_yesterday_are_deleted_and_slots_without_a_conversation_are_listed() {
    let scratch = Scratch::new().await;
    let conversation_slot = add_conversations(&scratch, 1).await[0];
    let loose = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let fresh = tx.keyring().allocate_slot()?;
            file(tx, fresh, 0, CHUNK + 1).await?;
            file(tx, conversation_slot, 0, 5).await?;
            let message = add_message(tx, 1, b"text").await?;
            let kept = file(tx, conversation_slot, 0, 5).await?;
            assert!(tx.attach(kept, conversation_slot, &message).await?);
            Ok(fresh)
        })
    });
    let loose = loose.await.unwrap();
    let today = scratch.db.clock.today();
    assert!(scratch.db.read().await.unwrap().unattached_slots(today).await.unwrap().is_empty());
    scratch.now.fetch_add(86_400, Ordering::SeqCst);
    assert_eq!(scratch.db.read().await.unwrap().unattached_slots(today + 1).await.unwrap(), [loose]);
    let deleted =
        write(&scratch.db, move |tx| Box::pin(async move { tx.delete_unattached_files(today + 1).await }));
    assert_eq!(deleted.await.unwrap(), 2);
    assert_eq!(scratch.numbers("SELECT COUNT(*) FROM attachment").await, [1]);
    assert_eq!(scratch.numbers("SELECT COUNT(*) FROM chunk").await, [1]);
}

#[tokio::test]
async fn a_sealed_value_moved_to_another_row_or_conversation_does_not_open() {
    let scratch = Scratch::new().await;
    let made = write(&scratch.db, |tx| {
        Box::pin(async move {
            for id in [1, 2] {
                let slot = tx.keyring().allocate_slot()?;
                tx.add_conversation(&new_conversation(id, slot)).await?;
                add_message(tx, id, format!("canary-{id}").as_bytes()).await?;
                add_message(tx, id, format!("canary-{id}-again").as_bytes()).await?;
            }
            Ok(())
        })
    });
    made.await.unwrap();
    scratch.tamper("UPDATE conversation SET subject = contact WHERE id = 1").await;
    scratch
        .tamper("UPDATE conversation SET contact = (SELECT o.contact FROM conversation o WHERE o.id = 2) WHERE id = 1")
        .await;
    scratch.tamper(
        "UPDATE message SET body = (SELECT o.body FROM message o WHERE o.conversation = 1 AND o.number = 2) WHERE conversation = 1 AND number = 1",
    )
    .await;
    let found = scratch.db.read().await.unwrap().examine_sealed(|_| true).await.unwrap();
    let of =
        |column: &str| found.iter().find(|f| f.column.column == column).map(|f| (f.open, f.broken)).unwrap();
    assert_eq!((of("subject"), of("contact"), of("body")), ((1, 1), (1, 1), (3, 1)));
}

#[tokio::test]
async fn chunks_of_a_file_deleted_during_its_upload_are_deleted_and_their_slot_is_listed() {
    let scratch = Scratch::new().await;
    let conversation_slot = add_conversations(&scratch, 1).await[0];
    let slots = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let (fresh, shared) = (tx.keyring().allocate_slot()?, tx.keyring().allocate_slot()?);
            for slot in [fresh, shared, conversation_slot] {
                tx.add_chunk(i64::try_from(slot.0).unwrap_or(7), slot, 0, b"late").await?;
            }
            file(tx, shared, 0, 5).await?;
            Ok((fresh, shared))
        })
    });
    let (fresh, _) = slots.await.unwrap();
    let today = scratch.db.clock.today();
    // The upload under `shared` may still go on today; the third slot belongs to a conversation.
    assert_eq!(scratch.db.read().await.unwrap().unattached_slots(today).await.unwrap(), [fresh]);
    let deleted =
        write(&scratch.db, move |tx| Box::pin(async move { tx.delete_unattached_files(today).await }));
    assert_eq!(deleted.await.unwrap(), 3);
    assert_eq!(scratch.numbers("SELECT COUNT(*) FROM chunk").await, [1]);
    assert_eq!(scratch.db.read().await.unwrap().conversation_integrity().await.unwrap().mismatched_chunks, 0);
}
