//! Personal values are sealed to their column, row and person, and are nowhere in clear.

use keyring::Slot;
use policy::purpose::{Access, Licensing, Writing};
use store::testing::Scratch;
use store::{Actor, Error};

use crate::fixtures::{CANARY, PRODUCT, person_with_everything, seed_shop, write};

/// Opens every value of a person. Returns the columns that are damaged.
async fn damaged(scratch: &Scratch, of: Slot) -> Vec<String> {
    let opened = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let permit = tx.permit::<Access>(of, "everything", &Actor::Person, "").await?;
            let licensing = tx.permit::<Licensing>(of, "everything", &Actor::System, "").await?;
            let writing = tx.permit::<Writing>(of, "everything", &Actor::System, "").await?;
            let person = tx.person(of).await?.expect("a person");
            let mut outcomes = vec![
                tx.open_email(&person, &permit).map(drop),
                tx.open_name(&person, &permit).map(drop),
                tx.open_company(&person, &permit).map(drop),
                tx.open_language(&person, &permit).map(drop),
            ];
            for order in tx.orders_of(of).await? {
                outcomes.push(tx.open_provider_ids(&order, &permit).map(drop));
                outcomes.push(tx.open_payment(&order, &permit).map(drop));
                outcomes.push(tx.open_custom(&order, &permit).map(drop));
                outcomes.push(tx.open_processed_notifications(&order, &licensing).map(drop));
            }
            for pending in tx.pending_orders_of(of).await? {
                outcomes.push(tx.open_pending_order(&pending, &permit).map(drop));
            }
            for email in tx.outbox_of(of).await? {
                outcomes.push(tx.open_outbox_email(&email, &writing).map(drop));
            }
            let mut columns = Vec::new();
            for outcome in outcomes {
                match outcome {
                    Ok(()) => {}
                    Err(Error::Damaged { column }) => columns.push(column),
                    Err(error) => return Err(error),
                }
            }
            Ok(columns)
        })
    });
    opened.await.unwrap()
}

#[tokio::test]
async fn sealed_values_open_unchanged() {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let opened = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let permit = tx.permit::<Access>(of, "everything", &Actor::Person, "").await?;
            let person = tx.person(of).await?.expect("a person");
            assert!(tx.open_email(&person, &permit)?.text() == CANARY.email);
            assert!(tx.open_name(&person, &permit)?.is_some_and(|n| n.text() == CANARY.name));
            let order = tx.orders_of(of).await?.remove(0);
            let (numbers, payment) =
                (tx.open_provider_ids(&order, &permit)?, tx.open_payment(&order, &permit)?);
            assert!(numbers.item == "canary-item" && numbers.initial_order.is_empty());
            assert!(payment.last4 == "4242" && payment.method == "canary-method");
            Ok(())
        })
    });
    opened.await.unwrap();
    assert_eq!(damaged(&scratch, of).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_value_moved_to_another_column_row_or_person_does_not_open() {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let other = write(&scratch.db, |tx| Box::pin(async move { person_with_everything(tx, 2).await }));
    let other = other.await.unwrap();
    let mine = of.0;
    // (harm, columns that no longer open)
    let harms: [(String, &[&str]); 7] = [
        (format!("UPDATE person SET name = email WHERE slot = {mine}"), &["person.name"]),
        (
            format!(
                "UPDATE person SET email = (SELECT email FROM person WHERE slot = {}) WHERE slot = {mine}",
                other.0
            ),
            &["person.email", "person.name"],
        ),
        (
            format!("UPDATE orders SET payment = provider_ids WHERE slot = {mine}"),
            &["person.email", "person.name", "orders.payment"],
        ),
        (
            format!("UPDATE pending_order SET id = id - 1 WHERE slot = {mine}"),
            &["pending_order.notification"],
        ),
        (
            format!(
                "UPDATE outbox SET email = (SELECT notification FROM pending_order WHERE slot = {mine}) WHERE slot = {mine}"
            ),
            &["outbox.email"],
        ),
        (
            format!("UPDATE orders SET slot = {mine} WHERE slot = {}", other.0),
            &["orders.provider_ids", "orders.custom"],
        ),
        (format!("UPDATE orders SET id = id - 1 WHERE slot = {mine}"), &["orders.processed_notifications"]),
    ];
    for (harm, expected) in harms {
        assert!(scratch.tamper(&harm).await > 0, "{harm}");
        let found = damaged(&scratch, of).await;
        for column in expected {
            assert!(found.iter().any(|f| f == column), "{harm}: {column} still opens ({found:?})");
        }
    }
}

#[tokio::test]
async fn a_reassigned_order_opens_only_under_its_new_person() {
    let scratch = Scratch::new().await;
    let of = seed_shop(&scratch.db).await;
    let other = write(&scratch.db, |tx| Box::pin(async move { person_with_everything(tx, 2).await }));
    let other = other.await.unwrap();
    let moved = write(&scratch.db, move |tx| {
        Box::pin(async move {
            let order = tx.orders_of(of).await?.remove(0);
            let permit = tx.permit::<Licensing>(of, "orders", &Actor::System, "").await?;
            tx.reassign_order(&order, other, &permit).await?;
            Ok((
                tx.orders_of(of).await?.len(),
                tx.orders_of(other).await?.len(),
                tx.grants_of(other).await?.len(),
            ))
        })
    });
    assert_eq!(moved.await.unwrap(), (0, 2, 2));
    let forgetting = keyring::ForgetRequest { slots: vec![of], tombstones: vec![], day: 1, digest: [0; 32] };
    scratch.db.keyring().forget(&forgetting).unwrap();
    assert_eq!(damaged(&scratch, other).await, Vec::<String>::new());
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

#[tokio::test]
async fn no_raw_data_file_contains_personal_text() {
    let scratch = Scratch::on(String::new()).await;
    seed_shop(&scratch.db).await;
    let mut searched = 0;
    let mut control = false;
    let mut search = |when: &str| {
        for file in std::fs::read_dir(scratch.folder.path().join("data")).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            assert!(!holds(&bytes, "canary"), "{when}: {}", path.display());
            control |= holds(&bytes, PRODUCT);
            searched += 1;
        }
    };
    search("while it is open");
    let mut copy = Vec::new();
    scratch.db.write_backup(&mut copy).await.unwrap();
    assert!(holds(&copy, PRODUCT) && !holds(&copy, "canary"));
    scratch.db.close().await;
    search("after it was closed");
    assert!(control, "the search doesn't find the name in clear");
    assert!(searched >= 4, "only {searched} files: the WAL was not among them");
}

#[tokio::test]
async fn an_empty_value_opens_as_none() {
    let scratch = Scratch::new().await;
    let of = write(&scratch.db, |tx| {
        Box::pin(async move {
            let of = tx.keyring().allocate_slot()?;
            let new = store::NewPerson { email: "a@example.org", name: "", company: "", language: "" };
            tx.add_person(of, &new, calendar::Day::UNIX_EPOCH + 1).await?;
            let permit = tx.permit::<Access>(of, "everything", &Actor::Person, "").await?;
            let person = tx.person(of).await?.expect("a person");
            assert!(tx.open_name(&person, &permit)?.is_none());
            assert!(tx.open_company(&person, &permit)?.is_none());
            Ok(of)
        })
    });
    assert_eq!(damaged(&scratch, of.await.unwrap()).await, Vec::<String>::new());
}
