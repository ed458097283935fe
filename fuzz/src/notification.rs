use paypro::{
    Notification, Personal, RetainedData, Secret, UnverifiedNotification,
    card_number::{looks_like_card, mask},
    signature::{SignedFields, compute_signature},
};

/// Parses the body of a notification (webhook; PayPro calls it IPN), as any client can post it. It never panics. A
/// notification with a valid signature holds only data that its kind may retain, and its numbers are digits.
pub fn notification(input: &[u8]) {
    let key = Secret::new("validation key of the corpus").expect("it isn't empty");
    if let Ok(unverified) = UnverifiedNotification::parse(input)
        && let Ok(notification) = unverified.verify(&key)
    {
        check_notification(&notification);
    }
    // Again with a valid signature, so that the fuzzer gets past the check.
    if let Ok(unverified) = UnverifiedNotification::parse(&with_valid_signature(input, &key)) {
        check_notification(&unverified.verify(&key).expect("its signature was just made"));
    }
    let text = String::from_utf8_lossy(input);
    assert!(!looks_like_card(&mask(&text)), "a card number shows after masking");
}

fn with_valid_signature(input: &[u8], key: &Secret) -> Vec<u8> {
    let mut pairs: Vec<_> = form_urlencoded::parse(input).filter(|(name, _)| name != "SIGNATURE").collect();
    let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map_or("", |pair| &pair.1);
    let signature = compute_signature(
        &SignedFields {
            order: value("ORDER_ID"),
            status: value("ORDER_STATUS"),
            total: value("ORDER_TOTAL_AMOUNT"),
            email: value("CUSTOMER_EMAIL"),
            test: value("TEST_MODE"),
            type_name: value("IPN_TYPE_NAME"),
        },
        key,
    );
    pairs.push(("SIGNATURE".into(), signature.into()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

fn check_notification(notification: &Notification) {
    let numbers = [
        notification.order(),
        notification.order_item(),
        notification.subscription(),
        notification.subscription_initial_order(),
    ];
    for number in numbers.into_iter().flatten() {
        assert!(digits(number, 1..=20), "a number is not of digits");
    }
    assert!(
        notification.payment().last4.as_ref().is_none_or(|last4| digits(last4, 4..=4)),
        "more of a card than four digits"
    );
    assert!(
        notification.quantity().is_none_or(|quantity| (1..=65_535).contains(&quantity)),
        "a quantity out of range"
    );
    let buyer = notification.buyer();
    let someone = buyer.email.is_some()
        || buyer.name.is_some()
        || buyer.company.is_some()
        || notification.licensee().is_some();
    assert!(
        notification.retained_data() == RetainedData::ByClass || !someone,
        "a kind without personal data holds some"
    );
    assert!(
        notification.retained_data() != RetainedData::Nothing || notification.order().is_none(),
        "a kind that retains nothing holds an order"
    );
    let _ = (
        notification.placed(),
        [notification.next_charge(), notification.finish(), notification.trial_till()],
        notification.order_status(),
        notification.subscription_status(),
        notification.dynamic_discount(),
    );
    assert!(!notification.idempotency_key().is_empty(), "a notification without an idempotency key");
}

fn digits(text: &Personal, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.expose().len()) && text.expose().bytes().all(|byte| byte.is_ascii_digit())
}
