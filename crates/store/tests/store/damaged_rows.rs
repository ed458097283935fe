//! Damaged rows: each value that the program never writes is an error that names its table and column, and no value.

use analytics::Dimension;
use calendar::Day;
use keyring::Slot;
use policy::purpose::{Access, Erasing, Writing};
use store::testing::{NOON, Scratch, serial};
use store::{Actor, Audience, BlindIndex, ConversationId, Error, Span, Store, Tx, VisitDayState};

use crate::fixtures::{BoxedOutput, day, seed_shop, tag32, write};

/// Reads the rows of one table of the shop, whose person has this slot.
type Reading = for<'t> fn(&'t mut Tx, Slot) -> BoxedOutput<'t, ()>;

/// Damages a shop's rows by each of these values in turn. Expects that the reading names the column.
async fn assert_named(table: &str, reading: Reading, damage: &[(&str, &str)]) {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let read = async || write(&scratch.db, move |tx| reading(tx, of)).await;
    read().await.unwrap_or_else(|error| panic!("{table} before it is damaged: {error}"));
    scratch.tamper(&format!("CREATE TABLE kept AS SELECT * FROM {table}")).await;
    for (column, value) in damage {
        let sql = format!("UPDATE {table} SET {column} = {value}");
        assert!(scratch.tamper(&sql).await > 0, "{sql}");
        let error = read().await.expect_err(&sql);
        let name = format!("{table}.{column}");
        assert!(matches!(&error, Error::Unknown(found) if *found == name), "{sql}: {error}");
        assert!(!error.is_unavailable() && !error.to_string().contains("canary"), "{error}");
        scratch.tamper(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept")).await;
    }
    read().await.unwrap();
}

const NO_DAY: &str = "2932897";

#[tokio::test]
async fn a_damaged_product_licence_or_term_is_named() {
    let products: Reading = |tx, _| Box::pin(async move { tx.products().await.map(drop) });
    let damage = [
        ("id", "256"),
        ("id", "-1"),
        ("kind", "'canary'"),
        ("kind", "''"),
        ("seats", "65536"),
        ("seats", "-1"),
        ("keys", "'canary'"),
        ("updates_months", "-1"),
        ("updates_months", "4294967296"),
        ("edition", "256"),
        ("renewal_discount", "-1"),
        ("window_before", "-1"),
        ("window_after", "4294967296"),
        ("grace_days", "-1"),
    ];
    assert_named("product", products, &damage).await;
    let licences: Reading = |tx, of| Box::pin(async move { tx.licences_of(of).await.map(drop) });
    let damage = [
        ("product", "256"),
        ("kind", "'canary'"),
        ("edition", "-1"),
        ("seats", "65536"),
        ("state", "'canary'"),
        ("state", "'Active'"),
        ("until_day", NO_DAY),
        ("finished_day", "-719529"),
        ("issued_day", NO_DAY),
    ];
    assert_named("licence", licences, &damage).await;
    let terms: Reading = |tx, _| Box::pin(async move { tx.terms(serial(1)).await.map(drop) });
    let damage =
        [("kind", "'canary'"), ("placed_day", NO_DAY), ("until_day", NO_DAY), ("payment_status", "'canary'")];
    assert_named("term", terms, &damage).await;
    let holders: Reading = |tx, _| Box::pin(async move { tx.holders(serial(1)).await.map(drop) });
    assert_named("holder", holders, &[("role", "'canary'"), ("role", "''"), ("role", "'Buyer'")]).await;
    let keys: Reading = |tx, _| Box::pin(async move { tx.signing_keys().await.map(drop) });
    let damage =
        [("id", "256"), ("public", "secret"), ("state", "'canary'"), ("state", "''"), ("since_day", NO_DAY)];
    assert_named("signing_key", keys, &damage).await;
}

#[tokio::test]
async fn a_damaged_order_person_or_link_is_named() {
    let orders: Reading = |tx, of| Box::pin(async move { tx.orders_of(of).await.map(drop) });
    let damage = [
        ("product", "-1"),
        ("quantity", "4294967296"),
        ("placed_day", NO_DAY),
        ("payment_status", "'canary'"),
        ("payment_status", "'PAID'"),
    ];
    assert_named("orders", orders, &damage).await;
    let persons: Reading = |tx, of| Box::pin(async move { tx.person(of).await.map(drop) });
    let damage = [("since_day", NO_DAY), ("ended_day", NO_DAY), ("erase_day", "-719529")];
    assert_named("person", persons, &damage).await;
    let pending: Reading = |tx, of| Box::pin(async move { tx.pending_orders_of(of).await.map(drop) });
    assert_named("pending_order", pending, &[("day", NO_DAY)]).await;
    let links: Reading = |tx, _| Box::pin(async move { tx.magic_link(&tag32(1)).await.map(drop) });
    assert_named("magic_link", links, &[("kind", "'canary'"), ("kind", "''"), ("kind", "'Portal'")]).await;
    let receipts: Reading = |tx, _| Box::pin(async move { tx.receipt(&tag32(9)).await.map(drop) });
    assert_named("receipt", receipts, &[("day", NO_DAY)]).await;
    let intents: Reading = |tx, _| Box::pin(async move { tx.erasure_intents().await.map(drop) });
    let damage = [("slots", "tombstones"), ("tombstones", "slots"), ("day", NO_DAY), ("reason", "'canary'")];
    assert_named("erasure_intent", intents, &damage).await;
    let tokens: Reading = |tx, _| Box::pin(async move { tx.api_tokens().await.map(drop) });
    let damage = [
        ("token_hash", "(SELECT secret FROM signing_key)"),
        ("created_day", NO_DAY),
        ("expires_day", NO_DAY),
    ];
    assert_named("api_token", tokens, &damage).await;
}

#[tokio::test]
async fn a_damaged_conversation_message_or_file_is_named() {
    let conversations: Reading =
        |tx, _| Box::pin(async move { tx.conversation(ConversationId::new(1)).await.map(drop) });
    let damage = [
        ("kind", "'canary'"),
        ("state", "'canary'"),
        ("state", "''"),
        ("snoozed_day", NO_DAY),
        ("opened_day", NO_DAY),
        ("last_message_day", NO_DAY),
        ("closed_day", NO_DAY),
        ("last_action_day", NO_DAY),
    ];
    assert_named("conversation", conversations, &damage).await;
    let messages: Reading =
        |tx, _| Box::pin(async move { tx.messages_of(ConversationId::new(1)).await.map(drop) });
    let damage = [("day", NO_DAY), ("kind", "'canary'"), ("via", "'canary'"), ("via", "''")];
    assert_named("message", messages, &damage).await;
    let files: Reading = |tx, _| {
        Box::pin(async move { tx.attachments_of_conversation(ConversationId::new(1)).await.map(drop) })
    };
    assert_named("attachment", files, &[("day", NO_DAY), ("kind", "'canary'")]).await;
    let access: Reading = |tx, _| Box::pin(async move { tx.conversation_access(&tag32(1)).await.map(drop) });
    assert_named("conversation_access", access, &[("kind", "'canary'"), ("kind", "''")]).await;
}

#[tokio::test]
async fn damaged_figures_days_and_words_are_named() {
    let figures: Reading = |tx, _| {
        Box::pin(async move {
            let ranges = [(Span::Month, Day::MIN..=Day::MAX)];
            let found = tx.figures_of(1, Audience::Own, Dimension::Page, &ranges).await?;
            found.iter().try_for_each(|row| row.archived().map(drop))
        })
    };
    let damage = [
        ("views", "-1"),
        ("visitors", "-1"),
        ("evicted_views", "-1"),
        ("days", "4294967296"),
        ("cells", "(SELECT secret FROM signing_key)"),
    ];
    assert_named("figures", figures, &damage).await;
    let totals: Reading = |tx, _| {
        Box::pin(async move {
            let (from, to) = (Day::MIN, Day::MAX);
            tx.totals(1, Audience::Own, Dimension::Page, Span::Month, from, to).await.map(drop)
        })
    };
    assert_named("figures", totals, &[("views", "-1"), ("visitors", "-1"), ("days", "-1")]).await;
    let days: Reading = |tx, _| Box::pin(async move { tx.open_visit_days().await.map(drop) });
    let damage = [("date", NO_DAY), ("bots", "-1"), ("late", "-1"), ("refused", "-1")];
    assert_named("visit_day", days, &damage).await;
    let words: Reading = |tx, _| Box::pin(async move { tx.dictionary_ids(1, &["/docs"]).await.map(drop) });
    assert_named("dictionary", words, &[("id", "4294967296"), ("id", "-1")]).await;
}

#[tokio::test]
async fn a_damaged_fact_is_named_before_the_keyring_is_open() {
    let scratch = Scratch::new().await;
    let folder = scratch.folder.path().join("data");
    scratch.tamper("INSERT INTO meta (name, value) VALUES ('epoch', 'canary')").await;
    let store = Store::connect(&folder, &scratch.url).await.unwrap();
    assert!(matches!(store.seen_epoch().await, Err(Error::Unknown("meta.epoch"))));
    for (fact, value) in [("schema", "canary"), ("schema", ""), ("store", "canary"), ("store", "")] {
        let kept = store.fact(fact).await.unwrap().unwrap();
        scratch.tamper(&format!("UPDATE meta SET value = '{value}' WHERE name = '{fact}'")).await;
        let error = Store::connect(&folder, &scratch.url).await.err().expect(fact);
        assert!(matches!(error, Error::Unknown(found) if found == format!("meta.{fact}")), "{error}");
        store.set_fact(fact, &kept).await.unwrap();
    }
}

/// Puts a value that was sealed elsewhere into a column. Expects that the opening names the column.
async fn assert_closed(column: &str, foreign: &str, opening: Reading) {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let open = async || write(&scratch.db, move |tx| opening(tx, of)).await;
    open().await.unwrap_or_else(|error| panic!("{column} before it is damaged: {error}"));
    let (table, name) = column.split_once('.').unwrap();
    for value in [foreign.to_owned(), "(SELECT public FROM signing_key)".to_owned()] {
        assert!(scratch.tamper(&format!("UPDATE {table} SET {name} = {value}")).await > 0, "{column}");
        let error = open().await.expect_err(column);
        assert!(matches!(&error, Error::Damaged { column: found } if found == column), "{column}: {error}");
        assert!(!error.is_unavailable() && !error.to_string().contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn a_value_of_a_conversation_opens_in_its_own_column_alone() {
    macro_rules! of_conversation {
        ($open:ident) => {
            |tx, _| {
                Box::pin(async move {
                    let permit = tx.permit_unattributed::<Access>("conversation", &Actor::Person).await?;
                    let conversation =
                        tx.conversation(ConversationId::new(1)).await?.expect("a conversation");
                    tx.$open(&conversation, &permit).map(drop)
                })
            }
        };
    }
    assert_closed("conversation.subject", "contact", of_conversation!(open_subject)).await;
    assert_closed("conversation.contact", "subject", of_conversation!(open_contact)).await;
    assert_closed("conversation.tags", "subject", of_conversation!(open_tags)).await;
    assert_closed("conversation.address_tag", "subject", |tx, _| {
        Box::pin(async move { tx.conversations_with_address(&keyring::Tag16([7; 16])).await.map(drop) })
    })
    .await;
    assert_closed("message.body", "(SELECT subject FROM conversation)", |tx, _| {
        Box::pin(async move {
            let permit = tx.permit_unattributed::<Access>("message.body", &Actor::Person).await?;
            let message = tx.messages_of(ConversationId::new(1)).await?.remove(0);
            tx.open_body(&message, &permit).map(drop)
        })
    })
    .await;
    assert_closed("attachment.name", "(SELECT body FROM message)", |tx, of| {
        Box::pin(async move {
            let permit = tx.permit::<Access>(of, "attachment.name", &Actor::Person, "").await?;
            let file = tx.attachments_of_conversation(ConversationId::new(1)).await?.remove(0);
            tx.open_file_name(&file, &permit).map(drop)
        })
    })
    .await;
    assert_closed("chunk.bytes", "(SELECT name FROM attachment)", |tx, of| {
        Box::pin(async move {
            let permit = tx.permit::<Access>(of, "chunk.bytes", &Actor::Person, "").await?;
            let file = tx.attachments_of_conversation(ConversationId::new(1)).await?.remove(0);
            tx.open_chunk(&file, 0, &permit).await.map(drop)
        })
    })
    .await;
}

#[tokio::test]
async fn a_value_of_a_person_or_of_the_program_opens_in_its_own_column_alone() {
    assert_closed("magic_link.address", "(SELECT email FROM person)", |tx, of| {
        Box::pin(async move {
            let permit = tx.permit::<Access>(of, "magic_link.address", &Actor::Person, "").await?;
            let link = tx.magic_link(&tag32(1)).await?.expect("a link");
            tx.open_magic_link_address(&link, &permit).map(drop)
        })
    })
    .await;
    assert_closed("outbox.email", "(SELECT address FROM magic_link)", |tx, of| {
        Box::pin(async move {
            let permit = tx.permit::<Writing>(of, "outbox.email", &Actor::System, "").await?;
            let email = tx.outbox_of(of).await?.remove(0);
            tx.open_outbox_email(&email, &permit).map(drop)
        })
    })
    .await;
    assert_closed("pending_order.notification", "(SELECT custom FROM orders)", |tx, of| {
        Box::pin(async move {
            let permit = tx.permit::<Erasing>(of, "pending_order.notification", &Actor::System, "").await?;
            let pending = tx.pending_orders_of(of).await?.remove(0);
            tx.open_pending_order(&pending, &permit).map(drop)
        })
    })
    .await;
    assert_closed("signing_key.secret", "(SELECT email FROM person)", |tx, _| {
        Box::pin(async move {
            let key = tx.signing_keys().await?.remove(0);
            tx.open_signing_key(&key).map(drop)
        })
    })
    .await;
    assert_closed("index_bucket.pairs", "(SELECT secret FROM signing_key)", |tx, _| {
        Box::pin(async move { tx.index_find(BlindIndex::Address, &crate::fixtures::tag(4)).await.map(drop) })
    })
    .await;
    assert_closed("visit_day.day_key", "(SELECT state FROM visit_tally)", |tx, _| {
        Box::pin(async move {
            let opened =
                tx.open_visit_day(1, day(20_779), calendar::Timestamp::from_unix_seconds(NOON)).await?;
            assert!(matches!(opened, VisitDayState::Open { .. }));
            Ok(())
        })
    })
    .await;
    assert_closed("visit_tally.state", "(SELECT day_key FROM visit_day)", |tx, _| {
        Box::pin(async move { tx.tallies(1, day(20_779)).await.map(drop) })
    })
    .await;
}

#[tokio::test]
async fn a_required_value_that_is_empty_is_damaged() {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let empty = "(SELECT tags FROM conversation WHERE id = 2)";
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let slot = tx.keyring().allocate_slot()?;
            tx.add_conversation(&crate::fixtures::new_conversation(2, slot)).await.map(drop)
        })
    })
    .await
    .unwrap();
    for column in ["person.email", "pending_order.notification", "signing_key.secret"] {
        let (table, name) = column.split_once('.').unwrap();
        scratch.tamper(&format!("UPDATE {table} SET {name} = {empty}")).await;
    }
    let opened = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let permit = tx.permit::<Erasing>(of, "everything", &Actor::System, "").await?;
            let person = tx.person(of).await?.expect("a person");
            let pending = tx.pending_orders_of(of).await?.remove(0);
            let key = tx.signing_keys().await?.remove(0);
            Ok([
                tx.open_email(&person, &permit).err(),
                tx.open_pending_order(&pending, &permit).err(),
                tx.open_signing_key(&key).err(),
            ])
        })
    });
    let columns = opened.await.unwrap().map(|error| match error {
        Some(Error::Damaged { column }) => column,
        other => panic!("{other:?}"),
    });
    assert_eq!(columns, ["person.email", "pending_order.notification", "signing_key.secret"]);
}
