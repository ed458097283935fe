//! Custom fields of the vendor, which the buyer carries through the checkout.

use crate::personal::Personal;

/// A custom field. The vendor chose the name; the value passed through the buyer's browser.
pub struct CustomField {
    /// The name, which begins with `x-`.
    pub name: String,
    /// The value as sent; it may contain commas.
    pub value: Personal,
}

/// Tells whether the text is a valid name: `x-` followed by letters, digits, dashes or underscores.
pub(crate) fn is_name(text: &str) -> bool {
    text.strip_prefix("x-").is_some_and(|rest| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

/// The name in `x-name=...`.
fn name_at(text: &str) -> Option<&str> {
    text.split_once('=').map(|(name, _)| name).filter(|name| is_name(name))
}

/// Splits `x-a=1,x-b=2`, but only before an `x-name=`, because values may contain commas. Text before the first
/// name is dropped.
pub(crate) fn split(text: &str) -> Vec<CustomField> {
    let mut starts: Vec<(usize, &str)> = std::iter::once(0)
        .chain(text.match_indices(',').map(|(comma, _)| comma + 1))
        .filter_map(|start| name_at(&text[start..]).map(|name| (start, name)))
        .collect();
    let mut pairs = Vec::with_capacity(starts.len());
    let mut end = text.len();
    while let Some((start, name)) = starts.pop() {
        let value = &text[start + name.len() + 1..end];
        pairs.push(CustomField { name: name.to_owned(), value: Personal::new(value) });
        end = start.saturating_sub(1);
    }
    pairs.reverse();
    pairs
}

/// Tells whether the value would be split on its way back.
pub(crate) fn splits(value: &str) -> bool {
    value.match_indices(',').any(|(comma, _)| name_at(&value[comma + 1..]).is_some())
}
