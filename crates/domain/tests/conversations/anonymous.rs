//! Somebody without a name: writes, comes back, reads, answers, erases.

use domain::conversations::staff::ReplyOutcome;
use domain::conversations::upload::UploadTarget;
use domain::conversations::view::{OpenFileByCode, chunk};
use domain::conversations::{
    AnswerByCode, AnswerOutcome, ConversationRef, EraseByCode, GiveAddress, GiveAddressOutcome, LinkCustomer,
    LinkOutcome, StartConversation, UnlinkCustomer,
};
use store::Actor;

use crate::kit::Shop;
use crate::support::{form, tag};

const ROWS: [&str; 8] = [
    "conversation",
    "message",
    "conversation_access",
    "processed_mail",
    "attachment",
    "chunk",
    "outbox",
    "erasure_intent",
];

#[tokio::test]
async fn a_nameless_person_writes_reads_the_answer_answers_and_erases() {
    let shop = Shop::open().await;
    let (id, code) =
        shop.begin(&StartConversation { message: "Does it run on a boat?", ..form(&shop) }).await;
    let sealed = "length(contact) = 0 AND length(address_tag) = 0 AND person = 0 AND kind = 'anonymous'";
    assert_eq!(
        shop.scratch.numbers(&format!("SELECT COUNT(*) FROM conversation WHERE {sealed}")).await[0],
        1
    );
    assert!(matches!(shop.reply(id, "It does.", true).await, ReplyOutcome::Waits(_)));
    assert_eq!(shop.email_count().await, 0);
    let seen = shop.look(&code).await.unwrap();
    let said: Vec<(&str, &str)> = seen.messages.iter().map(|m| (m.from, &*m.text)).collect();
    assert_eq!(said, [("you", "Does it run on a boat?"), ("staff", "It does.")]);
    assert_eq!((&*seen.forgotten_after, seen.address_given, seen.has_customer), ("90 days", false, false));
    assert_eq!(shop.say(&code, "And on a raft?").await, AnswerOutcome::Done);
    assert_eq!(shop.seen(id).await.unwrap().state, "open");
    shop.holds().await;
    assert!(shop.does(EraseByCode { code_hash: &tag(&code) }).await);
    for rolled in [false, true] {
        if rolled {
            shop.roll_forward().await;
        }
        assert!(shop.look(&code).await.is_none());
        assert_eq!(shop.say(&code, "Still there?").await, AnswerOutcome::NoConversation);
        assert!(!shop.does(EraseByCode { code_hash: &tag(&code) }).await);
        assert!(shop.seen(id).await.is_none());
    }
    for table in ROWS {
        assert_eq!(shop.rows(table).await, 0, "{table}");
    }
    shop.holds().await;
}

#[tokio::test]
async fn reading_ones_thread_leaves_no_trace_of_which_or_when() {
    let shop = Shop::open().await;
    let (id, code) = shop.begin(&StartConversation { message: "Hello", ..form(&shop) }).await;
    let before = shop.conversation(id).await.revision;
    let slot = shop.conversation(id).await.slot.0;
    for _ in 0..3 {
        shop.look(&code).await.unwrap();
    }
    assert_eq!(shop.conversation(id).await.revision, before);
    let opening = "kind = 'opening' AND purpose = 'access'";
    let named = format!("SELECT COUNT(*) FROM audit_entry WHERE {opening} AND slot = {slot}");
    assert_eq!(shop.scratch.numbers(&named).await[0], 0);
    let by_day = format!("SELECT COUNT(*) FROM audit_entry WHERE {opening} AND slot = 0 AND at % 86400 = 0");
    assert_eq!(shop.scratch.numbers(&by_day).await[0], 3);
}

