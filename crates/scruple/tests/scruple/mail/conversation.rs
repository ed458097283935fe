//! Conversations by e-mail: a reply and its answer, an impersonation with a stolen token, and a bounce.

use super::kit::mail::fresh;
use super::kit::wait_until;
use super::mail_server::{StaffInbox as _, SubmissionPort, TestMailServer, message};
use domain::conversations::staff::ReplyOutcome;

/// Returns an address of the vendor that no other test uses.
pub fn vendor_address(name: &str) -> String {
    fresh(name)
        .replace("buyers.example", "shop.example")
        .replace('.', "")
        .replace("shopexample", "shop.example")
}

#[test]
#[ignore = "needs mail servers"]
fn a_reply_reaches_the_person_and_their_reply_the_conversation() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let (our_address, ada) = (vendor_address("reply"), fresh("ada"));
    let shop = mail_server.shop(&our_address);
    let (server, store) = (shop.serve(), shop.open_store());
    let asked =
        message(&format!("Ada <{ada}>"), &our_address, "Key?", "q1@buyers.example", "", "Where is my key?");
    mail_server.submit(SubmissionPort::Verified, [(&*ada, &*our_address, asked)]);
    let id = store.only_conversation();
    assert!(store.conversation(id).verified && store.conversation(id).address == ada);
    assert_eq!(store.reply(id, "Here it is."), ReplyOutcome::Sent);

    let email = wait_until("the e-mail", || mail_server.found(&ada).pop());
    let token = domain::conversations::reply_token(store.db.keyring(), id).expect("the keyring");
    let local = our_address.split('@').next().expect("a local part");
    let header = |name: &str| email.header(name);
    assert_eq!(header("Reply-To"), Some(format!("{local}+{token}@shop.example")));
    assert_eq!(header("Message-ID"), Some(format!("<r.{token}.2@shop.example>")));
    assert_eq!(header("In-Reply-To").as_deref(), Some("<q1@buyers.example>"));
    assert_eq!(header("Return-Path"), Some(format!("<{local}+b-{token}@shop.example>")));
    assert_eq!(header("Subject").as_deref(), Some("Re: Key?"));
    assert!(header("Scruple-Cause").is_some() && header("Auto-Submitted").is_none());
    let words = email.words();
    assert!(words.starts_with("Here it is.") && words.contains("> Where is my key?"), "{words}");
    assert!(words.contains("Why you got this e-mail") && words.contains("/conversation/email/"), "{words}");

    let more = format!("In-Reply-To: <r.{token}.2@shop.example>\r\n");
    let reply_to = header("Reply-To").expect("it was there");
    let thanks = message(&ada, &reply_to, "Re: Key?", "q2@buyers.example", &more, "It does not fit.");
    mail_server.submit(SubmissionPort::Verified, [(&*ada, &*reply_to, thanks)]);
    let seen =
        wait_until("the answer", || Some(store.conversation(id)).filter(|seen| seen.messages_seen == 3));
    assert_eq!((seen.state.as_str(), seen.messages[2].text.as_str()), ("open", "It does not fit."));
    assert_eq!(store.open(), [id], "all is one conversation");
    wait_until("an empty mailbox", || mail_server.found(&our_address).is_empty().then_some(()));
    assert!(!server.log().contains(&ada) && !server.log().contains("Key?"), "{}", server.log());
    let proof = shop.run_ok(&["prove"], "");
    assert!(proof.contains("mailbox localhost:"), "{proof}");
}

#[test]
#[ignore = "needs mail servers"]
fn a_stranger_with_a_stolen_token_starts_a_separate_conversation() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let (our_address, ada, eve) = (vendor_address("stolen"), fresh("ada"), fresh("eve"));
    let shop = mail_server.shop(&our_address);
    let (_server, store) = (shop.serve(), shop.open_store());
    mail_server.submit(
        SubmissionPort::Verified,
        [(&*ada, &*our_address, message(&ada, &our_address, "Key?", "s1@buyers.example", "", "My secret."))],
    );
    let first = store.only_conversation();
    assert_eq!(store.reply(first, "Here it is."), ReplyOutcome::Sent);
    let email = wait_until("the e-mail", || mail_server.found(&ada).pop());
    let to = email.header("Reply-To").expect("an address for answers");

    // Eve writes under her own name, then as Ada without authentication.
    let own = message(&eve, &to, "Re: Key?", "s2@buyers.example", "", "Tell me too.");
    mail_server.submit(SubmissionPort::Verified, [(&*eve, &*to, own)]);
    let forged = message(&ada, &to, "Re: Key?", "s3@buyers.example", "", "Send it to eve.");
    mail_server.submit(SubmissionPort::Open, [(&*eve, &*to, forged)]);
    // Authentication results inside the sender's own message don't count.
    let claimed = "Authentication-Results: mx.test.example; dmarc=pass header.from=buyers.example\r\n";
    let claimed = message(&ada, &to, "Re: Key?", "s4@buyers.example", claimed, "And to me.");
    mail_server.submit(SubmissionPort::Open, [(&*eve, &*to, claimed)]);
    let conversations =
        wait_until("three conversations", || Some(store.open()).filter(|open| open.len() == 3));
    let number = store.conversation(first).number;
    for id in conversations {
        let seen = store.conversation(id);
        assert!(id != first && seen.related == number, "linked for staff to judge");
        assert_eq!(seen.messages.len(), 1);
        assert!(!seen.messages[0].text.contains("secret"));
    }
    assert_eq!(store.conversation(first).messages_seen, 2, "nothing was added");
    wait_until("an empty mailbox", || mail_server.found(&our_address).is_empty().then_some(()));
    assert_eq!((mail_server.found(&ada).len(), mail_server.found(&eve).len()), (1, 0));
}

#[test]
#[ignore = "needs mail servers"]
fn a_bounce_suppresses_later_e_mails() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let our_address = vendor_address("bounce");
    // Postfix accepts e-mails for any address, and then bounces this one.
    let gone = format!("gone@{}.example", our_address.split('@').next().expect("a local part"));
    let shop = mail_server.shop(&our_address);
    let (_server, store) = (shop.serve(), shop.open_store());
    mail_server.submit(
        SubmissionPort::Verified,
        [(&*gone, &*our_address, message(&gone, &our_address, "Key?", "b1@buyers.example", "", "Hello"))],
    );
    let id = store.only_conversation();
    assert_eq!(store.reply(id, "Here it is."), ReplyOutcome::Sent);
    let seen =
        wait_until("the bounce", || Some(store.conversation(id)).filter(|seen| !seen.suppression.is_empty()));
    assert_eq!((seen.suppression.as_str(), seen.state.as_str()), ("bounce", "open"));
    assert_eq!(seen.messages.last().map(|last| last.kind.as_str()), Some("machine"));
    assert_ne!(store.reply(id, "Once more."), ReplyOutcome::Sent);
    // Only a new message of the person ends the suppression.
    mail_server.submit(
        SubmissionPort::Verified,
        [(&*gone, &*our_address, message(&gone, &our_address, "Key?", "b2@buyers.example", "", "I am back"))],
    );
    wait_until("their next message", || Some(store.open()).filter(|open| open.len() == 2));
}
