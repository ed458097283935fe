//! Erasure of conversations: by their senders, with a person, by redaction, and by merging.

use domain::conversations::staff::{
    AddNote, AddNoteOutcome, ChangeOutcome, EraseConversation, MergeConversations, RedactMessage,
    ReleaseConversation, ReplyOutcome,
};
use domain::conversations::upload::UploadTarget;
use domain::conversations::{
    ChangeRefusal, CloseByEmailLink, EraseByEmailLink, NoEmailReason, ReceiveOutcome, ReplyRefusal,
    StartConversation, email_link_is_valid,
};
use domain::token::Token;

use crate::conversations::support::{code_hash, form, mail, staff};
use crate::kit::Shop;
use store::ConversationId;

const ROWS: [&str; 7] =
    ["conversation", "message", "conversation_access", "attachment", "chunk", "outbox", "erasure_intent"];

#[tokio::test]
async fn an_erased_person_takes_their_conversations_files_notes_and_waiting_emails_and_no_others() {
    let shop = Shop::open().await;
    let (person, _) = shop.customer("1", "ada@example.org").await;
    let linked = shop.start_by_mail("ada@example.org", "Linked to me").await;
    // A typed address and an unverified sender still belong to the person of that address.
    let (typed, code) =
        shop.start(&StartConversation { message: "Typed", address: "Ada@Example.org", ..form(&shop) }).await;
    let unproved = mail(&shop, "ada@example.org", "help@example.org", false, "", "Unproved");
    let ReceiveOutcome::New(unproved) = shop.receive(&unproved).await else { panic!("not started") };
    let file = shop.upload(UploadTarget::New, "log.txt", &[7; 100_000]).await;
    let with_file = StartConversation {
        message: "See file",
        files: &[file.id],
        slot: Some(file.slot),
        person: Some(person),
        ..form(&shop)
    };
    let (with_file, _) = shop.start(&with_file).await;
    let others = shop.start_by_mail("bea@example.org", "Somebody else").await;
    let note = AddNote { id: linked, text: "Calls often", seen: None, force: false, actor: &staff() };
    assert_eq!(shop.execute(note).await, AddNoteOutcome::Done);
    assert_eq!(shop.reply(linked, "Here.", true).await, ReplyOutcome::Sent);
    assert_eq!(shop.reply(typed, "Here.", true).await, ReplyOutcome::Sent);
    let mut slots = vec![person];
    for id in [linked, typed, unproved, with_file] {
        slots.push(shop.conversation(id).await.slot);
    }
    shop.agree("ada@example.org").await.unwrap();
    for rolled in [false, true] {
        if rolled {
            shop.roll_forward().await;
        }
        assert_eq!(shop.rows("conversation").await, 1, "deleted from the agreement on");
        assert_eq!(shop.email_count().await, 0);
        assert!(shop.view_by_code(&code).await.is_none());
        let ask = format!("Is she there? {rolled}");
        let asked = shop.answer_by_mail(linked, "bea@example.org", false, &ask).await;
        assert!(matches!(asked, ReceiveOutcome::New(_)));
        shop.execute(EraseConversation { id: shop.newest().await, actor: &staff() }).await;
    }
    shop.roll_forward().await;
    for slot in slots {
        assert!(shop.db().keyring().is_forgotten(slot).unwrap());
    }
    assert!(shop.view_as_staff(others).await.is_some());
    assert_eq!(
        (shop.rows("conversation").await, shop.rows("attachment").await, shop.rows("chunk").await),
        (1, 0, 0)
    );
    shop.check_integrity().await;
}

impl Shop {
    async fn newest(&self) -> ConversationId {
        ConversationId::new(
            self.scratch.numbers("SELECT id FROM conversation ORDER BY revision DESC LIMIT 1").await[0],
        )
    }
}

