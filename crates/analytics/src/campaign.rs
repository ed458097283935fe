//! The campaign that a link names: utm_source, utm_medium and utm_campaign, and nothing else of a query.

use crate::{
    path::decoded,
    secret::{FOLDED, looks_secret},
};

/// Bytes that each of the three has at most.
const LONGEST: usize = 50;

/// `source / medium / campaign` as one label, empty parts as `-`; None when the link names none of them.
pub(crate) fn of(page: &str) -> Option<String> {
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
            parts[place] = word(value);
        }
    }
    if parts.iter().all(Option::is_none) {
        return None;
    }
    let [source, medium, campaign] = parts.map(|part| part.unwrap_or_else(|| "-".to_owned()));
    Some(format!("{source} / {medium} / {campaign}"))
}

/// A word that a person chose for everybody to see (a campaign's, an event's): small letters, at most 50 bytes, folded
/// when it looks like a secret. None when nothing is left of it.
pub(crate) fn word(raw: &str) -> Option<String> {
    let raw = &raw[..raw.floor_char_boundary(400)];
    let decoded = decoded(&raw.replace('+', " "));
    let words = decoded.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if words.is_empty() {
        return None;
    }
    // The case is part of what gives a token away: look at the text as it came, each word and the whole.
    if looks_secret(decoded.trim()) || decoded.split([' ', '/', ':', '|', ',']).any(looks_secret) {
        return Some(FOLDED.to_owned());
    }
    let words = words.replace('/', "-");
    let cut = words.floor_char_boundary(LONGEST);
    Some(words[..cut].trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_campaign_is_three_words_of_the_query_and_no_more() {
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
            assert_eq!(of(page).as_deref(), campaign, "{page}");
        }
    }

    #[test]
    fn a_long_word_is_cut() {
        let campaign = of(&format!("/?utm_source={}", "ä".repeat(500))).unwrap();
        assert!(campaign.len() <= 60, "{campaign}");
    }
}
