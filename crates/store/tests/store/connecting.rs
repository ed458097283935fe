//! The first connection: what it creates, and what it refuses.

use store::testing::{Scratch, fresh_url};
use store::{Engine, Error, Store};

use crate::fixtures::write;

async fn refusal(folder: &std::path::Path, url: &str) -> Error {
    match Store::connect(folder, url).await {
        Ok(_) => panic!("{url} was accepted"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_and_left_alone() {
    let scratch = Scratch::new().await;
    scratch.tamper("UPDATE meta SET value = '99' WHERE name = 'schema'").await;
    let error = refusal(&scratch.folder.path().join("data"), &scratch.url).await;
    assert!(matches!(error, Error::SchemaTooNew { found: 99, .. }));
    let text = error.to_string();
    assert!(text.contains("schema 99") && text.contains("use the newer program"), "{text}");
    let left = scratch.numbers("SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'schema'").await;
    assert_eq!(left, [99]);
}

#[tokio::test]
async fn a_schema_that_is_no_number_is_refused() {
    let scratch = Scratch::new().await;
    scratch.tamper("UPDATE meta SET value = 'many' WHERE name = 'schema'").await;
    let error = refusal(&scratch.folder.path().join("data"), &scratch.url).await;
    assert!(matches!(error, Error::Unknown("meta.schema")));
}

#[tokio::test]
async fn an_invalid_database_url_is_refused_without_repeating_it() {
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "nonsense",
        "sqlite://canary.db",
        "mysql://canary:canary@localhost/shop",
        "postgres://canary:canary@localhost:notaport/shop",
        "postgres://canary:canary@localhost/shop?sslmode=canary",
        "POSTGRES;canary",
    ] {
        let text = refusal(folder.path(), url).await.to_string();
        assert!(text.contains("data.database is no URL"), "{url}: {text}");
        assert!(!text.contains("canary"), "{text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file was created");
}

#[tokio::test]
async fn an_unreachable_database_is_reported_as_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let port = {
        // Bound and released, so that no server listens there.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let error = refusal(folder.path(), &format!("postgres://canary:canary@127.0.0.1:{port}/shop")).await;
    assert!(error.is_unavailable(), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[tokio::test]
async fn a_missing_folder_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let error = refusal(&folder.path().join("nowhere"), "").await;
    assert!(error.to_string().contains("data.folder can't be written"), "{error}");
}

#[tokio::test]
async fn a_folder_may_have_any_name_and_only_its_owner_reads_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a shop", "50%25", "who?mode=ro", "#1", "a:b@c", "käse", "[x]"] {
        let data = folder.path().join(name);
        std::fs::create_dir(&data).unwrap();
        let first = Store::connect(&data, "").await.unwrap().id;
        assert_eq!(Store::connect(&data, "").await.unwrap().id, first, "{name}");
        let file = data.join("scruple.db");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert!(file.is_file(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_first_starts_agree_on_one_store() {
    let folder = Box::leak(Box::new(tempfile::tempdir().unwrap()));
    let url = fresh_url().await;
    let starts = (0..4).map(|_| {
        let (path, url) = (folder.path().to_owned(), url.clone());
        tokio::spawn(async move { Store::connect(&path, &url).await.map(|store| store.id) })
    });
    let mut ids = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        ids.push(start.await.unwrap().unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    std::fs::remove_dir_all(folder.path()).unwrap();
}

#[tokio::test]
async fn facts_are_read_and_written_without_a_keyring() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| Box::pin(async move { tx.record_epoch(5).await })).await.unwrap();
    let store = Store::connect(&scratch.folder.path().join("data"), &scratch.url).await.unwrap();
    assert_eq!(store.seen_epoch().await.unwrap(), 5);
    assert_eq!(store.fact("keyring").await.unwrap(), None);
    store.set_fact("keyring", "a name").await.unwrap();
    assert_eq!(store.fact("keyring").await.unwrap().as_deref(), Some("a name"));
    let other = if scratch.url.is_empty() { Engine::Sqlite } else { Engine::Postgres };
    assert_eq!(scratch.db.engine(), other);
}