#[tokio::test]
async fn files_come_in_pieces_are_read_by_whoever_may_and_are_not_taken_from_other_threads() {
    let shop = Shop::open().await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let file = shop.upload(UploadTarget::New, "../etc/crash log.txt", &bytes).await;
    let small = shop.upload(UploadTarget::Slot(file.slot), "a", b"small").await;
    let files = [file.id, small.id];
    let (id, code) = shop
        .begin(&StartConversation { message: "", files: &files, slot: Some(file.slot), ..form(&shop) })
        .await;
    let (other, others) = shop.begin(&StartConversation { message: "Mine", ..form(&shop) }).await;
    let said = &shop.look(&code).await.unwrap().messages[0];
    let mut names: Vec<&str> = said.files.iter().map(|f| &*f.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "crash log.txt"]);
    let handle = shop.does(OpenFileByCode { code_hash: &tag(&code), file: file.id }).await.unwrap();
    let (mut read, mut n) = (Vec::new(), 0);
    while let Some(piece) = chunk(shop.db(), &handle, n).await.unwrap() {
        read.extend_from_slice(&piece);
        n += 1;
    }
    assert!(read == bytes && n == 4);
    assert!(shop.does(OpenFileByCode { code_hash: &tag(&others), file: file.id }).await.is_none());
    let theirs = domain::conversations::staff::OpenFileForStaff {
        id: other,
        file: file.id,
        actor: &crate::support::staff(),
    };
    assert!(shop.does(theirs).await.is_none());
    let mine =
        domain::conversations::staff::OpenFileForStaff { id, file: file.id, actor: &crate::support::staff() };
    assert!(shop.does(mine).await.is_some());
    // A file of another slot is not attached, and one is attached once.
    let answer = AnswerByCode {
        code_hash: &tag(&others),
        message: "With yours",
        files: &[file.id],
        quarantined: false,
    };
    assert_eq!(shop.does(answer).await, AnswerOutcome::Done);
    assert!(shop.look(&others).await.unwrap().messages[1].files.is_empty());
    let further = shop.upload(UploadTarget::Code(&tag(&others)), "b.txt", b"more").await;
    let answer =
        AnswerByCode { code_hash: &tag(&others), message: "", files: &[further.id], quarantined: false };
    assert_eq!(shop.does(answer).await, AnswerOutcome::Done);
    shop.holds().await;
    shop.does(EraseByCode { code_hash: &tag(&code) }).await;
    assert!(chunk(shop.db(), &handle, 0).await.unwrap().is_none());
    shop.roll_forward().await;
    assert!(chunk(shop.db(), &handle, 0).await.unwrap().is_none());
    shop.holds().await;
}

#[tokio::test]
async fn what_can_not_be_taken_is_refused_with_the_reason() {
    let shop = Shop::open().await;
    assert!(shop.refused(&form(&shop)).await.contains("Enter a message"));
    let long = "x".repeat(100_001);
    assert!(
        shop.refused(&StartConversation { message: &long, ..form(&shop) })
            .await
            .contains("100,000 characters or fewer")
    );
    assert!(
        shop.refused(&StartConversation { message: "a", address: "b", ..form(&shop) })
            .await
            .contains("address")
    );
    assert!(
        shop.refused(&StartConversation { message: "a", licence: "no", ..form(&shop) })
            .await
            .contains("licence")
    );
    let (_, code) = shop.begin(&StartConversation { message: "a", ..form(&shop) }).await;
    assert!(matches!(shop.say(&code, " ").await, AnswerOutcome::Refused(_)));
    assert_eq!(shop.rows("conversation").await, 1);
}

#[tokio::test]
async fn somebody_gives_an_address_gets_a_letter_there_and_takes_it_back() {
    let shop = Shop::open().await;
    let (id, code) = shop.begin(&StartConversation { message: "Hello", ..form(&shop) }).await;
    let give = |address: &'static str| GiveAddress { code_hash: Box::leak(Box::new(tag(&code))), address };
    assert_eq!(shop.does(give("nonsense")).await, GiveAddressOutcome::InvalidAddress);
    assert_eq!(shop.does(give("ada@example.org")).await, GiveAddressOutcome::Done);
    assert!(shop.look(&code).await.unwrap().address_given);
    assert_eq!(shop.reply(id, "Hello.", true).await, ReplyOutcome::Sent);
    let letter = shop.db().execute(&domain::email::ClaimEmail).await.unwrap().unwrap();
    assert_eq!(letter.content.to, "ada@example.org");
    assert_eq!(letter.reply.as_ref().unwrap().quoted, "", "nobody proved that this is who wrote");
    // A second one waits behind the code: nobody proved the address.
    assert!(matches!(shop.reply(id, "Once more.", true).await, ReplyOutcome::Waits(_)));
    assert_eq!(shop.say(&code, "Thank you, one more question").await, AnswerOutcome::Done);
    // Whoever has the code can ask for as much as they like: that is no word of who has the address.
    assert!(matches!(shop.reply(id, "Now again.", true).await, ReplyOutcome::Waits(_)));
    shop.pass_days(31);
    assert_eq!(shop.say(&code, "A month later").await, AnswerOutcome::Done);
    assert_eq!(shop.reply(id, "Now again.", true).await, ReplyOutcome::Sent);
    assert_eq!(shop.does(give("")).await, GiveAddressOutcome::Done);
    assert_eq!(shop.email_count().await, 0, "what waits would still go to the address");
    assert!(matches!(shop.reply(id, "And now?", true).await, ReplyOutcome::Waits(_)));
    let conversation = shop.conversation(id).await;
    assert_eq!(
        (conversation.kind.as_str(), shop.look(&code).await.unwrap().address_given),
        ("anonymous", false)
    );
    shop.holds().await;
}

