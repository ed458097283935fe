//! File names, made safe for headers, file systems and readers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a name without its extension.
const MAX_CHARS: usize = 120;

/// Characters that RFC 5987 allows unescaped (attr-char).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Removes the path, characters with a meaning for shells or file systems, and characters that change the direction of
/// text (which make `gnp.exe` look like `exe.png`). The result is never empty and keeps its extension.
#[must_use]
pub fn sanitize(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let kept: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    let plain: String = kept.chars().map(|c| if "<>:\"|?*%".contains(c) { '_' } else { c }).collect();
    let plain = plain.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    if plain.is_empty() {
        return "file".to_owned();
    }
    let (stem, extension) = plain
        .rsplit_once('.')
        .filter(|(_, extension)| extension.chars().count() <= 12)
        .unwrap_or((plain, ""));
    let stem: String = stem.chars().take(MAX_CHARS).collect();
    if extension.is_empty() { stem } else { format!("{stem}.{extension}") }
}

/// Replaces the extension of a name.
pub(super) fn with_extension(name: &str, extension: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.{extension}")
}

/// Returns a Content-Disposition header (RFC 6266) with the name in two forms: ASCII for old clients, and UTF-8 (RFC 5987).
#[must_use]
pub(crate) fn content_disposition(kind: &str, name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}
