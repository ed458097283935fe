//! Order items and persons: every column is read as it was written, each change writes its own column alone, and lists
//! are complete, in order and cut at their limit.

use calendar::Day;
use keyring::Slot;
use policy::purpose::{Access, Licensing};
use store::testing::{Scratch, serial};
use store::{
    Actor, Error, Holder, Licence, LicenceModel, LicenceState, NewOrder, NewPerson, Order, OrderId, Payment,
    PaymentStatus, Person, ProviderIds, Suppression, Tx,
};

use crate::fixtures::{CANARY, PAYMENT_STATUSES, day, licence, new_conversation, new_order, write};

/// The columns of an order item that are in clear.
fn clear(of: &Order) -> (u8, u32, Day, bool, PaymentStatus, &str) {
    (of.product, of.quantity, of.placed_day, of.test, of.payment_status, &of.flag)
}

/// The sealed columns of an order item, opened: numbers, payment, custom fields, notifications.
async fn sealed(tx: &mut Tx, of: &Order) -> Result<(ProviderIds, Payment, String, Vec<u8>), Error> {
    let permit = tx.permit::<Licensing>(of.slot, "orders.*", &Actor::System, "").await?;
    Ok((
        tx.open_provider_ids(of, &permit)?,
        tx.open_payment(of, &permit)?,
        tx.open_custom(of, &permit)?.map_or(String::new(), |custom| custom.text().to_owned()),
        tx.open_processed_notifications(of, &permit)?,
    ))
}

fn provider_ids(numbers: [&str; 4]) -> ProviderIds {
    let [order, item, subscription, initial_order] = numbers.map(str::to_owned);
    ProviderIds { order, item, subscription, initial_order }
}

#[tokio::test]
async fn every_column_of_an_order_is_read_as_it_was_written() {
    let scratch = Scratch::new().await;
    write(&scratch.db, move |tx| {
        Box::pin(async move {
            let of = tx.keyring().allocate_slot()?;
            for (n, payment_status) in (1..).zip(PAYMENT_STATUSES) {
                let numbers =
                    provider_ids([["o", "i", "s", "f"], ["", "i", "", ""], ["o", "", "", "f"]][n % 3]);
                let paid = [
                    Payment { method: "visa".into(), last4: "4242".into() },
                    Payment { method: "wire".into(), last4: String::new() },
                    Payment::default(),
                ][n % 3]
                    .clone();
                let custom = ["a=1\nb=2", ""][n % 2];
                let notifications: &[u8] = [&b"0123456789abcdef"[..], b""][n % 2];
                let new = NewOrder {
                    slot: of,
                    product: 255,
                    quantity: u32::MAX,
                    placed_day: day(20_700),
                    test: n % 2 == 0,
                    payment_status,
                    flag: ["", "a discount"][n % 2],
                    provider_ids: &numbers,
                    payment: &paid,
                    custom,
                    processed_notifications: notifications,
                };
                let id = tx.add_order(&new).await?;
                let order = tx.order(id).await?.expect("the order");
                assert_eq!((order.id, order.slot), (id, of));
                let expected =
                    (255, u32::MAX, day(20_700), n % 2 == 0, payment_status, ["", "a discount"][n % 2]);
                assert_eq!(clear(&order), expected);
                let opened = sealed(tx, &order).await?;
                assert!(opened.0 == numbers && opened.1 == paid, "{payment_status:?}");
                assert!(opened.2 == custom && opened.3 == notifications, "{payment_status:?}");
            }
            assert!(tx.order(OrderId::new(-1)).await?.is_none());
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn each_change_of_an_order_writes_its_own_column_alone() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let of = tx.keyring().allocate_slot()?;
            let (id, other) = (tx.add_order(&new_order(of)).await?, tx.add_order(&new_order(of)).await?);
            let before = tx.order(id).await?.expect("the order");
            let (numbers, payment, custom, _) = sealed(tx, &before).await?;
            tx.set_payment_status(id, PaymentStatus::ChargedBack).await?;
            tx.flag_order(id, "another reason").await?;
            tx.set_payment(&before, &Payment { method: "visa".into(), last4: "1111".into() }).await?;
            tx.set_processed_notifications(&before, b"another-mark-016").await?;
            let after = tx.order(id).await?.expect("the order");
            assert_eq!(
                clear(&after),
                (1, 3, day(20_700), false, PaymentStatus::ChargedBack, "another reason")
            );
            let opened = sealed(tx, &after).await?;
            assert!(opened.0 == numbers && opened.2 == custom, "other values changed");
            assert!(opened.1.method == "visa" && opened.1.last4 == "1111" && opened.3 == b"another-mark-016");
            let kept = tx.order(other).await?.expect("the other order");
            assert_eq!(clear(&kept), clear(&before), "another order changed");
            assert!(sealed(tx, &kept).await?.1 == payment, "another order changed");
            assert_eq!(tx.count_flagged_orders().await?, 2);
            tx.flag_order(id, "").await?;
            assert_eq!(tx.count_flagged_orders().await?, 1);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn orders_of_a_buyer_are_listed_from_the_oldest() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let (mine, theirs) = (tx.keyring().allocate_slot()?, tx.keyring().allocate_slot()?);
            let mut expected = Vec::new();
            for placed in [30, 10, 20, 10, 30, 12, 25, 11] {
                let id = tx.add_order(&NewOrder { placed_day: day(placed), ..new_order(mine) }).await?;
                expected.push((day(placed), id));
            }
            tx.add_order(&NewOrder { placed_day: day(15), ..new_order(theirs) }).await?;
            // Orders of one day are listed by their number, which is random.
            expected.sort_unstable();
            let found: Vec<_> = tx.orders_of(mine).await?.iter().map(|of| (of.placed_day, of.id)).collect();
            assert_eq!(found, expected);
            assert_eq!(tx.orders_of(theirs).await?.len(), 1);
            assert!(tx.orders_of(Slot(1)).await?.is_empty());
            Ok(())
        })
    })
    .await
    .unwrap();
}

