//! The message around a letter's words: headers, both texts, and the envelope for its one recipient.

use super::letters::Words;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::{Address, address::AddressError};
use std::fmt;
use std::time::SystemTime;

#[cfg(test)]
mod tests;

/// A letter that is about to leave. No `Debug`: it names its recipient.
pub struct Letter<'a> {
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
    /// What tells it from every other letter, of the same symbols; the domain of `from` is put behind it.
    pub message_id: &'a str,
    /// When it was written.
    pub date: SystemTime,
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

impl Letter<'_> {
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
        let automatic = self.words.kind.automatic();
        let mut message = Message::builder()
            .from(Mailbox::new(name, sender.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&self.words.subject))
            .date(self.date)
            .message_id(Some(format!("<{}@{}>", self.message_id, sender.domain())))
            .raw_header(header("Scruple-Cause", self.cause));
        if automatic {
            message = message
                .raw_header(header("Auto-Submitted", "auto-replied"))
                .raw_header(header("X-Auto-Response-Suppress", "All"));
        }
        let texts = MultiPart::alternative_plain_html(self.words.text.clone(), self.words.html.clone());
        let message = message.multipart(texts).map_err(|_| Unwrappable::Message)?;
        let envelope = Envelope { from: (!automatic).then_some(sender), to };
        Ok(Wrapped { envelope, raw: message.formatted() })
    }
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
