//! A broken backup, or a restore into a store with data, is refused and changes nothing.

use store::BackupError;
use store::testing::{Scratch, fresh_url};

use crate::backup::{Copy, lines};
use crate::fixtures::seed_shop;

async fn backup_of_shop() -> (Scratch, Vec<String>) {
    let scratch = Scratch::new().await;
    seed_shop(&scratch.db).await;
    let lines = lines(&scratch.db).await;
    (scratch, lines)
}

fn at(lines: &[String], table: &str) -> usize {
    let head = format!(r#""table":"{table}""#);
    lines.iter().position(|line| line.contains(&head)).expect("the table's line") + 1
}

async fn assert_refused(copy: &Copy, scratch: &Scratch, lines: &[String], how: &str) {
    let before = crate::backup::lines(&copy.db(scratch).await).await;
    let outcome = copy.restore(lines).await;
    assert!(matches!(outcome, Err(BackupError::Broken { .. })), "{how}: {outcome:?}");
    let after = crate::backup::lines(&copy.db(scratch).await).await;
    assert!(after == before, "{how} left something");
}

#[tokio::test]
async fn a_backup_cut_off_anywhere_is_refused() {
    let (scratch, original) = backup_of_shop().await;
    let copy = Copy::empty(fresh_url().await).await;
    let text = original.join("\n");
    // Cuts at the end of every line, and inside many lines.
    let mut cuts: Vec<usize> = text.match_indices('\n').flat_map(|(at, _)| [at, at + 1]).collect();
    cuts.extend((0..text.len()).step_by(text.len() / 40));
    for cut in cuts {
        let outcome = copy.store.restore(&mut &text.as_bytes()[..cut]).await;
        assert!(matches!(outcome, Err(BackupError::Broken { .. })), "cut at {cut}: {outcome:?}");
    }
    // The refused backups left nothing, so the complete one can be restored.
    copy.restore(&original).await.unwrap();
    drop(scratch);
}

#[tokio::test]
async fn a_manually_changed_backup_is_refused() {
    let (scratch, original) = backup_of_shop().await;
    let copy = Copy::empty(fresh_url().await).await;
    let change = |line: usize, from: &str, to: &str| {
        let mut changed = original.clone();
        assert!(changed[line].contains(from), "{from} is not in {}", changed[line]);
        changed[line] = changed[line].replacen(from, to, 1);
        changed
    };
    let licence = at(&original, "licence");
    let person = at(&original, "person");
    let store = original[0].split(r#""store":""#).nth(1).unwrap()[..32].to_owned();
    let cases = [
        ("another format", change(0, r#""scruple-backup":1"#, r#""scruple-backup":2"#)),
        ("another schema", change(0, r#""schema":"1""#, r#""schema":"2""#)),
        ("an older schema", change(0, r#""schema":"1""#, r#""schema":"0""#)),
        ("no schema", change(0, r#""schema":"1""#, r#""schema":null"#)),
        ("another store", change(0, &store, "00112233445566778899aabbccddeeff")),
        ("another epoch", change(0, r#""epoch":null"#, r#""epoch":"7""#)),
        ("no head", original[1..].to_vec()),
        ("an unknown table", change(licence - 1, r#""licence""#, r#""licences""#)),
        ("a table of the engine", change(licence - 1, r#""licence""#, r#""sqlite_master""#)),
        ("an unknown column", change(licence - 1, r#""edition""#, r#""editions""#)),
        ("an extra cell", change(licence, "[", "[1,")),
        ("a cell less", change(licence, "2,", "")),
        ("a number instead of bytes", change(person, r#"{"b":"#, r#"5,{"b":"#)),
        ("text instead of bytes", change(person, r#"{"b":""#, r#""x",{"b":""#)),
        ("text instead of a number", change(licence, "21000", r#""21000""#)),
        ("a broken number", change(licence, "21000", "21000.5")),
        ("no number", change(licence, "21000", "null")),
        ("broken base64", change(person, r#"{"b":""#, r#"{"b":"!"#)),
        ("bytes of another kind", change(person, r#"{"b":""#, r#"{"c":""#)),
        ("a word", change(licence, "[", "\"")),
    ];
    for (how, changed) in cases {
        assert_refused(&copy, &scratch, &changed, how).await;
    }
    copy.restore(&original).await.unwrap();
}

#[tokio::test]
async fn a_backup_with_lines_added_or_removed_is_refused() {
    let (scratch, original) = backup_of_shop().await;
    let copy = Copy::empty(fresh_url().await).await;
    let person = at(&original, "person");
    let end = original.len() - 1;

    let mut twice = original.clone();
    twice.insert(person, original[person].clone());
    assert_refused(&copy, &scratch, &twice, "a row twice").await;

    let mut fewer = original.clone();
    fewer.remove(person);
    assert_refused(&copy, &scratch, &fewer, "a row fewer").await;

    let mut without_table = original.clone();
    without_table.drain(person - 1..=person);
    let count: u64 = original[end].trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    *without_table.last_mut().unwrap() = format!(r#"{{"rows":{}}}"#, count - 1);
    assert_refused(&copy, &scratch, &without_table, "a table fewer, counted right").await;

    let mut behind = original.clone();
    behind.push(original[person].clone());
    assert_refused(&copy, &scratch, &behind, "a row behind the end").await;

    assert_refused(&copy, &scratch, &[], "nothing at all").await;
    assert_refused(&copy, &scratch, &["PK\u{3}\u{4}".into()], "another kind of file").await;
}

#[tokio::test]
async fn a_store_with_data_is_not_overwritten() {
    let (scratch, original) = backup_of_shop().await;
    let full = Copy::empty(fresh_url().await).await;
    full.restore(&original).await.unwrap();
    let before = lines(&full.db(&scratch).await).await;
    let outcome = full.restore(&original).await;
    assert!(matches!(outcome, Err(BackupError::NotEmpty)));
    assert!(lines(&full.db(&scratch).await).await == before);
}

#[tokio::test]
async fn a_store_that_only_started_counts_as_empty() {
    let (scratch, original) = backup_of_shop().await;
    let target = Scratch::new().await;
    let made = crate::fixtures::write(&target.db, |tx| Box::pin(async move { tx.create_index().await }));
    made.await.unwrap();
    let store = store::Store::connect(&target.folder.path().join("data"), &target.url).await.unwrap();
    assert_ne!(store.id, scratch.db.keyring().store_id().0);
    store.restore(&mut original.join("\n").as_bytes()).await.unwrap();
    let again = store::Store::connect(&target.folder.path().join("data"), &target.url).await.unwrap();
    assert_eq!(again.id, scratch.db.keyring().store_id().0);
}
