//! Examples for the description of the API: what a parameter and a body look like.

use serde_json::{Value, json};

/// An example of a parameter, by its name. `id` is a site's id below `/sites`, else a conversation's number.
#[must_use]
pub fn parameter(path: &str, name: &str) -> Option<Value> {
    let of_site = path.contains("/sites");
    Some(match name {
        "id" if of_site => json!("lantern"),
        "id" | "conversation" => json!("7W3K9QXB"),
        "file" => json!("90071992547409921"),
        "name" => json!("lost-key"),
        "by" => json!("page"),
        "q" => json!("invoice"),
        "queue" => json!("open"),
        "after" => json!(1042),
        "limit" => json!(50),
        "from" => json!("2026-11-01"),
        "to" => json!("2026-11-30"),
        "page" => json!(1),
        "per_page" => json!(100),
        "step" => json!("week"),
        "format" => json!("json"),
        _ => return None,
    })
}

/// An example of a body, by the operation's id.
#[must_use]
pub fn body(operation: &str) -> Option<Value> {
    const AGREEMENT: &str = "I agree that Example Software erases my details, although it can then no longer find my \
        purchase.";
    Some(match operation {
        "updateConversation" => json!({ "assigned": "ada", "state": "waiting", "tags": ["invoice"] }),
        "mergeConversations" => json!({ "into": "8F2M4TZC" }),
        "redactConversation" => json!({ "message": 2, "passage": "4111 1111 1111 1111", "files": [] }),
        "replyToConversation" => {
            json!({ "text": "Your key is on your licence page.", "quote": true, "seen": 3 })
        }
        "addNote" => json!({ "text": "Asked the accountant." }),
        "extendLicence" => json!({ "licence": "BHXT-4CK3", "months": 12 }),
        "revokeLicence" => json!({ "licence": "BHXT-4CK3", "revoked": true }),
        "eraseCustomer" => json!({ "agreement": AGREEMENT }),
        "setSiteNote" => json!({ "day": "2026-11-24", "text": "Version 3 released" }),
        "setCannedResponse" => json!({ "text": "Your key is on your licence page: {public_url}/licence" }),
        "refreshLicence" => json!("200G2-0010G-WNRYX-269HJ-BK6J2-YH6K8-2BT68-8YTXZ-78RFC-PAE58"),
        _ => return None,
    })
}
