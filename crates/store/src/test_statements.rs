//! Prepares every statement of the program on the engine under test, so that a faulty one is found early.

use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

use crate::testing::Scratch;
use crate::*;

fn all_statements() -> Vec<String> {
    let nouns: [&[&str]; 35] = [
        api_token::STATEMENTS,
        attachment::STATEMENTS,
        canned_response::STATEMENTS,
        audit_chain::STATEMENTS,
        counters::STATEMENTS,
        figures::STATEMENTS,
        grant::STATEMENTS,
        blind_index::STATEMENTS,
        erasure_intent::STATEMENTS,
        audit_log::STATEMENTS,
        licence::STATEMENTS,
        magic_link::STATEMENTS,
        log_position::STATEMENTS,
        processed_notification::STATEMENTS,
        message::STATEMENTS,
        meta::STATEMENTS,
        order::STATEMENTS,
        outbox::STATEMENTS,
        pending_order::STATEMENTS,
        person::STATEMENTS,
        product::STATEMENTS,
        receipt::STATEMENTS,
        renewal::STATEMENTS,
        reseal::STATEMENTS,
        schema::STATEMENTS,
        session::STATEMENTS,
        catalog::STATEMENTS,
        signing::STATEMENTS,
        site::STATEMENTS,
        processed_mail::STATEMENTS,
        term::STATEMENTS,
        conversation::STATEMENTS,
        visit_day::STATEMENTS,
        access_token::STATEMENTS,
        dictionary::STATEMENTS,
    ];
    let mut all: Vec<String> = nouns.concat().into_iter().map(str::to_owned).collect();
    all.extend(integrity::all_statements());
    all.extend(backup::readings().map(|reading| reading.sql));
    all.extend(purge::all_statements());
    all.extend(conversation::queue::all_statements());
    all.extend(restore::all_statements());
    all
}

#[tokio::test]
async fn every_statement_prepares_on_the_engine() {
    let scratch = Scratch::new().await;
    let mut conn = scratch.db.pools.writing.acquire().await.unwrap();
    let all = all_statements();
    assert!(all.len() > 150, "only {} statements", all.len());
    for sql in all {
        let only_postgres = blind_index::POSTGRES_ONLY.contains(&&*sql);
        if scratch.db.engine() == Engine::Sqlite && only_postgres {
            continue;
        }
        assert!(!sql.trim().is_empty());
        let prepared = conn.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await;
        assert!(prepared.is_ok(), "{sql}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn a_wrong_statement_would_be_seen() {
    let scratch = Scratch::new().await;
    let mut conn = scratch.db.pools.writing.acquire().await.unwrap();
    for wrong in ["SELECT nothing FROM person", "SELECT * FROM people", "SELEC 1"] {
        assert!(conn.prepare(wrong.into_sql_str()).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn an_insert_that_leaves_out_a_column_is_refused_with_that_reason() {
    let scratch = Scratch::new().await;
    let mut conn = scratch.db.pools.writing.acquire().await.unwrap();
    let insert = sqlx::query("INSERT INTO meta (name) VALUES ('x')").execute(&mut *conn).await;
    let refused = insert.map_err(Error::from);
    assert!(
        matches!(&refused, Err(Error::Refused(why)) if why.contains("leaves out a column")),
        "{refused:?}"
    );
}
