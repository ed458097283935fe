use paypro::{
    Keeps, Notice, Personal, Secret, Unverified,
    pan::{looks_like_card, mask},
    signature::{Signed, sign},
};

/// The body of a notice, as anybody can post it. Reading it never panics; what comes through with a right signature
/// holds nothing that its kind may not keep, and its numbers are numbers.
pub fn notice(input: &[u8]) {
    let key = Secret::new("validation key of the corpus").expect("it isn't empty");
    if let Ok(unverified) = Unverified::parse(input)
        && let Ok(notice) = unverified.verify(&key)
    {
        look_at(&notice);
    }
    // Once more with the signature that the provider would have set, so that the fuzzer gets behind it.
    if let Ok(unverified) = Unverified::parse(&signed_anew(input, &key)) {
        look_at(&unverified.verify(&key).expect("its signature was just made"));
    }
    let text = String::from_utf8_lossy(input);
    assert!(!looks_like_card(&mask(&text)), "a card number shows after masking");
}

fn signed_anew(input: &[u8], key: &Secret) -> Vec<u8> {
    let mut pairs: Vec<_> = form_urlencoded::parse(input).filter(|(name, _)| name != "SIGNATURE").collect();
    let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map_or("", |pair| &pair.1);
    let signature = sign(
        &Signed {
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

fn look_at(notice: &Notice) {
    let numbers =
        [notice.order(), notice.order_item(), notice.subscription(), notice.subscription_initial_order()];
    for number in numbers.into_iter().flatten() {
        assert!(digits(number, 1..=20), "a number is not of digits");
    }
    assert!(
        notice.payment().last4.as_ref().is_none_or(|last4| digits(last4, 4..=4)),
        "more of a card than four digits"
    );
    assert!(
        notice.quantity().is_none_or(|quantity| (1..=65_535).contains(&quantity)),
        "a quantity out of range"
    );
    let buyer = notice.buyer();
    let someone = buyer.email.is_some()
        || buyer.name.is_some()
        || buyer.company.is_some()
        || notice.licensee().is_some();
    assert!(notice.keeps() == Keeps::ByClass || !someone, "a kind that keeps no person shows one");
    assert!(
        notice.keeps() != Keeps::Nothing || notice.order().is_none(),
        "a kind that keeps nothing shows an order"
    );
    let moments = [notice.next_charge(), notice.finish(), notice.trial_till()];
    moments.into_iter().flatten().for_each(|moment| drop((moment.long_text(), moment.short_text())));
    let _ = (notice.placed(), notice.order_status(), notice.subscription_status(), notice.dynamic_discount());
    assert!(!notice.identity().is_empty(), "a notice without identity");
}

fn digits(text: &Personal, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.expose().len()) && text.expose().bytes().all(|byte| byte.is_ascii_digit())
}
