//! Receipts of erasure: what makes one genuine, and how long it can be fetched.

use domain::erasure::agreement_channel::{AgreeByChannel, AgreementChannel};
use domain::erasure::receipt::{ReceiptFault, ReceiptStatus, fetch_receipt, verify};
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use domain::erasure::retention::run_retention;
use domain::licensing::issue::Signers;
use domain::token::Token;
use licence::PublicKeys;
use store::AuditKind;

use crate::kit::{Shop, products, staff};

const ADA: &str = "ada@example.org";

async fn status(shop: &Shop, code: &str) -> ReceiptStatus {
    let mut tx = shop.db().read().await.unwrap();
    fetch_receipt(&mut tx, &Token::presented(code)).await.unwrap()
}

async fn public_keys(shop: &Shop) -> PublicKeys {
    let mut tx = shop.db().read().await.unwrap();
    Signers::load(&mut tx).await.unwrap().public
}

/// A shop that has erased Ada, and the code of the receipt.
async fn erased() -> (Shop, String) {
    let shop = Shop::open().await;
    shop.keys(&shop.purchase("1", products::EDITOR, ADA)).await;
    let code = shop.erase(ADA).await.unwrap();
    (shop, code)
}

async fn receipt(shop: &Shop, code: &str) -> String {
    match status(shop, code).await {
        ReceiptStatus::Ready(text) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_receipt_is_genuine_however_its_lines_end() {
    let (shop, code) = erased().await;
    let (text, keys) = (receipt(&shop, &code).await, public_keys(&shop).await);
    for same in [
        text.clone(),
        text.replace('\n', "\r\n"),
        text.trim_end().to_owned(),
        format!("{text}\n\n"),
        format!("{text}  \t\n"),
    ] {
        assert_eq!(verify(&same, &keys), Ok(()));
    }
    assert!(text.contains(&format!("day: {}\n", shop.today())) && !text.contains("ada"));
    assert!(text.contains("old root key overwritten: yes\n"), "{text}");
}

#[tokio::test]
async fn no_changed_receipt_is_genuine() {
    let (shop, code) = erased().await;
    let (text, keys) = (receipt(&shop, &code).await, public_keys(&shop).await);
    // Every seventh character, and all of the last line.
    let signature = text.trim_end().rfind('\n').unwrap() + 1;
    let places = (0..signature).step_by(7).chain(signature..text.trim_end().len());
    for place in places {
        let old = text.as_bytes()[place];
        let new = if old == b'7' { "8" } else { "7" };
        let mut changed = text.clone();
        changed.replace_range(place..=place, new);
        assert!(verify(&changed, &keys).is_err(), "byte {place} of\n{changed}");
    }
    for changed in [
        text.replacen("day: ", "day: 2", 1),
        text.replacen("\nday", "\n\nday", 1),
        text.replacen("yes\n", "yes\nbonus: x\n", 1),
        text.replacen("yes", "no", 1),
    ] {
        assert_eq!(verify(&changed, &keys), Err(ReceiptFault::Forged));
    }
}

#[tokio::test]
async fn each_reason_against_a_receipt_is_told_apart() {
    let (shop, code) = erased().await;
    let (text, keys) = (receipt(&shop, &code).await, public_keys(&shop).await);
    let (body, hex) = text.trim_end().rsplit_once("signed by key 0: ").unwrap();
    let signed = |by: &str| format!("{body}signed by key {by}");
    for unreadable in [
        String::new(),
        "x".into(),
        "\n\n".into(),
        body.to_owned(),
        hex.to_owned(),
        signed(hex),
        signed(&format!("zero: {hex}")),
        signed(&format!("256: {hex}")),
        signed(&format!("-1: {hex}")),
        signed(&format!("0:{hex}")),
        signed(&format!("0: {}", hex.to_uppercase())),
        signed(&format!("0: {}", &hex[..126])),
        signed(&format!("0: {hex}00")),
        signed("0: "),
        text.replacen("scruple erasure receipt 1", "scruple erasure receipt 2", 1),
        format!("Dear Ada,\n{text}"),
    ] {
        assert_eq!(verify(&unreadable, &keys), Err(ReceiptFault::Unreadable), "{unreadable}");
    }
    assert_eq!(verify(&text, &PublicKeys::new()), Err(ReceiptFault::UnknownKey(0)));
    assert_eq!(verify(&signed(&format!("7: {hex}")), &keys), Err(ReceiptFault::UnknownKey(7)));
    let foreign = public_keys(&Shop::open().await).await;
    assert_eq!(verify(&text, &foreign), Err(ReceiptFault::Forged));
}

#[tokio::test]
async fn a_receipt_is_fetched_for_thirty_days_by_its_code_in_any_spelling() {
    let (shop, code) = erased().await;
    for spelled in [code.to_lowercase(), code.replace('-', ""), format!(" {} ", code.replace('-', " "))] {
        assert!(matches!(status(&shop, &spelled).await, ReceiptStatus::Ready(_)), "{spelled}");
    }
    for unknown in ["", "x", "00000-00000-00000-00000", &code[1..]] {
        assert_eq!(status(&shop, unknown).await, ReceiptStatus::Unknown, "{unknown}");
    }
    for (days, there) in [(29, true), (1, false)] {
        shop.pass_days(days);
        run_retention(shop.db(), &shop.settings).await.unwrap();
        let found = status(&shop, &code).await != ReceiptStatus::Unknown;
        assert_eq!(found, there, "{days} days later");
    }
}

#[tokio::test]
async fn a_receipt_is_withheld_until_its_day_and_the_erasure_is_carried_out_on_it() {
    let mut shop = Shop::open().await;
    shop.settings.cooling_days = 7;
    shop.keys(&shop.purchase("1", products::EDITOR, ADA)).await;
    let code = shop.agree(ADA).await.unwrap();
    for (days, erased) in [(0, 0), (6, 0), (1, 1)] {
        shop.pass_days(days);
        let report = run_retention(shop.db(), &shop.settings).await.unwrap();
        assert_eq!(report.erased, erased, "{days} days later");
        let withheld = status(&shop, &code).await == ReceiptStatus::Pending;
        assert_eq!(withheld, erased == 0, "{days} days later");
    }
    assert!(shop.slot(ADA).await.is_none());
    verify(&receipt(&shop, &code).await, &public_keys(&shop).await).unwrap();
}

#[tokio::test]
async fn an_agreement_that_staff_record_names_its_channel_and_nothing_of_the_person() {
    for (channel, entry) in [
        (AgreementChannel::Email, "the agreement came by e-mail"),
        (AgreementChannel::Post, "the agreement came by post"),
        (AgreementChannel::Phone, "the agreement came by phone"),
        (AgreementChannel::InPerson, "the agreement was given in person"),
    ] {
        let shop = Shop::open().await;
        shop.keys(&shop.purchase("1", products::EDITOR, ADA)).await;
        let slot = shop.slot(ADA).await.unwrap();
        let (text, settings, actor) = ("Please erase me. Ada", &shop.settings, staff());
        let agree = || AgreeByChannel {
            agree: AgreeToErasure {
                slot,
                agreement: ErasureAgreement::ToStaff { text, actor: actor.as_str() },
                settings,
            },
            channel,
            actor: &actor,
        };
        assert!(matches!(shop.execute(agree()).await, AgreementOutcome::Started { .. }));
        shop.roll_forward().await;
        assert_eq!(shop.staff_changes().await, [entry]);
        let agreements =
            shop.db().read().await.unwrap().audit_entries_of_kind(AuditKind::Agreement).await.unwrap();
        let [agreed] = &agreements[..] else { panic!("{} entries", agreements.len()) };
        assert_eq!((agreed.name.as_str(), agreed.slot), ("agreed to erasure to staff", None));
        assert_eq!(agreed.digest.len(), 32, "a hash of the text");
        // An erased person is unknown, and a second agreement leaves no entry.
        assert!(shop.execute(agree()).await == AgreementOutcome::UnknownPerson);
        assert_eq!(shop.staff_changes().await.len(), 1);
    }
}
