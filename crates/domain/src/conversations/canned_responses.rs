//! Canned responses: texts that staff prepare for replies. Placeholders stand for values of the vendor and its
//! products, never for personal data.

use store::{Actor, ConversationId, Error, Operation, Tx};

use super::refusal::CannedResponseRefusal;
use super::{body::clean_text, codename::codename, limits::MAX_MESSAGE_CHARS};
use crate::audit::audit_change;
use crate::settings::VendorSettings;

/// All placeholders.
pub const PLACEHOLDERS: [&str; 6] = ["vendor", "product", "edition", "state", "conversation", "staff"];

/// Returns name and text of all canned responses.
pub async fn list(tx: &mut Tx) -> Result<Vec<(String, String)>, Error> {
    tx.canned_responses().await
}

/// Adds or replaces a canned response.
pub struct SetCannedResponse<'a> {
    pub name: &'a str,
    /// Text, with placeholders such as `{product}`.
    pub body: &'a str,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for SetCannedResponse<'_> {
    const NAME: &'static str = "set canned response";
    type Output = Result<(), CannedResponseRefusal>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.name.is_empty() || self.name.len() > 60 || !self.name.bytes().all(is_name) {
            return Ok(Err(CannedResponseRefusal::InvalidName));
        }
        if let Some(placeholder) = unknown_placeholder(self.body) {
            let placeholder = placeholder.to_owned();
            return Ok(Err(CannedResponseRefusal::UnknownPlaceholder { placeholder }));
        }
        let body = clean_text(self.body, MAX_MESSAGE_CHARS);
        if body.is_empty() {
            return Ok(Err(CannedResponseRefusal::EmptyText));
        }
        // The text is stored unencrypted, so it must not hold personal data.
        if body.contains('@') {
            return Ok(Err(CannedResponseRefusal::ContainsAddress));
        }
        audit_change(tx, "canned response set", self.actor).await?;
        tx.set_canned_response(self.name, &body).await?;
        Ok(Ok(()))
    }
}

pub struct DeleteCannedResponse<'a> {
    pub name: &'a str,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for DeleteCannedResponse<'_> {
    const NAME: &'static str = "delete canned response";
    /// Whether a response of that name existed.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let removed = tx.delete_canned_response(self.name).await?;
        if removed {
            audit_change(tx, "canned response deleted", self.actor).await?;
        }
        Ok(removed)
    }
}

/// Renders a canned response for a conversation. `None` if the response or the conversation does not exist. Unknown
/// values of the licence stay empty.
pub async fn render(
    tx: &mut Tx,
    settings: &VendorSettings,
    response: &str,
    conversation: ConversationId,
    staff: &str,
) -> Result<Option<String>, Error> {
    let Some((_, body)) = tx.canned_responses().await?.into_iter().find(|(name, _)| name == response) else {
        return Ok(None);
    };
    let Some(conversation) = tx.conversation(conversation).await? else { return Ok(None) };
    let (mut product, mut edition, mut state) = (String::new(), String::new(), String::new());
    if let Some(serial) = conversation.licence
        && let Some(licence) = tx.licence(serial).await?
    {
        product = tx.product(licence.product).await?.map(|p| p.name).unwrap_or_default();
        edition = licence.edition.to_string();
        state = licence.state.as_str().to_owned();
    }
    let name = codename(conversation.id);
    let values = [&*settings.vendor, &*product, &*edition, &*state, &*name, staff];
    Ok(Some(fill(&body, |word| {
        let at = PLACEHOLDERS.iter().position(|p| *p == word)?;
        values.get(at).copied()
    })))
}

/// Replaces the placeholders of a text in one pass, so that placeholders inside of values are not replaced.
fn fill<'v>(body: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
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

/// Returns the first placeholder that does not exist. Braces around anything but one lower-case word are text.
fn unknown_placeholder(body: &str) -> Option<&str> {
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
    fn only_values_of_vendor_and_product_are_filled_in() {
        let value = |word: &str| match word {
            "product" => Some("Editor"),
            "vendor" => Some("{product}"),
            _ => None,
        };
        assert_eq!(
            fill("{product} of {vendor}, { x } {name} {", value),
            "Editor of {product}, { x } {name} {"
        );
        assert_eq!(unknown_placeholder("Dear {name}"), Some("name"));
        assert_eq!(unknown_placeholder("fn main() { a } {product} {state}"), None);
    }
}
