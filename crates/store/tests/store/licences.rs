//! Products, licences, holders, terms and grants: every column is read as it was written, a change writes what may
//! change and nothing else, and lists are complete and in their order.

use calendar::Day;
use keyring::Slot;
use store::testing::{Scratch, serial};
use store::{
    Error, Grant, Holder, KeysPerOrder, Licence, LicenceModel, LicenceState, OrderId, PaymentStatus, Product,
    Term, TermKind, TermNumber,
};

use crate::fixtures::{PAYMENT_STATUSES, Step, day, error_of_second, licence, product, write};

/// Products that differ in one column each from the first.
fn products() -> Vec<Product> {
    let first = product(1);
    let others = [
        Product { name: "Wren".into(), ..first.clone() },
        Product { name: String::new(), ..first.clone() },
        Product { kind: LicenceModel::Perpetual, ..first.clone() },
        Product { kind: LicenceModel::Trial, ..first.clone() },
        Product { seats: u16::MAX, ..first.clone() },
        Product { seats: 0, ..first.clone() },
        Product { keys: KeysPerOrder::Each, ..first.clone() },
        Product { updates_months: u32::MAX, ..first.clone() },
        Product { edition: 127, ..first.clone() },
        Product { renewal_discount: 100, ..first.clone() },
        Product { window_before: 7, ..first.clone() },
        Product { window_after: 8, ..first.clone() },
        Product { grace_days: 9, ..first.clone() },
        Product { hold_discounts: false, ..first.clone() },
        Product { prints_company: false, ..first.clone() },
    ];
    [first].into_iter().chain(others).collect()
}

#[tokio::test]
async fn every_column_of_a_product_is_read_as_it_was_written_and_as_it_was_edited() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let stays = product(255);
            tx.add_product(&stays).await?;
            let mut all = Vec::new();
            for (id, one) in (1..).zip(products()) {
                let new = Product { id, provider_id: format!("provider-{id}"), ..one };
                tx.add_product(&new).await?;
                assert_eq!(tx.product(id).await?.as_ref(), Some(&new));
                assert_eq!(tx.product_of_provider(&new.provider_id).await?.as_ref(), Some(&new));
                all.push(new);
            }
            for edited in products() {
                tx.edit_product(&Product { provider_id: "another".into(), ..edited.clone() }).await?;
                let numbers = Product { id: 1, provider_id: "provider-1".into(), ..edited };
                assert_eq!(tx.product(1).await?, Some(numbers), "an edit keeps the provider's number");
            }
            all[0] = tx.product(1).await?.expect("the edited product");
            all.push(stays);
            assert_eq!(tx.products().await?, all, "by number");
            tx.edit_product(&product(77)).await?;
            assert_eq!(tx.product(77).await?, None, "an edit adds nothing");
            assert_eq!(tx.product_of_provider("another").await?, None);
            assert_eq!(tx.product_of_provider("").await?, None);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[test]
fn names_of_models_and_choices_are_read_as_they_are_written() {
    for model in [LicenceModel::Perpetual, LicenceModel::Subscription, LicenceModel::Trial] {
        assert_eq!(LicenceModel::parse(model.as_str()), Some(model));
    }
    for keys in [KeysPerOrder::One, KeysPerOrder::Each] {
        assert_eq!(KeysPerOrder::parse(keys.as_str()), Some(keys));
    }
    for wrong in ["", "Perpetual", "trial ", "each", "one"] {
        assert_eq!(LicenceModel::parse(wrong), None, "{wrong}");
    }
    for wrong in ["", "One", "each ", "perpetual"] {
        assert_eq!(KeysPerOrder::parse(wrong), None, "{wrong}");
    }
}

/// Licences that differ from the first in one column that may change.
fn changed_licences(first: &Licence) -> Vec<Licence> {
    vec![
        first.clone(),
        Licence { state: LicenceState::Suspended, ..first.clone() },
        Licence { state: LicenceState::Ended, ..first.clone() },
        Licence { state: LicenceState::Revoked, ..first.clone() },
        Licence { state: LicenceState::OnHold, ..first.clone() },
        Licence { until_day: None, ..first.clone() },
        Licence { until_day: Some(Day::MAX), ..first.clone() },
        Licence { suspended: true, ..first.clone() },
        Licence { terminated: true, ..first.clone() },
        Licence { finished_day: Some(day(20_999)), ..first.clone() },
        Licence { revoked: true, ..first.clone() },
        Licence { current_key: vec![9; 12], ..first.clone() },
    ]
}

/// Licences that differ from the first in one column that never changes.
fn foreign_licences(first: &Licence) -> Vec<Licence> {
    vec![
        Licence { product: 255, ..first.clone() },
        Licence { kind: LicenceModel::Perpetual, ..first.clone() },
        Licence { edition: 127, ..first.clone() },
        Licence { seats: u16::MAX, ..first.clone() },
        Licence { grace_days: 3, ..first.clone() },
        Licence { issued_day: day(20_701), ..first.clone() },
    ]
}

