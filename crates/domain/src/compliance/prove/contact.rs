//! Conversations: what is kept of whoever wrote is what they chose to give (`contact.voluntary`), and of those who
//! gave nothing there is nothing but sealed text (`contact.anonymous`).

use policy::contact::{FIELDS, TABLES};
use policy::inventory::{PLAIN, find};
use policy::{Column, Holds};
use store::{Error, LiveColumn, ThreadTies, Tx};

use super::Look;

/// Parts of names under which a request's own facts would lie: of headers, network and browser.
const OF_THE_REQUEST: [&str; 9] =
    ["agent", "browser", "cookie", "header", "host", "ip", "network", "origin", "referrer"];

/// The words that columns of conversations may hold in clear.
const WORDS: [(&str, &str, &[&str]); 7] = [
    ("thread", "kind", &["anonymous", "address", "customer"]),
    ("thread", "state", &["open", "waiting", "closed", "held"]),
    ("thread", "stopped", &["", "bounce", "complaint", "stop"]),
    ("message", "kind", &["person", "staff", "note", "machine"]),
    ("message", "via", &["page", "mail", "desk"]),
    ("attachment", "kind", &["", "image", "text", "other"]),
    ("way", "kind", &["code", "letter", "merged"]),
];

fn of_conversations() -> impl Iterator<Item = &'static Column> {
    PLAIN.iter().filter(|c| TABLES.contains(&c.table))
}

/// Each field of the contact page has its column, only the message is asked for, and no column of the live schema is
/// for what a request tells by itself.
pub(crate) fn fields(live: &[LiveColumn]) -> Look {
    let mut look = Look::default();
    for field in FIELDS {
        let column = field.kept_in.split_once('.').and_then(|(table, column)| find(table, column));
        match column.map(|c| c.holds) {
            Some(Holds::Personal) => {}
            // The licence's number: it says nothing of a person.
            Some(Holds::Plain) if field.name == "licence" => {}
            _ => look.fault(format!("the contact page's {} is not sealed in {}", field.name, field.kept_in)),
        }
        if field.required && field.name != "message" {
            look.fault(format!("the contact page asks for {}, which must be a choice", field.name));
        }
    }
    for l in live.iter().filter(|l| TABLES.contains(&&*l.table)) {
        if l.column.split('_').any(|part| OF_THE_REQUEST.contains(&part)) {
            look.fault(format!("{}.{} would hold what a request tells by itself", l.table, l.column));
        }
    }
    let names: Vec<&str> = FIELDS.iter().filter(|f| !f.required).map(|f| f.name).collect();
    look.see(format!("what a message asks for: itself; what may be added by choice: {}", names.join(", ")));
    look
}

/// Rows of conversations hold together, anonymous ones name nobody, and what lies in clear is one of few words, a
/// number or a day.
pub(crate) async fn threads(tx: &mut Tx) -> Result<Look, Error> {
    let mut look = Look::default();
    let ties = tx.thread_ties().await?;
    for (found, what) in contradictions(&ties) {
        look.none(found, what);
    }
    look.see(format!(
        "conversations: {}, of them without name, address or purchase: {}; messages: {}; files: {}; ways in: {}",
        ties.threads, ties.anonymous, ties.messages, ties.files, ties.ways
    ));
    for column in of_conversations().filter(|c| c.column.ends_with("_at")) {
        look.fault(format!("{}.{} tells more than the day", column.table, column.column));
    }
    words(tx, &mut look).await?;
    Ok(look)
}

fn contradictions(ties: &ThreadTies) -> [(i64, &'static str); 9] {
    [
        (ties.not_anonymous, "anonymous conversations with a name, an address or a person"),
        (ties.without_person, "conversations tied to a person who is not there"),
        (ties.without_act, "conversations whose last act the journal does not have"),
        (ties.miscounted, "conversations that lack a message"),
        (ties.messages_astray, "messages that lie under another slot than their conversation"),
        (ties.files_astray, "files that lie under another slot than their message"),
        (ties.files_broken, "files that lack a piece"),
        (ties.chunks_astray, "pieces of no file"),
        (ties.ways_astray, "ways that lead to no conversation"),
    ]
}

async fn words(tx: &mut Tx, look: &mut Look) -> Result<(), Error> {
    let mut seen = 0;
    for (table, column, known) in WORDS {
        for word in tx.words_in(table, column).await? {
            seen += 1;
            if !known.contains(&&*word) {
                look.fault(format!("{table}.{column}: a word that is none of its own"));
            }
        }
    }
    look.see(format!("words in clear beside conversations, each of a closed list: {seen}"));
    Ok(())
}
