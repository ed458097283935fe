//! Names of files, made safe for a header, a folder and an eye.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Symbols of a name at most.
const LONGEST: usize = 120;

/// What RFC 5987 lets stand as it is (attr-char), of what file names are made of.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A name without a path, without what a shell or a folder takes for more than a name, and without signs that make
/// `gnp.exe` look like `exe.png`. Never empty; the end that says what it is stays.
#[must_use]
pub fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let kept: String = last.chars().filter(|c| !c.is_control() && !turns(*c)).collect();
    let plain: String = kept.chars().map(|c| if "<>:\"|?*%".contains(c) { '_' } else { c }).collect();
    let plain = plain.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    if plain.is_empty() {
        return "file".to_owned();
    }
    let (stem, end) =
        plain.rsplit_once('.').filter(|(_, end)| end.chars().count() <= 12).unwrap_or((plain, ""));
    let stem: String = stem.chars().take(LONGEST).collect();
    if end.is_empty() { stem } else { format!("{stem}.{end}") }
}

/// The same name with another end.
pub fn with_end(name: &str, end: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.{end}")
}

/// A Content-Disposition (RFC 6266) for a name that is safe: once for old programs, once as it is (RFC 5987).
#[must_use]
pub fn disposition(kind: &str, name: &str) -> String {
    let old: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    format!("{kind}; filename=\"{old}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}
