//! Mail in and out: what joins, what doesn't, and what causes a letter.

use desk::converse::Taken;
use desk::converse::staff::Replied;

use crate::desk_of::mail;
use crate::kit::Shop;

#[tokio::test]
async fn a_proved_writer_is_answered_and_their_answer_joins() {
    let shop = Shop::open().await;
    let first = mail(
        &shop,
        "ada@example.org",
        "help@example.org",
        true,
        "Subject: Key\r\nMessage-ID: <a@b>\r\n",
        "Where?",
    );
    let Taken::New(id) = shop.mail_in(&first).await else { panic!("not begun") };
    assert_eq!(shop.mail_in(&first).await, Taken::Before);
    assert_eq!(shop.letters().await, 0);
    assert_eq!(shop.reply(id, "Here.", true).await, Replied::Sent);
    let letter = shop.send().await.unwrap();
    let reply = letter.reply.as_ref().unwrap();
    assert_eq!((&*letter.content.to, &*reply.subject, &*reply.quoted), ("ada@example.org", "Key", "Where?"));
    assert_eq!((&*reply.in_reply_to, reply.n), ("a@b", 2));
    let to = format!("help+{}@example.org", shop.token(id));
    let answer = mail(&shop, "ADA@example.org", &to, true, "", "Found it, but it does not open.");
    assert_eq!(shop.mail_in(&answer).await, Taken::Joined(id));
    assert_eq!(shop.seen(id).await.unwrap().messages.len(), 3);
}
