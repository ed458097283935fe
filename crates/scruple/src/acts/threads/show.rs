//! A thread, opened, for a terminal. Whatever a person wrote is made harmless first.

use crate::acts::words::{harmless, on_one_line, pairs, table};
use web::handlers::api::shapes::{
    Customer, LicenceRow, OpenMessage, OpenThread, Panel, ReplyRoute, Speaker, ThreadRow,
};

/// How it stands, in a word.
pub fn stands(thread: &ThreadRow) -> String {
    match &thread.snoozed_until {
        Some(until) => format!("{} until {until}", thread.state.word()),
        None => thread.state.word().to_owned(),
    }
}

/// All of it.
pub fn thread(open: &OpenThread) -> String {
    let row = &open.thread;
    let mut head = vec![("Thread", format!("{}  {}", row.id, row.name)), ("State", stands(row))];
    let mut add = |name, value: &Option<String>| {
        head.extend(value.as_ref().map(|value| (name, on_one_line(value))));
    };
    add("Of", &row.assigned);
    add("Subject", &open.subject);
    add("Writer", &open.writer);
    add("Address", &open.address);
    add("Licence", &row.licence);
    add("See also", &row.linked);
    add("No letters", &row.stopped);
    let proved = if row.verified { "proved" } else { "not proved" };
    head.push(("Who", format!("{}, {proved}", row.kind.word())));
    if !open.tags.is_empty() {
        head.push(("Tags", on_one_line(&open.tags.join(", "))));
    }
    let goes = match open.answer.goes {
        ReplyRoute::ByLetter => "goes by letter",
        ReplyRoute::BehindCode => "waits behind the code",
        ReplyRoute::Nowhere => "is not possible",
    };
    let why = open.answer.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    head.push(("An answer", format!("{goes}{why}")));
    pairs(&head) + &open.messages.iter().map(message).collect::<String>()
}

/// What stands beside it.
pub fn beside(panel: &Panel) -> String {
    let mut text =
        panel.customer.as_ref().map_or_else(|| "It is tied to no customer.\n".to_owned(), customer);
    let renewals: Vec<Vec<String>> = (panel.renewals.iter())
        .map(|r| vec![r.licence.clone(), r.state.clone(), r.until.clone().unwrap_or_default()])
        .collect();
    let named: Vec<Vec<String>> = panel.named.iter().map(licence).collect();
    let earlier: Vec<Vec<String>> = (panel.earlier.iter())
        .map(|t| vec![t.id.clone(), t.name.clone(), t.state.word().to_owned(), t.touched.clone()])
        .collect();
    for (heads, rows) in [
        (&["RENEWAL OF", "OFFERED", "UNTIL"][..], renewals),
        (&["NAMED", "PRODUCT", "STATE", "UNTIL", "SEATS"], named),
        (&["OTHER THREAD", "NAME", "STATE", "LAST"], earlier),
    ] {
        if !rows.is_empty() {
            text += &format!("\n{}", table(heads, &rows));
        }
    }
    text
}

fn customer(of: &Customer) -> String {
    let mut who = vec![("Address", on_one_line(&of.email))];
    for (name, value) in [("Name", &of.name), ("Company", &of.company), ("Language", &of.language)] {
        who.extend(value.as_ref().map(|value| (name, on_one_line(value))));
    }
    who.push(("Customer since", of.since.clone()));
    let orders: Vec<Vec<String>> = (of.orders.iter())
        .map(|o| {
            let last4 = o.last4.clone().unwrap_or_else(|| "-".to_owned());
            vec![
                o.order.clone(),
                o.placed.clone(),
                o.standing.clone(),
                last4,
                o.flag.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let licences: Vec<Vec<String>> = of.licences.iter().map(licence).collect();
    let mut text = pairs(&who);
    if !licences.is_empty() {
        text += &format!("\n{}", table(&["LICENCE", "PRODUCT", "STATE", "UNTIL", "SEATS"], &licences));
    }
    if !orders.is_empty() {
        text += &format!("\n{}", table(&["ORDER", "PLACED", "STANDING", "CARD", "LOOK AT"], &orders));
    }
    text
}

fn licence(of: &LicenceRow) -> Vec<String> {
    let until = of.until.clone().unwrap_or_else(|| "no end".to_owned());
    vec![of.number.clone(), of.product.clone(), of.state.clone(), until, of.seats.to_string()]
}

fn message(of: &OpenMessage) -> String {
    let who = match (of.kind, &of.who) {
        (Speaker::Person, _) => format!("the person, by {}", of.via),
        (Speaker::Staff, who) => format!("{}, to the person", who.as_deref().unwrap_or("staff")),
        (Speaker::Note, who) => format!("{}, a note for colleagues", who.as_deref().unwrap_or("staff")),
        (Speaker::Machine, _) => format!("a machine ({})", of.machine.as_deref().unwrap_or("unknown")),
    };
    let mut text = format!("\n--- {} --- {} --- {}\n", of.n, of.day, on_one_line(&who));
    text += &indented("  ", &of.text);
    for (mark, part) in [("  > ", &of.quoted), ("  -- ", &of.signature)] {
        text += &part.as_ref().map_or_else(String::new, |part| indented(mark, part));
    }
    for file in &of.files {
        text += &format!("  [{} {}, {} bytes: {}]\n", file.kind, file.id, file.size, on_one_line(&file.name));
    }
    for refused in &of.refused {
        text += &format!("  [not taken: {}]\n", on_one_line(refused));
    }
    text
}

/// Each line behind a mark, so that nobody's words look like ours.
fn indented(mark: &str, words: &str) -> String {
    harmless(words).lines().map(|line| format!("{}\n", format!("{mark}{line}").trim_end())).collect()
}