#[tokio::test]
async fn every_column_of_a_licence_is_read_as_it_was_written_and_a_change_keeps_what_never_changes() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let (first, stays) = (licence(1), licence((1 << 40) - 1));
            tx.add_licence(&first).await?;
            tx.add_licence(&stays).await?;
            let variants = changed_licences(&first).into_iter().chain(foreign_licences(&first));
            for (number, one) in (100..).zip(variants) {
                let serial = serial(number);
                let new = Licence { serial, ..one };
                tx.add_licence(&new).await?;
                assert_eq!(tx.licence(serial).await?.as_ref(), Some(&new));
                assert_eq!(tx.licence_locked(serial).await?.as_ref(), Some(&new));
            }
            for changed in changed_licences(&first) {
                tx.set_licence(&changed).await?;
                assert_eq!(tx.licence(serial(1)).await?, Some(changed));
            }
            tx.set_licence(&first).await?;
            for foreign in foreign_licences(&first) {
                tx.set_licence(&foreign).await?;
                assert_eq!(tx.licence(serial(1)).await?.as_ref(), Some(&first), "{foreign:?}");
            }
            assert_eq!(tx.licence(stays.serial).await?, Some(stays), "no other licence changed");
            tx.set_licence(&licence(2)).await?;
            assert_eq!(tx.licence(serial(2)).await?, None);
            assert_eq!(tx.licence_locked(serial(2)).await?, None);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn licences_are_counted_by_state() {
    let scratch = Scratch::new().await;
    let counted = write(&scratch.db, |tx| {
        Box::pin(async move {
            assert_eq!(tx.count_licences().await?, []);
            let states = [
                LicenceState::Active,
                LicenceState::Ended,
                LicenceState::OnHold,
                LicenceState::Active,
                LicenceState::Revoked,
                LicenceState::Suspended,
                LicenceState::Active,
            ];
            for (serial, state) in (1..).zip(states) {
                tx.add_licence(&Licence { state, ..licence(serial) }).await?;
            }
            tx.count_licences().await
        })
    });
    let expected = [("active", 3), ("ended", 1), ("on hold", 1), ("revoked", 1), ("suspended", 1)];
    assert_eq!(counted.await.unwrap(), expected.map(|(state, count)| (state.to_owned(), count)));
}

#[tokio::test]
async fn licences_of_a_holder_are_listed_from_the_oldest_and_those_of_others_are_not() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let (mine, theirs) = (Slot(70_000), Slot(70_001));
            for (number, issued) in [(5, 30), (4, 20), (3, 30), (2, 10), (1, 40)] {
                tx.add_licence(&Licence { issued_day: day(issued), ..licence(number) }).await?;
                let serial = serial(number);
                tx.add_holder(&Holder { serial, slot: theirs, buyer: false }).await?;
                if number != 1 {
                    tx.add_holder(&Holder { serial, slot: mine, buyer: true }).await?;
                }
            }
            let serials =
                |licences: Vec<Licence>| licences.iter().map(|of| of.serial.bits()).collect::<Vec<_>>();
            assert_eq!(serials(tx.licences_of(mine).await?), [2, 4, 3, 5]);
            assert_eq!(serials(tx.licences_of(theirs).await?), [2, 4, 3, 5, 1]);
            assert_eq!(serials(tx.licences_of(Slot(70_002)).await?), [0; 0]);
            tx.delete_holder(serial(4), mine).await?;
            assert_eq!(serials(tx.licences_of(mine).await?), [2, 3, 5]);
            assert_eq!(serials(tx.licences_of(theirs).await?), [2, 4, 3, 5, 1], "another holder keeps it");
            tx.delete_holder(serial(99), mine).await?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn buyers_of_a_licence_are_listed_before_licensees_and_each_once() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let holder = |slot, buyer| Holder { serial: serial(1), slot: Slot(slot), buyer };
            for (slot, buyer) in [(70_001, false), (70_004, true), (70_003, false), (70_002, true)] {
                tx.add_holder(&holder(slot, buyer)).await?;
            }
            tx.add_holder(&Holder { serial: serial(2), slot: Slot(70_009), buyer: true }).await?;
            // A buyer who is also the licensee stays a buyer, and the other way round.
            tx.add_holder(&holder(70_002, false)).await?;
            tx.add_holder(&holder(70_001, true)).await?;
            let expected = [(70_002, true), (70_004, true), (70_001, false), (70_003, false)];
            assert_eq!(tx.holders(serial(1)).await?, expected.map(|(slot, buyer)| holder(slot, buyer)));
            tx.delete_holder(serial(1), Slot(70_002)).await?;
            assert_eq!(tx.holders(serial(1)).await?.len(), 3);
            assert_eq!(tx.holders(serial(3)).await?, []);
            Ok(())
        })
    })
    .await
    .unwrap();
}

