//! The queue of notifications: each gets its own reply, a full queue refuses, and none is lost.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use domain::licensing::purchase::{NotificationReply, OrderNotification};
use paypro::simulator::Party;
use paypro::{Purchase, Secret, UnverifiedNotification};
use web::notification_queue::QueueFull;

use crate::kit::Kit;

type Reply = Result<Result<NotificationReply, store::Error>, QueueFull>;

/// A request for the key of an order.
fn request(kit: &Kit, order: u32) -> OrderNotification {
    let party = Party::new(format!("buyer{order}@example.com"), "A Buyer");
    let today = kit.app.db.clock.today();
    let purchase = Purchase { placed: today.midnight(), ..Purchase::new(order.to_string(), "4711", party) };
    let body = kit.provider.licence_requested(&purchase).body();
    let key = Secret::new("a validation key").unwrap();
    let verified = UnverifiedNotification::parse(body.as_bytes()).unwrap().verify(&key).unwrap();
    OrderNotification::of(&verified, &[], today)
}

fn keys(reply: Reply) -> Vec<String> {
    match reply {
        Ok(Ok(NotificationReply::Keys(keys))) => keys,
        _ => panic!("no keys"),
    }
}

/// Notifications that are sent at once, before any is processed.
fn at_once<'a>(
    kit: &'a Kit,
    orders: impl IntoIterator<Item = u32>,
) -> Vec<Pin<Box<dyn Future<Output = Reply> + 'a>>> {
    let process = |order| -> Pin<Box<dyn Future<Output = Reply> + 'a>> {
        Box::pin(kit.app.notifications.process(request(kit, order)))
    };
    orders.into_iter().map(process).collect()
}

#[tokio::test]
async fn each_of_many_notifications_at_once_gets_the_reply_to_its_order() {
    let kit = Kit::open().await;
    let mut waiting = at_once(&kit, 1..=150);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(waiting.iter_mut().all(|process| process.as_mut().poll(&mut cx).is_pending()));
    let mut together = Vec::new();
    for process in waiting {
        together.push(keys(process.await));
    }
    for (order, first) in (1..).zip(&together) {
        assert_eq!(keys(kit.app.notifications.process(request(&kit, order)).await), *first, "order {order}");
    }
    together.sort();
    together.dedup();
    assert_eq!(together.len(), 150, "each order has a key of its own");
}

#[tokio::test]
async fn a_full_queue_refuses_the_next_notification_and_processes_all_before_it() {
    let kit = Kit::open().await;
    // One notification again and again, because only the first costs much.
    let mut waiting = at_once(&kit, std::iter::repeat_n(7, 1_024));
    let mut cx = Context::from_waker(Waker::noop());
    for process in &mut waiting {
        assert!(process.as_mut().poll(&mut cx).is_pending());
    }
    let mut beyond = at_once(&kit, [8]);
    let Poll::Ready(refused) = beyond[0].as_mut().poll(&mut cx) else { panic!("it waits") };
    assert!(matches!(refused, Err(QueueFull)));
    for process in waiting {
        assert_eq!(keys(process.await).len(), 1);
    }
    let orders = kit.scratch.numbers("SELECT COUNT(*) FROM orders").await;
    assert_eq!(orders, [1], "the refused one left nothing");
    assert_eq!(keys(kit.app.notifications.process(request(&kit, 8)).await).len(), 1, "there is room again");
}

#[tokio::test]
async fn a_sender_that_disconnects_leaves_its_notification_in_the_queue() {
    let kit = Kit::open().await;
    let mut left = at_once(&kit, [7]);
    assert!(left[0].as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(left);
    // The next one is processed after it.
    keys(kit.app.notifications.process(request(&kit, 8)).await);
    assert_eq!(kit.scratch.numbers("SELECT COUNT(*) FROM orders").await, [2]);
}
