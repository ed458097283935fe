//! How things are said to people.

use std::fmt::Write as _;

/// Rows below a line of heads, each column as wide as its widest cell (in characters).
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |n: usize| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count());
        cells.chain([heads[n].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let mut text = String::new();
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    for row in std::iter::once(&heads).chain(rows) {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// Names and values, the values below each other.
pub fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    pairs.iter().fold(String::new(), |mut text, (name, value)| {
        writeln!(text, "{name:<width$}  {value}").expect("a String takes all that is written");
        text
    })
}

/// What a terminal would obey: control characters but line ends and tabs, and those that turn the direction of text.
fn obeyed(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}')
}

/// A person's words, harmless on a terminal: whatever it would obey is a replacement character.
pub fn harmless(words: &str) -> String {
    words.replace("\r\n", "\n").replace(obeyed, "\u{FFFD}")
}

/// The same on one line.
pub fn on_one_line(words: &str) -> String {
    harmless(words).replace(['\n', '\t'], " ")
}

/// JSON whose strings spell out whatever a terminal would obey; it means the same.
pub fn spelled_out(json: &str) -> String {
    let spell = |c: char| if obeyed(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    if json.contains(obeyed) { json.chars().map(spell).collect() } else { json.to_owned() }
}

/// `1 row`, `2 rows`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A day since 1970, or what no day means.
pub fn day(day: i64, none: &str) -> String {
    if day == 0 { none.to_owned() } else { domain::day::text(day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["1".to_owned(), "Ünit".to_owned()], vec!["22222".to_owned(), "b".to_owned()]];
        assert_eq!(table(&["id", "name"], &rows), "id     name\n1      Ünit\n22222  b\n");
        assert_eq!(pairs(&[("a", "1".into()), ("long", "2".into())]), "a     1\nlong  2\n");
    }

    #[test]
    fn a_persons_words_move_no_cursor() {
        let hostile = "\u{1b}[2J\u{9b}31mred\r\nline\u{202e}\u{7f}\u{0}\ttab";
        assert_eq!(harmless(hostile), "\u{fffd}[2J\u{fffd}31mred\nline\u{fffd}\u{fffd}\u{fffd}\ttab");
        assert_eq!(on_one_line("a\r\nb\tc"), "a b c");
        let spelled = spelled_out(&serde_json::to_string(hostile).unwrap());
        assert!(!spelled.contains(obeyed) && serde_json::from_str::<String>(&spelled).unwrap() == hostile);
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1, "row", "rows"), "1 row");
        assert_eq!(count(0, "row", "rows"), "0 rows");
    }
}
