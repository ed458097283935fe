//! The tables, and what forgetting a slot does to each.

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
    table("product", Untouched, "a product of the shop", "until the vendor removes it"),
    table(
        "person",
        Delete("slot"),
        "a customer or licensee",
        "until erasure, or a set time after the last licence ended",
    ),
    table("orders", Delete("slot"), "an order item of a person", "as long as the person"),
    table("grants", Delete("slot"), "what an order item gave", "as long as the person"),
    table("holder", Delete("slot"), "who holds a licence", "as long as the person"),
    table("licence", Untouched, "a licence", "for ever: it goes on working"),
    table("term", Untouched, "a stretch of time that a licence was given", "as long as the licence"),
    table("renewal", Delete("slot"), "a renewal link that was offered", "until it expires"),
    table("pending", Delete("slot"), "an order whose product isn't known yet", "until the product is added"),
    table("bucket", Untouched, "a piece of the sealed index", "until its entries change"),
    table("intent", Untouched, "a forgetting under way", "until it is done"),
    table(
        "acted",
        Untouched,
        "a notice of an erased order that had its effect",
        "until the year's key is forgotten",
    ),
    table("early", Untouched, "a decline that came before its order", "until the year's key is forgotten"),
    table("link", Delete("slot"), "a link to a person's own page", "one day"),
    table("session", Delete("slot"), "an open page of a person", "30 minutes"),
    table("outbox", Delete("slot"), "a letter that waits", "until it is sent or given up"),
    table("receipt", Untouched, "a receipt of erasure that waits to be fetched", "30 days"),
    table("signing_key", Untouched, "a key that signs licences", "for ever"),
    table("journal", StaysUnreadable("slot"), "a line of the journal", "for ever"),
    table("journal_link", Untouched, "a link of the journal's chain", "for ever"),
    table("counted", Untouched, "a number of notices of a kind on a day", "for ever"),
    table("thread", Delete("slot"), "a conversation", "until a set time after it was closed, or erasure"),
    table("message", Delete("slot"), "a message of a conversation", "as long as the conversation"),
    table(
        "attachment",
        Delete("slot"),
        "a file of a message",
        "as long as the conversation; a day without a message",
    ),
    table("chunk", Delete("slot"), "a piece of a file", "as long as the file"),
    table(
        "way",
        Delete("slot"),
        "a way into a conversation",
        "as long as the conversation, or until it expires",
    ),
    table("taken", Delete("slot"), "a mail that was taken", "30 days from when it came last"),
    table("canned", Untouched, "a reply that staff use again", "until staff remove it"),
    table("api_token", Untouched, "a token of a member of staff for a program", "until staff remove it"),
    table("site", Untouched, "a website whose visits are counted", "for ever"),
    table("visit_day", Untouched, "a site's day", "for ever; its key until the day is closed"),
    table("visit_tally", Untouched, "what a server counted on an open day", "until the day is closed"),
    table("figures", Untouched, "published numbers of a day, week, month or year", "for ever"),
    table("word", Untouched, "a word that published numbers are about", "for ever"),
    table("site_note", Untouched, "a note of staff on a site's day", "until staff remove it"),
    table(
        "log_position",
        Untouched,
        "how far a server's log was counted",
        "90 days from when it was last read",
    ),
];
