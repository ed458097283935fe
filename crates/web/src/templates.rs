//! The pages that people see: plain HTML without script, each a template beside this file.

pub mod contact;
pub mod statistics;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::VendorSettings;
use domain::portal::personal_data::Held;

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident($file:literal) { $($field:ident: $kind:ty),* $(,)? })*) => {
        $($(#[$doc])*
        #[derive(Template)]
        #[template(path = $file)]
        struct $name<'a> { vendor: &'a str, $($field: $kind),* })*
    };
}

pages! {
    Ask("templates/ask.html") { closed: bool, problem: &'a str }
    Asked("templates/asked.html") {}
    Open("templates/open.html") {}
    NoLink("templates/no_link.html") {}
    Own("templates/own.html") { held: &'a Held }
    HeldAll("templates/held.html") { held: &'a Held, months: i64 }
    Address("templates/address.html") { problem: &'a str }
    AddressAsked("templates/address_asked.html") {}
    ConfirmAddress("templates/confirm_address.html") {}
    Erase("templates/erase.html") { held: &'a Held, consequences: Vec<String>, has_keys: bool, cooling: i64, problem: &'a str }
    Cooling("templates/cooling.html") { day: &'a str, code: &'a str }
    Erased("templates/erased.html") { receipt: &'a str, code: &'a str }
    Receipt("templates/receipt.html") { problem: &'a str }
    Say("templates/say.html") { title: &'a str, says: &'a str }
}

/// A page, or, if a template fails, a plain word that it did.
pub fn page(template: &impl Template) -> Html<String> {
    Html(template.render().unwrap_or_else(|_| "This page can't be shown.".to_owned()))
}

/// The form that asks for an address.
pub fn ask(vendor: &str, closed: bool, problem: &str) -> Html<String> {
    page(&Ask { vendor, closed, problem })
}

/// The same answer for every address.
pub fn asked(vendor: &str) -> Html<String> {
    page(&Asked { vendor })
}

/// The button behind a letter's link.
pub fn open(vendor: &str) -> Html<String> {
    page(&Open { vendor })
}

/// A link that is used up, has ended or never was.
pub fn no_link(vendor: &str) -> Html<String> {
    page(&NoLink { vendor })
}

/// A person's purchases with their keys.
pub fn own(house: &VendorSettings, held: &Held) -> Html<String> {
    page(&Own { vendor: &house.vendor, held })
}

/// Everything held about a person.
pub fn held(house: &VendorSettings, held: &Held) -> Html<String> {
    page(&HeldAll { vendor: &house.vendor, held, months: house.person_months })
}

/// The form for a new address.
pub fn address(vendor: &str, problem: &str) -> Html<String> {
    page(&Address { vendor, problem })
}

/// A letter goes to the new address.
pub fn address_asked(vendor: &str) -> Html<String> {
    page(&AddressAsked { vendor })
}

/// The button that confirms a new address.
pub fn confirm_address(vendor: &str) -> Html<String> {
    page(&ConfirmAddress { vendor })
}

/// What erasure makes impossible for these purchases, one sentence each.
fn consequences(held: &Held) -> Vec<String> {
    let mut all = Vec::new();
    for l in &held.licences {
        let name = format!("{} (licence {})", l.product, l.number);
        if !l.key.is_empty() {
            all.push(format!("{name}: a lost key can’t be recovered. Keep the key yourself."));
        }
        if l.renewable {
            all.push(format!(
                "{name}: no renewal discount any more; a renewal costs what a new licence costs."
            ));
        }
        if l.kind == "subscription" && matches!(&*l.state, "active" | "suspended") {
            all.push(format!(
                "{name}: the subscription goes on at the payment provider. We can’t stop or find it for you afterwards; \
                 cancel it there if you want it to end."
            ));
        }
    }
    let mut numbers: Vec<&str> = held.orders.iter().map(|order| &*order.order).collect();
    numbers.dedup();
    match &numbers[..] {
        [] => {}
        [one] => {
            all.push(format!("Order {one}: nobody here can find it any more, for a question or a refund."))
        }
        many => all.push(format!(
            "Orders {}: nobody here can find them any more, for a question or a refund.",
            many.join(", ")
        )),
    }
    if !held.threads.is_empty() {
        all.push(
            "Your conversations with us go too, with every file; an answer that you wait for never comes."
                .to_owned(),
        );
    }
    for waiting in &held.waiting_orders {
        all.push(format!(
            "Order {}: its product is not set up yet, and its licence may never reach you.",
            waiting.order
        ));
    }
    all
}

/// The text that is agreed to: its hash is what the journal keeps.
pub fn agreement(house: &VendorSettings, held: &Held) -> String {
    format!("I agree to be erased by {}, although:\n{}\n", house.vendor, consequences(held).join("\n"))
}

/// What will become impossible, the keys to take along, the tick and the word.
pub fn erase(house: &VendorSettings, held: &Held, problem: &str) -> Html<String> {
    let consequences = consequences(held);
    let has_keys = held.licences.iter().any(|licence| !licence.key.is_empty());
    let cooling = house.cooling_days;
    page(&Erase { vendor: &house.vendor, held, consequences, has_keys, cooling, problem })
}

/// Agreed; it happens on this day.
pub fn cooling(vendor: &str, day: &str, code: &str) -> Html<String> {
    page(&Cooling { vendor, day, code })
}

/// Done, or agreed and under way (an empty receipt).
pub fn erased(vendor: &str, receipt: &str, code: &str) -> Html<String> {
    page(&Erased { vendor, receipt, code })
}

/// The form for a pick-up code.
pub fn receipt(vendor: &str, problem: &str) -> Html<String> {
    page(&Receipt { vendor, problem })
}

/// One thing to say.
pub fn say(title: &str, says: &str) -> Html<String> {
    page(&Say { vendor: "", title, says })
}

/// Too many tries from one place.
pub fn too_often() -> Response {
    let page = say("Too many tries", "Please wait a minute, then try again.");
    (StatusCode::TOO_MANY_REQUESTS, [(axum::http::header::RETRY_AFTER, "60")], page).into_response()
}

/// A day in a template.
pub fn day(unix: &i64) -> String {
    domain::day::text(*unix)
}

/// How an order stands, for its buyer.
pub fn standing(word: &str) -> &str {
    match word {
        "standing" => "paid",
        "waiting" => "not paid yet",
        "held" => "held back until staff have looked at it",
        other => other,
    }
}

/// Who opened a record, for the person whom it is about.
pub fn who(word: &str) -> &str {
    match word {
        "person" => "you",
        "system" => "the shop’s program",
        staff => staff,
    }
}

/// What a record was opened for.
pub fn purpose(id: &str) -> &str {
    policy::purpose::ALL.iter().find(|(known, _)| *known == id).map_or(id, |(_, means)| means)
}
