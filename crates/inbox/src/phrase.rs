/// Whether a text says thanks and nothing else.
#[must_use]
pub fn is_thanks(text: &str) -> bool {
    ["thanks", "thank you", "danke"]
        .contains(&text.trim().trim_end_matches(['.', '!']).to_lowercase().as_str())
}

/// Whether a text, or without one the subject, says "stop" and nothing else.
#[must_use]
pub fn is_stop(text: &str, subject: &str) -> bool {
    let said = if text.trim().is_empty() { subject } else { text };
    ["stop", "unsubscribe"].contains(&said.trim().trim_end_matches(['.', '!']).to_lowercase().as_str())
}
