//! Somebody writes, is answered, writes again; a stranger who knows the token gets nowhere; a letter comes back.

use super::kit::mail::fresh;
use super::kit::until;
use super::mail_server::{Desk as _, Door, TestMailServer, message};
use domain::conversations::staff::ReplyOutcome;

/// An address of the vendor's that no other test has.
pub fn vendor(name: &str) -> String {
    fresh(name)
        .replace("buyers.example", "shop.example")
        .replace('.', "")
        .replace("shopexample", "shop.example")
}

#[test]
fn a_reply_reaches_the_person_and_their_reply_the_conversation() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alive = TestMailServer::alive();
    let (us, ada) = (vendor("talk"), fresh("ada"));
    let shop = settings.shop(&us);
    let (server, beside) = (shop.serve(), shop.beside());
    let asked = message(&format!("Ada <{ada}>"), &us, "Key?", "q1@buyers.example", "", "Where is my key?");
    settings.hand_in(Door::Verified, [(&*ada, &*us, asked)]);
    let id = beside.one();
    assert!(beside.thread(id).verified && beside.thread(id).address == ada);
    assert_eq!(beside.reply(id, "Here it is."), ReplyOutcome::Sent);

    let letter = until("the letter", || settings.found(&ada).pop());
    let token = domain::conversations::reply_token(beside.db.keyring(), id).expect("the keyring");
    let local = us.split('@').next().expect("a local part");
    let header = |name: &str| letter.header(name);
    assert_eq!(header("Reply-To"), Some(format!("{local}+{token}@shop.example")));
    assert_eq!(header("Message-ID"), Some(format!("<r.{token}.2@shop.example>")));
    assert_eq!(header("In-Reply-To").as_deref(), Some("<q1@buyers.example>"));
    assert_eq!(header("Return-Path"), Some(format!("<{local}+b-{token}@shop.example>")));
    assert_eq!(header("Subject").as_deref(), Some("Re: Key?"));
    assert!(header("Scruple-Cause").is_some() && header("Auto-Submitted").is_none());
    let words = letter.words();
    assert!(words.starts_with("Here it is.") && words.contains("> Where is my key?"), "{words}");
    assert!(words.contains("Why you got this e-mail") && words.contains("/conversation/email/"), "{words}");

    let more = format!("In-Reply-To: <r.{token}.2@shop.example>\r\n");
    let reply_to = header("Reply-To").expect("it was there");
    let thanks = message(&ada, &reply_to, "Re: Key?", "q2@buyers.example", &more, "It does not fit.");
    settings.hand_in(Door::Verified, [(&*ada, &*reply_to, thanks)]);
    let seen = until("the answer", || Some(beside.thread(id)).filter(|seen| seen.messages_seen == 3));
    assert_eq!((seen.state.as_str(), seen.messages[2].text.as_str()), ("open", "It does not fit."));
    assert_eq!(beside.open(), [id], "all is one conversation");
    until("an empty mailbox", || settings.found(&us).is_empty().then_some(()));
    assert!(!server.log().contains(&ada) && !server.log().contains("Key?"), "{}", server.log());
    let proof = shop.says(&["prove"], "");
    assert!(proof.contains("mailbox localhost:"), "{proof}");
}

#[test]
fn a_stranger_with_a_stolen_token_starts_a_separate_conversation() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alive = TestMailServer::alive();
    let (us, ada, eve) = (vendor("stolen"), fresh("ada"), fresh("eve"));
    let shop = settings.shop(&us);
    let (_server, beside) = (shop.serve(), shop.beside());
    settings.hand_in(
        Door::Verified,
        [(&*ada, &*us, message(&ada, &us, "Key?", "s1@buyers.example", "", "My secret."))],
    );
    let first = beside.one();
    assert_eq!(beside.reply(first, "Here it is."), ReplyOutcome::Sent);
    let letter = until("the letter", || settings.found(&ada).pop());
    let to = letter.header("Reply-To").expect("an address for answers");

    // Eve under her own name, Eve as Ada without anybody to vouch for it.
    let own = message(&eve, &to, "Re: Key?", "s2@buyers.example", "", "Tell me too.");
    settings.hand_in(Door::Verified, [(&*eve, &*to, own)]);
    let forged = message(&ada, &to, "Re: Key?", "s3@buyers.example", "", "Send it to eve.");
    settings.hand_in(Door::Open, [(&*eve, &*to, forged)]);
    // A verdict that a message brings itself is worth nothing.
    let claimed = "Authentication-Results: mx.test.example; dmarc=pass header.from=buyers.example\r\n";
    let claimed = message(&ada, &to, "Re: Key?", "s4@buyers.example", claimed, "And to me.");
    settings.hand_in(Door::Open, [(&*eve, &*to, claimed)]);
    let threads = until("three threads", || Some(beside.open()).filter(|open| open.len() == 3));
    let number = beside.thread(first).number;
    for id in threads {
        let seen = beside.thread(id);
        assert!(id != first && seen.related == number, "linked for staff to judge");
        assert_eq!(seen.messages.len(), 1);
        assert!(!seen.messages[0].text.contains("secret"));
    }
    assert_eq!(beside.thread(first).messages_seen, 2, "nothing was added");
    until("an empty mailbox", || settings.found(&us).is_empty().then_some(()));
    assert_eq!((settings.found(&ada).len(), settings.found(&eve).len()), (1, 0));
}

#[test]
fn a_bounce_suppresses_later_e_mails() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alive = TestMailServer::alive();
    let us = vendor("bounce");
    // Postfix takes mail for anybody, and then finds nobody under this name.
    let gone = format!("gone@{}.example", us.split('@').next().expect("a local part"));
    let shop = settings.shop(&us);
    let (_server, beside) = (shop.serve(), shop.beside());
    settings.hand_in(
        Door::Verified,
        [(&*gone, &*us, message(&gone, &us, "Key?", "b1@buyers.example", "", "Hello"))],
    );
    let id = beside.one();
    assert_eq!(beside.reply(id, "Here it is."), ReplyOutcome::Sent);
    let seen = until("the bounce", || Some(beside.thread(id)).filter(|seen| !seen.suppression.is_empty()));
    assert_eq!((seen.suppression.as_str(), seen.state.as_str()), ("bounce", "open"));
    assert_eq!(seen.messages.last().map(|last| last.kind.as_str()), Some("machine"));
    assert_ne!(beside.reply(id, "Once more."), ReplyOutcome::Sent);
    // Only the person's own act starts it again.
    settings.hand_in(
        Door::Verified,
        [(&*gone, &*us, message(&gone, &us, "Key?", "b2@buyers.example", "", "I am back"))],
    );
    until("their next message", || Some(beside.open()).filter(|open| open.len() == 2));
}
