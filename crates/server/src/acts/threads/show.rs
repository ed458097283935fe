//! A thread, opened, for a terminal. Whatever a person wrote is made harmless first.

use crate::acts::words::{harmless, on_one_line, pairs};
use server::doors::api::shapes::{Goes, OpenMessage, OpenThread, Speaker, ThreadRow};

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
        Goes::ByLetter => "goes by letter",
        Goes::BehindCode => "waits behind the code",
        Goes::Nowhere => "is not possible",
    };
    let why = open.answer.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    head.push(("An answer", format!("{goes}{why}")));
    pairs(&head) + &open.messages.iter().map(message).collect::<String>()
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
