//! An anonymous person starts a conversation, returns by access code, reads, answers and erases.

use domain::conversations::staff::ReplyOutcome;
use domain::conversations::upload::UploadTarget;
use domain::conversations::view::{OpenFileByCode, chunk};
use domain::conversations::{
    AnswerByCode, AnswerOutcome, ConversationRef, EraseByCode, GiveAddress, GiveAddressOutcome, LinkCustomer,
    LinkOutcome, MessageRefusal, StartConversation, UnlinkCustomer,
};
use store::Actor;

use crate::conversations::support::{code_hash, form};
use crate::kit::Shop;

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
async fn an_anonymous_person_writes_reads_the_reply_answers_and_erases() {
    let shop = Shop::open().await;
    let (id, code) =
        shop.start(&StartConversation { message: "Does it run on a boat?", ..form(&shop) }).await;
    let sealed = "length(contact) = 0 AND length(address_tag) = 0 AND person = 0 AND kind = 'anonymous'";
    assert_eq!(
        shop.scratch.numbers(&format!("SELECT COUNT(*) FROM conversation WHERE {sealed}")).await[0],
        1
    );
    assert!(matches!(shop.reply(id, "It does.", true).await, ReplyOutcome::Waits(_)));
    assert_eq!(shop.email_count().await, 0);
    let seen = shop.view_by_code(&code).await.unwrap();
    let texts: Vec<(&str, &str)> = seen.messages.iter().map(|m| (m.from, &*m.text)).collect();
    assert_eq!(texts, [("you", "Does it run on a boat?"), ("staff", "It does.")]);
    assert_eq!((&*seen.forgotten_after, seen.address_given, seen.has_customer), ("90 days", false, false));
    assert_eq!(shop.answer_by_code(&code, "And on a raft?").await, AnswerOutcome::Done);
    assert_eq!(shop.view_as_staff(id).await.unwrap().state, "open");
    shop.check_integrity().await;
    assert!(shop.execute(EraseByCode { code_hash: &code_hash(&code) }).await);
    for rolled in [false, true] {
        if rolled {
            shop.roll_forward().await;
        }
        assert!(shop.view_by_code(&code).await.is_none());
        assert_eq!(shop.answer_by_code(&code, "Still there?").await, AnswerOutcome::NoConversation);
        assert!(!shop.execute(EraseByCode { code_hash: &code_hash(&code) }).await);
        assert!(shop.view_as_staff(id).await.is_none());
    }
    for table in ROWS {
        assert_eq!(shop.rows(table).await, 0, "{table}");
    }
    shop.check_integrity().await;
}

#[tokio::test]
async fn reading_by_code_is_audited_without_conversation_and_time() {
    let shop = Shop::open().await;
    let (id, code) = shop.start(&StartConversation { message: "Hello", ..form(&shop) }).await;
    let before = shop.conversation(id).await.revision;
    let slot = shop.conversation(id).await.slot.0;
    for _ in 0..3 {
        shop.view_by_code(&code).await.unwrap();
    }
    assert_eq!(shop.conversation(id).await.revision, before);
    let opening = "kind = 'opening' AND purpose = 'access'";
    let named = format!("SELECT COUNT(*) FROM audit_entry WHERE {opening} AND slot = {slot}");
    assert_eq!(shop.scratch.numbers(&named).await[0], 0);
    let by_day = format!("SELECT COUNT(*) FROM audit_entry WHERE {opening} AND slot = 0 AND at % 86400 = 0");
    assert_eq!(shop.scratch.numbers(&by_day).await[0], 3);
}

