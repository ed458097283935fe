//! Reads the meaning of a notification from its fields. If a needed field cannot be read, the whole notification
//! is rejected: the provider then sends it again and tells the vendor. An unreadable field that is not needed is
//! left out.

use calendar::Timestamp;

use crate::{
    custom_field,
    date_text::parse_timestamp,
    form::Form,
    kind::{NotificationKind, RetainedData},
    notification::{Buyer, Contents, Licensee, Notification, Payment, Person},
    parse_error::{ParseError, ParseFault},
    personal::Personal,
    signature::{SignatureFields, UnverifiedNotification},
};

type ParseResult<T> = Result<T, ParseError>;

impl UnverifiedNotification {
    /// Parses the body of a notification (`application/x-www-form-urlencoded`, UTF-8).
    ///
    /// # Errors
    /// [`ParseError`] when it cannot be read, contradicts itself, or lacks what its kind needs. The HTTP status
    /// is then 400.
    pub fn parse(body: &[u8]) -> Result<Self, ParseError> {
        read(body)
    }
}

fn read(body: &[u8]) -> ParseResult<UnverifiedNotification> {
    let form = Form::read(body)?;
    let kind = kind(&form)?;
    let test = check_boundaries(&form)?;
    let contents = match kind.retained_data() {
        RetainedData::Nothing => Contents::default(),
        RetainedData::NoPerson => contents(&form, kind)?,
        RetainedData::ByClass => Contents { person: person(&form, kind)?, ..contents(&form, kind)? },
    };
    let resent = form.get("IS_RESENT") == Some("1");
    let notification = Notification { kind, test, resent, unknown_fields: form.unknown, contents };
    Ok(UnverifiedNotification { notification, signature_fields: signature_fields(&form) })
}

fn fail<T>(field: &'static str, fault: ParseFault) -> ParseResult<T> {
    Err(ParseError::at(Some(field), fault))
}

/// The signature covers only the type's name, but the id decides the meaning: they must agree.
fn kind(form: &Form) -> ParseResult<NotificationKind> {
    let Some(id) = form.get("IPN_TYPE_ID") else { return fail("IPN_TYPE_ID", ParseFault::Missing) };
    let Some(id) = digits(id).and_then(|id| id.parse().ok()) else {
        return fail("IPN_TYPE_ID", ParseFault::NotDigits);
    };
    let kind = NotificationKind::from_id(id);
    let with_buyer_name = NotificationKind::from_name(form.raw("IPN_TYPE_NAME"));
    let agrees = match kind {
        NotificationKind::Unknown(_) => with_buyer_name.is_none(),
        known => with_buyer_name == Some(known),
    };
    if agrees { Ok(kind) } else { fail("IPN_TYPE_NAME", ParseFault::Contradicts) }
}

/// Checks the values whose boundaries the signature does not protect, and returns whether it is a test order. The
/// signed text has no separators. Without these checks, an attacker with one genuine notification could move the
/// boundary between two values, and get a genuine signature of another order.
fn check_boundaries(form: &Form) -> ParseResult<bool> {
    let order = form.raw("ORDER_ID");
    if !order.is_empty() && digits(order).is_none() {
        return fail("ORDER_ID", ParseFault::NotDigits);
    }
    if form.raw("ORDER_STATUS").starts_with(|c: char| c.is_ascii_digit()) {
        return fail("ORDER_STATUS", ParseFault::BeginsWithDigit);
    }
    if !is_amount(form.raw("ORDER_TOTAL_AMOUNT")) {
        return fail("ORDER_TOTAL_AMOUNT", ParseFault::NotAnAmount);
    }
    match form.raw("TEST_MODE") {
        "" | "0" => Ok(false),
        "1" => Ok(true),
        _ => fail("TEST_MODE", ParseFault::NotZeroOrOne),
    }
}

fn contents(form: &Form, kind: NotificationKind) -> ParseResult<Contents> {
    let product = number(form, "PRODUCT_ID", kind.issues_licence())?;
    Ok(Contents {
        order: number(form, "ORDER_ID", true)?.map(Personal::new),
        order_item: number(form, "ORDER_ITEM_ID", kind.needs_order_item())?.map(Personal::new),
        subscription: number(form, "SUBSCRIPTION_ID", kind.needs_subscription())?.map(Personal::new),
        initial_order: number(form, "SUBSCRIPTION_INITIAL_ORDER_ID", false)?.map(Personal::new),
        product: product.map(str::to_owned),
        quantity: quantity(form, kind.issues_licence())?,
        order_status: form.get("ORDER_STATUS_ID").and_then(|id| id.parse().ok()),
        subscription_status: form.get("SUBSCRIPTION_STATUS_ID").and_then(|id| id.parse().ok()),
        placed: timestamp(form, "ORDER_PLACED_TIME_UTC")?,
        next_charge: timestamp(form, "SUBSCRIPTION_NEXT_CHARGE_DATE")?,
        finish: timestamp(form, "SUBSCRIPTION_FINISH_DATE")?,
        trial_till: timestamp(form, "TRIAL_PERIOD_TILL")?,
        dynamic_discount: form.get("ORDER_ITEM_DYNAMIC_DISCOUNT").is_some_and(|amount| !is_zero(amount)),
        refunded: form.refunded.filter(|_| kind == NotificationKind::OrderPartiallyRefunded),
        person: Person::default(),
    })
}

