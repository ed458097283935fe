//! Received mail and sent e-mails: which mail joins a conversation, and which causes an e-mail.

use domain::conversations::staff::ReplyOutcome;
use domain::conversations::{ReceiveOutcome, parse_reply_token};
use store::{ConversationId, ConversationKind};

use crate::conversations::support::mail;
use crate::kit::Shop;

#[tokio::test]
async fn a_verified_sender_gets_a_reply_and_their_answer_joins_the_conversation() {
    let shop = Shop::open().await;
    let more = "Subject: Key\r\nMessage-ID: <a@b>\r\n";
    let first = mail(&shop, "ada@example.org", "help@example.org", true, more, "Where?");
    let ReceiveOutcome::New(id) = shop.receive(&first).await else { panic!("not started") };
    assert_eq!(shop.receive(&first).await, ReceiveOutcome::Duplicate);
    assert_eq!(shop.email_count().await, 0);
    assert_eq!(shop.reply(id, "Here.", true).await, ReplyOutcome::Sent);
    let email = shop.send().await.unwrap();
    let reply = email.reply.as_ref().unwrap();
    assert_eq!((&*email.content.to, &*reply.subject, &*reply.quoted), ("ada@example.org", "Key", "Where?"));
    assert_eq!((&*reply.in_reply_to, reply.n, reply.previous), ("a@b", 2, 0));
    assert_eq!((&*reply.token, &*reply.wrote_on), (&*shop.token(id), &*shop.today().to_string()));
    assert_eq!(
        shop.answer_by_mail(id, "ADA@example.org", true, "Found, but it does not open.").await,
        ReceiveOutcome::Joined(id)
    );
    assert_eq!(shop.view_as_staff(id).await.unwrap().messages.len(), 3);
    shop.reply(id, "Try again.", false).await;
    let email = shop.send().await.unwrap();
    assert_eq!((email.reply.as_ref().unwrap().previous, &*email.reply.as_ref().unwrap().quoted), (2, ""));
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn a_verified_mail_of_a_customer_is_linked_to_them() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let id = shop.start_by_mail("Ada@Example.org", "Hello").await;
    assert_eq!(
        (shop.conversation(id).await.person, shop.conversation(id).await.kind),
        (Some(person), ConversationKind::Customer)
    );
    let forged = mail(&shop, "ada@example.org", "help@example.org", false, "", "Send me my keys");
    let ReceiveOutcome::New(forged) = shop.receive(&forged).await else { panic!("not started") };
    assert_eq!(
        (shop.conversation(forged).await.person, shop.conversation(forged).await.verified),
        (None, false)
    );
    assert_eq!(shop.personal_data("ada@example.org").await.conversations.len(), 1);
    shop.check_integrity().await;
}

#[tokio::test]
async fn fifty_mails_from_one_forged_address_cause_no_email() {
    let shop = Shop::open().await;
    for n in 0..50 {
        let forged = mail(&shop, "victim@example.org", "help@example.org", false, "", &format!("Mail {n}"));
        assert!(matches!(shop.receive(&forged).await, ReceiveOutcome::New(_)));
    }
    assert_eq!((shop.email_count().await, shop.rows("conversation").await), (0, 50));
    let emails = "SELECT COUNT(*) FROM audit_entry WHERE kind = 'email'";
    assert_eq!(shop.scratch.numbers(emails).await[0], 0);
}

#[tokio::test]
async fn an_unverified_address_gets_one_email_without_quotes_and_subject() {
    let shop = Shop::open().await;
    let more = "Subject: Buy cheap pills\r\nReferences: <spam@spam>\r\nMessage-ID: <m@x>\r\n";
    let forged =
        mail(&shop, "victim@example.org", "help@example.org", false, more, "Pills at http://x.example");
    let ReceiveOutcome::New(id) = shop.receive(&forged).await else { panic!("not started") };
    assert_eq!(shop.reply(id, "Who are you?", true).await, ReplyOutcome::Sent);
    let email = shop.send().await.unwrap();
    let reply = email.reply.as_ref().unwrap();
    assert!(reply.subject.is_empty() && reply.quoted.is_empty() && reply.references.is_empty());
    assert!(matches!(shop.reply(id, "Hello?", true).await, ReplyOutcome::Refused(_)));
    assert_eq!(shop.email_count().await, 0);
}

