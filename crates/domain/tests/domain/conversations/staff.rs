//! Work of staff: snoozing, queues, collisions, canned responses, and the documents of the search.

use domain::compliance::doctor::Condition;
use domain::compliance::doctor::conditions::RecordsCondition;
use domain::conversations::canned_responses::{self, SetCannedResponse};
use domain::conversations::queue::{Queue, queue, rows};
use domain::conversations::search_documents::LoadSearchDocuments;
use domain::conversations::staff::{
    AddNote, AddNoteOutcome, AssignConversation, ChangeOutcome, ReplyOutcome, ReplyToConversation,
    SetConversationState, SnoozeConversation, TagConversation, ViewAsStaff,
};
use domain::conversations::{
    CannedResponseRefusal, ChangeRefusal, NoEmailReason, ReplyRefusal, StartConversation,
    parse_conversation_id,
};
use store::{ConversationId, ConversationState};

use crate::conversations::support::{form, staff};
use crate::kit::Shop;

#[tokio::test]
async fn a_thank_you_leaves_a_conversation_snoozed_and_a_question_reopens_it() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "It breaks").await;
    shop.reply(id, "Look next week.", false).await;
    let until_day = Some(shop.today() + 7);
    assert_eq!(shop.execute(SnoozeConversation { id, until_day }).await, ChangeOutcome::Done);
    shop.answer_by_mail(id, "ada@example.org", true, "Thank you!").await;
    assert_eq!(
        (shop.conversation(id).await.snoozed_day, shop.conversation(id).await.state),
        (until_day, ConversationState::Waiting)
    );
    shop.answer_by_mail(id, "ada@example.org", true, "But what do I do until then?").await;
    assert_eq!(
        (shop.conversation(id).await.snoozed_day, shop.conversation(id).await.state),
        (None, ConversationState::Open)
    );
}

#[tokio::test]
async fn a_thank_you_leaves_a_conversation_closed_and_a_question_reopens_it() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "It breaks").await;
    let (actor, settings) = (staff(), &shop.settings);
    let last = ReplyToConversation {
        id,
        text: "Update it.",
        quote: false,
        seen: None,
        force: false,
        close: true,
        actor: &actor,
        settings,
    };
    assert_eq!(shop.execute(last).await, ReplyOutcome::Sent);
    shop.answer_by_mail(id, "ada@example.org", true, "Thanks").await;
    assert_eq!(shop.conversation(id).await.state, ConversationState::Closed);
    shop.answer_by_mail(id, "ada@example.org", true, "It still breaks").await;
    assert_eq!(
        (shop.conversation(id).await.state, shop.conversation(id).await.closed_day),
        (ConversationState::Open, None)
    );
    let (by_code, code) = shop.start(&StartConversation { message: "It breaks", ..form(&shop) }).await;
    shop.execute(SetConversationState { id: by_code, state: ConversationState::Closed }).await;
    shop.answer_by_code(&code, "thanks!").await;
    assert_eq!(shop.conversation(by_code).await.state, ConversationState::Closed);
}

#[tokio::test]
async fn concurrent_replies_are_reported_as_a_collision() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "It breaks").await;
    let (sam, kim) = (staff(), store::Actor::Staff("Kim".into()));
    let seen = Some(shop.view_as_staff(id).await.unwrap().messages_seen);
    let reply = |actor, force| ReplyToConversation {
        id,
        text: "Update.",
        quote: false,
        seen,
        force,
        close: false,
        actor,
        settings: &shop.settings,
    };
    assert_eq!(shop.execute(reply(&kim, false)).await, ReplyOutcome::Sent);
    let ReplyOutcome::Collision(newer) = shop.execute(reply(&sam, false)).await else {
        panic!("no collision")
    };
    assert_eq!(newer.iter().map(|n| (n.n, &*n.by)).collect::<Vec<_>>(), [(2, "Kim")]);
    let note = AddNote { id, text: "Mine too", seen, force: false, actor: &sam };
    assert!(matches!(shop.execute(note).await, AddNoteOutcome::Collision(_)));
    assert_eq!(
        (shop.conversation(id).await.messages, shop.email_count().await),
        (2, 1),
        "nothing was written"
    );
    assert_eq!(shop.execute(reply(&sam, true)).await, ReplyOutcome::Sent);
    assert_eq!(shop.email_count().await, 2);
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn concurrent_answers_are_all_kept() {
    let shop = Shop::open().await;
    let (id, code) = shop.start(&StartConversation { message: "Hello", ..form(&shop) }).await;
    let answers = (0..6).map(|n| {
        let (shop, code) = (&shop, &code);
        async move { shop.answer_by_code(code, &format!("And {n}")).await }
    });
    futures_join(answers).await;
    let conversation = shop.conversation(id).await;
    assert_eq!((conversation.messages, shop.view_by_code(&code).await.unwrap().messages.len()), (7, 7));
    shop.check_integrity().await;
}

