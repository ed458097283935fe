//! From the fields of a notice to its meaning. What is needed and can't be read refuses the whole notice, so that the
//! provider sends it again and tells the vendor; what isn't needed and can't be read is left out.

use crate::{
    custom,
    form::Form,
    kind::{Keeps, Kind},
    moment::Moment,
    notice::{Buyer, Contents, Licensee, Notice, Payment, Person},
    personal::Personal,
    signature::{Envelope, Unverified},
    unreadable::{Fault, Unreadable},
};

type Read<T> = Result<T, Unreadable>;

pub(crate) fn read(body: &[u8]) -> Read<Unverified> {
    let form = Form::read(body)?;
    let kind = kind(&form)?;
    let test = boundaries(&form)?;
    let contents = match kind.keeps() {
        Keeps::Nothing => Contents::default(),
        Keeps::NoPerson => contents(&form, kind)?,
        Keeps::ByClass => Contents { person: person(&form, kind)?, ..contents(&form, kind)? },
    };
    let resent = form.get("IS_RESENT") == Some("1");
    let notice = Notice { kind, test, resent, unknown_fields: form.unknown, contents };
    Ok(Unverified { notice, envelope: envelope(&form) })
}

fn refuse<T>(field: &'static str, fault: Fault) -> Read<T> {
    Err(Unreadable::at(Some(field), fault))
}

/// The signature covers the type's name only, the meaning hangs on its id: they must agree.
fn kind(form: &Form) -> Read<Kind> {
    let Some(id) = form.get("IPN_TYPE_ID") else { return refuse("IPN_TYPE_ID", Fault::Missing) };
    let Some(id) = digits(id).and_then(|id| id.parse().ok()) else {
        return refuse("IPN_TYPE_ID", Fault::NotDigits);
    };
    let kind = Kind::from_id(id);
    let named = Kind::from_name(form.raw("IPN_TYPE_NAME"));
    let agrees = match kind {
        Kind::Unknown(_) => named.is_none(),
        known => named == Some(known),
    };
    if agrees { Ok(kind) } else { refuse("IPN_TYPE_NAME", Fault::Contradicts) }
}

/// What is signed is one text without separators. Were these values free, whoever saw one genuine notice could move
/// the boundary between two of them and have a genuine one of another order. Answers whether it is a test order.
fn boundaries(form: &Form) -> Read<bool> {
    let order = form.raw("ORDER_ID");
    if !order.is_empty() && digits(order).is_none() {
        return refuse("ORDER_ID", Fault::NotDigits);
    }
    if form.raw("ORDER_STATUS").starts_with(|c: char| c.is_ascii_digit()) {
        return refuse("ORDER_STATUS", Fault::BeginsWithDigit);
    }
    if !is_amount(form.raw("ORDER_TOTAL_AMOUNT")) {
        return refuse("ORDER_TOTAL_AMOUNT", Fault::NotAnAmount);
    }
    match form.raw("TEST_MODE") {
        "" | "0" => Ok(false),
        "1" => Ok(true),
        _ => refuse("TEST_MODE", Fault::NotZeroOrOne),
    }
}

fn contents(form: &Form, kind: Kind) -> Read<Contents> {
    let product = number(form, "PRODUCT_ID", kind.issues())?;
    Ok(Contents {
        order: number(form, "ORDER_ID", true)?.map(Personal::new),
        order_item: number(form, "ORDER_ITEM_ID", kind.needs_order_item())?.map(Personal::new),
        subscription: number(form, "SUBSCRIPTION_ID", kind.needs_subscription())?.map(Personal::new),
        initial_order: number(form, "SUBSCRIPTION_INITIAL_ORDER_ID", false)?.map(Personal::new),
        product: product.map(str::to_owned),
        quantity: quantity(form, kind.issues())?,
        order_status: form.get("ORDER_STATUS_ID").and_then(|id| id.parse().ok()),
        subscription_status: form.get("SUBSCRIPTION_STATUS_ID").and_then(|id| id.parse().ok()),
        placed: moment(form, "ORDER_PLACED_TIME_UTC")?,
        next_charge: moment(form, "SUBSCRIPTION_NEXT_CHARGE_DATE")?,
        finish: moment(form, "SUBSCRIPTION_FINISH_DATE")?,
        trial_till: moment(form, "TRIAL_PERIOD_TILL")?,
        dynamic_discount: form.get("ORDER_ITEM_DYNAMIC_DISCOUNT").is_some_and(|amount| !is_zero(amount)),
        refunded: form.refunded.filter(|_| kind == Kind::OrderPartiallyRefunded),
        person: Person::default(),
    })
}