fn term(number: i64) -> Term {
    Term {
        number: TermNumber::new(number),
        kind: TermKind::Purchase,
        placed_day: day(20_700),
        months: 12,
        until_day: None,
        payment_status: PaymentStatus::Pending,
        issued_key: Vec::new(),
    }
}

/// Terms that differ from the first in one column that may change.
fn changed_terms(first: &Term) -> Vec<Term> {
    let paid = PAYMENT_STATUSES.map(|payment_status| Term { payment_status, ..first.clone() });
    let others = [
        Term { until_day: Some(day(21_000)), ..first.clone() },
        Term { issued_key: vec![7; 12], ..first.clone() },
    ];
    paid.into_iter().chain(others).collect()
}

/// Terms that differ from the first in one column that never changes.
fn foreign_terms(first: &Term) -> Vec<Term> {
    let kinds = [TermKind::Charge, TermKind::Renewal, TermKind::Manual];
    let others = [Term { placed_day: day(20_701), ..first.clone() }, Term { months: 0, ..first.clone() }];
    kinds.map(|kind| Term { kind, ..first.clone() }).into_iter().chain(others).collect()
}

#[tokio::test]
async fn terms_are_listed_by_number_and_a_change_keeps_what_never_changes() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let first = term(1);
            let variants = changed_terms(&first).into_iter().chain(foreign_terms(&first));
            let all: Vec<Term> = (1..)
                .zip(variants)
                .map(|(number, one)| Term { number: TermNumber::new(number), ..one })
                .collect();
            for one in all.iter().rev() {
                tx.add_term(serial(7), one).await?;
            }
            tx.add_term(serial(8), &first).await?;
            assert_eq!(tx.terms(serial(7)).await?, all);
            for changed in changed_terms(&first) {
                tx.set_term(serial(7), &changed).await?;
                assert_eq!(tx.terms(serial(7)).await?[0], changed);
            }
            tx.set_term(serial(7), &first).await?;
            for foreign in foreign_terms(&first) {
                tx.set_term(serial(7), &foreign).await?;
                assert_eq!(tx.terms(serial(7)).await?[0], first, "{foreign:?}");
            }
            assert_eq!(tx.terms(serial(7)).await?[1..], all[1..], "no other term changed");
            assert_eq!(tx.terms(serial(8)).await?, [first], "no other licence's term changed");
            tx.set_term(serial(9), &term(1)).await?;
            assert_eq!(tx.terms(serial(9)).await?, []);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn grants_are_listed_by_order_by_buyer_and_by_licence() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| {
        Box::pin(async move {
            let grant = |order, number, term| Grant {
                order: OrderId::new(order),
                serial: serial(number),
                term: TermNumber::new(term),
            };
            let (mine, theirs) = (Slot(70_000), Slot(70_001));
            for (buyer, order, number, term) in [
                (mine, 20, 2, 2),
                (mine, 20, 2, 1),
                (mine, 20, 1, 3),
                (mine, 10, 9, 1),
                (theirs, 30, 2, 1),
                (theirs, 5, 2, 3),
            ] {
                tx.add_grant(buyer, &grant(order, number, term)).await?;
            }
            assert_eq!(
                tx.grants(OrderId::new(20)).await?,
                [grant(20, 1, 3), grant(20, 2, 1), grant(20, 2, 2)]
            );
            assert_eq!(
                tx.grants_of(mine).await?,
                [grant(10, 9, 1), grant(20, 1, 3), grant(20, 2, 1), grant(20, 2, 2)]
            );
            assert_eq!(
                tx.grants_of_serial(serial(2)).await?,
                [grant(20, 2, 1), grant(30, 2, 1), grant(20, 2, 2), grant(5, 2, 3)]
            );
            assert_eq!(tx.grants(OrderId::new(99)).await?, []);
            assert_eq!(tx.grants_of(Slot(70_002)).await?, []);
            assert_eq!(tx.grants_of_serial(serial(99)).await?, []);
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_row_with_a_number_that_exists_is_a_conflict() {
    let scratch = Scratch::new().await;
    let inserts: [(&str, Step); 4] = [
        ("product", |tx| Box::pin(async move { tx.add_product(&product(1)).await })),
        ("licence", |tx| Box::pin(async move { tx.add_licence(&licence(1)).await })),
        ("term", |tx| Box::pin(async move { tx.add_term(serial(1), &term(1)).await })),
        ("grant", |tx| {
            Box::pin(async move {
                tx.add_grant(
                    Slot(70_000),
                    &Grant { order: OrderId::new(1), serial: serial(1), term: TermNumber::new(1) },
                )
                .await
            })
        }),
    ];
    for (what, insert) in inserts {
        let error = error_of_second(&scratch.db, insert).await;
        assert!(matches!(error, Some(Error::Conflict)), "{what}: {error:?}");
    }
}
