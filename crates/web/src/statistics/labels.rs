//! Labels of dimensions and of their values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use analytics::Dimension;

/// The labels of a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Title of its table.
    pub title: &'static str,
    /// Heading of its values.
    pub value: &'static str,
    /// Heading of its views, or of what it counts instead.
    pub views: &'static str,
    /// Heading of its visitors.
    pub visitors: &'static str,
}

#[must_use]
pub const fn dimension(dimension: Dimension) -> Labels {
    let (title, value, views) = match dimension {
        Dimension::Page => ("Pages", "Page", "Views"),
        Dimension::Entry => ("Entry pages", "Page", "Arrivals"),
        Dimension::Referrer => ("Sources", "Source", "Arrivals"),
        Dimension::Campaign => ("Campaigns", "Campaign", "Arrivals"),
        Dimension::Country => ("Countries", "Country", "Views"),
        Dimension::Language => ("Languages", "Language", "Views"),
        Dimension::Browser => ("Browsers", "Browser", "Views"),
        Dimension::System => ("Systems", "System", "Views"),
        Dimension::Screen => ("Screens", "Screen", "Views"),
        Dimension::Event => ("Events", "Event", "Times"),
        Dimension::Download => ("Downloads", "File", "Downloads"),
        Dimension::Missing => ("Missing pages", "Path", "Requests"),
        Dimension::Hour => ("Hours of the day", "Hour", "Views"),
    };
    Labels { title, value, views, visitors: "Daily visitors" }
}

/// Returns the label of a value. The empty value has a label that says what it means.
#[must_use]
pub fn label(dimension: Dimension, value: &str) -> Cow<'_, str> {
    let known = |table: &LazyLock<Names>| table.get(value).copied().map(Cow::Borrowed);
    match (dimension, value) {
        (Dimension::Referrer, "") => "Direct visits".into(),
        (Dimension::Language | Dimension::Screen, "") => "Not given".into(),
        (_, "") => "Unknown".into(),
        (Dimension::Country, _) => known(&COUNTRIES).unwrap_or(value.into()),
        (Dimension::Language, _) => known(&LANGUAGES).unwrap_or(value.into()),
        (Dimension::Hour, _) => format!("{value}:00").into(),
        (Dimension::Screen, _) => capitalize(value).into(),
        _ => value.into(),
    }
}

fn capitalize(word: &str) -> String {
    let mut symbols = word.chars();
    symbols.next().map_or_else(String::new, |first| first.to_uppercase().chain(symbols).collect())
}

type Names = HashMap<&'static str, &'static str>;

static COUNTRIES: LazyLock<Names> = LazyLock::new(|| names(include_str!("countries.tsv")));
static LANGUAGES: LazyLock<Names> = LazyLock::new(|| names(include_str!("languages.tsv")));

fn names(table: &'static str) -> Names {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_labels_and_unknown_values_stay_as_they_are() {
        for (of, value, name) in [
            (Dimension::Country, "DE", "Germany"),
            (Dimension::Country, "QQ", "QQ"),
            (Dimension::Country, "", "Unknown"),
            (Dimension::Language, "pt", "Portuguese"),
            (Dimension::Language, "", "Not given"),
            (Dimension::Referrer, "", "Direct visits"),
            (Dimension::Referrer, "news.example", "news.example"),
            (Dimension::Hour, "07", "07:00"),
            (Dimension::Screen, "laptop", "Laptop"),
            (Dimension::Page, "/a", "/a"),
        ] {
            assert_eq!(label(of, value), name);
        }
    }

    #[test]
    fn every_line_of_the_files_is_a_code_and_a_name() {
        for (table, codes) in [(include_str!("countries.tsv"), 250), (include_str!("languages.tsv"), 79)] {
            assert_eq!(names(table).len(), table.lines().count() - 1);
            assert!(names(table).len() >= codes);
            assert!(names(table).iter().all(|(code, name)| code.len() <= 3 && name.len() > 2));
        }
    }
}