async fn futures_join<F: Future>(all: impl Iterator<Item = F>) {
    // Polls all futures in turn until each is done.
    let mut all: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|cx| {
        all.retain_mut(|f| f.as_mut().poll(cx).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[tokio::test]
async fn queues_show_the_right_conversations_and_open_nothing() {
    let shop = Shop::open().await;
    let mine = shop.start_by_mail("ada@example.org", "1").await;
    let unassigned = shop.start_by_mail("bea@example.org", "2").await;
    let waiting = shop.start_by_mail("cyd@example.org", "3").await;
    let (quarantined, _) =
        shop.start(&StartConversation { message: "4", quarantined: true, ..form(&shop) }).await;
    shop.execute(AssignConversation { id: mine, to: Some("Sam") }).await;
    shop.reply(waiting, "5", false).await;
    let openings = shop.scratch.numbers("SELECT COUNT(*) FROM audit_entry WHERE kind = 'opening'").await;
    let mut tx = shop.db().read().await.unwrap();
    for (of, ids) in [
        (Queue::Mine("Sam"), vec![mine]),
        (Queue::Unassigned, vec![unassigned]),
        (Queue::Open, vec![mine, unassigned]),
        (Queue::Waiting, vec![waiting]),
        (Queue::Quarantined, vec![quarantined]),
        (Queue::Closed, vec![]),
        (Queue::Snoozed, vec![]),
    ] {
        let found: Vec<ConversationId> =
            queue(&mut tx, &of, None, None).await.unwrap().iter().map(|r| r.id).collect();
        assert_eq!(found, ids, "{of:?}");
    }
    let first = queue(&mut tx, &Queue::Open, None, Some(1)).await.unwrap();
    let second = queue(&mut tx, &Queue::Open, Some(first[0].revision), None).await.unwrap();
    assert_eq!((first[0].id, second[0].id), (mine, unassigned));
    assert_eq!(rows(&mut tx, &[quarantined, ConversationId::new(5)]).await.unwrap().len(), 1);
    assert_eq!(parse_conversation_id(&first[0].number.to_lowercase()), Some(mine));
    drop(tx);
    assert_eq!(
        shop.scratch.numbers("SELECT COUNT(*) FROM audit_entry WHERE kind = 'opening'").await,
        openings
    );
}

#[tokio::test]
async fn opening_a_conversation_is_audited_with_the_conversation_as_case() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "It breaks").await;
    assert!(shop.execute(ViewAsStaff { id, actor: &staff() }).await.is_some());
    let counts = shop.db().read().await.unwrap().audit_counts().await.unwrap();
    assert_eq!(counts.without_case, 0);
    let by_sam = "SELECT COUNT(*) FROM audit_entry WHERE actor = 'Sam' AND purpose = 'support' AND length(case_text) > 0";
    assert_eq!(shop.scratch.numbers(by_sam).await[0], 1);
}

#[tokio::test]
async fn tags_are_kept_sorted_and_an_unknown_conversation_is_reported() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "It breaks").await;
    let tags = ["crash".to_owned(), " a  b ".to_owned(), "crash".to_owned(), String::new()];
    assert_eq!(shop.execute(TagConversation { id, tags: &tags }).await, ChangeOutcome::Done);
    assert_eq!(shop.view_as_staff(id).await.unwrap().tags, ["a b", "crash"]);
    assert_eq!(
        shop.execute(TagConversation { id: ConversationId::new(5), tags: &tags }).await,
        ChangeOutcome::NoConversation
    );
    assert_eq!(
        shop.execute(AssignConversation { id: ConversationId::new(5), to: None }).await,
        ChangeOutcome::NoConversation
    );
    assert_eq!(shop.reply(ConversationId::new(5), "Hello", false).await, ReplyOutcome::NoConversation);
}

