//! Creating the schema, and refusing backups of another schema version.

use store::Store;
use store::testing::{Scratch, fresh_url};

#[tokio::test]
async fn the_schema_is_created_once_and_kept_by_later_connections() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_url().await;
    let first = Store::connect(folder.path(), &url).await.unwrap();
    assert_eq!(first.fact("schema").await.unwrap().as_deref(), Some("1"));
    let second = Store::connect(folder.path(), &url).await.unwrap();
    assert_eq!((second.id, second.fact("schema").await.unwrap().as_deref()), (first.id, Some("1")));
}

#[tokio::test]
async fn a_backup_of_an_older_schema_is_refused_with_what_to_do() {
    let scratch = Scratch::new().await;
    let mut lines = crate::backup::lines(&scratch.db).await;
    lines[0] = lines[0].replace(r#""schema":"1""#, r#""schema":"0""#);
    let copy = crate::backup::Copy::empty(fresh_url().await).await;
    let refused = copy.restore(&lines).await.unwrap_err().to_string();
    assert!(refused.contains("older program that wrote it"), "{refused}");
}
