//! The journal: told with what it tells, and never changed unseen.

use keyring::{Forgetting, Slot};
use policy::purpose::Access;
use store::testing::Scratch;
use store::{Actor, AuditKind, ChainReport, Db};

use crate::shop::{line, open_shop, write};

async fn report(db: &Db) -> ChainReport {
    db.read().await.unwrap().verify_chain().await.unwrap()
}

async fn close(db: &Db) -> Option<(i64, Vec<u8>)> {
    write(db, |tx| Box::pin(async move { tx.close_chain(0).await })).await.unwrap()
}

async fn note(db: &Db, lines: usize) {
    let noted = write(db, move |tx| {
        Box::pin(async move {
            for _ in 0..lines {
                tx.note(&line("a product was edited", None)).await?;
            }
            tx.leave::<policy::purpose::Support>(
                Slot(70_000),
                "person.email",
                &Actor::Staff("kim".into()),
                "4711",
            )
            .await?;
            Ok(())
        })
    });
    noted.await.unwrap();
}

/// Three links of four lines.
async fn three_links() -> Scratch {
    let scratch = Scratch::new().await;
    for _ in 0..3 {
        note(&scratch.db, 3).await;
        close(&scratch.db).await.expect("a link");
    }
    scratch
}

#[tokio::test]
async fn a_chain_that_nobody_touched_is_whole() {
    let scratch = three_links().await;
    note(&scratch.db, 1).await;
    let found = report(&scratch.db).await;
    assert_eq!((found.links, found.lines, found.open_lines, found.fault), (3, 12, 2, None));
    assert_eq!(found.head.as_ref().map(|(seq, mac)| (*seq, mac.len())), Some((3, 32)));
    let head = close(&scratch.db).await;
    assert_eq!(report(&scratch.db).await.head, head);
    assert_eq!(close(&scratch.db).await, None, "nothing is left to close");
}

/// Everything that could be done to the closed line `id`, in link 2, and to `other`, in link 3.
fn harms_to_lines(id: i64, other: i64) -> Vec<String> {
    let columns = "link, at, kind, what, purpose, who, slot, cause, case_text, recipient, digest";
    let mut harms: Vec<String> = [
        "id = id - 1",
        "at = at + 1",
        "kind = 'change'",
        "what = 'person.name'",
        "purpose = 'access'",
        "who = 'system'",
        "slot = slot + 1",
        "cause = cause + 1",
        "case_text = recipient",
        "link = 1",
        "link = 3",
        "link = 0",
        "link = -1",
        "link = 99",
        // Bytes taken from one column to its neighbour.
        "who = who || '.', purpose = ''",
    ]
    .iter()
    .map(|change| format!("UPDATE journal SET {change} WHERE id = {id}"))
    .collect();
    harms.extend([
        format!("UPDATE journal SET recipient = digest WHERE id = {other}"),
        format!("UPDATE journal SET digest = recipient WHERE id = {other}"),
        format!("DELETE FROM journal WHERE id = {id}"),
        format!("INSERT INTO journal (id, {columns}) SELECT id - 1, {columns} FROM kept WHERE id = {id}"),
        format!("INSERT INTO journal (id, {columns}) SELECT id - 1, -1, {} FROM kept WHERE id = {id}", &columns[6..]),
        format!("UPDATE journal SET link = CASE WHEN id = {id} THEN 3 ELSE 2 END WHERE id IN ({id}, {other})"),
        format!("UPDATE journal SET id = CASE WHEN id = {id} THEN -{other} ELSE -{id} END WHERE id IN ({id}, {other}); \
                 UPDATE journal SET id = -id WHERE id < 0"),
        "DELETE FROM journal".into(),
    ]);
    harms
}

/// Everything that could be done to links.
const HARMS_TO_LINKS: [&str; 12] = [
    "DELETE FROM journal_link WHERE seq = 1",
    "DELETE FROM journal_link WHERE seq = 2",
    "DELETE FROM journal_link WHERE seq = 3",
    "DELETE FROM journal_link",
    "UPDATE journal_link SET lines = lines + 1 WHERE seq = 2",
    "UPDATE journal_link SET closed_at = closed_at + 1 WHERE seq = 2",
    "UPDATE journal_link SET mac = (SELECT mac FROM kept_link WHERE seq = 1) WHERE seq = 2",
    "UPDATE journal_link SET seq = 9223372036854775807 WHERE seq = 3",
    "INSERT INTO journal_link (seq, lines, closed_at, mac) SELECT 4, 0, closed_at, mac FROM kept_link WHERE seq = 3",
    "INSERT INTO journal_link (seq, lines, closed_at, mac) SELECT -1, 0, closed_at, mac FROM kept_link WHERE seq = 3",
    "DELETE FROM journal_link WHERE seq = 2; DELETE FROM journal WHERE link = 2",
    "DELETE FROM journal_link WHERE seq = 2; DELETE FROM journal WHERE link = 2; \
             UPDATE journal_link SET seq = 2 WHERE seq = 3; UPDATE journal SET link = 2 WHERE link = 3",
];