#[tokio::test]
async fn canned_responses_contain_no_personal_data() {
    let shop = Shop::open().await;
    let (_, key) = shop.customer("1", "ada@example.org").await;
    let number = shop.licence(&key).await.serial.to_string();
    let (id, _) = shop.start(&StartConversation { message: "Hello", licence: &number, ..form(&shop) }).await;
    let actor = staff();
    let set = |name, body| SetCannedResponse { name, body, actor: &actor };
    assert_eq!(shop.execute(set("hello", "{vendor}: {product} {edition} is {state}. {staff}")).await, Ok(()));
    for (name, wrong, why) in [
        (
            "wrong",
            "Dear {name}",
            CannedResponseRefusal::UnknownPlaceholder { placeholder: "name".to_owned() },
        ),
        ("wrong", "Write to ada@example.org", CannedResponseRefusal::ContainsAddress),
        ("wrong", " \n", CannedResponseRefusal::EmptyText),
        ("Wrong name", "Hello", CannedResponseRefusal::InvalidName),
    ] {
        assert_eq!(shop.execute(set(name, wrong)).await, Err(why));
    }
    let mut tx = shop.db().read().await.unwrap();
    let rendered =
        canned_responses::render(&mut tx, &shop.settings, "hello", id, "Sam").await.unwrap().unwrap();
    assert_eq!(rendered, "Example Software: Product 101 1 is active. Sam");
    assert_eq!(canned_responses::list(&mut tx).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_that_does_not_fit_the_conversation_is_refused_with_the_reason() {
    let shop = Shop::open().await;
    let (id, _) = shop.start(&StartConversation { message: "Hello", ..form(&shop) }).await;
    let refused = ChangeOutcome::Refused;
    let release = domain::conversations::staff::ReleaseConversation { id, actor: &staff() };
    assert_eq!(shop.execute(release).await, refused(ChangeRefusal::NotHeld));
    let tags: Vec<String> = (0..21).map(|n| format!("tag {n}")).collect();
    assert_eq!(shop.execute(TagConversation { id, tags: &tags }).await, refused(ChangeRefusal::TooManyTags));
    let today = shop.db().clock.today();
    let snooze = |days| SnoozeConversation { id, until_day: Some(today + days) };
    assert_eq!(shop.execute(snooze(367)).await, refused(ChangeRefusal::SnoozedTooLong));
    assert_eq!(shop.execute(snooze(366)).await, ChangeOutcome::Done);
    shop.execute(SetConversationState { id, state: ConversationState::Closed }).await;
    assert_eq!(shop.execute(snooze(1)).await, refused(ChangeRefusal::NotOpenOrWaiting));
    let closed = shop.conversation(id).await;
    assert_eq!((closed.state, closed.snoozed_day), (ConversationState::Closed, None));
}

#[tokio::test]
async fn search_documents_contain_changes_and_nothing_closed_or_erased() {
    let shop = Shop::open().await;
    let id = shop.start_by_mail("ada@example.org", "The EDITOR breaks").await;
    let gone = shop.start_by_mail("bea@example.org", "Gone").await;
    let texts = shop.execute(LoadSearchDocuments { after: 0 }).await;
    assert_eq!(texts.len(), 2);
    assert!(texts[0].text.contains("the editor breaks") && texts[0].text.contains("ada@example.org"));
    let after = texts[1].revision;
    assert!(shop.execute(LoadSearchDocuments { after }).await.is_empty());
    shop.execute(SetConversationState { id, state: ConversationState::Closed }).await;
    let texts = shop.execute(LoadSearchDocuments { after }).await;
    assert!(texts.len() == 1 && texts[0].id == id && texts[0].text.is_empty());
    shop.execute(domain::conversations::staff::EraseConversation { id: gone, actor: &staff() }).await;
    assert_eq!(shop.db().read().await.unwrap().existing_conversations(&[id, gone]).await.unwrap(), [id]);
}

#[tokio::test]
async fn a_closed_conversation_from_quarantine_reopens_only_by_its_release() {
    use domain::conversations::staff::ReleaseConversation;
    let shop = Shop::open().await;
    let quarantined = domain::conversations::StartConversation {
        message: "Buy now",
        address: "eve@example.com",
        quarantined: true,
        ..form(&shop)
    };
    let (id, _) = shop.start(&quarantined).await;
    assert_eq!(
        shop.execute(SetConversationState { id, state: ConversationState::Closed }).await,
        ChangeOutcome::Done
    );
    for state in [ConversationState::Open, ConversationState::Waiting] {
        let held = ChangeOutcome::Refused(ChangeRefusal::Held);
        assert_eq!(shop.execute(SetConversationState { id, state }).await, held);
    }
    let unread = ReplyOutcome::Refused(ReplyRefusal::NoRoute(NoEmailReason::NoPerson));
    assert_eq!(shop.reply(id, "Hello.", false).await, unread);
    assert_eq!((shop.conversation(id).await.state, shop.email_count().await), (ConversationState::Closed, 0));
    assert_eq!(shop.execute(ReleaseConversation { id, actor: &staff() }).await, ChangeOutcome::Done);
    assert_eq!(shop.conversation(id).await.state, ConversationState::Open);
    assert_eq!(shop.reply(id, "Hello.", false).await, ReplyOutcome::Sent);
    // A conversation that was never in quarantine opens and closes freely.
    let (other, _) =
        shop.start(&domain::conversations::StartConversation { message: "Hello", ..form(&shop) }).await;
    for state in [ConversationState::Closed, ConversationState::Open] {
        assert_eq!(shop.execute(SetConversationState { id: other, state }).await, ChangeOutcome::Done);
    }
    shop.check_integrity().await;
    shop.check_causes().await;
}

#[tokio::test]
async fn direction_controls_are_removed_from_single_lines_and_kept_in_messages() {
    let shop = Shop::open().await;
    let target = domain::conversations::upload::UploadTarget::New;
    let file = shop.upload(target, "\u{202e}gpj.exe\u{2069}", b"x").await;
    let start = domain::conversations::StartConversation {
        message: "\u{202b}שלום\u{202c}",
        name: "\u{2066}Eve\u{2069}",
        subject: "\u{202e}niaga",
        files: &[file.id],
        slot: Some(file.slot),
        ..form(&shop)
    };
    let (id, _) = shop.start(&start).await;
    let seen = shop.view_as_staff(id).await.unwrap();
    assert_eq!(
        (&*seen.sender, &*seen.subject, &*seen.messages[0].files[0].name),
        ("Eve", "niaga", "gpj.exe")
    );
    assert_eq!(seen.messages[0].text, "\u{202b}שלום\u{202c}");
}

#[tokio::test]
async fn deleting_a_missing_canned_response_is_not_audited() {
    let shop = Shop::open().await;
    let actor = staff();
    let deletions = "SELECT COUNT(*) FROM audit_entry WHERE name = 'canned response deleted'";
    let remove = || canned_responses::DeleteCannedResponse { name: "hello", actor: &actor };
    assert!(!shop.execute(remove()).await);
    assert_eq!(shop.scratch.numbers(deletions).await, [0]);
    let set = SetCannedResponse { name: "hello", body: "Hello.", actor: &actor };
    assert_eq!(shop.execute(set).await, Ok(()));
    assert!(shop.execute(remove()).await);
    assert_eq!(shop.scratch.numbers(deletions).await, [1]);
}

#[tokio::test]
async fn only_a_damaged_conversation_is_left_out_of_the_search_and_reported() {
    let shop = Shop::open().await;
    let damaged = shop.start_by_mail("ada@example.org", "One").await;
    let sound = shop.start_by_mail("bea@example.org", "Two").await;
    let number = damaged.number();
    shop.scratch.tamper(&format!("UPDATE message SET body = subject FROM conversation WHERE message.conversation = {number} AND conversation.id = {number}")).await;
    let texts = shop.execute(LoadSearchDocuments { after: 0 }).await;
    let of = |id| texts.iter().find(|t| t.id == id).unwrap();
    assert!(of(damaged).text.is_empty() && of(sound).text.contains("two"));
    // Other conversations can still be read. A reply that depends on the damaged one is refused.
    let forged =
        crate::conversations::support::mail(&shop, "cyd@example.org", "help@example.org", false, "", "Three");
    let domain::conversations::ReceiveOutcome::New(forged) = shop.receive(&forged).await else {
        panic!("not started")
    };
    shop.scratch
        .tamper(&format!(
            "UPDATE conversation SET address_tag = subject, emails_since_action = 1 WHERE id = {number}"
        ))
        .await;
    assert_eq!(shop.view_as_staff(forged).await.unwrap().messages[0].text, "Three");
    let damaged_other = ReplyRefusal::NoRoute(NoEmailReason::OtherConversationDamaged);
    assert_eq!(shop.reply(forged, "Hello.", false).await, ReplyOutcome::Refused(damaged_other));
    let facts = domain::compliance::doctor::Facts::default();
    let named = async || {
        let advice = domain::compliance::doctor::doctor(shop.db(), &shop.settings, &facts).await;
        let expected = vec![damaged];
        let is_named = |condition: &Condition| {
            matches!(condition, Condition::Records(RecordsCondition::Unsearchable { conversations })
                if *conversations == expected)
        };
        advice.iter().filter(|a| is_named(&a.condition)).count()
    };
    assert_eq!(named().await, 1);
    shop.execute(domain::conversations::staff::EraseConversation { id: damaged, actor: &staff() }).await;
    assert_eq!(named().await, 0);
}
