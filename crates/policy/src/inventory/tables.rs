//! The tables, and the effect of forgetting a key slot on each.

use super::{
    OnForgetting::{Delete, StaysUnreadable, Untouched},
    Table,
};

const fn table(
    name: &'static str,
    on_forgetting: super::OnForgetting,
    row: &'static str,
    kept: &'static str,
) -> Table {
    Table { name, row, kept, on_forgetting }
}

/// Every table.
pub const TABLES: &[Table] = &[
    table("meta", Untouched, "a fact about this database", "for ever"),
    table("product", Untouched, "a product", "until the vendor removes it"),
    table("signing_key", Untouched, "a key that signs licences", "for ever"),
    table(
        "person",
        Delete("slot"),
        "a customer or licensee",
        "until erasure, or a set time after the last licence ended",
    ),
    table("orders", Delete("slot"), "an order item of a person", "as long as the person"),
    table(
        "pending_order",
        Delete("slot"),
        "an order for a product that is not known yet",
        "until the product is added",
    ),
    table(
        "processed_notification",
        Untouched,
        "a processed notification of an erased order",
        "until the year's key is forgotten",
    ),
    table(
        "early_notification",
        Untouched,
        "a decline that arrived before its order",
        "until the year's key is forgotten",
    ),
    table("licence", Untouched, "a licence", "for ever: it continues to work"),
    table("term", Untouched, "a period of time in a licence", "as long as the licence"),
    table("grants", Delete("slot"), "a term that an order item gave", "as long as the person"),
    table("holder", Delete("slot"), "the holder of a licence", "as long as the person"),
    table("renewal", Delete("slot"), "an offered renewal link", "until it expires"),
    table("index_bucket", Untouched, "a sealed bucket of the blind index", "until its entries change"),
    table("erasure_intent", Untouched, "an erasure in progress", "until the erasure is complete"),
    table("receipt", Untouched, "a receipt of erasure, ready to be collected", "30 days"),
    table("magic_link", Delete("slot"), "a link to sign in or to confirm an address", "one day"),
    table("session", Delete("slot"), "a signed-in session of a person", "30 minutes"),
    table("outbox", Delete("slot"), "an e-mail that waits to be sent", "until it is sent or given up"),
    table("audit_entry", StaysUnreadable("slot"), "an entry of the audit log", "for ever"),
    table("audit_link", Untouched, "a link of the audit log's hash chain", "for ever"),
    table("counter", Untouched, "a day's number of notifications of one kind", "for ever"),
    table(
        "conversation",
        Delete("slot"),
        "a conversation",
        "until a set time after it was closed, or erasure",
    ),
    table("message", Delete("slot"), "a message of a conversation", "as long as the conversation"),
    table(
        "attachment",
        Delete("slot"),
        "a file of a message",
        "as long as the conversation; one day if it belongs to no message",
    ),
    table("chunk", Delete("slot"), "a part of a file", "as long as the file"),
    table(
        "conversation_access",
        Delete("slot"),
        "an access code or token of a conversation",
        "as long as the conversation, or until it expires",
    ),
    table("processed_mail", Delete("slot"), "a received e-mail", "30 days after it was last seen"),
    table("canned_response", Untouched, "a canned response", "until staff remove it"),
    table(
        "api_token",
        Untouched,
        "a token with which a program acts for a member of staff",
        "until staff remove it",
    ),
    table("site", Untouched, "a website with visitor statistics", "for ever"),
    table("visit_day", Untouched, "a day of a site", "for ever; its key until the day is closed"),
    table("visit_tally", Untouched, "a server's counts of an open day", "until the day is closed"),
    table("figures", Untouched, "published figures of a day, week, month or year", "for ever"),
    table("dictionary", Untouched, "a value that published figures refer to", "for ever"),
    table("site_note", Untouched, "a note of staff on a day of a site", "until staff remove it"),
    table(
        "log_position",
        Untouched,
        "the position up to which a server log is counted",
        "90 days after it was last read",
    ),
];
