//! Random histories of notifications and erasures, compared with the model of the year.

use crate::kit::Shop;
use crate::year::entry::{Entry, Event, Notification};
use crate::year::model::Model;
use proptest::prelude::*;

const ORDERS: u32 = 4;

/// A notification of one of four orders, so that histories meet: 0 and 1 are single purchases, 2 and 3
/// subscriptions with charges.
fn notification() -> impl Strategy<Value = Notification> {
    let kinds = prop::sample::select(vec![1_u32, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 12, 13, 14, 15, 17, 21]);
    (kinds, 0..ORDERS, 0..3_u32, 0..4_usize, any::<bool>()).prop_map(|(kind, order, charge, to, resent)| {
        let subscribed = order >= 2;
        // Kinds about subscriptions don't occur for single purchases.
        let kind = if !subscribed && matches!(kind, 6..=10 | 21) { 12 } else { kind };
        let part = if subscribed { charge } else { 0 };
        let (product, quantity) = [("101", 1), ("104", 2), ("102", 1), ("102", 3)][order as usize];
        let people = ["ada@example.org", "bob@example.org", "cyd@example.org", "dan@example.org"];
        let placed = 300 + 10 * i64::from(part);
        Notification {
            kind,
            order: format!("{}{part}", 10 + order),
            item: format!("{}{part}", 50 + order),
            product: product.into(),
            quantity,
            placed,
            buyer: people[if kind == 15 { to } else { order as usize % 3 }].into(),
            licensee: if order == 1 { people[3].into() } else { String::new() },
            subscription: if subscribed { (90 + order).to_string() } else { String::new() },
            until: if subscribed && kind != 10 { placed + 30 } else { 0 },
            amount: if kind == 5 { "1.00".into() } else { String::new() },
            resent,
            ..Notification::default()
        }
    })
}

fn history() -> impl Strategy<Value = Vec<Entry>> {
    let people = ["ada@example.org", "bob@example.org", "cyd@example.org", "dan@example.org"];
    let erase = prop::sample::select(people.to_vec()).prop_map(|a| Event::Erase(a.into()));
    let event = prop_oneof![8 => notification().prop_map(Event::Notification), 1 => erase];
    prop::collection::vec(event.prop_map(|event| Entry { day: 365, event }), 1..40)
}

async fn play(entries: &[Entry]) -> Result<(), TestCaseError> {
    let shop = Shop::open().await;
    let first = shop.today() - 365;
    let mut model = Model::default();
    let mut keys: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for entry in entries {
        model.apply_entry(entry);
        match &entry.event {
            Event::Erase(address) => {
                shop.erase(address).await;
                prop_assert!(shop.slot(address).await.is_none());
            }
            Event::Notification(n) => {
                let draft = n.draft(&shop.provider, first);
                let answer = shop.process(&draft).await;
                if let domain::licensing::purchase::NotificationReply::Keys(given) = &answer {
                    let text = given.join("\n");
                    let known = keys.entry(format!("{}/{}", n.order, n.item)).or_insert_with(|| text.clone());
                    prop_assert_eq!(&*known, &text, "another key for the same request");
                }
                // A resent change of address may follow an erasure, so it is not a repetition: it is left out.
                if n.kind != 15 {
                    let once = shop.state(first).await;
                    prop_assert!(shop.process(&draft.resent()).await == answer);
                    prop_assert_eq!(shop.state(first).await, once, "acts twice");
                }
            }
        }
        shop.roll_forward().await;
        prop_assert_eq!(shop.state(first).await.join("\n"), model.state().join("\n"));
    }
    for text in keys.values().flat_map(|t| t.lines()) {
        shop.claims(text).await;
    }
    shop.check_seals().await;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_ends_in_the_state_of_the_model(entries in history()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(play(&entries))?;
    }
}

/// The number of cases: few in the daily check, many with `SCRUPLE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("SCRUPLE_LONG").is_some() { 1000 } else { 24 }
}