/// Adds persons with an address alone, since day 20,700. Returns their slots in order.
async fn add_persons(tx: &mut Tx, count: usize) -> Result<Vec<Slot>, Error> {
    let mut slots = tx.keyring().allocate_slots(count)?;
    slots.sort_unstable();
    for of in &slots {
        let new = NewPerson { email: "a@example.org", name: "", company: "", language: "" };
        tx.add_person(*of, &new, day(20_700)).await?;
    }
    Ok(slots)
}

/// Days and suppression of a person: since, ended, erase, suppression.
fn state(of: &Person) -> (Day, Option<Day>, Option<Day>, Option<Suppression>) {
    (of.since_day, of.ended_day, of.erase_day, of.suppression)
}

#[tokio::test]
async fn each_change_of_a_person_writes_its_own_columns_alone() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let (of, other) = (tx.keyring().allocate_slot()?, tx.keyring().allocate_slot()?);
            for slot in [of, other] {
                tx.add_person(slot, &CANARY, day(20_700)).await?;
            }
            let values = async |tx: &mut Tx, of: Slot| {
                let person = tx.person(of).await?.expect("a person");
                let permit = tx.permit::<Access>(of, "person.*", &Actor::Person, "").await?;
                let texts = [
                    tx.open_email(&person, &permit)?.text().to_owned(),
                    tx.open_name(&person, &permit)?.map_or(String::new(), |name| name.text().to_owned()),
                    tx.open_company(&person, &permit)?
                        .map_or(String::new(), |company| company.text().to_owned()),
                    tx.open_language(&person, &permit)?.map_or(String::new(), |text| text.text().to_owned()),
                ];
                Ok::<_, Error>((texts, person))
            };
            let (first, person) = values(tx, of).await?;
            assert_eq!(first, [CANARY.email, CANARY.name, CANARY.company, CANARY.language]);
            assert_eq!(state(&person), (day(20_700), None, None, None));
            tx.set_email(of, "new@example.org").await?;
            assert_eq!(
                values(tx, of).await?.0,
                ["new@example.org", CANARY.name, CANARY.company, CANARY.language]
            );
            let details = NewPerson { email: "ignored", name: "New", company: "", language: "fr" };
            tx.set_details(of, &details).await?;
            assert_eq!(values(tx, of).await?.0, ["new@example.org", "New", "", "fr"]);
            tx.set_ended(of, Some(day(21_000))).await?;
            assert_eq!(state(&values(tx, of).await?.1), (day(20_700), Some(day(21_000)), None, None));
            tx.set_erase_day(of, Some(day(21_007))).await?;
            tx.set_suppression(of, Some(Suppression::Bounce)).await?;
            let all = (day(20_700), Some(day(21_000)), Some(day(21_007)), Some(Suppression::Bounce));
            assert_eq!(state(&values(tx, of).await?.1), all);
            tx.set_ended(of, None).await?;
            tx.set_erase_day(of, None).await?;
            tx.set_suppression(of, None).await?;
            assert_eq!(state(&values(tx, of).await?.1), (day(20_700), None, None, None));
            let (kept, person) = values(tx, other).await?;
            assert_eq!(kept, first, "another person changed");
            assert_eq!(state(&person), (day(20_700), None, None, None));
            assert!(tx.person(Slot(other.0 + 1)).await?.is_none());
            assert_eq!(tx.count_persons().await?, 2);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn persons_are_listed_in_order_and_500_at_a_time() {
    let scratch = Scratch::new().await;
    let slots = write(&scratch.db, |tx| Box::pin(add_persons(tx, 501))).await.unwrap();
    scratch.tamper("UPDATE person SET ended_day = 100, erase_day = 100").await;
    let mut tx = scratch.db.read().await.unwrap();
    let first: Vec<_> = tx.persons_after(Slot(0)).await.unwrap().iter().map(|of| of.slot).collect();
    assert_eq!(first, slots[..500]);
    let second: Vec<_> = tx.persons_after(slots[499]).await.unwrap().iter().map(|of| of.slot).collect();
    assert_eq!(second, slots[500..]);
    assert!(tx.persons_after(slots[500]).await.unwrap().is_empty());
    assert_eq!(tx.persons_ended_by(day(100)).await.unwrap(), slots[..500]);
    assert_eq!(tx.persons_due_for_erasure(day(100)).await.unwrap(), slots[..500]);
    assert_eq!(tx.persons_maybe_ended(Slot(0), day(0)).await.unwrap(), slots[..500]);
    assert_eq!(tx.persons_maybe_ended(slots[499], day(0)).await.unwrap(), slots[500..]);
    assert_eq!(tx.count_persons().await.unwrap(), 501);
}