#[tokio::test]
async fn every_change_of_a_closed_line_or_link_is_found() {
    let scratch = three_links().await;
    scratch.tamper("CREATE TABLE kept AS SELECT * FROM journal; CREATE TABLE kept_link AS SELECT * FROM journal_link").await;
    let id = scratch.numbers("SELECT id FROM journal WHERE link = 2 AND kind = 'opening'").await[0];
    let other =
        scratch.numbers("SELECT id FROM journal WHERE link = 3 AND kind = 'change' ORDER BY id").await[0];
    for harm in harms_to_lines(id, other).into_iter().chain(HARMS_TO_LINKS.map(String::from)) {
        scratch.tamper(&harm).await;
        let found = report(&scratch.db).await;
        assert!(found.fault.is_some(), "not found: {harm}");
        scratch
            .tamper(
                "DELETE FROM journal; INSERT INTO journal SELECT * FROM kept; \
                 DELETE FROM journal_link; INSERT INTO journal_link SELECT * FROM kept_link",
            )
            .await;
    }
    assert_eq!(report(&scratch.db).await.fault, None, "what was put back is whole");
}

#[tokio::test]
async fn a_journal_cut_short_with_its_last_link_differs_from_the_anchor() {
    let scratch = three_links().await;
    let head = report(&scratch.db).await.head;
    scratch.tamper("DELETE FROM journal_link WHERE seq = 3; DELETE FROM journal WHERE link = 3").await;
    let found = report(&scratch.db).await;
    assert_eq!(found.fault, None, "by itself it is a shorter journal");
    assert_ne!(found.head, head, "only the head kept elsewhere tells");
}

/// The cases in a person's lines, opened by themselves for themselves.
async fn cases(db: &Db, of: Slot) -> Vec<String> {
    let opened = write(db, move |tx| {
        Box::pin(async move {
            let about = tx.lines_about(of).await?;
            let leave = tx.leave::<Access>(Slot(70_001), "journal.case_text", &Actor::Person, "").await?;
            let mut cases = Vec::new();
            for line in &about {
                cases.extend(tx.open_case_for(line, &leave)?);
            }
            Ok(cases)
        })
    });
    opened.await.unwrap()
}

#[tokio::test]
async fn lines_about_a_forgotten_person_still_verify_and_their_case_is_gone() {
    let scratch = Scratch::new().await;
    let of = open_shop(&scratch.db).await;
    note(&scratch.db, 2).await;
    close(&scratch.db).await;
    assert_eq!(cases(&scratch.db, of).await, ["canary-case"]);

    let forgetting = Forgetting { slots: vec![of], tombstones: vec![], day: 20_700, digest: [0; 32] };
    scratch.db.vault().forget(&forgetting).unwrap();
    assert_eq!(cases(&scratch.db, of).await, [""; 0]);
    close(&scratch.db).await;
    let found = report(&scratch.db).await;
    assert_eq!((found.fault, found.open_lines), (None, 0));

    // A line about somebody who is gone can still be written: that a notice came, say.
    write(&scratch.db, move |tx| Box::pin(async move { tx.note(&line("a late notice", Some(of))).await }))
        .await
        .unwrap();
    close(&scratch.db).await;
    assert_eq!(report(&scratch.db).await.fault, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_close_while_others_write_make_one_chain() {
    let scratch = Scratch::new().await;
    let other = scratch.again().await;
    let mut hands = Vec::new();
    for n in 0..120 {
        let db = if n % 2 == 0 { scratch.db.clone() } else { other.clone() };
        hands.push(tokio::spawn(async move {
            if n % 3 == 0 {
                close(&db).await;
            } else {
                note(&db, 2).await;
            }
        }));
    }
    for hand in hands {
        hand.await.unwrap();
    }
    close(&scratch.db).await;
    let found = report(&scratch.db).await;
    assert_eq!((found.lines, found.open_lines, found.fault), (80 * 3, 0, None));
    assert!(found.links > 1);
}

#[tokio::test]
async fn acts_letters_and_erasures_are_told_by_the_day_and_openings_to_the_second() {
    let scratch = Scratch::new().await;
    scratch.now.fetch_add(61, std::sync::atomic::Ordering::SeqCst);
    let of = open_shop(&scratch.db).await;
    let lines = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut lines = Vec::new();
            for kind in [
                AuditKind::Act,
                AuditKind::Email,
                AuditKind::Erasure,
                AuditKind::Agreement,
                AuditKind::Change,
            ] {
                let new = store::NewAuditEntry { kind, ..line("x", Some(of)) };
                let id = tx.note(&new).await?;
                lines.push(tx.line(id).await?.expect("a line"));
            }
            tx.leave::<policy::purpose::Access>(of, "everything", &Actor::Person, "").await?;
            Ok(lines)
        })
    })
    .await
    .unwrap();
    let exact: Vec<bool> = lines.iter().map(|line| line.at % 86_400 != 0).collect();
    assert_eq!(exact, [false, false, false, false, true]);
    let mut tx = scratch.db.read().await.unwrap();
    for line in tx.lines_of(AuditKind::Opening).await.unwrap() {
        assert_eq!(line.at % 86_400 == 0, line.who == "person", "{}", line.who);
    }
}
