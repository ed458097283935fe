//! The campaign label of a link, made of utm_source, utm_medium and utm_campaign. Other query parameters are ignored.

use crate::{
    path::decoded,
    sensitive_segments::{REDACTED, looks_sensitive},
};

/// Maximum bytes of each of the three parts.
const MAX_LABEL_BYTES: usize = 50;

/// Returns `source / medium / campaign` with `-` for a missing part, or None when the link names none of the three.
pub(crate) fn label(page: &str) -> Option<String> {
    let (_, query) = page.split_once('?')?;
    let query = query.split('#').next().unwrap_or("");
    memchr::memmem::find(query.as_bytes(), b"utm_")?;
    let mut parts: [Option<String>; 3] = [None, None, None];
    for pair in query.split('&').take(40) {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let place = match name {
            "utm_source" => 0,
            "utm_medium" => 1,
            "utm_campaign" => 2,
            _ => continue,
        };
        if parts[place].is_none() && !value.is_empty() {
            parts[place] = clean_label(value);
        }
    }
    if parts.iter().all(Option::is_none) {
        return None;
    }
    let [source, medium, campaign] = parts.map(|part| part.unwrap_or_else(|| "-".to_owned()));
    Some(format!("{source} / {medium} / {campaign}"))
}

/// Cleans a label that the site's operator chose (a campaign's or an event's name): lower case, at most 50 bytes,
/// redacted when it looks sensitive. None when nothing is left.
pub(crate) fn clean_label(raw: &str) -> Option<String> {
    let raw = &raw[..raw.floor_char_boundary(400)];
    let decoded = decoded(&raw.replace('+', " "));
    let words = decoded.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if words.is_empty() {
        return None;
    }
    // Letter case helps to recognise a token, so check the text before it is lower-cased: each word and the whole.
    if looks_sensitive(decoded.trim()) || decoded.split([' ', '/', ':', '|', ',']).any(looks_sensitive) {
        return Some(REDACTED.to_owned());
    }
    let words = words.replace('/', "-");
    let cut = words.floor_char_boundary(MAX_LABEL_BYTES);
    Some(words[..cut].trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_campaign_label_holds_three_query_parameters_only() {
        let cases = [
            (
                "/a?utm_source=News&utm_medium=e-mail&utm_campaign=Spring+Sale",
                Some("news / e-mail / spring sale"),
            ),
            ("/a?q=secret&utm_source=forum", Some("forum / - / -")),
            ("/a?utm_term=secret&utm_content=secret", None),
            ("/a?utm_source=", None),
            ("/a?utm_source=alice%40example.org", Some("… / - / -")),
            ("/a?utm_campaign=5d41402abc4b2a76b9719d911017c592", Some("- / - / …")),
            ("/a?utm_campaign=customer+1234567890", Some("- / - / …")),
            ("/a?utm_source=x#utm_medium=y", Some("x / - / -")),
            ("/a", None),
        ];
        for (page, campaign) in cases {
            assert_eq!(label(page).as_deref(), campaign, "{page}");
        }
    }

    #[test]
    fn a_long_label_is_cut() {
        let campaign = label(&format!("/?utm_source={}", "ä".repeat(500))).unwrap();
        assert!(campaign.len() <= 60, "{campaign}");
    }
}
