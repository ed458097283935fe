//! Formats a conversation for a terminal. Text of a person is made safe for the terminal first.

use super::super::table::{one_line, pairs, safe_for_terminal, table};
use web::handlers::api::types::{
    Author, ConversationRow, Customer, CustomerContext, LicenceRow, OpenConversation, OpenMessage, ReplyRoute,
};

/// The state of a conversation.
pub fn state(row: &ConversationRow) -> String {
    match &row.snoozed_until {
        Some(until) => format!("{} until {until}", row.state.as_str()),
        None => row.state.as_str().to_owned(),
    }
}

/// Formats a conversation with all its messages.
pub fn conversation(open: &OpenConversation) -> String {
    let row = &open.conversation;
    let mut head = vec![("Conversation", format!("{}  {}", row.id, row.codename)), ("State", state(row))];
    let mut add = |name, value: &Option<String>| {
        head.extend(value.as_ref().map(|value| (name, one_line(value))));
    };
    add("Assigned to", &row.assigned);
    add("Subject", &open.subject);
    add("Sender", &open.writer);
    add("Address", &open.address);
    add("Licence", &row.licence);
    add("See also", &row.related);
    add("No e-mails", &row.suppressed);
    let verified = if row.verified { "verified" } else { "not verified" };
    head.push(("From", format!("{}, {verified}", row.kind.as_str())));
    if !open.tags.is_empty() {
        head.push(("Tags", one_line(&open.tags.join(", "))));
    }
    let route = match open.answer.route {
        ReplyRoute::Email => "is sent by e-mail",
        ReplyRoute::Web => "is shown on the web, with the access code",
        ReplyRoute::None => "is not possible",
    };
    let why = open.answer.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    head.push(("A reply", format!("{route}{why}")));
    pairs(&head) + &open.messages.iter().map(message).collect::<String>()
}

/// Formats the customer of a conversation, with renewals and earlier conversations.
pub fn customer_context(context: &CustomerContext) -> String {
    let mut text = context
        .customer
        .as_ref()
        .map_or_else(|| "The conversation is not linked to a customer.\n".to_owned(), customer);
    let renewals: Vec<Vec<String>> = (context.renewals.iter())
        .map(|r| vec![r.licence.clone(), r.state.clone(), r.until.clone().unwrap_or_default()])
        .collect();
    let named: Vec<Vec<String>> = context.given_licence.iter().map(licence).collect();
    let earlier: Vec<Vec<String>> = (context.earlier_conversations.iter())
        .map(|t| vec![t.id.clone(), t.codename.clone(), t.state.as_str().to_owned(), t.updated.clone()])
        .collect();
    for (heads, rows) in [
        (&["RENEWAL OF", "OFFERED", "UNTIL"][..], renewals),
        (&["NAMED", "PRODUCT", "STATE", "UNTIL", "SEATS"], named),
        (&["CONVERSATION", "NAME", "STATE", "LAST"], earlier),
    ] {
        if !rows.is_empty() {
            text += &format!("\n{}", table(heads, &rows));
        }
    }
    text
}

fn customer(of: &Customer) -> String {
    let mut lines = vec![("Address", one_line(&of.email))];
    for (name, value) in [("Name", &of.name), ("Company", &of.company), ("Language", &of.language)] {
        lines.extend(value.as_ref().map(|value| (name, one_line(value))));
    }
    lines.push(("Customer since", of.since.clone()));
    let orders: Vec<Vec<String>> = (of.orders.iter())
        .map(|o| {
            let last4 = o.last4.clone().unwrap_or_else(|| "-".to_owned());
            vec![
                o.order.clone(),
                o.placed.clone(),
                o.payment_status.clone(),
                last4,
                o.flag.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let licences: Vec<Vec<String>> = of.licences.iter().map(licence).collect();
    let mut text = pairs(&lines);
    if !licences.is_empty() {
        text += &format!("\n{}", table(&["LICENCE", "PRODUCT", "STATE", "UNTIL", "SEATS"], &licences));
    }
    if !orders.is_empty() {
        text += &format!("\n{}", table(&["ORDER", "PLACED", "PAYMENT", "CARD", "CHECK"], &orders));
    }
    text
}

fn licence(of: &LicenceRow) -> Vec<String> {
    let until = of.until.clone().unwrap_or_else(|| "no end".to_owned());
    vec![of.number.clone(), of.product.clone(), of.state.clone(), until, of.seats.to_string()]
}

fn message(of: &OpenMessage) -> String {
    let actor = match (of.kind, &of.staff) {
        (Author::Person, _) => format!("the person, by {}", of.via),
        (Author::Staff, actor) => format!("{}, to the person", actor.as_deref().unwrap_or("staff")),
        (Author::Note, actor) => format!("{}, a note for colleagues", actor.as_deref().unwrap_or("staff")),
        (Author::Machine, _) => {
            format!("an automatic message ({})", of.machine.as_deref().unwrap_or("unknown"))
        }
    };
    let mut text = format!("\n--- {} --- {} --- {}\n", of.n, of.day, one_line(&actor));
    text += &indented("  ", &of.text);
    for (mark, part) in [("  > ", &of.quoted), ("  -- ", &of.signature)] {
        text += &part.as_ref().map_or_else(String::new, |part| indented(mark, part));
    }
    for file in &of.files {
        text += &format!("  [{} {}, {} bytes: {}]\n", file.kind, file.id, file.size, one_line(&file.name));
    }
    for refused in &of.refused {
        text += &format!("  [refused: {}]\n", one_line(refused));
    }
    text
}

/// Prefixes each line, so that text of a person cannot look like output of Scruple.
fn indented(mark: &str, words: &str) -> String {
    safe_for_terminal(words).lines().map(|line| format!("{}\n", format!("{mark}{line}").trim_end())).collect()
}
