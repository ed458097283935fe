//! Formats tables and text for a terminal.

use calendar::Day;
use std::fmt::Write as _;

/// Formats rows under a heading; each column is as wide as its widest cell (in characters).
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

/// Formats names and values in two columns.
pub fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    pairs.iter().fold(String::new(), |mut text, (name, value)| {
        writeln!(text, "{name:<width$}  {value}").expect("writing to a String cannot fail");
        text
    })
}

/// Whether a terminal acts on a character: control characters except line ends and tabs, and those that change the text
/// direction.
fn controls_terminal(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Makes a person's text safe for a terminal: control characters become replacement characters.
pub fn safe_for_terminal(text: &str) -> String {
    text.replace("\r\n", "\n").replace(controls_terminal, "\u{FFFD}")
}

/// Makes a person's text safe for a terminal, on one line.
pub fn one_line(text: &str) -> String {
    safe_for_terminal(text).replace(['\n', '\t'], " ")
}

/// Escapes control characters in JSON; its meaning stays the same.
pub fn json_safe_for_terminal(json: &str) -> String {
    let escape =
        |c: char| if controls_terminal(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    if json.contains(controls_terminal) { json.chars().map(escape).collect() } else { json.to_owned() }
}

/// Formats a count with its noun: `1 row`, `2 rows`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Formats a day, or a text for no day.
pub fn day(day: Option<Day>, none: &str) -> String {
    day.map_or_else(|| none.to_owned(), |day| day.to_string())
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
    fn text_of_a_person_cannot_control_the_terminal() {
        let hostile = "\u{1b}[2J\u{9b}31mred\r\nline\u{202e}\u{7f}\u{0}\ttab";
        assert_eq!(
            safe_for_terminal(hostile),
            "\u{fffd}[2J\u{fffd}31mred\nline\u{fffd}\u{fffd}\u{fffd}\ttab"
        );
        assert_eq!(one_line("a\r\nb\tc"), "a b c");
        let escaped = json_safe_for_terminal(&serde_json::to_string(hostile).unwrap());
        assert!(
            !escaped.contains(controls_terminal)
                && serde_json::from_str::<String>(&escaped).unwrap() == hostile
        );
    }

    #[test]
    fn a_count_of_one_takes_the_singular() {
        assert_eq!(count(1, "row", "rows"), "1 row");
        assert_eq!(count(0, "row", "rows"), "0 rows");
    }
}