fn person(form: &Form, kind: NotificationKind) -> ParseResult<Person> {
    let email = address(form, "CUSTOMER_EMAIL");
    if email.is_none() && kind.needs_address() {
        let fault = form.get("CUSTOMER_EMAIL").map_or(ParseFault::Missing, |_| ParseFault::NotAnEmailAddress);
        return fail("CUSTOMER_EMAIL", fault);
    }
    let (name, company) = (line(form, "CUSTOMER_NAME"), line(form, "COMPANY_NAME"));
    let buyer = Buyer { email, name, company, language: line(form, "CUSTOMER_LANGUAGE_CODE") };
    let licensee =
        Licensee { email: address(form, "LICENSED_TO_EMAIL"), name: line(form, "LICENSED_TO_NAME") };
    let last4 = form.get("CREDIT_CARD_LAST4").filter(|text| text.len() == 4 && digits(text).is_some());
    let method = form.get("PAYMENT_METHOD_ID").and_then(digits);
    Ok(Person {
        buyer,
        licensee: Some(licensee).filter(|one| one.email.is_some() || one.name.is_some()),
        payment: Payment { last4: last4.map(Personal::new), method: method.map(Personal::new) },
        custom_fields: custom_field::split(form.raw("ORDER_CUSTOM_FIELDS")),
        licence_text: form.get("CUSTOM_LICENSE_INFO").map(Personal::new),
    })
}

fn signature_fields(form: &Form) -> SignatureFields {
    let take = |name| Personal::new(form.raw(name));
    SignatureFields {
        order: take("ORDER_ID"),
        status: take("ORDER_STATUS"),
        total: take("ORDER_TOTAL_AMOUNT"),
        email: take("CUSTOMER_EMAIL"),
        test: take("TEST_MODE"),
        type_name: take("IPN_TYPE_NAME"),
        signature: take("SIGNATURE"),
    }
}

fn digits(text: &str) -> Option<&str> {
    ((1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// A number of the provider. The provider sends 0 for "no subscription", so 0 counts as absent.
fn number<'f>(form: &'f Form, name: &'static str, needed: bool) -> ParseResult<Option<&'f str>> {
    match form.get(name).filter(|text| *text != "0") {
        None if needed => fail(name, ParseFault::Missing),
        None => Ok(None),
        Some(text) => digits(text).map_or_else(|| fail(name, ParseFault::NotDigits), |text| Ok(Some(text))),
    }
}

fn quantity(form: &Form, needed: bool) -> ParseResult<Option<u32>> {
    let text = form.get("PRODUCT_QUANTITY");
    let quantity =
        text.and_then(digits).and_then(|text| text.parse().ok()).filter(|n| (1..=65535).contains(n));
    match quantity {
        None if needed && text.is_none() => fail("PRODUCT_QUANTITY", ParseFault::Missing),
        None if needed => fail("PRODUCT_QUANTITY", ParseFault::NotAQuantity),
        quantity => Ok(quantity),
    }
}

fn timestamp(form: &Form, name: &'static str) -> ParseResult<Option<Timestamp>> {
    let Some(text) = form.get(name) else { return Ok(None) };
    parse_timestamp(text).map_or_else(|| fail(name, ParseFault::NotADate), |at| Ok(Some(at)))
}

/// Tells whether the text is empty, or consists of digits with points and commas, as `49.00` or `-1,234.50`.
fn is_amount(text: &str) -> bool {
    let amount = text.strip_prefix('-').unwrap_or(text);
    let digit = |c: char| c.is_ascii_digit();
    text.is_empty()
        || (amount.starts_with(digit)
            && amount.ends_with(digit)
            && amount.chars().all(|c| digit(c) || ".,".contains(c)))
}

/// Tells whether the amount is zero: `0`, `0.00`, `0,00`. Every other text counts as a discount.
fn is_zero(amount: &str) -> bool {
    amount.bytes().all(|byte| matches!(byte, b'0' | b'.' | b','))
}

/// An e-mail address: text on both sides of an `@` and no white space, which could end a header line.
fn address(form: &Form, name: &'static str) -> Option<Personal> {
    let text = form.get(name)?;
    let (local, domain) = text.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace))
        .then(|| Personal::new(text))
}

/// The text on one line: runs of white space become one space.
fn line(form: &Form, name: &'static str) -> Option<Personal> {
    form.get(name).map(|text| Personal::new(text.split_whitespace().collect::<Vec<_>>().join(" ")))
}
