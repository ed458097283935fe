//! Every statement of the program, prepared on the engine under test: none is found wrong only when it is needed.

use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

use crate::testing::Scratch;
use crate::*;

fn all_statements() -> Vec<String> {
    let nouns: [&[&str]; 35] = [
        api_token::STATEMENTS,
        attachment::STATEMENTS,
        canned::STATEMENTS,
        chain::STATEMENTS,
        counted::STATEMENTS,
        figures::STATEMENTS,
        grant::STATEMENTS,
        index::STATEMENTS,
        intent::STATEMENTS,
        journal::STATEMENTS,
        licence::STATEMENTS,
        link::STATEMENTS,
        log_position::STATEMENTS,
        mark::STATEMENTS,
        message::STATEMENTS,
        meta::STATEMENTS,
        order::STATEMENTS,
        outbox::STATEMENTS,
        pending::STATEMENTS,
        person::STATEMENTS,
        product::STATEMENTS,
        receipt::STATEMENTS,
        renewal::STATEMENTS,
        reseal::STATEMENTS,
        schema::STATEMENTS,
        session::STATEMENTS,
        shop::STATEMENTS,
        signing::STATEMENTS,
        site::STATEMENTS,
        taken::STATEMENTS,
        term::STATEMENTS,
        thread::STATEMENTS,
        visit_day::STATEMENTS,
        way::STATEMENTS,
        word::STATEMENTS,
    ];
    let mut all: Vec<String> = nouns.concat().into_iter().map(str::to_owned).collect();
    all.extend(audit::all_statements());
    all.extend(backup::readings().map(|(_, _, sql)| sql));
    all.extend(forget::all_statements());
    all.extend(thread::queue::all_statements());
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
        let only_postgres = index::POSTGRES_ONLY.contains(&&*sql);
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
