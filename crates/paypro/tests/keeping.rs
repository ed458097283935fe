//! What of a notice can be reached at all: every field is filled with a mark of its own, and then looked for in
//! everything that a notice exposes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use paypro::{Class, FIELDS, Field, Keeps, Kind, Licensee, Notice, Personal, Secret, Simulator, Unverified};

fn key() -> Secret {
    Secret::new("validation key").unwrap()
}

/// What is sent in a field, and how it would look where it comes out.
fn mark(field: &Field, index: usize, kind: Kind) -> (String, String) {
    let same = |text: String| (text.clone(), text);
    match field.name {
        "IPN_TYPE_ID" => same(kind.id().to_string()),
        "IPN_TYPE_NAME" => same(kind.names().first().copied().unwrap_or("SomethingNew").to_owned()),
        "TEST_MODE" | "IS_RESENT" => ("1".to_owned(), "true".to_owned()),
        "ORDER_ID"
        | "ORDER_ITEM_ID"
        | "SUBSCRIPTION_ID"
        | "SUBSCRIPTION_INITIAL_ORDER_ID"
        | "PRODUCT_ID"
        | "PAYMENT_METHOD_ID" => same(format!("70000000000{index:03}")),
        "PRODUCT_QUANTITY" => same(format!("64{index:03}")),
        "ORDER_STATUS_ID" | "SUBSCRIPTION_STATUS_ID" => same(format!("61{index:03}")),
        "ORDER_TOTAL_AMOUNT" | "ORDER_ITEM_DYNAMIC_DISCOUNT" => same(format!("88{index:03}.77")),
        "CREDIT_CARD_LAST4" => same(format!("9{index:03}")),
        "CUSTOMER_EMAIL" | "LICENSED_TO_EMAIL" => same(format!("mark{index:03}@example.org")),
        "ORDER_CUSTOM_FIELDS" => (format!("x-mark=mark{index:03}"), format!("mark{index:03}")),
        "ORDER_PLACED_TIME_UTC" => ("01/02/2031 03:04:05".to_owned(), "22281".to_owned()),
        "SUBSCRIPTION_NEXT_CHARGE_DATE" => ("1/3/2031 3:04 PM".to_owned(), "22282".to_owned()),
        "SUBSCRIPTION_FINISH_DATE" => ("1/4/2031 3:04 PM".to_owned(), "22283".to_owned()),
        "TRIAL_PERIOD_TILL" => ("1/5/2031 3:04 PM".to_owned(), "22284".to_owned()),
        _ => same(format!("mark{index:03}")),
    }
}

fn notice(kind: Kind) -> Notice {
    let mut draft = Simulator::new(key()).notice(kind).field("SOMETHING_ELSE", "mark-of-no-field");
    for (index, field) in FIELDS.iter().enumerate().filter(|(_, field)| field.name != "SIGNATURE") {
        draft = draft.field(field.name, mark(field, index, kind).0);
    }
    Unverified::parse(draft.body().as_bytes()).unwrap().verify(&key()).unwrap()
}

/// Everything that can be asked of a notice, as one text.
fn exposed(notice: &Notice) -> String {
    let shown = |personal: Option<&Personal>| personal.map_or("-", Personal::expose).to_owned();
    let (buyer, payment) = (notice.buyer(), notice.payment());
    let licensee = notice.licensee().unwrap_or(&Licensee { email: None, name: None });
    let mut parts = [
        notice.order(),
        notice.order_item(),
        notice.subscription(),
        notice.subscription_initial_order(),
        notice.licence_text(),
        notice.custom_field("x-mark"),
        buyer.email.as_ref(),
        buyer.name.as_ref(),
        buyer.company.as_ref(),
        buyer.language.as_ref(),
        licensee.email.as_ref(),
        licensee.name.as_ref(),
        payment.last4.as_ref(),
        payment.method.as_ref(),
    ]
    .map(shown)
    .to_vec();
    for moment in [notice.next_charge(), notice.finish(), notice.trial_till()] {
        parts.push(format!(
            "{:?} {:?}",
            moment.map(|moment| moment.day()),
            moment.map(|moment| moment.unix_minutes())
        ));
    }
    parts.extend(notice.custom().iter().map(|custom| format!("{}={}", custom.name, custom.value.expose())));
    parts.push(format!("{:?} {:?} {:?}", notice.product(), notice.quantity(), notice.placed()));
    parts.push(format!("{:?} {:?}", notice.order_status(), notice.subscription_status()));
    parts.push(String::from_utf8_lossy(&notice.identity()).into_owned());
    parts.push(String::from_utf8_lossy(&notice.personal_identity().unwrap_or_default()).into_owned());
    parts.join("\n")
}

/// Said by the kind of notice, not by its fields.
const OF_THE_KIND: [&str; 4] = ["IPN_TYPE_ID", "IPN_TYPE_NAME", "TEST_MODE", "IS_RESENT"];

fn is_personal(field: &Field) -> bool {
    matches!(field.class, Class::Seal | Class::SealOther | Class::SealOptional | Class::AllowList)
}

#[test]
fn of_155_marked_fields_only_the_kept_ones_can_be_reached() {
    for kind in Kind::ALL.into_iter().chain([Kind::Unknown(99)]) {
        let exposed = exposed(&notice(kind));
        for (index, field) in
            FIELDS.iter().enumerate().filter(|(_, field)| !OF_THE_KIND.contains(&field.name))
        {
            let kept = !field.kept_in.is_empty() || field.name.ends_with("_STATUS_ID");
            let due = match kind.keeps() {
                Keeps::ByClass => kept,
                Keeps::NoPerson => kept && !is_personal(field),
                Keeps::Nothing => false,
            };
            let mark = mark(field, index, kind).1;
            assert_eq!(exposed.contains(&mark), due, "{} of {kind}", field.name);
        }
        assert!(!exposed.contains("mark-of-no-field"), "{kind}");
    }
}

#[test]
fn an_unknown_field_is_counted_and_nothing_else() {
    assert_eq!(notice(Kind::OrderCharged).unknown_fields(), 1);
}

#[test]
fn a_declined_or_waiting_order_names_nobody() {
    for kind in [Kind::OrderDeclined, Kind::OrderWaiting] {
        let notice = notice(kind);
        assert!(notice.order().is_some() && notice.order_item().is_some());
        assert!(
            notice.buyer().email.is_none() && notice.buyer().name.is_none() && notice.licensee().is_none()
        );
        assert!(
            notice.payment().last4.is_none() && notice.custom().is_empty() && notice.licence_text().is_none()
        );
    }
}

#[test]
fn somebody_who_did_not_buy_and_an_unknown_kind_leave_nothing_but_the_kind() {
    for kind in [Kind::Lead, Kind::Unknown(99)] {
        let notice = notice(kind);
        assert_eq!(notice.kind(), kind);
        assert!(notice.order().is_none() && notice.product().is_none() && notice.placed().is_none());
        assert!(notice.buyer().email.is_none() && notice.personal_identity().is_none());
    }
}

#[test]
fn a_field_that_is_not_kept_can_hold_anything() {
    let body = Simulator::new(key()).notice(Kind::OrderCharged).field("CUSTOMER_ID", "x".repeat(9000)).body();
    let body = body.replace("CUSTOMER_PHONE=", "CUSTOMER_PHONE=%ff%00");
    assert!(Unverified::parse(body.as_bytes()).unwrap().verify(&key()).is_ok());
}
