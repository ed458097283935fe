//! The HTML pages: a view struct for each template, and the functions that render them.
//!
//! Sentences that customers read stand in the templates or in this module.

pub mod contact;
pub mod statistics;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use domain::VendorSettings;
use domain::portal::personal_data::PersonalData;

macro_rules! pages {
    ($($name:ident($file:literal) { $($field:ident: $kind:ty),* $(,)? })*) => {
        $(#[derive(Template)]
        #[template(path = $file)]
        struct $name<'a> { vendor: &'a str, $($field: $kind),* })*
    };
}

pages! {
    RequestMagicLink("templates/request_magic_link.html") { signed_out: bool, problem: &'a str }
    MagicLinkRequested("templates/magic_link_requested.html") {}
    RedeemMagicLink("templates/redeem_magic_link.html") {}
    MagicLinkExpired("templates/magic_link_expired.html") {}
    Portal("templates/portal.html") { data: &'a PersonalData }
    PersonalDataPage("templates/personal_data.html") { data: &'a PersonalData, months: i64 }
    ChangeAddress("templates/change_address.html") { problem: &'a str }
    AddressRequested("templates/address_requested.html") {}
    ConfirmAddressChange("templates/confirm_address.html") {}
    Erase("templates/erase.html") { data: &'a PersonalData, consequences: Vec<String>, has_keys: bool, cooling_days: i64, problem: &'a str }
    ErasureScheduled("templates/erasure_scheduled.html") { day: &'a str, code: &'a str }
    Erased("templates/erased.html") { receipt: &'a str, code: &'a str }
    Receipt("templates/receipt.html") { problem: &'a str }
    Message("templates/message.html") { title: &'a str, text: &'a str }
}

/// Renders a template. If that fails, the page says so.
pub fn page(template: &impl Template) -> Html<String> {
    Html(template.render().unwrap_or_else(|_| "This page cannot be shown.".to_owned()))
}

/// The form that asks for the address to which a magic link is sent.
pub fn request_magic_link(vendor: &str, signed_out: bool, problem: &str) -> Html<String> {
    page(&RequestMagicLink { vendor, signed_out, problem })
}

/// The page after a magic link was requested. It is the same for known and unknown addresses.
pub(crate) fn magic_link_requested(vendor: &str) -> Html<String> {
    page(&MagicLinkRequested { vendor })
}

/// The button that redeems a magic link.
pub(crate) fn redeem_magic_link(vendor: &str) -> Html<String> {
    page(&RedeemMagicLink { vendor })
}

/// The page for a link that was used, that has expired or that never existed.
pub(crate) fn magic_link_expired(vendor: &str) -> Html<String> {
    page(&MagicLinkExpired { vendor })
}

/// The portal: a customer's licences, keys and conversations.
pub fn portal(settings: &VendorSettings, data: &PersonalData) -> Html<String> {
    page(&Portal { vendor: &settings.vendor, data })
}

/// Everything that is stored about a customer (GDPR Art. 15, right of access).
pub fn personal_data(settings: &VendorSettings, data: &PersonalData) -> Html<String> {
    page(&PersonalDataPage { vendor: &settings.vendor, data, months: settings.person_months })
}

/// The form for a new address (GDPR Art. 16, right to rectification).
pub fn change_address(vendor: &str, problem: &str) -> Html<String> {
    page(&ChangeAddress { vendor, problem })
}

/// The page after a link was sent to the new address.
pub(crate) fn address_requested(vendor: &str) -> Html<String> {
    page(&AddressRequested { vendor })
}

/// The button that confirms a new address.
pub(crate) fn confirm_address(vendor: &str) -> Html<String> {
    page(&ConfirmAddressChange { vendor })
}

/// Lists what the erasure of this customer makes impossible, in one sentence each.
fn consequences(data: &PersonalData) -> Vec<String> {
    let mut all = Vec::new();
    for licence in &data.licences {
        let name = format!("{} (licence {})", licence.product, licence.number);
        if !licence.key.is_empty() {
            all.push(format!("{name}: we cannot recover a lost key. Keep the key yourself."));
        }
        if licence.renewable {
            all.push(format!(
                "{name}: you lose the renewal discount. You pay the full price for a new licence."
            ));
        }
        if licence.kind == "subscription" && matches!(&*licence.state, "active" | "suspended") {
            all.push(format!(
                "{name}: the subscription continues at the payment provider. We cannot find or cancel it for you. \
                 If you want it to end, cancel it there."
            ));
        }
    }
    let mut numbers: Vec<&str> = data.orders.iter().map(|order| &*order.order).collect();
    numbers.dedup();
    match &numbers[..] {
        [] => {}
        [one] => all.push(format!("Order {one}: we cannot find it again for a question or a refund.")),
        many => all.push(format!(
            "Orders {}: we cannot find them again for a question or a refund.",
            many.join(", ")
        )),
    }
    if !data.conversations.is_empty() {
        all.push(
            "We erase your conversations with us, including all files. We will not answer open questions."
                .to_owned(),
        );
    }
    for order in &data.pending_orders {
        all.push(format!(
            "Order {}: we are still setting up its product. You may never receive the licence.",
            order.order
        ));
    }
    all
}

/// The text to which the customer agrees. The audit log keeps its hash.
pub fn agreement(settings: &VendorSettings, data: &PersonalData) -> String {
    let consequences = consequences(data).join("\n");
    format!("I agree that {} erases my personal data, although:\n{consequences}\n", settings.vendor)
}

/// The consequences of erasure, the download of the keys, and the form to agree (GDPR Art. 17, right to erasure).
pub fn erase(settings: &VendorSettings, data: &PersonalData, problem: &str) -> Html<String> {
    let consequences = consequences(data);
    let has_keys = data.licences.iter().any(|licence| !licence.key.is_empty());
    let cooling_days = settings.cooling_days;
    page(&Erase { vendor: &settings.vendor, data, consequences, has_keys, cooling_days, problem })
}

/// The page after an erasure was agreed that is carried out on a later day.
pub(crate) fn erasure_scheduled(vendor: &str, day: &str, code: &str) -> Html<String> {
    page(&ErasureScheduled { vendor, day, code })
}

/// The page after an erasure. The receipt is empty while the erasure isn't complete.
pub fn erased(vendor: &str, receipt: &str, code: &str) -> Html<String> {
    page(&Erased { vendor, receipt, code })
}

/// The form for a receipt code.
pub fn receipt(vendor: &str, problem: &str) -> Html<String> {
    page(&Receipt { vendor, problem })
}

/// A page with one message.
pub fn message_page(title: &str, text: &str) -> Html<String> {
    page(&Message { vendor: "", title, text })
}

/// The answer to a network that exceeded a rate limit.
pub(crate) fn rate_limited() -> Response {
    let page = message_page("Too many attempts", "Wait a minute, then try again.");
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")], page).into_response()
}

/// Describes the payment status of an order to its buyer.
pub fn payment_status(status: &str) -> &str {
    match status {
        "standing" | "paid" => "paid",
        "waiting" | "pending" => "not paid yet",
        "held" | "on hold" => "on hold until our staff have checked it",
        other => other,
    }
}

/// Names the actor who read a record, to the person whom it is about.
pub fn actor(name: &str) -> &str {
    match name {
        "person" => "you",
        "system" => "our software",
        staff => staff,
    }
}

/// Describes the purpose for which a record was read.
pub fn purpose(id: &str) -> &str {
    policy::purpose::ALL.iter().find(|(known, _)| *known == id).map_or(id, |(_, description)| description)
}