#[tokio::test]
async fn the_link_in_an_email_closes_and_erases_and_reads_nothing() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "Hello").await;
    shop.reply(id, "Hello.", false).await;
    let link = shop.send().await.unwrap().content.link.clone();
    let token =
        &Token::presented(link.strip_prefix("https://licence.example.org/conversation/email/").unwrap());
    assert!(email_link_is_valid(&mut shop.db().read().await.unwrap(), token).await.unwrap());
    assert!(shop.execute(CloseByEmailLink { token }).await);
    assert_eq!(shop.view_as_staff(id).await.unwrap().state, "closed");
    shop.pass_days(61);
    assert!(!email_link_is_valid(&mut shop.db().read().await.unwrap(), token).await.unwrap());
    shop.pass_days(-61);
    assert!(shop.execute(EraseByEmailLink { token }).await);
    shop.roll_forward().await;
    assert!(!shop.execute(EraseByEmailLink { token }).await);
    for table in ROWS {
        assert_eq!(shop.rows(table).await, 0, "{table}");
    }
    assert_eq!(
        shop.scratch.numbers("SELECT COUNT(*) FROM audit_entry WHERE name = 'conversation'").await[0],
        1
    );
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_redacted_passage_is_removed_everywhere_and_the_conversation_continues() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "My neighbour Jane Doe has the same fault.").await;
    shop.reply(id, "What does Jane Doe see?", true).await;
    let waiting = shop.email_count().await;
    let old = shop.conversation(id).await.slot;
    let redact =
        |passage| RedactMessage { id, message: 1, passage, files: &[], actor: Box::leak(Box::new(staff())) };
    let unknown = ChangeOutcome::Refused(ChangeRefusal::PassageNotFound);
    assert_eq!(shop.execute(redact("John Doe")).await, unknown);
    assert_eq!(shop.execute(redact("Jane Doe")).await, ChangeOutcome::Done);
    shop.roll_forward().await;
    assert!(shop.db().keyring().is_forgotten(old).unwrap());
    assert_ne!(shop.conversation(id).await.slot, old);
    let seen = shop.view_as_staff(id).await.unwrap();
    assert_eq!(seen.messages[0].text, "My neighbour [removed] has the same fault.");
    assert_eq!(seen.messages[1].text, "What does [removed] see?");
    // The waiting e-mail is sent without the passage, and its cause is still found.
    assert_eq!((waiting, shop.email_count().await), (1, 1));
    let email = shop.send().await.unwrap();
    let reply = email.reply.as_ref().unwrap();
    assert!(!reply.text.contains("Jane") && !reply.quoted.contains("Jane"));
    assert_eq!(
        shop.answer_by_mail(id, "ada@example.org", true, "Nothing.").await,
        ReceiveOutcome::Joined(id)
    );
    assert_eq!(shop.reply(id, "Well.", false).await, ReplyOutcome::Sent);
    shop.send().await.unwrap();
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn two_conversations_of_one_person_are_merged_and_answers_to_both_join_the_merged_one() {
    let shop = Shop::open().await;
    let (first, second) = (
        shop.start_by_mail("ada@example.org", "One").await,
        shop.start_by_mail("ada@example.org", "Two").await,
    );
    let others = shop.start_by_mail("bea@example.org", "Other").await;
    let merge = |id, into| MergeConversations { id, into, actor: Box::leak(Box::new(staff())) };
    let refused = ChangeOutcome::Refused;
    assert_eq!(shop.execute(merge(first, others)).await, refused(ChangeRefusal::OtherPerson));
    assert_eq!(shop.execute(merge(first, first)).await, refused(ChangeRefusal::MergedWithItself));
    let unproved = mail(&shop, "ada@example.org", "help@example.org", false, "", "Three");
    let ReceiveOutcome::New(third) = shop.receive(&unproved).await else { panic!("not started") };
    // The sender is not verified.
    assert_eq!(shop.execute(merge(third, second)).await, refused(ChangeRefusal::OtherPerson));
    shop.reply(first, "To one.", true).await;
    let old = (shop.conversation(first).await.slot, shop.reply_to(first));
    assert_eq!(shop.execute(merge(first, second)).await, ChangeOutcome::Done);
    shop.roll_forward().await;
    assert!(shop.db().keyring().is_forgotten(old.0).unwrap());
    assert!(shop.view_as_staff(first).await.is_none());
    let seen = shop.view_as_staff(second).await.unwrap();
    let texts: Vec<(i64, &str)> = seen.messages.iter().map(|m| (m.n, &*m.text)).collect();
    assert_eq!(texts, [(1, "Two"), (2, "One"), (3, "To one.")]);
    assert_eq!(shop.send().await.unwrap().content.to, "ada@example.org");
    let late = mail(&shop, "ada@example.org", &old.1, true, "", "To the old address");
    assert_eq!(shop.receive(&late).await, ReceiveOutcome::Joined(second));
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn conversations_of_one_customer_merge_and_those_of_two_never_do() {
    let shop = Shop::open().await;
    let (ada, _) = shop.customer("1", "ada@example.org").await;
    shop.customer("2", "bea@example.org").await;
    let (of_ada, of_bea) =
        (shop.start_by_mail("ada@example.org", "A").await, shop.start_by_mail("bea@example.org", "B").await);
    let in_portal = StartConversation { message: "On my page", person: Some(ada), ..form(&shop) };
    let (portal, code) = shop.start(&in_portal).await;
    let merge = |id, into| MergeConversations { id, into, actor: Box::leak(Box::new(staff())) };
    let other = ChangeOutcome::Refused(ChangeRefusal::OtherPerson);
    assert_eq!(shop.execute(merge(of_ada, of_bea)).await, other);
    assert_eq!(shop.execute(merge(portal, of_ada)).await, ChangeOutcome::Done);
    shop.roll_forward().await;
    assert_eq!(shop.view_by_code(&code).await.unwrap().id, of_ada, "the code opens the merged conversation");
    shop.check_integrity().await;
}

#[tokio::test]
async fn an_unsent_upload_is_erased_on_the_next_day() {
    let shop = Shop::open().await;
    let loose = shop.upload(UploadTarget::New, "never.txt", b"never").await;
    let (_, code) = shop.start(&StartConversation { message: "Kept", ..form(&shop) }).await;
    let beside = shop.upload(UploadTarget::Code(&code_hash(&code)), "beside.txt", b"beside").await;
    domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap();
    assert_eq!(shop.rows("attachment").await, 2);
    shop.pass_days(1);
    domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap();
    assert_eq!((shop.rows("attachment").await, shop.rows("chunk").await), (0, 0));
    assert!(shop.db().keyring().is_forgotten(loose.slot).unwrap());
    assert!(!shop.db().keyring().is_forgotten(beside.slot).unwrap());
    assert!(shop.view_by_code(&code).await.is_some());
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_quarantined_conversation_is_answered_only_after_its_release() {
    let shop = Shop::open().await;
    let spam =
        StartConversation { message: "Hello", address: "ada@example.org", quarantined: true, ..form(&shop) };
    let (id, code) = shop.start(&spam).await;
    assert_eq!(shop.view_by_code(&code).await.unwrap().state, "open", "the quarantine is not shown");
    let held = ReplyOutcome::Refused(ReplyRefusal::NoRoute(NoEmailReason::Held));
    assert_eq!(shop.reply(id, "Hello.", false).await, held);
    assert_eq!(shop.execute(ReleaseConversation { id, actor: &staff() }).await, ChangeOutcome::Done);
    assert_eq!(shop.reply(id, "Hello.", false).await, ReplyOutcome::Sent);
}

#[tokio::test]
async fn a_repeated_mail_restores_no_erased_conversation() {
    let shop = Shop::open().await;
    let sent = mail(&shop, "ada@example.org", "help@example.org", true, "", "My secret");
    let ReceiveOutcome::New(id) = shop.receive(&sent).await else { panic!("not started") };
    shop.execute(EraseConversation { id, actor: &staff() }).await;
    shop.roll_forward().await;
    for _ in 0..3 {
        assert_eq!(shop.receive(&sent).await, ReceiveOutcome::Duplicate);
        shop.pass_days(29);
        domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap();
    }
    assert_eq!(shop.rows("conversation").await, 0);
    assert_eq!(
        shop.scratch.numbers("SELECT slot FROM processed_mail").await,
        [0],
        "the conversation is still named"
    );
    shop.pass_days(2);
    domain::erasure::retention::run_retention(shop.db(), &shop.settings).await.unwrap();
    assert_eq!(shop.rows("processed_mail").await, 0);
    shop.check_integrity().await;
}

#[tokio::test]
async fn a_redacted_passage_is_removed_from_quotes_with_other_line_breaks_and_from_html() {
    let shop = Shop::open().await;
    let passage = "Bob Miller of 5 High Street";
    let id = shop.start_by_mail("ada@example.org", &format!("{passage} broke it")).await;
    let quoting =
        "Any news?\r\n\r\nOn Mon, 2 Nov 2026, Ada wrote:\r\n> Bob Miller of\r\n> 5 High Street broke it";
    assert_eq!(shop.answer_by_mail(id, "ada@example.org", true, quoting).await, ReceiveOutcome::Joined(id));
    let between =
        "> Bob Miller of 5\r\n> High Street\r\nHe did not mean to.\r\n> broke it\r\nIt works again.";
    assert_eq!(shop.answer_by_mail(id, "ada@example.org", true, between).await, ReceiveOutcome::Joined(id));
    let mut styled = mail(&shop, "ada@example.org", &shop.reply_to(id), true, "", "See above");
    styled.html = "<p>Bob <b>Miller</b> of<br>5 High Street</p>".to_owned().into();
    assert_eq!(shop.receive(&styled).await, ReceiveOutcome::Joined(id));
    let redact = RedactMessage { id, message: 1, passage, files: &[], actor: &staff() };
    assert_eq!(shop.execute(redact).await, ChangeOutcome::Done);
    shop.roll_forward().await;
    let seen = shop.view_as_staff(id).await.unwrap();
    for m in &seen.messages {
        for part in [&m.text, &m.quoted, &m.signature, &m.html] {
            assert!(!part.contains("Miller") && !part.contains("High"), "{}: {part}", m.n);
        }
    }
    assert_eq!(seen.messages[0].text, "[removed] broke it");
    assert!(seen.messages[1].text.contains("Any news?") && seen.messages[3].text == "See above");
    assert!(seen.messages[2].text.contains("He did not mean to."), "{}", seen.messages[2].text);
}

#[tokio::test]
async fn an_address_given_in_a_conversation_of_another_customer_is_erased_with_its_owner() {
    let shop = Shop::open().await;
    let (bea, _) = shop.customer("1", "bea@example.org").await;
    shop.customer("2", "ada@example.org").await;
    let linked = StartConversation {
        message: "For both of us",
        name: "Ada Lovelace",
        address: "Ada@Example.org",
        person: Some(bea),
        ..form(&shop)
    };
    let (id, code) = shop.start(&linked).await;
    let (own, _) = shop
        .start(&StartConversation {
            message: "Mine",
            address: "cyd@example.org",
            person: Some(bea),
            ..form(&shop)
        })
        .await;
    let (old, kept) = (shop.conversation(id).await.slot, shop.conversation(own).await.slot);
    shop.erase("ada@example.org").await.unwrap();
    assert!(shop.db().keyring().is_forgotten(old).unwrap(), "a backup would restore it");
    let seen = shop.view_as_staff(id).await.unwrap();
    assert_eq!((&*seen.address, &*seen.sender, &*seen.messages[0].text), ("", "", "For both of us"));
    assert!(!shop.view_by_code(&code).await.unwrap().address_given);
    assert_eq!(
        (shop.conversation(own).await.slot, &*shop.view_as_staff(own).await.unwrap().address),
        (kept, "cyd@example.org")
    );
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn a_redacted_passage_is_removed_from_file_names_tags_and_subject_and_files_with_it_are_deleted() {
    let shop = Shop::open().await;
    let target = UploadTarget::New;
    let named = shop.upload(target, "Jane Doe.log", b"nothing").await;
    let target = UploadTarget::Slot(named.slot);
    let says = shop.upload(target, "log.txt", b"It was Jane\nDoe who said so").await;
    let shows = shop.upload(target, "picture.png", b"a face").await;
    let stays = shop.upload(target, "other.txt", b"Nobody").await;
    let ids = [named.id, says.id, shows.id, stays.id];
    let start = StartConversation {
        message: "See the files",
        subject: "About Jane Doe",
        name: "A friend of Jane Doe",
        files: &ids,
        slot: Some(named.slot),
        ..form(&shop)
    };
    let (id, _) = shop.start(&start).await;
    let tags = ["Jane Doe".to_owned(), "noise".to_owned()];
    shop.execute(domain::conversations::staff::TagConversation { id, tags: &tags }).await;
    let redact = |passage, files| RedactMessage {
        id,
        message: 1,
        passage,
        files,
        actor: Box::leak(Box::new(staff())),
    };
    for (passage, files, why) in [
        ("", &[][..], ChangeRefusal::PassageTooShort),
        ("", &[7][..], ChangeRefusal::NoSuchFile),
        ("John Doe", &[][..], ChangeRefusal::PassageNotFound),
    ] {
        assert_eq!(shop.execute(redact(passage, files)).await, ChangeOutcome::Refused(why), "{passage}");
    }
    let absent = RedactMessage { message: 9, ..redact("Jane Doe", &[]) };
    assert_eq!(shop.execute(absent).await, ChangeOutcome::Refused(ChangeRefusal::NoSuchMessage));
    let pictures = [shows.id];
    assert_eq!(shop.execute(redact("Jane Doe", &pictures)).await, ChangeOutcome::Done);
    shop.roll_forward().await;
    assert!(shop.db().keyring().is_forgotten(named.slot).unwrap());
    let seen = shop.view_as_staff(id).await.unwrap();
    assert_eq!((&*seen.subject, &*seen.sender), ("About [removed]", "A friend of [removed]"));
    assert_eq!(seen.tags, ["[removed]", "noise"]);
    let mut names: Vec<&str> = seen.messages[0].files.iter().map(|f| &*f.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["[removed].log", "other.txt"]);
    // Files alone can be redacted too, without a passage.
    let other = [stays.id];
    assert_eq!(shop.execute(redact("", &other)).await, ChangeOutcome::Done);
    shop.roll_forward().await;
    assert_eq!(shop.view_as_staff(id).await.unwrap().messages[0].files.len(), 1);
    assert_eq!(shop.view_as_staff(id).await.unwrap().messages[0].text, "See the files");
    shop.check_integrity().await;
}

#[tokio::test]
async fn an_upload_into_an_erased_conversation_is_deleted() {
    use domain::conversations::upload::{AddChunk, FinishUpload, StartUpload};
    for rolled in [false, true] {
        let shop = Shop::open().await;
        let (_, code) = shop.start(&StartConversation { message: "Hello", ..form(&shop) }).await;
        let code_hash = code_hash(&code);
        let start = StartUpload { target: UploadTarget::Code(&code_hash), n: 0, name: "log.txt" };
        let file = shop.execute(start).await.unwrap();
        let bytes = [7; store::CHUNK];
        assert!(shop.execute(AddChunk { file, n: 0, bytes: &bytes }).await);
        shop.execute(domain::conversations::EraseByCode { code_hash: &code_hash }).await;
        if rolled {
            shop.roll_forward().await;
        }
        assert!(!shop.execute(AddChunk { file, n: 1, bytes: &bytes }).await);
        shop.execute(FinishUpload { file, size: 9, kind: store::FileKind::Text }).await;
        // The slot has no rows and gets none.
        let again = StartUpload { target: UploadTarget::Slot(file.slot), n: 0, name: "log.txt" };
        assert_eq!(shop.execute(again).await.is_none(), rolled);
        shop.roll_forward().await;
        assert_eq!((shop.rows("attachment").await, shop.rows("chunk").await), (0, 0));
    }
}