#[tokio::test]
async fn files_are_uploaded_in_chunks_and_never_read_from_another_conversation() {
    let shop = Shop::open().await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let file = shop.upload(UploadTarget::New, "../etc/crash log.txt", &bytes).await;
    let small = shop.upload(UploadTarget::Slot(file.slot), "a", b"small").await;
    let files = [file.id, small.id];
    let (id, code) = shop
        .start(&StartConversation { message: "", files: &files, slot: Some(file.slot), ..form(&shop) })
        .await;
    let (other, others) = shop.start(&StartConversation { message: "Mine", ..form(&shop) }).await;
    let message = &shop.view_by_code(&code).await.unwrap().messages[0];
    let mut names: Vec<&str> = message.files.iter().map(|f| &*f.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "crash log.txt"]);
    let handle = shop.execute(OpenFileByCode { code_hash: &code_hash(&code), file: file.id }).await.unwrap();
    let (mut read, mut n) = (Vec::new(), 0);
    while let Some(chunk_bytes) = chunk(shop.db(), &handle, n).await.unwrap() {
        read.extend_from_slice(&chunk_bytes);
        n += 1;
    }
    assert!(read == bytes && n == 4);
    assert!(shop.execute(OpenFileByCode { code_hash: &code_hash(&others), file: file.id }).await.is_none());
    let theirs = domain::conversations::staff::OpenFileForStaff {
        id: other,
        file: file.id,
        actor: &crate::conversations::support::staff(),
    };
    assert!(shop.execute(theirs).await.is_none());
    let mine = domain::conversations::staff::OpenFileForStaff {
        id,
        file: file.id,
        actor: &crate::conversations::support::staff(),
    };
    assert!(shop.execute(mine).await.is_some());
    // A file of another slot is not attached, and one is attached once.
    let answer = AnswerByCode {
        code_hash: &code_hash(&others),
        message: "With yours",
        files: &[file.id],
        quarantined: false,
    };
    assert_eq!(shop.execute(answer).await, AnswerOutcome::Done);
    assert!(shop.view_by_code(&others).await.unwrap().messages[1].files.is_empty());
    let further = shop.upload(UploadTarget::Code(&code_hash(&others)), "b.txt", b"more").await;
    let answer = AnswerByCode {
        code_hash: &code_hash(&others),
        message: "",
        files: &[further.id],
        quarantined: false,
    };
    assert_eq!(shop.execute(answer).await, AnswerOutcome::Done);
    shop.check_integrity().await;
    shop.execute(EraseByCode { code_hash: &code_hash(&code) }).await;
    assert!(chunk(shop.db(), &handle, 0).await.unwrap().is_none());
    shop.roll_forward().await;
    assert!(chunk(shop.db(), &handle, 0).await.unwrap().is_none());
    shop.check_integrity().await;
}

#[tokio::test]
async fn an_invalid_form_is_refused_with_the_reason() {
    let shop = Shop::open().await;
    let long = "x".repeat(100_001);
    let eleven: Vec<i64> = (1..=11).collect();
    for (wrong, expected) in [
        (form(&shop), MessageRefusal::Empty),
        (StartConversation { message: &long, ..form(&shop) }, MessageRefusal::TooLong),
        (StartConversation { message: "a", files: &eleven, ..form(&shop) }, MessageRefusal::TooManyFiles),
        (StartConversation { message: "a", address: "b", ..form(&shop) }, MessageRefusal::InvalidAddress),
        (
            StartConversation { message: "a", licence: "no", ..form(&shop) },
            MessageRefusal::InvalidLicenceNumber,
        ),
    ] {
        assert_eq!(shop.refusal(&wrong).await, expected);
    }
    let (_, code) = shop.start(&StartConversation { message: "a", ..form(&shop) }).await;
    let empty = AnswerOutcome::Refused(MessageRefusal::Empty);
    assert_eq!(shop.answer_by_code(&code, " ").await, empty);
    assert_eq!(shop.rows("conversation").await, 1);
}

