//! The message around a letter's words: headers, both texts, and the envelope for its one recipient.

use super::letters::{Words, is_automatic};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, address::AddressError};
use std::fmt;
use std::time::SystemTime;

#[cfg(test)]
mod tests;

/// A letter that is about to leave. No `Debug`: it names its recipient.
pub struct Email<'a> {
    /// What it says.
    pub words: &'a Words,
    /// Its one recipient, as they wrote their address.
    pub to: &'a str,
    /// Who it is from.
    pub from: &'a Mailbox,
    /// The vendor's name: stands beside `from` where that has no name.
    pub vendor: &'a str,
    /// The id of the act that caused it: letters, digits, `-`, `_`, `.`; names nobody.
    pub cause: &'a str,
    /// What tells it from every other letter, of the same symbols; the domain of `from` is put behind it. A letter of a
    /// conversation is told by its place there instead.
    pub message_id: &'a str,
    /// When it was written.
    pub date: SystemTime,
    /// The conversation that it belongs to.
    pub place: Option<Place<'a>>,
}

/// The place of a letter in its conversation: what brings an answer back there, and groups it for its reader.
pub struct Place<'a> {
    /// The address that takes `+token`, where one is configured.
    pub reply: Option<&'a Address>,
    /// The conversation's token: letters and digits.
    pub token: &'a str,
    /// Its place among the messages.
    pub n: i64,
    /// The place of the letter of ours before it; 0 for none.
    pub previous: i64,
    /// Message-ID of the mail that it answers, without angle brackets; empty for none.
    pub in_reply_to: &'a str,
    /// The Message-IDs before that, oldest first.
    pub references: &'a [String],
}

/// Between whom the mail server carries a letter: one recipient, never a list.
pub struct Envelope {
    /// Who hears of a bounce. An automatic letter bounces to nobody (RFC 3834).
    pub from: Option<Address>,
    /// Who gets it, with the domain as the wire wants it (RFC 5891).
    pub to: Address,
}

/// Envelope and message, ready for the wire.
pub struct Wrapped {
    /// Between whom.
    pub envelope: Envelope,
    /// The message (RFC 5322), lines ended by CR LF.
    pub raw: Vec<u8>,
}

/// Why a letter can't be wrapped. Repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwrappable {
    /// The recipient's address is none: the letter can never be sent.
    Recipient,
    /// The configured sender's address can't be used.
    Sender,
    /// The id of cause or message has symbols that a header must not have.
    Id,
    /// The message couldn't be put together.
    Message,
}

impl fmt::Display for Unwrappable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recipient => "the recipient's address is not an address",
            Self::Sender => "mail.from can't be used as a sender",
            Self::Id => "the id of the cause or of the message has symbols that a header must not have",
            Self::Message => "the message can't be put together",
        })
    }
}

impl std::error::Error for Unwrappable {}

impl Email<'_> {
    /// Puts the letter into its envelope.
    ///
    /// # Errors
    /// See [`Unwrappable`].
    pub fn wrap(&self) -> Result<Wrapped, Unwrappable> {
        if !is_token(self.cause) || !is_token(self.message_id) {
            return Err(Unwrappable::Id);
        }
        let to = parsed(self.to).map_err(|_| Unwrappable::Recipient)?;
        let sender = on_the_wire(&self.from.email).map_err(|_| Unwrappable::Sender)?;
        let name = Some(one_line(self.from.name.as_deref().unwrap_or(self.vendor)));
        let mut message = Message::builder()
            .from(Mailbox::new(name, sender.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&self.words.subject))
            .date(self.date)
            .raw_header(header("Scruple-Cause", self.cause));
        let bounces_to = match &self.place {
            Some(place) => {
                let (placed, bounces_to) = place.put(message, &sender)?;
                message = placed;
                bounces_to
            }
            None => {
                message = message.message_id(Some(format!("<{}@{}>", self.message_id, sender.domain())));
                sender
            }
        };
        let automatic = is_automatic(self.words.kind);
        if automatic {
            message = message
                .raw_header(header("Auto-Submitted", "auto-replied"))
                .raw_header(header("X-Auto-Response-Suppress", "All"));
        }
        let text = self.words.text.clone();
        let message = match &self.words.html {
            Some(html) => message.multipart(MultiPart::alternative_plain_html(text, html.clone())),
            None => message.singlepart(SinglePart::plain(text)),
        };
        let message = message.map_err(|_| Unwrappable::Message)?;
        let envelope = Envelope { from: (!automatic).then_some(bounces_to), to };
        Ok(Wrapped { envelope, raw: message.formatted() })
    }
}

impl Place<'_> {
    /// Writes the place into the headers, and says where a bounce goes: to an address that names the conversation
    /// (VERP), so that it is known whose letter came back.
    fn put(
        &self,
        message: MessageBuilder,
        sender: &Address,
    ) -> Result<(MessageBuilder, Address), Unwrappable> {
        if !is_token(self.token) {
            return Err(Unwrappable::Id);
        }
        let reply = self.reply.map(on_the_wire).transpose().map_err(|_| Unwrappable::Sender)?;
        let domain = reply.as_ref().unwrap_or(sender).domain();
        let ours = |n: i64| format!("r.{}.{n}@{domain}", self.token);
        let previous = Some(ours(self.previous)).filter(|_| self.previous > 0);
        let answered = Some(self.in_reply_to.to_owned()).filter(|id| is_message_id(id)).or(previous.clone());
        let mut before: Vec<String> =
            self.references.iter().filter(|id| is_message_id(id)).cloned().collect();
        before.extend(previous);
        before.extend(answered.clone());
        let mut message = message.message_id(Some(format!("<{}>", ours(self.n))));
        if let Some(answered) = answered {
            message = message.in_reply_to(format!("<{answered}>")).references(listed(before));
        }
        let Some(reply) = &reply else { return Ok((message, sender.clone())) };
        let with = |tag: &str| Address::new(format!("{}+{tag}{}", reply.user(), self.token), domain);
        let answers = with("").map_err(|_| Unwrappable::Sender)?;
        let bounces = with("b-").map_err(|_| Unwrappable::Sender)?;
        Ok((message.reply_to(Mailbox::new(None, answers)), bounces))
    }
}

/// Each once, where it stands last; the newest twenty.
fn listed(ids: Vec<String>) -> String {
    let last = |n: usize, id: &String| !ids[n + 1..].contains(id);
    let once: Vec<String> =
        ids.iter().enumerate().filter(|(n, id)| last(*n, id)).map(|(_, id)| format!("<{id}>")).collect();
    once[once.len().saturating_sub(20)..].join(" ")
}

/// The msg-id of RFC 5322 without its brackets, as far as it may stand in a header of ours.
fn is_message_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'\\');
    (3..=250).contains(&id.len()) && id.contains('@') && id.bytes().all(fits)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// A line's end in a name must never begin a header.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn parsed(address: &str) -> Result<Address, AddressError> {
    on_the_wire(&address.trim().parse()?)
}

/// The domain in its ASCII form, so that no mail server has to know others.
pub(super) fn on_the_wire(address: &Address) -> Result<Address, AddressError> {
    let domain = idna::domain_to_ascii(address.domain()).map_err(|_| AddressError::InvalidDomain)?;
    Address::new(address.user(), domain)
}
