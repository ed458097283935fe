//! A mailbox that wakes us, and one that has to be asked.

use std::time::{Duration, Instant};

use super::conversation::vendor;
use super::kit::mail::fresh;
use super::kit::{until, wait};
use super::mail_server::{Desk as _, Door, TestMailServer, message};
use mail::mailbox::Mailbox;

#[test]
fn a_message_that_arrives_during_idle_is_received_at_once() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alive = TestMailServer::alive();
    let (us, ada) = (vendor("wakes"), fresh("ada"));
    let shop = settings.shop(&us);
    let (_server, beside) = (shop.serve(), shop.beside());
    for n in 1..=3 {
        let id = format!("w{n}.{us}");
        let began = Instant::now();
        settings.hand_in(Door::Open, [(&*ada, &*us, message(&ada, &us, "x", &id, "", "Hello"))]);
        until("its thread", || (beside.open().len() == n).then_some(()));
        // A mailbox that is only polled would take up to a minute, three times.
        assert!(n == 1 || began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

#[test]
fn a_mailbox_without_idle_is_polled_and_one_without_move_is_emptied() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alive = TestMailServer::alive();
    let (us, ada) = (vendor("old"), fresh("ada"));
    let shop = settings.old_shop(&us).with("SCRUPLE_MAIL_IMAP_AFTER", "move Taken over");
    let beside = shop.beside();
    let mut mailbox = Mailbox::new(shop.config().mail).expect("it is configured");
    mailbox.polling = Duration::from_millis(50);
    let watching = mailbox.watch(&beside.db, &beside.settings);
    let looking = shop.beside();
    let test = move || {
        for n in 1..=2 {
            let text = message(&ada, &us, "x", &format!("o{n}.{us}"), "", "Hello");
            settings.hand_in(Door::Open, [(&*ada, &*us, text)]);
            until("its thread", || (looking.open().len() == n).then_some(()));
        }
        until("an empty mailbox", || settings.found(&us).is_empty().then_some(()));
        let moved = settings.mailbox(&us).join(".Taken over");
        until("the copies", || (settings.found_in(&moved).len() == 2).then_some(()));
    };
    wait(async {
        tokio::select! {
            () = watching => unreachable!("it never ends"),
            done = tokio::task::spawn_blocking(test) => done.expect("the test"),
        }
    });
}
