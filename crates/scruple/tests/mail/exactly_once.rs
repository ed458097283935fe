//! Many mails, while the program and the mailbox are killed: none is lost, none is taken twice.

use std::collections::BTreeSet;

use super::conversation::vendor;
use super::kit::mail::fresh;
use super::kit::{long, show, until};
use super::mail_server::{Desk as _, Door, TestMailServer, message};

#[test]
fn no_message_is_lost_or_received_twice_over_kills_of_either_side() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alone = TestMailServer::alone();
    let (mails, kills) = if long() { (1000, 30) } else { (150, 6) };
    let (us, ada) = (vendor("once"), fresh("ada"));
    let shop = settings.shop(&us);
    let (mut server, beside) = (shop.serve(), shop.beside());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for ten in 0..mails / 10 {
                let mail = |n: usize| {
                    let text =
                        message(&ada, &us, &format!("s{n}"), &format!("e{n}.{us}"), "", &format!("mail {n}"));
                    (&*ada, &*us, text)
                };
                settings.hand_in(Door::Open, (ten * 10..ten * 10 + 10).map(mail));
            }
        });
        for kill in 1..=kills {
            until("some more", || (beside.open().len() >= kill * mails / (kills + 1)).then_some(()));
            if kill % 2 == 0 {
                settings.told("kill");
                settings.told("again");
            } else {
                server.kill();
                server = shop.serve();
            }
        }
    });
    until("all of them", || (beside.open().len() >= mails).then_some(()));
    until("an empty mailbox", || settings.found(&us).is_empty().then_some(()));
    let texts: Vec<String> = beside
        .open()
        .into_iter()
        .flat_map(|id| beside.thread(id).messages)
        .map(|said| said.text.clone())
        .collect();
    let wanted: BTreeSet<String> = (0..mails).map(|n| format!("mail {n}")).collect();
    assert_eq!(texts.len(), mails, "none is taken twice");
    assert_eq!(texts.into_iter().collect::<BTreeSet<_>>(), wanted, "none is lost");
    beside.chain_holds();
    show(&format!("{mails} mails over {kills} kills of the program and of Dovecot"));
}
