//! A mailbox with IDLE, and one that must be polled.

use std::time::{Duration, Instant};

use super::conversation::vendor_address;
use super::kit::mail::fresh;
use super::kit::{block_on, wait_until};
use super::mail_server::{StaffInbox as _, SubmissionPort, TestMailServer, message};
use mail::mailbox::Mailbox;

#[test]
#[ignore = "needs mail servers"]
fn a_message_that_arrives_during_idle_is_received_at_once() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let (our_address, ada) = (vendor_address("idle"), fresh("ada"));
    let shop = mail_server.shop(&our_address);
    let (_server, store) = (shop.serve(), shop.open_store());
    for n in 1..=3 {
        let id = format!("idle{n}.{our_address}");
        let began = Instant::now();
        mail_server.submit(
            SubmissionPort::Open,
            [(&*ada, &*our_address, message(&ada, &our_address, "x", &id, "", "Hello"))],
        );
        wait_until("its conversation", || (store.open().len() == n).then_some(()));
        // Polling would take up to a minute each time.
        assert!(n == 1 || began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

#[test]
#[ignore = "needs mail servers"]
fn a_mailbox_without_idle_is_polled_and_one_without_move_is_emptied() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let (our_address, ada) = (vendor_address("old"), fresh("ada"));
    let shop = mail_server.shop_without_idle(&our_address).with("SCRUPLE_MAIL_IMAP_AFTER", "move Taken over");
    let store = shop.open_store();
    let mut mailbox = Mailbox::new(shop.config().mail).expect("it is configured");
    mailbox.polling = Duration::from_millis(50);
    let watching = mailbox.watch(&store.db, &store.settings);
    let second_store = shop.open_store();
    let test = move || {
        for n in 1..=2 {
            let text = message(&ada, &our_address, "x", &format!("o{n}.{our_address}"), "", "Hello");
            mail_server.submit(SubmissionPort::Open, [(&*ada, &*our_address, text)]);
            wait_until("its conversation", || (second_store.open().len() == n).then_some(()));
        }
        wait_until("an empty mailbox", || mail_server.found(&our_address).is_empty().then_some(()));
        let moved = mail_server.mailbox(&our_address).join(".Taken over");
        wait_until("the copies", || (mail_server.found_in(&moved).len() == 2).then_some(()));
    };
    block_on(async {
        tokio::select! {
            () = watching => unreachable!("it never ends"),
            done = tokio::task::spawn_blocking(test) => done.expect("the test"),
        }
    });
}