#[tokio::test]
async fn an_address_given_by_code_gets_an_email_and_can_be_withdrawn() {
    let shop = Shop::open().await;
    let (id, code) = shop.start(&StartConversation { message: "Hello", ..form(&shop) }).await;
    let give =
        |address: &'static str| GiveAddress { code_hash: Box::leak(Box::new(code_hash(&code))), address };
    assert_eq!(shop.execute(give("nonsense")).await, GiveAddressOutcome::InvalidAddress);
    assert_eq!(shop.execute(give("ada@example.org")).await, GiveAddressOutcome::Done);
    assert!(shop.view_by_code(&code).await.unwrap().address_given);
    assert_eq!(shop.reply(id, "Hello.", true).await, ReplyOutcome::Sent);
    let email = shop.db().execute(&domain::email::ClaimEmail).await.unwrap().unwrap();
    assert_eq!(email.content.to, "ada@example.org");
    assert_eq!(email.reply.as_ref().unwrap().quoted, "", "the address is not verified");
    // The second reply is shown only by access code, because the address is not verified.
    assert!(matches!(shop.reply(id, "Once more.", true).await, ReplyOutcome::Waits(_)));
    assert_eq!(shop.answer_by_code(&code, "Thank you, one more question").await, AnswerOutcome::Done);
    // An answer by access code is no action of the owner of the address.
    assert!(matches!(shop.reply(id, "Now again.", true).await, ReplyOutcome::Waits(_)));
    shop.pass_days(31);
    assert_eq!(shop.answer_by_code(&code, "A month later").await, AnswerOutcome::Done);
    assert_eq!(shop.reply(id, "Now again.", true).await, ReplyOutcome::Sent);
    assert_eq!(shop.execute(give("")).await, GiveAddressOutcome::Done);
    assert_eq!(shop.email_count().await, 0, "a waiting e-mail would still go to the address");
    assert!(matches!(shop.reply(id, "And now?", true).await, ReplyOutcome::Waits(_)));
    let conversation = shop.conversation(id).await;
    assert_eq!(
        (conversation.kind.as_str(), shop.view_by_code(&code).await.unwrap().address_given),
        ("anonymous", false)
    );
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_conversation_is_linked_to_a_session_shown_in_the_portal_and_unlinked() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let (id, code) = shop.start(&StartConversation { message: "My key is lost", ..form(&shop) }).await;
    let hash = code_hash(&code);
    let link = || LinkCustomer { which: ConversationRef::Code(&hash), person };
    assert_eq!(shop.execute(link()).await, LinkOutcome::Done);
    let data = shop.personal_data("ada@example.org").await;
    assert_eq!((data.conversations.len(), &*data.conversations[0].messages[0].text), (1, "My key is lost"));
    assert_eq!(shop.reply(id, "See your page.", true).await, ReplyOutcome::Sent);
    assert_eq!(shop.send().await.unwrap().content.to, "ada@example.org");
    assert!(shop.execute(UnlinkCustomer { which: ConversationRef::Code(&hash), person: None }).await);
    assert!(shop.personal_data("ada@example.org").await.conversations.is_empty());
    assert_eq!(shop.conversation(id).await.kind.as_str(), "anonymous");
    // By number, a customer links only conversations with their own verified address.
    assert_eq!(
        shop.execute(LinkCustomer { which: ConversationRef::Number(id), person }).await,
        LinkOutcome::NoConversation
    );
    // A conversation started in the portal is linked from the beginning.
    let in_portal = StartConversation { message: "Here too", person: Some(person), ..form(&shop) };
    let (own, _) = shop.start(&in_portal).await;
    assert_eq!(shop.conversation(own).await.person, Some(person));
    assert!(shop.execute(UnlinkCustomer { which: ConversationRef::Number(own), person: Some(person) }).await);
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_stranger_who_typed_an_address_never_reads_what_its_owner_writes() {
    let shop = Shop::open().await;
    let typed = StartConversation { message: "Send me her key", address: "ada@example.org", ..form(&shop) };
    let (id, code) = shop.start(&typed).await;
    assert_eq!(shop.reply(id, "Please write from your address.", true).await, ReplyOutcome::Sent);
    shop.send().await.unwrap();
    let joined = shop.answer_by_mail(id, "ada@example.org", true, "What is this? My order is 4711.").await;
    assert_eq!(joined, domain::conversations::ReceiveOutcome::Joined(id));
    assert_eq!(shop.reply(id, "Order 4711 is yours.", true).await, ReplyOutcome::Sent);
    let shown = shop.view_by_code(&code).await.unwrap();
    assert!(shown.by_mail && shown.messages.iter().all(|m| !m.text.contains("4711")), "read by a stranger");
    assert_eq!(shown.messages.len(), 2);
    // The stranger can neither change the address nor link another customer.
    let (mallory, _) = shop.customer("1", "mallory@example.org").await;
    let give = GiveAddress { code_hash: &code_hash(&code), address: "mallory@example.org" };
    assert_eq!(shop.execute(give).await, GiveAddressOutcome::ProvedByOther);
    assert_eq!(
        shop.execute(LinkCustomer { which: ConversationRef::Code(&code_hash(&code)), person: mallory }).await,
        LinkOutcome::ProvedByOther
    );
    assert_eq!(shop.answer_by_code(&code, "And now?").await, AnswerOutcome::Done);
    let email = shop.send().await.unwrap();
    assert_eq!(email.content.to, "ada@example.org");
    assert!(
        shop.execute(domain::conversations::staff::ViewAsStaff { id, actor: &Actor::Staff("Sam".into()) })
            .await
            .is_some()
    );
    shop.check_integrity().await;
}