#[tokio::test]
async fn a_thread_is_tied_to_an_open_page_shown_there_and_untied() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let (id, code) = shop.begin(&StartConversation { message: "My key is lost", ..form(&shop) }).await;
    let code_tag = tag(&code);
    let tie = || LinkCustomer { which: ConversationRef::Code(&code_tag), person };
    assert_eq!(shop.does(tie()).await, LinkOutcome::Done);
    let held = shop.personal_data("ada@example.org").await;
    assert_eq!((held.conversations.len(), &*held.conversations[0].messages[0].text), (1, "My key is lost"));
    assert_eq!(shop.reply(id, "See your page.", true).await, ReplyOutcome::Sent);
    assert_eq!(shop.send().await.unwrap().content.to, "ada@example.org");
    assert!(shop.does(UnlinkCustomer { which: ConversationRef::Code(&code_tag), person: None }).await);
    assert!(shop.personal_data("ada@example.org").await.conversations.is_empty());
    assert_eq!(shop.conversation(id).await.kind.as_str(), "anonymous");
    // By number, only what bears one's own proved address.
    assert_eq!(
        shop.does(LinkCustomer { which: ConversationRef::Number(id), person }).await,
        LinkOutcome::NoConversation
    );
    // A thread begun on the open page is tied from the beginning.
    let begun = StartConversation { message: "Here too", person: Some(person), ..form(&shop) };
    let (own, _) = shop.begin(&begun).await;
    assert_eq!(shop.conversation(own).await.person, person);
    assert!(shop.does(UnlinkCustomer { which: ConversationRef::Number(own), person: Some(person) }).await);
    shop.holds().await;
}

#[tokio::test]
async fn whoever_typed_anothers_address_never_reads_what_its_owner_writes() {
    let shop = Shop::open().await;
    let typed = StartConversation { message: "Send me her key", address: "ada@example.org", ..form(&shop) };
    let (id, code) = shop.begin(&typed).await;
    assert_eq!(shop.reply(id, "Please write from your address.", true).await, ReplyOutcome::Sent);
    shop.send().await.unwrap();
    let joined = shop.answers(id, "ada@example.org", true, "What is this? My order is 4711.").await;
    assert_eq!(joined, domain::conversations::ReceiveOutcome::Joined(id));
    assert_eq!(shop.reply(id, "Order 4711 is yours.", true).await, ReplyOutcome::Sent);
    let shown = shop.look(&code).await.unwrap();
    assert!(shown.by_mail && shown.messages.iter().all(|m| !m.text.contains("4711")), "read by a stranger");
    assert_eq!(shown.messages.len(), 2);
    // Nor can it be turned to another address, or tied to another page.
    let (mallory, _) = shop.customer("1", "mallory@example.org").await;
    let give = GiveAddress { code_hash: &tag(&code), address: "mallory@example.org" };
    assert_eq!(shop.does(give).await, GiveAddressOutcome::ProvedByOther);
    assert_eq!(
        shop.does(LinkCustomer { which: ConversationRef::Code(&tag(&code)), person: mallory }).await,
        LinkOutcome::ProvedByOther
    );
    assert_eq!(shop.say(&code, "And now?").await, AnswerOutcome::Done);
    let letter = shop.send().await.unwrap();
    assert_eq!(letter.content.to, "ada@example.org");
    assert!(
        shop.does(domain::conversations::staff::ViewAsStaff { id, actor: &Actor::Staff("Sam".into()) })
            .await
            .is_some()
    );
    shop.holds().await;
}
