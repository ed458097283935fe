//! Card numbers are masked in every input.

use domain::compliance::prove::{Processors, prove};
use domain::conversations::staff::{AddNote, AddNoteOutcome, TagConversation};
use domain::conversations::upload::UploadTarget;
use domain::conversations::{ReceiveOutcome, StartConversation};

use crate::conversations::support::{form, mail, staff};
use crate::kit::Shop;

const CARD: &str = "4111 1111 1111 1111";

#[tokio::test]
async fn no_card_number_is_stored_in_message_subject_name_file_name_note_or_tag() {
    let shop = Shop::open().await;
    let file = shop.upload(UploadTarget::New, "card 4111-1111-1111-1111.txt", b"-").await;
    let message = format!("My card is\n{CARD}, please.");
    let start = StartConversation {
        message: &message,
        name: CARD,
        subject: CARD,
        files: &[file.id],
        slot: Some(file.slot),
        ..form(&shop)
    };
    let (id, code) = shop.start(&start).await;
    shop.answer_by_code(&code, &message).await;
    let note = AddNote { id, text: &message, seen: None, force: false, actor: &staff() };
    assert_eq!(shop.execute(note).await, AddNoteOutcome::Done);
    shop.execute(TagConversation { id, tags: &[CARD.to_owned(), "paid".to_owned()] }).await;
    shop.reply(id, &message, false).await;
    let more = format!("Subject: {CARD}\r\nMessage-ID: <{}@x>\r\n", CARD.replace(' ', ""));
    let text = format!("{message}\r\n\r\n> {CARD}\r\n-- \r\n{CARD}");
    let incoming = mail(&shop, "4111111111111111@example.org", "help@example.org", true, &more, &text);
    assert!(matches!(shop.receive(&incoming).await, ReceiveOutcome::New(_)));
    let seen = shop.view_as_staff(id).await.unwrap();
    assert!(seen.subject.contains("••••") && seen.sender.contains("••••") && seen.tags.len() == 2);
    assert!(seen.messages.iter().filter(|m| m.kind != "staff").all(|m| m.text.contains("••••")));
    assert!(seen.messages[0].files[0].name.contains("••••"));
    let mut tx = shop.db().read().await.unwrap();
    let found = tx.examine_sealed(|bytes| {
        std::str::from_utf8(bytes).is_ok_and(|text| !paypro::card_number::looks_like_card(text))
    });
    for value in found.await.unwrap() {
        assert_eq!(value.failing, 0, "{}.{}", value.column.table, value.column.column);
    }
    drop(tx);
    let proof = prove(shop.db(), &shop.settings, &Processors::default()).await.unwrap();
    assert!(proof.finding(policy::promise::PAYMENT_DIRECT).unwrap().violations.is_empty());
}

#[tokio::test]
async fn a_card_number_with_wide_gaps_or_split_by_html_tags_is_masked() {
    let shop = Shop::open().await;
    let wide = CARD.replace(' ', "      ");
    let (id, _) =
        shop.start(&StartConversation { message: "-", name: &wide, subject: &wide, ..form(&shop) }).await;
    let seen = shop.view_as_staff(id).await.unwrap();
    assert!(seen.subject.starts_with('•') && seen.sender.starts_with('•'), "{}", seen.subject);
    let mut incoming = mail(&shop, "ada@example.org", "help@example.org", true, "", "-");
    for tags in [format!("<p>{}</p>", CARD.replace(' ', "</p><p>")), CARD.replace(' ', "<b>")] {
        incoming.html = tags.clone().into();
        incoming.fingerprint[0] += 1;
        let ReceiveOutcome::New(id) = shop.receive(&incoming).await else { panic!("lost") };
        assert_eq!(shop.view_as_staff(id).await.unwrap().messages[0].html, "", "{tags}");
    }
}

#[tokio::test]
async fn html_that_is_too_long_is_truncated_and_stays_well_formed() {
    let shop = Shop::open().await;
    let mut incoming = mail(&shop, "ada@example.org", "help@example.org", true, "", "-");
    incoming.html = format!("<blockquote>{}", "<p>word</p>".repeat(40_000)).into();
    let ReceiveOutcome::New(id) = shop.receive(&incoming).await else { panic!("lost") };
    let html = shop.view_as_staff(id).await.unwrap().messages.remove(0).html;
    assert!(html.len() > 390_000 && html.ends_with("</blockquote>"), "{}", &html[html.len() - 40..]);
}
