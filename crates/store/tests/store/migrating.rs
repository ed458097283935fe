//! A database of an older program is brought up to this one's schema, with its rows.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use store::Store;
use store::testing::{Scratch, fresh_url};

use crate::shop::{new_thread, write};

const MIGRATIONS: [&str; 2] =
    [include_str!("../../migrations/0001_house.sql"), include_str!("../../migrations/0002_threads.sql")];

/// A database as a program of schema `schema` made it, with a person and a licence's holder; SQLite's file lies in
/// `folder`.
async fn old(folder: &std::path::Path, url: &str, schema: usize) {
    sqlx::any::install_default_drivers();
    let (at, bytes, empty) = if url.is_empty() {
        (format!("sqlite://{}?mode=rwc", folder.join("scruple.db").display()), " BLOB ", "x''")
    } else {
        (url.to_owned(), " BYTEA ", "'\\x'")
    };
    let mut conn = AnyConnection::connect(&at).await.unwrap();
    let rows = format!(
        "INSERT INTO meta (name, value) VALUES ('schema', '{schema}'), ('store', '00112233445566778899aabbccddeeff');
         INSERT INTO person (slot, email, name, company, language, since_day, ended_day, erase_day)
         VALUES (7, {empty}, {empty}, {empty}, {empty}, 20700, 0, 0);
         INSERT INTO holder (serial, slot, role) VALUES (5, 7, 'buyer');"
    );
    let migrations = MIGRATIONS[..schema].iter().map(|sql| sql.replace(" BYTES ", bytes));
    for sql in migrations.chain([rows]) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_an_older_schema_keeps_its_rows_and_takes_threads_and_visits() {
    for schema in 1..=MIGRATIONS.len() {
        is_brought_up(schema).await;
    }
}

async fn is_brought_up(schema: usize) {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_url().await;
    std::fs::create_dir(folder.path().join("data")).unwrap();
    old(&folder.path().join("data"), &url, schema).await;
    let store = Store::connect(&folder.path().join("data"), &url).await.unwrap();
    assert_eq!(store.id[..2], [0x00, 0x11]);
    assert_eq!(store.fact("schema").await.unwrap().as_deref(), Some("3"));

    let places = [folder.path().join("place")];
    let vault =
        keyring::Vault::create(&places, keyring::StaticShare::none(), keyring::StoreId(store.id)).unwrap();
    let db = store.with(std::sync::Arc::new(vault), store::Clock::System);
    let fresh = Scratch::new().await;
    let columns = async |db: &store::Db| db.read().await.unwrap().live_columns().await.unwrap();
    assert_eq!(columns(&db).await, columns(&fresh.db).await, "brought up is not the same as made");
    let person = db.read().await.unwrap().person(keyring::Slot(7)).await.unwrap().unwrap();
    assert_eq!((person.since_day, &*person.stopped), (20_700, ""));
    let begun = write(&db, |tx| {
        Box::pin(async move {
            let slot = tx.vault().take_slot()?;
            tx.add_thread(&new_thread(1, slot)).await
        })
    });
    assert_eq!(begun.await.unwrap().turn, 1);
    write(&db, |tx| Box::pin(crate::shop::furnish_visits(tx))).await.unwrap();

    let again = Store::connect(&folder.path().join("data"), &url).await.unwrap();
    assert_eq!(again.fact("schema").await.unwrap().as_deref(), Some("3"), "it is brought up once");
}

#[tokio::test]
async fn a_backup_of_an_older_schema_is_refused_with_what_to_do() {
    let scratch = Scratch::new().await;
    let mut lines = crate::backing_up::lines(&scratch.db).await;
    lines[0] = lines[0].replace(r#""schema":"3""#, r#""schema":"2""#);
    let copy = crate::backing_up::Copy::empty(fresh_url().await).await;
    let refused = copy.restore(&lines).await.unwrap_err().to_string();
    assert!(refused.contains("older program that wrote it"), "{refused}");
}
