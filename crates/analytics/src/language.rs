//! The visitor's preferred language: the primary tag of `Accept-Language` (RFC 9110, 12.5.4), without region or
//! script.

use crate::visit::Language;

/// Returns an empty language for an empty header, a wildcard, or an invalid tag (RFC 5646: two or three letters).
pub(crate) fn preferred(header: &str) -> Language {
    const NOTHING: Language = Language([0; 3]);
    let mut best: Option<(&str, u16)> = None;
    for range in header.split(',').take(16) {
        let (tag, weight) = match range.split_once(';') {
            Some((tag, parameter)) => (tag.trim(), quality_in_thousandths(parameter)),
            None => (range.trim(), 1_000),
        };
        if !tag.is_empty() && weight > best.map_or(0, |(_, most)| most) {
            best = Some((tag, weight));
        }
        // A range with quality 1 can't be outranked by a later one.
        if best.is_some_and(|(_, most)| most == 1_000) {
            break;
        }
    }
    let Some((tag, _)) = best else { return NOTHING };
    let primary = tag.split(['-', '_']).next().unwrap_or("").as_bytes();
    if !(2..=3).contains(&primary.len()) || !primary.iter().all(u8::is_ascii_alphabetic) {
        return NOTHING;
    }
    let mut letters = [0; 3];
    for (letter, from) in letters.iter_mut().zip(primary) {
        *letter = from.to_ascii_lowercase();
    }
    Language(letters)
}

/// Quality `q=0.8` as 800; 1,000 for an unreadable one.
fn quality_in_thousandths(parameter: &str) -> u16 {
    let Some(weight) = parameter.trim().strip_prefix("q=") else { return 1_000 };
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let mut value = if whole == "0" { 0 } else { 1_000 };
    if value == 0 {
        for (digit, worth) in decimals.bytes().zip([100, 10, 1]) {
            value += u16::from(digit.saturating_sub(b'0').min(9)) * worth;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::preferred;

    #[test]
    fn the_language_is_the_primary_tag_of_the_highest_quality() {
        let cases = [
            ("de-CH,de;q=0.9,en;q=0.8", "de"),
            ("en;q=0.5, fr-FR;q=0.9", "fr"),
            ("en;q=0.5,,de;q=1,fr", "de"),
            ("PT_br", "pt"),
            ("zh-Hant-TW", "zh"),
            ("fil", "fil"),
            ("*", ""),
            ("", ""),
            ("en;q=0", ""),
            ("x-klingon", ""),
            ("english", ""),
            ("<script>", ""),
            (",,;q=1,it", "it"),
        ];
        for (header, language) in cases {
            assert_eq!(preferred(header).as_str(), language, "{header}");
        }
    }
}
