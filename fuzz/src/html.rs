use std::collections::{HashMap, HashSet};

use inbound_mail::{html_to_text, sanitize_html};

/// Sanitizes untrusted HTML. An independent sanitizer, which parses like a browser and allows the same tags, finds no
/// tag, attribute or link to remove from the result.
pub fn html(input: &[u8]) {
    let html = String::from_utf8_lossy(input);
    let safe = sanitize_html(&html);
    let tags = [
        "p",
        "div",
        "b",
        "i",
        "u",
        "s",
        "code",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "sub",
        "sup",
        "br",
        "hr",
    ];
    let mut reference = ammonia::Builder::empty();
    reference.tags(HashSet::from(tags)).tag_attributes(HashMap::new()).generic_attributes(HashSet::new());
    let cleaned = reference.clean(&safe).to_string();
    assert_eq!(count(&cleaned), count(&safe), "the reference sanitizer changed the tags of {safe}");
    assert!(
        !safe.split('<').skip(1).any(|tag| tag
            .split('>')
            .next()
            .unwrap_or_default()
            .contains([' ', '=', '"', '\'']))
    );
    assert!(html_to_text(&html).len() <= 8 * html.len() + 4096);
}

/// How often each tag opens and closes.
fn count(html: &str) -> HashMap<&str, usize> {
    let mut tags = HashMap::new();
    for piece in html.split('<').skip(1) {
        *tags.entry(piece.split('>').next().unwrap_or_default()).or_default() += 1;
    }
    tags
}
