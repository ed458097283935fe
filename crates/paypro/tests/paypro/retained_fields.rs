//! The fields of a notification that can be read: every field gets its own mark, and the test looks for the marks
//! in everything that a notification exposes.

use paypro::{
    FIELDS, FieldClass, Licensee, Notification, NotificationField, NotificationKind, Personal, RetainedData,
    Secret, Simulator, UnverifiedNotification,
};

fn key() -> Secret {
    Secret::new("validation key").unwrap()
}

/// The value sent in a field, and how it would look where it is exposed.
fn mark(field: &NotificationField, index: usize, kind: NotificationKind) -> (String, String) {
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
        "ORDER_PLACED_TIME_UTC" => ("01/02/2031 03:04:05".to_owned(), "2031-01-02".to_owned()),
        "SUBSCRIPTION_NEXT_CHARGE_DATE" => ("1/3/2031 3:04 PM".to_owned(), "2031-01-03".to_owned()),
        "SUBSCRIPTION_FINISH_DATE" => ("1/4/2031 3:04 PM".to_owned(), "2031-01-04".to_owned()),
        "TRIAL_PERIOD_TILL" => ("1/5/2031 3:04 PM".to_owned(), "2031-01-05".to_owned()),
        _ => same(format!("mark{index:03}")),
    }
}

fn notification(kind: NotificationKind) -> Notification {
    let mut draft = Simulator::new(key()).notification(kind).field("SOMETHING_ELSE", "mark-of-no-field");
    for (index, field) in FIELDS.iter().enumerate().filter(|(_, field)| field.name != "SIGNATURE") {
        draft = draft.field(field.name, mark(field, index, kind).0);
    }
    UnverifiedNotification::parse(draft.body().as_bytes()).unwrap().verify(&key()).unwrap()
}

/// Everything that a notification exposes, as one text.
fn exposed(notification: &Notification) -> String {
    let shown = |personal: Option<&Personal>| personal.map_or("-", Personal::expose).to_owned();
    let (buyer, payment) = (notification.buyer(), notification.payment());
    let licensee = notification.licensee().unwrap_or(&Licensee { email: None, name: None });
    let mut parts = [
        notification.order(),
        notification.order_item(),
        notification.subscription(),
        notification.subscription_initial_order(),
        notification.licence_text(),
        notification.custom_field("x-mark"),
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
    let days = [notification.next_charge(), notification.finish(), notification.trial_till()];
    parts.push(format!("{days:?}"));
    parts.extend(
        notification.custom_fields().iter().map(|field| format!("{}={}", field.name, field.value.expose())),
    );
    parts.push(format!(
        "{:?} {:?} {:?}",
        notification.product(),
        notification.quantity(),
        notification.placed()
    ));
    parts.push(format!("{:?} {:?}", notification.order_status(), notification.subscription_status()));
    parts.push(String::from_utf8_lossy(&notification.idempotency_key()).into_owned());
    parts.push(
        String::from_utf8_lossy(&notification.personal_idempotency_key().unwrap_or_default()).into_owned(),
    );
    parts.join("\n")
}

/// Exposed by the kind of notification, not by its fields.
const OF_THE_KIND: [&str; 4] = ["IPN_TYPE_ID", "IPN_TYPE_NAME", "TEST_MODE", "IS_RESENT"];

fn is_personal(field: &NotificationField) -> bool {
    matches!(
        field.class,
        FieldClass::Seal | FieldClass::SealOther | FieldClass::SealOptional | FieldClass::AllowList
    )
}

#[test]
fn only_the_kept_fields_of_all_155_can_be_read() {
    for kind in NotificationKind::ALL.into_iter().chain([NotificationKind::Unknown(99)]) {
        let exposed = exposed(&notification(kind));
        for (index, field) in
            FIELDS.iter().enumerate().filter(|(_, field)| !OF_THE_KIND.contains(&field.name))
        {
            let kept = !field.kept_in.is_empty() || field.name.ends_with("_STATUS_ID");
            let due = match kind.retained_data() {
                RetainedData::ByClass => kept,
                RetainedData::NoPerson => kept && !is_personal(field),
                RetainedData::Nothing => false,
            };
            let mark = mark(field, index, kind).1;
            assert_eq!(exposed.contains(&mark), due, "{} of {kind}", field.name);
        }
        assert!(!exposed.contains("mark-of-no-field"), "{kind}");
    }
}

#[test]
fn an_unknown_field_is_counted_and_nothing_else() {
    assert_eq!(notification(NotificationKind::OrderCharged).unknown_fields(), 1);
}

#[test]
fn a_declined_or_waiting_order_exposes_no_person() {
    for kind in [NotificationKind::OrderDeclined, NotificationKind::OrderWaiting] {
        let notification = notification(kind);
        assert!(notification.order().is_some() && notification.order_item().is_some());
        assert!(
            notification.buyer().email.is_none()
                && notification.buyer().name.is_none()
                && notification.licensee().is_none()
        );
        assert!(
            notification.payment().last4.is_none()
                && notification.custom_fields().is_empty()
                && notification.licence_text().is_none()
        );
    }
}

#[test]
fn a_lead_and_an_unknown_kind_expose_only_the_kind() {
    for kind in [NotificationKind::Lead, NotificationKind::Unknown(99)] {
        let notification = notification(kind);
        assert_eq!(notification.kind(), kind);
        assert!(
            notification.order().is_none()
                && notification.product().is_none()
                && notification.placed().is_none()
        );
        assert!(notification.buyer().email.is_none() && notification.personal_idempotency_key().is_none());
    }
}

#[test]
fn a_dropped_field_can_contain_anything() {
    let body = Simulator::new(key())
        .notification(NotificationKind::OrderCharged)
        .field("CUSTOMER_ID", "x".repeat(9000))
        .body();
    let body = body.replace("CUSTOMER_PHONE=", "CUSTOMER_PHONE=%ff%00");
    assert!(UnverifiedNotification::parse(body.as_bytes()).unwrap().verify(&key()).is_ok());
}
