//! Conversations: only what the sender chose to give is stored (`contact.voluntary`). Of anonymous senders only sealed
//! text is stored (`contact.anonymous`).

use policy::contact::{FIELDS, TABLES};
use policy::inventory::{PLAIN, find_column};
use policy::{Column, Holds};
use store::{ConversationIntegrity, Error, LiveColumn, Tx};

use super::Evidence;

/// Parts of column names that would hold data of the request: headers, network and browser.
const REQUEST_DATA: [&str; 9] =
    ["agent", "browser", "cookie", "header", "host", "ip", "network", "origin", "referrer"];

/// A column that holds one word of a closed list.
struct WordColumn {
    table: &'static str,
    column: &'static str,
    words: &'static [&'static str],
}

/// The words that unencrypted columns of conversations may hold.
const WORDS: [WordColumn; 7] = [
    WordColumn { table: "conversation", column: "kind", words: &["anonymous", "address", "customer"] },
    WordColumn {
        table: "conversation",
        column: "state",
        words: &["open", "waiting", "closed", "quarantined"],
    },
    WordColumn { table: "conversation", column: "suppression", words: &["", "bounce", "complaint", "stop"] },
    WordColumn { table: "message", column: "kind", words: &["person", "staff", "note", "machine"] },
    WordColumn { table: "message", column: "via", words: &["web", "email", "staff"] },
    WordColumn { table: "attachment", column: "kind", words: &["", "image", "text", "other"] },
    WordColumn { table: "conversation_access", column: "kind", words: &["code", "email", "merged"] },
];

fn plain_columns() -> impl Iterator<Item = &'static Column> {
    PLAIN.iter().filter(|c| TABLES.contains(&c.table))
}

/// Checks that each field of the contact page has its column and that only the message is required. Checks that no
/// column holds technical data of the request.
pub(crate) fn fields(live: &[LiveColumn]) -> Evidence {
    let mut evidence = Evidence::default();
    for field in FIELDS {
        let column = field.kept_in.split_once('.').and_then(|(table, column)| find_column(table, column));
        match column.map(|c| c.holds) {
            Some(Holds::Personal) => {}
            // The number of a licence reveals nothing about a person.
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
        if l.column.split('_').any(|part| REQUEST_DATA.contains(&part)) {
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

/// Checks the rows of conversations: they are consistent, anonymous ones name no person, and unencrypted values are
/// numbers, days or words of closed lists.
pub(crate) async fn conversations(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let report = tx.conversation_integrity().await?;
    for (number, violation) in contradictions(&report) {
        evidence.expect_zero(number, violation);
    }
    evidence.observed(format!(
        "conversations: {}; anonymous ones among them: {}; messages: {}; files: {}; access codes and links: {}",
        report.conversations, report.anonymous, report.messages, report.files, report.access
    ));
    for column in plain_columns().filter(|c| c.column.ends_with("_at")) {
        evidence.violation(format!("{}.{} stores more than the day", column.table, column.column));
    }
    words(tx, &mut evidence).await?;
    Ok(evidence)
}

fn contradictions(report: &ConversationIntegrity) -> [(i64, &'static str); 9] {
    [
        (report.not_anonymous, "anonymous conversations with a name, an address or a person"),
        (report.without_person, "conversations linked to a person who does not exist"),
        (report.without_action, "conversations whose last action is not in the audit log"),
        (report.miscounted, "conversations with a missing message"),
        (report.mismatched_messages, "messages with another key slot than their conversation"),
        (report.mismatched_files, "files with another key slot than their message"),
        (report.incomplete_files, "files with a missing chunk"),
        (report.mismatched_chunks, "chunks without a file"),
        (report.mismatched_access, "access codes and links without a conversation"),
    ]
}

async fn words(tx: &mut Tx, evidence: &mut Evidence) -> Result<(), Error> {
    let mut checked = 0;
    for WordColumn { table, column, words } in WORDS {
        for word in tx.distinct_values(table, column).await? {
            checked += 1;
            if !words.contains(&&*word) {
                evidence.violation(format!("{table}.{column}: a value outside of its closed list"));
            }
        }
    }
    evidence.observed(format!("unencrypted words of conversations, each from a closed list: {checked}"));
    Ok(())
}
