//! Conversations: what is kept of whoever wrote is what they chose to give (`contact.voluntary`), and of those who
//! gave nothing there is nothing but sealed text (`contact.anonymous`).

use policy::contact::{FIELDS, TABLES};
use policy::inventory::{PLAIN, find_column};
use policy::{Column, Holds};
use store::{ConversationIntegrity, Error, LiveColumn, Tx};

use super::Evidence;

/// Parts of names under which a request's own facts would lie: of headers, network and browser.
const OF_THE_REQUEST: [&str; 9] =
    ["agent", "browser", "cookie", "header", "host", "ip", "network", "origin", "referrer"];

/// The words that columns of conversations may hold in clear.
const WORDS: [(&str, &str, &[&str]); 7] = [
    ("conversation", "kind", &["anonymous", "address", "customer"]),
    ("conversation", "state", &["open", "waiting", "closed", "quarantined"]),
    ("conversation", "suppression", &["", "bounce", "complaint", "stop"]),
    ("message", "kind", &["person", "staff", "note", "machine"]),
    ("message", "via", &["web", "email", "staff"]),
    ("attachment", "kind", &["", "image", "text", "other"]),
    ("conversation_access", "kind", &["code", "email", "merged"]),
];

fn of_conversations() -> impl Iterator<Item = &'static Column> {
    PLAIN.iter().filter(|c| TABLES.contains(&c.table))
}

/// Each field of the contact page has its column, only the message is asked for, and no column of the live schema is
/// for what a request tells by itself.
pub(crate) fn fields(live: &[LiveColumn]) -> Evidence {
    let mut evidence = Evidence::default();
    for field in FIELDS {
        let column = field.kept_in.split_once('.').and_then(|(table, column)| find_column(table, column));
        match column.map(|c| c.holds) {
            Some(Holds::Personal) => {}
            // The licence's number: it says nothing of a person.
            Some(Holds::Plain) if field.name == "licence" => {}
            _ => evidence.violation(format!(
                "contact page: the field {} is not sealed in {}",
                field.name, field.kept_in
            )),
        }
        if field.required && field.name != "message" {
            evidence.violation(format!(
                "contact page: the field {} is required, but must be optional",
                field.name
            ));
        }
    }
    for l in live.iter().filter(|l| TABLES.contains(&&*l.table)) {
        if l.column.split('_').any(|part| OF_THE_REQUEST.contains(&part)) {
            evidence.violation(format!("{}.{} would hold technical data of the request", l.table, l.column));
        }
    }
    let names: Vec<&str> = FIELDS.iter().filter(|f| !f.required).map(|f| f.name).collect();
    evidence.observed(format!(
        "contact page: only the message is required; optional fields: {}",
        names.join(", ")
    ));
    evidence
}

/// Rows of conversations hold together, anonymous ones name nobody, and what lies in clear is one of few words, a
/// number or a day.
pub(crate) async fn conversations(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let ties = tx.conversation_integrity().await?;
    for (found, what) in contradictions(&ties) {
        evidence.expect_zero(found, what);
    }
    evidence.observed(format!(
        "conversations: {}; anonymous ones among them: {}; messages: {}; files: {}; access codes and links: {}",
        ties.conversations, ties.anonymous, ties.messages, ties.files, ties.access
    ));
    for column in of_conversations().filter(|c| c.column.ends_with("_at")) {
        evidence.violation(format!("{}.{} stores more than the day", column.table, column.column));
    }
    words(tx, &mut evidence).await?;
    Ok(evidence)
}

fn contradictions(ties: &ConversationIntegrity) -> [(i64, &'static str); 9] {
    [
        (ties.not_anonymous, "anonymous conversations with a name, an address or a person"),
        (ties.without_person, "conversations linked to a person who does not exist"),
        (ties.without_action, "conversations whose last action is not in the audit log"),
        (ties.miscounted, "conversations with a missing message"),
        (ties.messages_astray, "messages with another key slot than their conversation"),
        (ties.files_astray, "files with another key slot than their message"),
        (ties.files_broken, "files with a missing chunk"),
        (ties.chunks_astray, "chunks without a file"),
        (ties.access_astray, "access codes and links without a conversation"),
    ]
}

async fn words(tx: &mut Tx, evidence: &mut Evidence) -> Result<(), Error> {
    let mut seen = 0;
    for (table, column, known) in WORDS {
        for word in tx.distinct_values(table, column).await? {
            seen += 1;
            if !known.contains(&&*word) {
                evidence.violation(format!("{table}.{column}: a value outside of its closed list"));
            }
        }
    }
    evidence.observed(format!("unencrypted words of conversations, each from a closed list: {seen}"));
    Ok(())
}