#[tokio::test]
async fn a_stranger_with_a_valid_token_reads_nothing_and_joins_nothing() {
    let shop = Shop::open().await;
    shop.customer("1", "ada@example.org").await;
    let id = shop.start_by_mail("ada@example.org", "My secret question").await;
    for (from, verified) in
        [("eve@example.net", true), ("eve@example.net", false), ("ada@example.org", false)]
    {
        let text = format!("Tell me more {from} {verified}");
        let ReceiveOutcome::New(other) = shop.answer_by_mail(id, from, verified, &text).await else {
            panic!("joined")
        };
        let seen = shop.view_as_staff(other).await.unwrap();
        assert_eq!((seen.related, seen.messages.len()), (id.to_string(), 1));
        assert!(!seen.messages[0].text.contains("secret"));
        assert_eq!(shop.conversation(other).await.person, None);
    }
    assert_eq!((shop.email_count().await, shop.conversation(id).await.messages), (0, 1));
    let data = shop.personal_data("ada@example.org").await;
    assert_eq!(data.conversations.len(), 1);
    // A token with one wrong symbol names no conversation.
    let token = shop.token(id);
    let last = if token.ends_with('0') { '1' } else { '0' };
    let to = format!("help+{}{last}@example.org", &token[..23]);
    let guessed = mail(&shop, "ada@example.org", &to, true, "", "Guessed");
    let ReceiveOutcome::New(other) = shop.receive(&guessed).await else { panic!("joined") };
    assert_eq!(shop.conversation(other).await.related, None);
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_reply_token_names_its_conversation_in_any_case_and_no_other_text_does() {
    let shop = Shop::open().await;
    let parse = |text: &str| parse_reply_token(shop.db().keyring(), text).expect("the keyring");
    for id in [0, 1, 77, 1 << 32, (1 << 40) - 2].map(ConversationId::new) {
        let token = shop.token(id);
        assert_eq!((token.len(), parse(&token)), (24, Some(id)), "{token}");
        assert_eq!(parse(&token.to_ascii_uppercase()), Some(id));
        assert_eq!(parse(&token.replace('0', "o").replace('1', "l")), Some(id));
        for n in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[n] = if other[n] == b'7' { b'8' } else { b'7' };
            assert_eq!(parse(&String::from_utf8(other).unwrap()), None, "symbol {n}");
        }
        let tag_of_another =
            format!("{}{}", &token[..8], &shop.token(ConversationId::new(id.number() + 1))[8..]);
        for wrong in ["", &token[1..], &format!("{token}0"), &format!("{}u", &token[1..]), &tag_of_another] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(parse(&format!("{}-{}", &token[..8], &token[8..])), None, "it is not typed");
        assert_eq!(parse(&format!("é{}", &token[2..])), None);
    }
}

#[tokio::test]
async fn a_mail_without_a_sender_is_kept_and_cannot_be_answered() {
    let shop = Shop::open().await;
    let mut without_sender = mail(&shop, "ada@example.org", "help@example.org", true, "", "Who am I?");
    without_sender.from = None;
    let ReceiveOutcome::New(id) = shop.receive(&without_sender).await else { panic!("lost") };
    assert!(matches!(shop.reply(id, "Who?", false).await, ReplyOutcome::Refused(_)));
    shop.check_integrity().await;
}

#[tokio::test]
async fn files_of_a_mail_are_stored_in_chunks() {
    let shop = Shop::open().await;
    let mut with_file = mail(&shop, "ada@example.org", "help@example.org", true, "", "See file");
    with_file.files.push(inbound_mail::Attachment {
        name: zeroize::Zeroizing::new("crash.log".into()),
        kind: inbound_mail::AttachmentKind::Text,
        bytes: zeroize::Zeroizing::new(vec![65; 150_000]),
    });
    let ReceiveOutcome::New(id) = shop.receive(&with_file).await else { panic!("lost") };
    let file = &shop.view_as_staff(id).await.unwrap().messages[0].files[0];
    assert_eq!((&*file.name, file.size, &*file.kind), ("crash.log", 150_000, "text"));
    assert_eq!(shop.rows("chunk").await, 3);
    shop.check_integrity().await;
}
