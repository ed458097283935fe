//! The audit log: its entries are complete, and its chain reveals every change of them.

use keyring::{ForgetRequest, Slot};
use policy::purpose::Access;
use store::testing::Scratch;
use store::{Actor, AuditKind, ChainReport, Db};

use crate::fixtures::{new_entry, seed_shop, write};

async fn report(db: &Db) -> ChainReport {
    db.read().await.unwrap().verify_audit_chain().await.unwrap()
}

async fn extend_chain(db: &Db) -> Option<(i64, Vec<u8>)> {
    write(db, |tx| Box::pin(async move { tx.extend_audit_chain(0).await })).await.unwrap()
}

async fn append_entries(db: &Db, entries: usize) {
    let appended = write(db, move |tx| {
        Box::pin(async move {
            for _ in 0..entries {
                tx.append_audit(&new_entry("a product was edited", None)).await?;
            }
            tx.permit::<policy::purpose::Support>(
                Slot(70_000),
                "person.email",
                &Actor::Staff("kim".into()),
                "4711",
            )
            .await?;
            Ok(())
        })
    });
    appended.await.unwrap();
}

/// A chain of three links with four entries each.
async fn three_links() -> Scratch {
    let scratch = Scratch::new().await;
    for _ in 0..3 {
        append_entries(&scratch.db, 3).await;
        extend_chain(&scratch.db).await.expect("a link");
    }
    scratch
}

#[tokio::test]
async fn an_unchanged_chain_verifies() {
    let scratch = three_links().await;
    append_entries(&scratch.db, 1).await;
    let found = report(&scratch.db).await;
    assert_eq!((found.links, found.entries, found.unlinked_entries, found.fault), (3, 12, 2, None));
    assert_eq!(found.head.as_ref().map(|(seq, mac)| (*seq, mac.len())), Some((3, 32)));
    let head = extend_chain(&scratch.db).await;
    assert_eq!(report(&scratch.db).await.head, head);
    assert_eq!(extend_chain(&scratch.db).await, None, "no entry is left for a link");
}

/// Every way to tamper with the linked entry `id`, in link 2, and with `other`, in link 3.
fn tampering_with_entries(id: i64, other: i64) -> Vec<String> {
    let columns = "audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest";
    let mut statements: Vec<String> = [
        "id = id - 1",
        "at = at + 1",
        "kind = 'change'",
        "name = 'person.name'",
        "purpose = 'access'",
        "actor = 'system'",
        "slot = slot + 1",
        "cause = cause + 1",
        "case_text = recipient",
        "audit_link = 1",
        "audit_link = 3",
        "audit_link = 0",
        "audit_link = -1",
        "audit_link = 99",
        // Bytes moved from one column to its neighbour.
        "actor = actor || '.', purpose = ''",
    ]
    .iter()
    .map(|change| format!("UPDATE audit_entry SET {change} WHERE id = {id}"))
    .collect();
    statements.extend([
        format!("UPDATE audit_entry SET recipient = digest WHERE id = {other}"),
        format!("UPDATE audit_entry SET digest = recipient WHERE id = {other}"),
        format!("DELETE FROM audit_entry WHERE id = {id}"),
        format!("INSERT INTO audit_entry (id, {columns}) SELECT id - 1, {columns} FROM kept WHERE id = {id}"),
        format!("INSERT INTO audit_entry (id, {columns}) SELECT id - 1, -1, {} FROM kept WHERE id = {id}", &columns[12..]),
        format!("UPDATE audit_entry SET audit_link = CASE WHEN id = {id} THEN 3 ELSE 2 END WHERE id IN ({id}, {other})"),
        format!("UPDATE audit_entry SET id = CASE WHEN id = {id} THEN -{other} ELSE -{id} END WHERE id IN ({id}, {other}); \
                 UPDATE audit_entry SET id = -id WHERE id < 0"),
        "DELETE FROM audit_entry".into(),
    ]);
    statements
}

/// Every way to tamper with links.
const TAMPERING_WITH_LINKS: [&str; 12] = [
    "DELETE FROM audit_link WHERE seq = 1",
    "DELETE FROM audit_link WHERE seq = 2",
    "DELETE FROM audit_link WHERE seq = 3",
    "DELETE FROM audit_link",
    "UPDATE audit_link SET entries = entries + 1 WHERE seq = 2",
    "UPDATE audit_link SET closed_at = closed_at + 1 WHERE seq = 2",
    "UPDATE audit_link SET mac = (SELECT mac FROM kept_link WHERE seq = 1) WHERE seq = 2",
    "UPDATE audit_link SET seq = 9223372036854775807 WHERE seq = 3",
    "INSERT INTO audit_link (seq, entries, closed_at, mac) SELECT 4, 0, closed_at, mac FROM kept_link WHERE seq = 3",
    "INSERT INTO audit_link (seq, entries, closed_at, mac) SELECT -1, 0, closed_at, mac FROM kept_link WHERE seq = 3",
    "DELETE FROM audit_link WHERE seq = 2; DELETE FROM audit_entry WHERE audit_link = 2",
    "DELETE FROM audit_link WHERE seq = 2; DELETE FROM audit_entry WHERE audit_link = 2; \
             UPDATE audit_link SET seq = 2 WHERE seq = 3; UPDATE audit_entry SET audit_link = 2 WHERE audit_link = 3",
];

