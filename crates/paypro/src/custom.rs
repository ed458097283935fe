//! The vendor's own fields, which the buyer carries through the checkout.

use crate::personal::Personal;

/// One of them. The vendor chose the name; the value came back by way of the buyer.
pub struct Custom {
    /// Begins with `x-`.
    pub name: String,
    /// As sent; it may hold commas.
    pub value: Personal,
}

/// Is it a name for such a field: `x-` and then letters, digits, dashes, underscores?
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

/// Splits `x-a=1,x-b=2`, but only before an `x-name=`, for values hold commas of their own. What stands before the
/// first name is left out.
pub(crate) fn split(text: &str) -> Vec<Custom> {
    let mut starts: Vec<(usize, &str)> = std::iter::once(0)
        .chain(text.match_indices(',').map(|(comma, _)| comma + 1))
        .filter_map(|start| name_at(&text[start..]).map(|name| (start, name)))
        .collect();
    let mut pairs = Vec::with_capacity(starts.len());
    let mut end = text.len();
    while let Some((start, name)) = starts.pop() {
        let value = &text[start + name.len() + 1..end];
        pairs.push(Custom { name: name.to_owned(), value: Personal::new(value) });
        end = start.saturating_sub(1);
    }
    pairs.reverse();
    pairs
}

/// Would this value be cut in two on its way back?
pub(crate) fn splits(value: &str) -> bool {
    value.match_indices(',').any(|(comma, _)| name_at(&value[comma + 1..]).is_some())
}
