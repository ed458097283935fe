//! Many messages while the program and the mail server are killed: none is lost, none is received twice.

use std::collections::BTreeSet;

use super::conversation::vendor_address;
use super::kit::mail::fresh;
use super::kit::{is_long_run, print_figures, wait_until};
use super::mail_server::{StaffInbox as _, SubmissionPort, TestMailServer, message};

#[test]
#[ignore = "needs mail servers"]
fn no_message_is_lost_or_received_twice_over_kills_of_either_side() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.own_dovecot();
    let (mails, kills) = if is_long_run() { (1000, 30) } else { (150, 6) };
    let (our_address, ada) = (vendor_address("once"), fresh("ada"));
    let shop = mail_server.shop(&our_address);
    let (mut server, store) = (shop.serve(), shop.open_store());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for ten in 0..mails / 10 {
                let mail = |n: usize| {
                    let text = message(
                        &ada,
                        &our_address,
                        &format!("s{n}"),
                        &format!("e{n}.{our_address}"),
                        "",
                        &format!("mail {n}"),
                    );
                    (&*ada, &*our_address, text)
                };
                mail_server.submit(SubmissionPort::Open, (ten * 10..ten * 10 + 10).map(mail));
            }
        });
        for kill in 1..=kills {
            wait_until("some more", || (store.open().len() >= kill * mails / (kills + 1)).then_some(()));
            if kill % 2 == 0 {
                mail_server.control("kill");
                mail_server.control("again");
            } else {
                server.kill();
                server = shop.serve();
            }
        }
    });
    wait_until("all of them", || (store.open().len() >= mails).then_some(()));
    wait_until("an empty mailbox", || mail_server.found(&our_address).is_empty().then_some(()));
    let texts: Vec<String> = store
        .open()
        .into_iter()
        .flat_map(|id| store.conversation(id).messages)
        .map(|said| said.text.clone())
        .collect();
    let wanted: BTreeSet<String> = (0..mails).map(|n| format!("mail {n}")).collect();
    assert_eq!(texts.len(), mails, "none is received twice");
    assert_eq!(texts.into_iter().collect::<BTreeSet<_>>(), wanted, "none is lost");
    store.verify_audit_chain();
    print_figures(&format!("{mails} mails over {kills} kills of the program and of Dovecot"));
}
