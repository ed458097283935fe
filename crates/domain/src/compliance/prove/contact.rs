//! Conversations: only what the sender chose to give is stored (`contact.voluntary`). Of anonymous senders only sealed
//! text is stored (`contact.anonymous`).

use policy::contact::{FIELDS, TABLES};
use policy::inventory::{PLAIN, find_column};
use policy::{Column, Holds};
use store::{ConversationIntegrity, Error, LiveColumn, Tx};

use super::findings::Evidence;
use super::findings::contact::{Fault, Observation, Violation};

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
            _ => evidence.violation(Violation::UnsealedField { field: field.name, column: field.kept_in }),
        }
        if field.required && field.name != "message" {
            evidence.violation(Violation::RequiredField { field: field.name });
        }
    }
    for l in live.iter().filter(|l| TABLES.contains(&&*l.table)) {
        if l.column.split('_').any(|part| REQUEST_DATA.contains(&part)) {
            evidence.violation(Violation::RequestData { column: l.to_string() });
        }
    }
    let fields = FIELDS.iter().filter(|f| !f.required).map(|f| f.name).collect();
    evidence.observed(Observation::OptionalFields { fields });
    evidence
}

/// Checks the rows of conversations: they are consistent, anonymous ones name no person, and unencrypted values are
/// numbers, days or words of closed lists.
pub(crate) async fn conversations(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let report = tx.conversation_integrity().await?;
    for (number, fault) in contradictions(&report) {
        evidence.expect_zero(number, fault);
    }
    let ConversationIntegrity { conversations, anonymous, messages, files, access, .. } = report;
    evidence.observed(Observation::Conversations { conversations, anonymous, messages, files, access });
    for column in plain_columns().filter(|c| c.column.ends_with("_at")) {
        evidence.violation(Violation::FinerThanDay { column: column.to_string() });
    }
    words(tx, &mut evidence).await?;
    Ok(evidence)
}

fn contradictions(report: &ConversationIntegrity) -> [(i64, Fault); 9] {
    [
        (report.not_anonymous, Fault::NotAnonymous),
        (report.without_person, Fault::WithoutPerson),
        (report.without_action, Fault::WithoutAction),
        (report.miscounted, Fault::MissingMessage),
        (report.mismatched_messages, Fault::MessageOfOtherSlot),
        (report.mismatched_files, Fault::FileOfOtherSlot),
        (report.incomplete_files, Fault::MissingChunk),
        (report.mismatched_chunks, Fault::ChunkWithoutFile),
        (report.mismatched_access, Fault::AccessWithoutConversation),
    ]
}

async fn words(tx: &mut Tx, evidence: &mut Evidence) -> Result<(), Error> {
    let mut checked = 0;
    for WordColumn { table, column, words } in WORDS {
        for word in tx.distinct_values(table, column).await? {
            checked += 1;
            if !words.contains(&&*word) {
                evidence.violation(Violation::UnknownWord { column: format!("{table}.{column}") });
            }
        }
    }
    evidence.observed(Observation::Words { words: checked });
    Ok(())
}