fn person(form: &Form, kind: Kind) -> Read<Person> {
    let email = address(form, "CUSTOMER_EMAIL");
    if email.is_none() && kind.needs_address() {
        let fault = form.get("CUSTOMER_EMAIL").map_or(Fault::Missing, |_| Fault::NotAnAddress);
        return refuse("CUSTOMER_EMAIL", fault);
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
        custom: custom::split(form.raw("ORDER_CUSTOM_FIELDS")),
        licence_text: form.get("CUSTOM_LICENSE_INFO").map(Personal::new),
    })
}

fn envelope(form: &Form) -> Envelope {
    let take = |name| Personal::new(form.raw(name));
    Envelope {
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

/// A number of the provider's. It may be a subscription's, so 0 is no number: the provider's way of saying none.
fn number<'f>(form: &'f Form, name: &'static str, needed: bool) -> Read<Option<&'f str>> {
    match form.get(name).filter(|text| *text != "0") {
        None if needed => refuse(name, Fault::Missing),
        None => Ok(None),
        Some(text) => digits(text).map_or_else(|| refuse(name, Fault::NotDigits), |text| Ok(Some(text))),
    }
}

fn quantity(form: &Form, needed: bool) -> Read<Option<u32>> {
    let text = form.get("PRODUCT_QUANTITY");
    let quantity =
        text.and_then(digits).and_then(|text| text.parse().ok()).filter(|n| (1..=65535).contains(n));
    match quantity {
        None if needed && text.is_none() => refuse("PRODUCT_QUANTITY", Fault::Missing),
        None if needed => refuse("PRODUCT_QUANTITY", Fault::NotAQuantity),
        quantity => Ok(quantity),
    }
}

fn moment(form: &Form, name: &'static str) -> Read<Option<Moment>> {
    let Some(text) = form.get(name) else { return Ok(None) };
    Moment::parse(text).map_or_else(|| refuse(name, Fault::NotADate), |moment| Ok(Some(moment)))
}

/// Nothing, or digits with points and commas among them, as `49.00` or `-1,234.50`.
fn is_amount(text: &str) -> bool {
    let amount = text.strip_prefix('-').unwrap_or(text);
    let digit = |c: char| c.is_ascii_digit();
    text.is_empty()
        || (amount.starts_with(digit)
            && amount.ends_with(digit)
            && amount.chars().all(|c| digit(c) || ".,".contains(c)))
}

/// Zero as `0`, `0.00`, `0,00`. Whatever else stands there is taken for a discount.
fn is_zero(amount: &str) -> bool {
    amount.bytes().all(|byte| matches!(byte, b'0' | b'.' | b','))
}

/// An address to which a letter can go: something on both sides of an `@` and no white space, which could end a
/// header line.
fn address(form: &Form, name: &'static str) -> Option<Personal> {
    let text = form.get(name)?;
    let (local, domain) = text.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace))
        .then(|| Personal::new(text))
}

/// A text that goes on one line: runs of white space become one space.
fn line(form: &Form, name: &'static str) -> Option<Personal> {
    form.get(name).map(|text| Personal::new(text.split_whitespace().collect::<Vec<_>>().join(" ")))
}
