//! What ties rows of threads: each break is counted where it is.

use store::ThreadTies;
use store::testing::Scratch;

use crate::shop::{open_shop, write};

async fn ties_after(sql: &str) -> ThreadTies {
    let scratch = Scratch::new().await;
    let of = open_shop(&scratch.db).await;
    let noted = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let mut thread = tx.thread(1).await?.unwrap();
            thread.person = of;
            tx.save_thread(&mut thread).await
        })
    });
    noted.await.unwrap();
    if !sql.is_empty() {
        assert_eq!(scratch.tamper(sql).await, 1, "{sql}");
    }
    scratch.db.read().await.unwrap().thread_ties().await.unwrap()
}

#[tokio::test]
async fn what_holds_together_is_counted_and_nothing_else() {
    let whole = ThreadTies { threads: 1, messages: 1, files: 1, ways: 1, ..ThreadTies::default() };
    assert_eq!(ties_after("").await, whole);
}

type Figure = fn(&ThreadTies) -> i64;

#[tokio::test]
async fn every_break_is_seen() {
    let cases: [(&str, Figure); 14] = [
        ("UPDATE thread SET kind = 'anonymous'", |t| t.not_anonymous),
        ("UPDATE thread SET person = 99999", |t| t.without_person),
        ("UPDATE thread SET last_act = 99999", |t| t.without_act),
        ("UPDATE thread SET messages = 2", |t| t.miscounted),
        ("UPDATE message SET n = 2", |t| t.miscounted),
        ("UPDATE message SET slot = 99999", |t| t.messages_astray),
        ("UPDATE message SET thread = 99999", |t| t.messages_astray),
        ("UPDATE attachment SET thread = 99999", |t| t.files_astray),
        ("UPDATE attachment SET size = size + 1", |t| t.files_broken),
        ("UPDATE attachment SET kind = ''", |t| t.files_broken),
        ("UPDATE chunk SET n = 1", |t| t.files_broken),
        ("DELETE FROM chunk", |t| t.files_broken),
        ("UPDATE chunk SET slot = 99999", |t| t.chunks_astray),
        ("UPDATE way SET thread = 99999", |t| t.ways_astray),
    ];
    for (sql, broken) in cases {
        assert_eq!(broken(&ties_after(sql).await), 1, "{sql}");
    }
}