#[tokio::test]
async fn every_change_of_a_linked_entry_or_a_link_is_found() {
    let scratch = three_links().await;
    scratch.tamper("CREATE TABLE kept AS SELECT * FROM audit_entry; CREATE TABLE kept_link AS SELECT * FROM audit_link").await;
    let id = scratch.numbers("SELECT id FROM audit_entry WHERE audit_link = 2 AND kind = 'opening'").await[0];
    let other = scratch
        .numbers("SELECT id FROM audit_entry WHERE audit_link = 3 AND kind = 'change' ORDER BY id")
        .await[0];
    for statement in
        tampering_with_entries(id, other).into_iter().chain(TAMPERING_WITH_LINKS.map(String::from))
    {
        scratch.tamper(&statement).await;
        let found = report(&scratch.db).await;
        assert!(found.fault.is_some(), "not found: {statement}");
        scratch
            .tamper(
                "DELETE FROM audit_entry; INSERT INTO audit_entry SELECT * FROM kept; \
                 DELETE FROM audit_link; INSERT INTO audit_link SELECT * FROM kept_link",
            )
            .await;
    }
    assert_eq!(report(&scratch.db).await.fault, None, "the restored log verifies");
}

#[tokio::test]
async fn an_audit_log_truncated_with_its_last_link_differs_from_the_anchor() {
    let scratch = three_links().await;
    let head = report(&scratch.db).await.head;
    scratch
        .tamper("DELETE FROM audit_link WHERE seq = 3; DELETE FROM audit_entry WHERE audit_link = 3")
        .await;
    let found = report(&scratch.db).await;
    assert_eq!(found.fault, None, "by itself it is a valid shorter log");
    assert_ne!(found.head, head, "only the head kept elsewhere reveals it");
}

/// The cases in the audit entries of a person, opened by that person.
async fn cases(db: &Db, of: Slot) -> Vec<String> {
    let opened = write(db, move |tx| {
        Box::pin(async move {
            let about = tx.audit_entries_of(of).await?;
            let permit =
                tx.permit::<Access>(Slot(70_001), "audit_entry.case_text", &Actor::Person, "").await?;
            let mut cases = Vec::new();
            for entry in &about {
                cases.extend(tx.open_case(entry, &permit)?);
            }
            Ok(cases)
        })
    });
    opened.await.unwrap()
}

#[tokio::test]
async fn entries_about_a_forgotten_person_still_verify_and_their_case_no_longer_opens() {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    append_entries(&scratch.db, 2).await;
    extend_chain(&scratch.db).await;
    assert_eq!(cases(&scratch.db, of).await, ["canary-case"]);

    let forgetting = ForgetRequest { slots: vec![of], tombstones: vec![], day: 20_700, digest: [0; 32] };
    scratch.db.keyring().forget(&forgetting).unwrap();
    assert_eq!(cases(&scratch.db, of).await, [""; 0]);
    extend_chain(&scratch.db).await;
    let found = report(&scratch.db).await;
    assert_eq!((found.fault, found.unlinked_entries), (None, 0));

    // An entry about a forgotten person can still be written, such as for a late notification.
    write(&scratch.db, move |tx| {
        Box::pin(async move { tx.append_audit(&new_entry("a late notification", Some(of))).await })
    })
    .await
    .unwrap();
    extend_chain(&scratch.db).await;
    assert_eq!(report(&scratch.db).await.fault, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_extensions_during_writes_make_one_chain() {
    let scratch = Scratch::new().await;
    let other = scratch.again().await;
    let mut tasks = Vec::new();
    for n in 0..120 {
        let db = if n % 2 == 0 { scratch.db.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move {
            if n % 3 == 0 {
                extend_chain(&db).await;
            } else {
                append_entries(&db, 2).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    extend_chain(&scratch.db).await;
    let found = report(&scratch.db).await;
    assert_eq!((found.entries, found.unlinked_entries, found.fault), (80 * 3, 0, None));
    assert!(found.links > 1);
}

#[tokio::test]
async fn actions_emails_and_erasures_are_dated_by_day_and_openings_by_second() {
    let scratch = Scratch::new().await;
    scratch.now.fetch_add(61, std::sync::atomic::Ordering::SeqCst);
    let of = seed_shop(&scratch.db).await;
    let entries = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut entries = Vec::new();
            for kind in [
                AuditKind::Action,
                AuditKind::Email,
                AuditKind::Erasure,
                AuditKind::Agreement,
                AuditKind::Change,
            ] {
                let new = store::NewAuditEntry { kind, ..new_entry("x", Some(of)) };
                let id = tx.append_audit(&new).await?;
                entries.push(tx.audit_entry(id).await?.expect("an entry"));
            }
            tx.permit::<policy::purpose::Access>(of, "everything", &Actor::Person, "").await?;
            Ok(entries)
        })
    })
    .await
    .unwrap();
    let exact: Vec<bool> = entries.iter().map(|entry| entry.at.second_of_day() != 0).collect();
    assert_eq!(exact, [false, false, false, false, true]);
    let mut tx = scratch.db.read().await.unwrap();
    for entry in tx.audit_entries_of_kind(AuditKind::Opening).await.unwrap() {
        assert_eq!(entry.at.second_of_day() == 0, entry.actor == "person", "{}", entry.actor);
    }
}
