//! Canned answers: texts that are written again and again. What is filled in is about the shop and its products, never
//! about a person.

use store::{Actor, Error, Operation, Tx};

use super::staff::Changed;
use super::{LONGEST_MESSAGE, clean, name};
use crate::licensing::products::note;
use crate::settings::VendorSettings;

/// All that can be filled in.
pub const PLACEHOLDERS: [&str; 6] = ["vendor", "product", "edition", "state", "thread", "staff"];

/// All canned answers: name and text.
///
/// # Errors
/// When the database is away.
pub async fn list(tx: &mut Tx) -> Result<Vec<(String, String)>, Error> {
    tx.canned().await
}

/// Adds a canned answer, or writes it anew.
pub struct Set<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text, with placeholders such as `{product}`.
    pub body: &'a str,
    /// Who writes it.
    pub who: &'a Actor,
}

impl Operation for Set<'_> {
    const NAME: &'static str = "set canned answer";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.name.is_empty() || self.name.len() > 60 || !self.name.bytes().all(is_name) {
            return Ok(Changed::Refused("a name has small letters, digits and dashes, 60 at most".into()));
        }
        if let Some(wrong) = unknown(self.body) {
            let known = PLACEHOLDERS.join(", ");
            return Ok(Changed::Refused(format!("{{{wrong}}} can't be filled in; these can: {known}")));
        }
        let body = clean(self.body, LONGEST_MESSAGE);
        if body.is_empty() {
            return Ok(Changed::Refused("there is no text".into()));
        }
        // It lies in clear, so nothing of a person may be in it.
        if body.contains('@') {
            return Ok(Changed::Refused("it lies in clear: an address does not belong into it".into()));
        }
        note(tx, "canned answer set", self.who).await?;
        tx.set_canned(self.name, &body).await?;
        Ok(Changed::Done)
    }
}

/// Removes a canned answer.
pub struct Remove<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who removes it.
    pub who: &'a Actor,
}

impl Operation for Remove<'_> {
    const NAME: &'static str = "remove canned answer";
    /// Whether there was one of that name.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let removed = tx.drop_canned(self.name).await?;
        if removed {
            note(tx, "canned answer removed", self.who).await?;
        }
        Ok(removed)
    }
}

/// A canned answer filled in for a thread; none where there is no such answer or no such thread. What is not known of
/// its licence stays empty.
///
/// # Errors
/// When the database is away.
pub async fn fill(
    tx: &mut Tx,
    house: &VendorSettings,
    of: &str,
    thread: i64,
    staff: &str,
) -> Result<Option<String>, Error> {
    let Some((_, body)) = tx.canned().await?.into_iter().find(|(name, _)| name == of) else {
        return Ok(None);
    };
    let Some(thread) = tx.thread(thread).await? else { return Ok(None) };
    let (mut product, mut edition, mut state) = (String::new(), String::new(), String::new());
    if let Some(licence) = tx.licence(thread.licence).await? {
        product = tx.product(licence.product).await?.map(|p| p.name).unwrap_or_default();
        edition = licence.edition.to_string();
        state = licence.state.word().to_owned();
    }
    let name = name(thread.id);
    let values = [&*house.vendor, &*product, &*edition, &*state, &*name, staff];
    Ok(Some(filled(&body, |word| {
        let at = PLACEHOLDERS.iter().position(|p| *p == word)?;
        values.get(at).copied()
    })))
}

/// The text with its placeholders replaced, in one pass, so that nothing that is filled in is filled in again.
fn filled<'v>(body: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}').and_then(|(word, after)| Some((value(word)?, after))) {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

/// The first word in braces that can't be filled in. Braces around anything but one small word are text.
fn unknown(body: &str) -> Option<&str> {
    body.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|(word, _)| word).find(|word| {
        !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.')
            && !PLACEHOLDERS.contains(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_about_the_shop_is_filled_in() {
        let value = |word: &str| match word {
            "product" => Some("Editor"),
            "vendor" => Some("{product}"),
            _ => None,
        };
        assert_eq!(
            filled("{product} of {vendor}, { x } {name} {", value),
            "Editor of {product}, { x } {name} {"
        );
        assert_eq!(unknown("Dear {name}"), Some("name"));
        assert_eq!(unknown("fn main() { a } {product} {state}"), None);
    }
}
