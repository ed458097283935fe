//! Backups are complete, show one moment, and are the same from both engines.

use store::testing::{Scratch, fresh_url};
use store::{BackupError, Clock, Db, Store};
use tempfile::TempDir;

use crate::fixtures::{licence, seed_shop, write};

pub async fn lines(db: &Db) -> Vec<String> {
    let mut out = Vec::new();
    db.write_backup(&mut out).await.unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// A store with its folder and URL.
pub struct Copy {
    pub store: Store,
    pub folder: TempDir,
    pub url: String,
}

impl Copy {
    pub async fn empty(url: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::connect(folder.path(), &url).await.unwrap();
        Self { store, folder, url }
    }

    pub async fn restore(&self, lines: &[String]) -> Result<u64, BackupError> {
        let text = lines.join("\n");
        self.store.restore(&mut text.as_bytes()).await
    }

    /// The data as it is, opened with the keyring of the original.
    pub async fn db(&self, of: &Scratch) -> Db {
        let store = Store::connect(self.folder.path(), &self.url).await.unwrap();
        store.with_keyring(of.db.keyring_handle(), Clock::System)
    }
}

/// Asserts that two backups hold the same rows in any order, except the fact that one was restored.
fn assert_same(left: &[String], right: &[String]) {
    let rows = |lines: &[String]| {
        let own = lines[..lines.len() - 1].iter().filter(|line| *line != r#"["restored","yes"]"#);
        own.cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let (left, right) = (rows(left), rows(right));
    // Without the rows themselves: they are long.
    assert_eq!(left.len(), right.len());
    assert_eq!(left.symmetric_difference(&right).count(), 0);
}

#[tokio::test]
async fn every_row_of_a_backup_is_restored() {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let original = lines(&scratch.db).await;
    let copy = Copy::empty(fresh_url().await).await;
    let count = copy.restore(&original).await.unwrap();
    assert_eq!(original.last().unwrap(), &format!(r#"{{"rows":{count}}}"#));

    let db = copy.db(&scratch).await;
    assert_same(&lines(&db).await, &original);
    let mut tx = db.read().await.unwrap();
    assert_eq!(tx.fact(store::RESTORED).await.unwrap().as_deref(), Some("yes"));
    assert!(tx.person(of).await.unwrap().is_some());
    assert_eq!(tx.verify_audit_chain().await.unwrap().fault, None);
    for column in tx.examine_sealed(|_| true).await.unwrap() {
        assert!(column.open > 0 && column.broken == 0, "{:?}", column.column);
    }
}

#[tokio::test]
async fn data_moves_from_engine_to_engine_and_back_unchanged() {
    let home = Scratch::on(String::new()).await;
    seed_shop(&home.db).await;
    let original = lines(&home.db).await;
    let away = Copy::empty(fresh_url().await).await;
    away.restore(&original).await.unwrap();
    let there = lines(&away.db(&home).await).await;
    let back = Copy::empty(String::new()).await;
    back.restore(&there).await.unwrap();
    assert_same(&lines(&back.db(&home).await).await, &original);
    assert_same(&there, &original);
}

#[tokio::test]
async fn data_restored_twice_is_marked_as_restored() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| Box::pin(async move { tx.set_fact(store::RESTORED, "no").await })).await.unwrap();
    let copy = Copy::empty(fresh_url().await).await;
    copy.restore(&lines(&scratch.db).await).await.unwrap();
    assert_eq!(copy.store.fact(store::RESTORED).await.unwrap().as_deref(), Some("yes"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_taken_during_writes_shows_one_moment() {
    let scratch = Scratch::new().await;
    // Every operation adds one licence and records their number.
    let writer = {
        let db = scratch.db.clone();
        tokio::spawn(async move {
            for n in 1..=300 {
                write(&db, move |tx| {
                    Box::pin(async move {
                        tx.add_licence(&licence(n)).await?;
                        tx.set_fact("licences", &n.to_string()).await
                    })
                })
                .await
                .unwrap();
            }
        })
    };
    let mut seen = Vec::new();
    while !writer.is_finished() {
        let taken = lines(&scratch.db).await;
        let fact = taken.iter().find_map(|line| line.strip_prefix(r#"["licences",""#));
        let recorded: usize = fact.map_or(0, |rest| rest.trim_end_matches("\"]").parse().unwrap());
        let from = taken.iter().position(|line| line.contains(r#""table":"licence""#)).unwrap();
        let there = taken[from + 1..].iter().take_while(|line| line.starts_with('[')).count();
        assert_eq!(recorded, there);
        seen.push(there);
    }
    writer.await.unwrap();
    assert!(!seen.is_empty());
}

#[tokio::test]
async fn a_backup_of_thousands_of_rows_is_complete() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            for n in 1..=3500 {
                tx.add_licence(&licence(n)).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let original = lines(&scratch.db).await;
    let copy = Copy::empty(fresh_url().await).await;
    assert!(copy.restore(&original).await.unwrap() >= 3500);
    assert_same(&lines(&copy.db(&scratch).await).await, &original);
}
