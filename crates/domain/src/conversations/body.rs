//! The sealed JSON values of a conversation: the body of a message and the contact of the sender.

use inbound_mail::OmittedPart;
use keyring::Permit;
use policy::inventory::sealed::ConversationContact;
use policy::{OpenFor, Purpose};
use serde::Serialize;
use std::mem::take;
use store::{Conversation, Error, Message, Tx};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::event::{ConversationEvent, part_from_name, serialize_parts};
use super::zeroizing_json;

/// The body of a message. Not `Debug`, because it holds personal data.
#[derive(Serialize, Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Body {
    /// Text of the message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
    /// Quoted text of earlier messages.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) quoted: String,
    /// Signature and footers.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) signature: String,
    /// The message as safe HTML.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) html: String,
    /// Message-ID without angle brackets.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) message_id: String,
    /// The Message-IDs before it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) references: Vec<String>,
    /// Parts of the e-mail that were not kept.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "serialize_parts")]
    #[zeroize(skip)]
    pub(crate) refused: Vec<OmittedPart>,
    /// The identity of the sender was proved, by their mail server or by a portal session.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) verified: bool,
    /// What the program records about the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[zeroize(skip)]
    pub(crate) event: Option<ConversationEvent>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Body {
    /// Creates the body of a message that the program writes.
    pub(crate) fn of_event(event: ConversationEvent) -> Self {
        let mut body = Self::default();
        body.event = Some(event);
        body
    }

    /// Creates the body of a message that was written on the web.
    pub(crate) fn of_text(text: String, verified: bool) -> Self {
        let mut body = Self::default();
        (body.text, body.verified) = (text, verified);
        body
    }

    /// Returns the JSON to be sealed.
    pub(crate) fn bytes(&self) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        zeroizing_json::bytes(self).map_err(|_| Error::Unknown("message.body"))
    }

    /// Reads the opened JSON. Its texts are wiped when the value is dropped.
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
                "refused" => {
                    let names = value.texts()?;
                    body.refused = names.iter().map(|name| part_from_name(name)).collect::<Option<_>>()?;
                }
                "verified" => body.verified = value.boolean()?,
                "event" => body.event = Some(ConversationEvent::from_name(&value.text()?)?),
                _ => return None,
            }
            Some(())
        });
        read.map(|()| body).ok_or(Error::Unknown("message.body"))
    }

    pub(crate) fn open<P: Purpose>(tx: &Tx, of: &Message, permit: &Permit<P>) -> Result<Self, Error>
    where
        policy::inventory::sealed::MessageBody: OpenFor<P>,
    {
        tx.open_body(of, permit)?.map_or_else(|| Ok(Self::default()), |opened| Self::read(opened.bytes()))
    }
}

/// Name and address of the sender. Not `Debug`, because it holds personal data.
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
    /// Returns the JSON to be sealed; empty if there is neither name nor address.
    pub(crate) fn bytes(&self) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        if self.address.is_empty() && self.name.is_empty() {
            return Ok(zeroize::Zeroizing::new(Vec::new()));
        }
        zeroizing_json::bytes(self).map_err(|_| Error::Unknown("conversation.contact"))
    }

    /// Reads the opened JSON. Its texts are wiped when the value is dropped.
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

/// Opens the contact of a conversation.
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

/// Returns a text as it may be stored: card numbers are masked and control characters other than line ends and tabs
/// removed. At most `max_chars` characters are kept.
pub(crate) fn clean_text(text: &str, max_chars: usize) -> String {
    let unified = text.replace("\r\n", "\n");
    let kept: String = unified
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(max_chars)
        .collect();
    paypro::card_number::mask(kept.trim()).into_owned()
}

/// Returns a single line as it may be stored. Blanks are collapsed before card numbers are masked, because only then
/// may digits form a card number.
///
/// Direction controls (Unicode UAX #9) are removed, so that a name cannot change how a neighbouring line reads, or
/// disguise the kind of a file. In the text of messages they stay.
pub(crate) fn clean_line(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_direction_control(*c)).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    clean_text(&words.join(" "), super::limits::MAX_LINE_CHARS)
}

/// Tells whether a character is an embedding, override or isolate of text direction.
fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns safe HTML as it may be stored, with unclosed tags closed. If a card number is spread over tags, it cannot
/// be masked, so the HTML is left out; the text has the same content.
pub(crate) fn clean_html(html: &str) -> String {
    let kept = inbound_mail::sanitize_html(&clean_text(html, 4 * super::limits::MAX_MESSAGE_CHARS));
    if paypro::card_number::looks_like_card(&inbound_mail::html_to_text(&kept)) {
        String::new()
    } else {
        kept
    }
}
