//! No error repeats a value.

use store::testing::{Scratch, serial};
use store::{BlindIndex, Error};

use crate::fixtures::{licence, person_with_everything, product, seed_shop, tag, write};

fn assert_without_values(error: &Error) {
    let text = format!("{error} {error:?} {error:#?}").to_lowercase();
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn errors_of_the_database_contain_no_values() {
    let scratch = Scratch::new().await;
    seed_shop(&scratch.db).await;
    let mut refused = Vec::new();
    // The second insert violates a unique key. The canary is the key itself, which PostgreSQL would quote.
    for _ in 0..2 {
        let added = write(&scratch.db, |tx| {
            Box::pin(async move {
                let mut new = product(7);
                new.provider_id = "canary-provider".into();
                tx.add_product(&new).await
            })
        });
        refused.extend(added.await.err());
    }
    assert!(matches!(refused[..], [Error::Conflict]));
    refused.extend(
        write(&scratch.db, |tx| Box::pin(async move { tx.add_licence(&licence(1)).await })).await.err(),
    );
    refused.extend(
        write(&scratch.db, |tx| Box::pin(async move { person_with_everything(tx, 1).await })).await.err(),
    );
    // SQLite accepts this text and PostgreSQL refuses it.
    refused.extend(
        write(&scratch.db, |tx| Box::pin(async move { tx.set_fact("canary", "canary\0").await })).await.err(),
    );
    // Longer than PostgreSQL's index allows, and not compressible.
    let long: String =
        (0..3000_u64).map(|n| format!("canary{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    refused.extend(
        write(&scratch.db, move |tx| {
            let long = long.clone();
            Box::pin(async move { tx.set_fact(&long, "canary").await })
        })
        .await
        .err(),
    );
    // A word where the row has an enumerated value.
    scratch.tamper("UPDATE product SET kind = 'canary' WHERE id = 1").await;
    refused.extend(scratch.db.read().await.unwrap().product(1).await.err());
    scratch.tamper("UPDATE index_bucket SET slot = slot + 1").await;
    refused.extend(scratch.db.read().await.unwrap().index_find(BlindIndex::Address, &tag(1)).await.err());
    assert!(refused.len() >= 5, "{refused:?}");
    refused.iter().for_each(assert_without_values);
}

#[tokio::test]
async fn a_missing_table_is_a_refusal_and_a_closed_pool_is_unavailable() {
    let scratch = Scratch::new().await;
    scratch.tamper("DROP TABLE product").await;
    let gone = scratch.db.read().await.unwrap().products().await.unwrap_err();
    assert!(matches!(gone, Error::Refused(_)) && !gone.is_unavailable(), "{gone}");
    scratch.db.close().await;
    let closed = scratch.db.read().await.err().expect("no connection");
    assert!(closed.is_unavailable(), "{closed}");
}

#[tokio::test]
async fn a_number_that_is_no_day_is_an_error_and_zero_is_no_optional_day() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| Box::pin(async move { tx.add_licence(&licence(1)).await })).await.unwrap();
    let read = async || scratch.db.read().await.unwrap().licence(serial(1)).await.map(|found| found.unwrap());
    for column in ["issued_day", "until_day", "finished_day"] {
        // 9999-12-31 and 0000-01-01 are the last and the first day.
        for (number, is_day) in [(2_932_896, true), (2_932_897, false), (-719_528, true), (-719_529, false)] {
            scratch.tamper(&format!("UPDATE licence SET {column} = {number}")).await;
            assert_eq!(read().await.is_ok(), is_day, "{column} {number}");
        }
        scratch.tamper(&format!("UPDATE licence SET {column} = 0")).await;
    }
    let licence = read().await.unwrap();
    assert_eq!((licence.until_day, licence.finished_day), (None, None));
    assert_eq!(licence.issued_day, calendar::Day::UNIX_EPOCH);
}