#[tokio::test]
async fn an_erasure_is_due_on_its_day_and_a_retention_ends_on_its_day() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let slots = add_persons(tx, 5).await?;
            for (of, on) in slots.iter().zip([Some(day(99)), Some(day(100)), Some(day(101)), None]) {
                tx.set_erase_day(*of, on).await?;
                tx.set_ended(*of, on).await?;
            }
            for (today, due) in [(98, 0), (99, 1), (100, 2), (101, 3)] {
                assert_eq!(tx.persons_due_for_erasure(day(today)).await?, slots[..due], "{today}");
                assert_eq!(tx.persons_ended_by(day(today)).await?, slots[..due], "{today}");
            }
            // A linked conversation keeps its person from the end of the retention, and not from an erasure.
            let slot = tx.keyring().allocate_slot()?;
            let mut linked = new_conversation(1, slot);
            linked.person = Some(slots[0]);
            tx.add_conversation(&linked).await?;
            assert_eq!(tx.persons_ended_by(day(101)).await?, slots[1..3]);
            assert_eq!(tx.persons_due_for_erasure(day(101)).await?, slots[..3]);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_person_may_have_ended_without_a_licence_that_is_valid_on_the_day() {
    use LicenceModel::{Perpetual, Subscription, Trial};
    use LicenceState::{Active, Ended, OnHold, Revoked, Suspended};
    let scratch = Scratch::new().await;
    // Model, state, last day, days of grace; whether a person with it may have ended on day 100.
    let cases: [(LicenceModel, LicenceState, Option<i64>, i64, bool); 17] = [
        (Subscription, Active, Some(100), 0, false),
        (Subscription, Active, Some(99), 0, true),
        (Subscription, Active, Some(90), 10, false),
        (Subscription, Active, Some(89), 10, true),
        (Subscription, Active, Some(101), 0, false),
        (Subscription, Active, None, 0, false),
        (Subscription, Suspended, Some(100), 0, false),
        (Subscription, Suspended, Some(99), 0, true),
        (Subscription, OnHold, Some(1), 0, false),
        (Subscription, Ended, Some(200), 0, true),
        (Subscription, Revoked, None, 0, true),
        (Trial, Active, Some(100), 0, false),
        (Trial, Active, Some(99), 0, true),
        (Trial, Ended, None, 0, true),
        (Perpetual, Active, Some(1), 0, false),
        (Perpetual, Suspended, Some(1), 0, false),
        (Perpetual, Revoked, Some(200), 0, true),
    ];
    write(&scratch.db, move |tx| {
        Box::pin(async move {
            let slots = add_persons(tx, cases.len() + 3).await?;
            for ((number, of), (kind, state, until, grace_days, _)) in (1..).zip(&slots).zip(cases) {
                let until_day = until.map(day);
                tx.add_licence(&Licence { kind, state, until_day, grace_days, ..licence(number) }).await?;
                tx.add_holder(&Holder { serial: serial(number), slot: *of, buyer: number % 2 == 0 }).await?;
            }
            let [none, two, recorded] = slots[cases.len()..] else { unreachable!("three more") };
            // The second and the first case: one valid licence is enough. A recorded end is always looked at.
            for (number, slot) in [(2, two), (1, two), (1, recorded)] {
                tx.add_holder(&Holder { serial: serial(number), slot, buyer: true }).await?;
            }
            tx.set_ended(recorded, Some(day(50))).await?;
            let mut expected: Vec<Slot> =
                slots.iter().zip(cases).filter(|(_, case)| case.4).map(|(of, _)| *of).collect();
            expected.extend([none, recorded]);
            assert_eq!(tx.persons_maybe_ended(Slot(0), day(100)).await?, expected);
            assert_eq!(tx.persons_maybe_ended(expected[2], day(100)).await?, expected[3..]);
            Ok(())
        })
    })
    .await
    .unwrap();
}
