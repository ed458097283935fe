//! What lies within the seals of a thread: a message's body and the writer's contact, as JSON.

use keyring::Permit;
use policy::inventory::sealed::ConversationContact;
use policy::{OpenFor, Purpose};
use serde::Serialize;
use std::mem::take;
use store::{Conversation, Error, Message, Tx};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::zeroizing_json;

/// A message. No Debug: a person wrote it.
#[derive(Serialize, Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Body {
    /// What is said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
    /// What it quotes from earlier messages.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) quoted: String,
    /// Signature and footers.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) signature: String,
    /// The same as safe HTML.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) html: String,
    /// Message-ID without angle brackets.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) message_id: String,
    /// The Message-IDs before it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) references: Vec<String>,
    /// What was attached and not taken, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) refused: Vec<String>,
    /// Who wrote it was proved: by their mail server, or by their open page.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) verified: bool,
    /// What kind of machine wrote it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) machine: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Body {
    /// Of what somebody said here.
    pub(crate) fn of_text(text: String, verified: bool) -> Self {
        let mut body = Self::default();
        (body.text, body.verified) = (text, verified);
        body
    }

    /// Its bytes, to be sealed.
    pub(crate) fn bytes(&self) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        zeroizing_json::bytes(self).map_err(|_| Error::Unknown("message.body"))
    }

    /// Reads what was sealed. All that it says is wiped with it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut body = Self::default();
        let read = zeroizing_json::read(bytes, |name, value| {
            match name {
                "text" => body.text = take(&mut *value.text()?),
                "quoted" => body.quoted = take(&mut *value.text()?),
                "signature" => body.signature = take(&mut *value.text()?),
                "html" => body.html = take(&mut *value.text()?),
                "message_id" => body.message_id = take(&mut *value.text()?),
                "references" => body.references = take(&mut *value.texts()?),
                "refused" => body.refused = take(&mut *value.texts()?),
                "verified" => body.verified = value.boolean()?,
                "machine" => body.machine = take(&mut *value.text()?),
                _ => return None,
            }
            Some(())
        });
        read.map(|()| body).ok_or(Error::Unknown("message.body"))
    }

    /// Opens the body of a message.
    pub(crate) fn open<P: Purpose>(tx: &Tx, of: &Message, permit: &Permit<P>) -> Result<Self, Error>
    where
        policy::inventory::sealed::MessageBody: OpenFor<P>,
    {
        tx.open_body(of, permit)?.map_or_else(|| Ok(Self::default()), |opened| Self::read(opened.bytes()))
    }
}

/// Where a writer can be answered. No Debug: it is about a person.
#[derive(Serialize, Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Contact {
    /// Address as spelled; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) address: String,
    /// Name; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
}

impl Contact {
    /// Its bytes, to be sealed; none where there is nothing in it.
    pub(crate) fn bytes(&self) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        if self.address.is_empty() && self.name.is_empty() {
            return Ok(zeroize::Zeroizing::new(Vec::new()));
        }
        zeroizing_json::bytes(self).map_err(|_| Error::Unknown("conversation.contact"))
    }

    /// Reads what was sealed. All that it says is wiped with it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut contact = Self::default();
        let read = zeroizing_json::read(bytes, |name, value| {
            match name {
                "address" => contact.address = take(&mut *value.text()?),
                "name" => contact.name = take(&mut *value.text()?),
                _ => return None,
            }
            Some(())
        });
        read.map(|()| contact).ok_or(Error::Unknown("conversation.contact"))
    }
}

/// Opens the contact of a thread.
pub(crate) fn open_contact<P: Purpose>(
    tx: &Tx,
    of: &Conversation,
    permit: &Permit<P>,
) -> Result<Contact, Error>
where
    ConversationContact: OpenFor<P>,
{
    let Some(opened) = tx.open_contact(of, permit)? else { return Ok(Contact::default()) };
    Contact::read(opened.bytes())
}

/// A text as it may be kept: without card numbers, without control characters but line ends and tabs, not longer
/// than `most` characters.
pub(crate) fn clean_text(text: &str, most: usize) -> String {
    let unified = text.replace("\r\n", "\n");
    let kept: String = unified
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(most)
        .collect();
    paypro::card_number::mask(kept.trim()).into_owned()
}

/// The same for what stands in one line. Blanks first: what stands closer together afterwards may be a card number only
/// then.
///
/// Nothing in it turns the direction of what stands beside it on a page (Unicode UAX #9): a name must not make another
/// line read otherwise, nor a file seem to be of another kind. In the text of messages these signs stay.
pub(crate) fn clean_line(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_direction_control(*c)).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    clean_text(&words.join(" "), super::limits::MAX_LINE_CHARS)
}

/// Embeddings, overrides and isolates of direction.
fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Safe HTML as it may be kept: whole again where it was cut, and none where a card number is spread over its tags, for
/// there it can't be masked; the text says the same.
pub(crate) fn clean_html(html: &str) -> String {
    let kept = inbound_mail::sanitize_html(&clean_text(html, 4 * super::limits::MAX_MESSAGE_CHARS));
    if paypro::card_number::looks_like_card(&inbound_mail::html_to_text(&kept)) {
        String::new()
    } else {
        kept
    }
}
