//! Composes an e-mail: headers, MIME parts, and the SMTP envelope for its one recipient.

use super::emails::{EmailText, is_automatic};
use domain::email::DeliveryFailure;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, address::AddressError};
use std::time::SystemTime;

#[cfg(test)]
mod tests;

/// An e-mail to be composed. No `Debug`, because it contains its recipient.
pub struct Email<'a> {
    /// Subject and text.
    pub text: &'a EmailText,
    /// The one recipient, as they wrote their address.
    pub to: &'a str,
    /// The sender.
    pub from: &'a Mailbox,
    /// The vendor's name, for a `from` without a name.
    pub vendor: &'a str,
    /// The id of the action that caused it: letters, digits, `-`, `_`, `.`. It does not identify the person.
    pub cause: &'a str,
    /// The local part of the Message-ID, of the same symbols; the domain of `from` is added. An e-mail of a conversation
    /// uses its number there instead.
    pub message_id: &'a str,
    pub date: SystemTime,
    /// The threading headers, for an e-mail of a conversation.
    pub threading: Option<Threading<'a>>,
}

/// What the threading headers are made of. They bring a reply back to the conversation, and group its e-mails in the
/// recipient's mail program.
pub struct Threading<'a> {
    /// The address for replies, which accepts `+token`, if one is configured.
    pub reply_to: Option<&'a Address>,
    /// The conversation's token: letters and digits.
    pub token: &'a str,
    /// The number of the message in the conversation.
    pub n: i64,
    /// The number of the previous message of staff; 0 for none.
    pub previous: i64,
    /// The Message-ID of the message that it answers, without angle brackets; empty for none.
    pub in_reply_to: &'a str,
    /// The Message-IDs before that, oldest first.
    pub references: &'a [String],
}

/// The SMTP envelope: one recipient, never a list.
pub struct Envelope {
    /// The return path, which gets bounces. An automatic e-mail has none (RFC 3834).
    pub from: Option<Address>,
    /// The recipient, with the domain in ASCII (RFC 5891).
    pub to: Address,
}

/// Envelope and message, ready to be sent.
pub struct ComposedEmail {
    /// The SMTP envelope.
    pub envelope: Envelope,
    /// The message (RFC 5322), lines ended by CR LF.
    pub raw: Vec<u8>,
}

/// Why an e-mail cannot be composed. Contains none of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComposeError {
    /// The recipient's address is not valid: the e-mail can never be sent.
    Recipient,
    /// The configured sender cannot be used.
    Sender,
    /// The cause or the message id has symbols that are not allowed in a header.
    Id,
    /// The message cannot be built.
    Message,
}

impl From<ComposeError> for DeliveryFailure {
    fn from(error: ComposeError) -> Self {
        match error {
            ComposeError::Recipient => Self::InvalidRecipient,
            ComposeError::Sender => Self::InvalidSender,
            ComposeError::Id => Self::InvalidId,
            ComposeError::Message => Self::Unbuildable,
        }
    }
}

impl Email<'_> {
    /// Composes the message and its envelope.
    ///
    /// # Errors
    /// See [`ComposeError`].
    pub fn compose(&self) -> Result<ComposedEmail, ComposeError> {
        if !is_token(self.cause) || !is_token(self.message_id) {
            return Err(ComposeError::Id);
        }
        let to = parsed(self.to).map_err(|_| ComposeError::Recipient)?;
        let sender = ascii_domain(&self.from.email).map_err(|_| ComposeError::Sender)?;
        let name = Some(one_line(self.from.name.as_deref().unwrap_or(self.vendor)));
        let mut message = Message::builder()
            .from(Mailbox::new(name, sender.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&self.text.subject))
            .date(self.date)
            .raw_header(header("Scruple-Cause", self.cause));
        let bounces_to = match &self.threading {
            Some(threading) => {
                let (placed, bounces_to) = threading.add_headers(message, &sender)?;
                message = placed;
                bounces_to
            }
            None => {
                message = message.message_id(Some(format!("<{}@{}>", self.message_id, sender.domain())));
                sender
            }
        };
        let automatic = is_automatic(self.text.kind);
        if automatic {
            message = message
                .raw_header(header("Auto-Submitted", "auto-replied"))
                .raw_header(header("X-Auto-Response-Suppress", "All"));
        }
        let text = self.text.text.clone();
        let message = match &self.text.html {
            Some(html) => message.multipart(MultiPart::alternative_plain_html(text, html.clone())),
            None => message.singlepart(SinglePart::plain(text)),
        };
        let message = message.map_err(|_| ComposeError::Message)?;
        let envelope = Envelope { from: (!automatic).then_some(bounces_to), to };
        Ok(ComposedEmail { envelope, raw: message.formatted() })
    }
}

impl Threading<'_> {
    /// Adds the threading headers, and returns the return path. It contains the token of the conversation (VERP), so that
    /// a bounce is matched to its conversation.
    fn add_headers(
        &self,
        message: MessageBuilder,
        sender: &Address,
    ) -> Result<(MessageBuilder, Address), ComposeError> {
        if !is_token(self.token) {
            return Err(ComposeError::Id);
        }
        let reply = self.reply_to.map(ascii_domain).transpose().map_err(|_| ComposeError::Sender)?;
        let domain = reply.as_ref().unwrap_or(sender).domain();
        let message_id = |n: i64| format!("r.{}.{n}@{domain}", self.token);
        let previous = Some(message_id(self.previous)).filter(|_| self.previous > 0);
        let answered = Some(self.in_reply_to.to_owned()).filter(|id| is_message_id(id)).or(previous.clone());
        let mut before: Vec<String> =
            self.references.iter().filter(|id| is_message_id(id)).cloned().collect();
        before.extend(previous);
        before.extend(answered.clone());
        let mut message = message.message_id(Some(format!("<{}>", message_id(self.n))));
        if let Some(answered) = answered {
            message = message.in_reply_to(format!("<{answered}>")).references(references_header(before));
        }
        let Some(reply) = &reply else { return Ok((message, sender.clone())) };
        let with = |tag: &str| Address::new(format!("{}+{tag}{}", reply.user(), self.token), domain);
        let answers = with("").map_err(|_| ComposeError::Sender)?;
        let bounces = with("b-").map_err(|_| ComposeError::Sender)?;
        Ok((message.reply_to(Mailbox::new(None, answers)), bounces))
    }
}

/// Lists each Message-ID once, at its last position; at most the newest twenty.
fn references_header(ids: Vec<String>) -> String {
    let last = |n: usize, id: &String| !ids[n + 1..].contains(id);
    let once: Vec<String> =
        ids.iter().enumerate().filter(|(n, id)| last(*n, id)).map(|(_, id)| format!("<{id}>")).collect();
    once[once.len().saturating_sub(20)..].join(" ")
}

/// Whether a text is a msg-id (RFC 5322) without brackets that is safe to repeat in a header.
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

/// Removes line ends and other control characters, which could start another header.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn parsed(address: &str) -> Result<Address, AddressError> {
    ascii_domain(&address.trim().parse()?)
}

/// Converts the domain of an address to ASCII (IDNA), so that every mail server accepts it.
pub(super) fn ascii_domain(address: &Address) -> Result<Address, AddressError> {
    let domain = idna::domain_to_ascii(address.domain()).map_err(|_| AddressError::InvalidDomain)?;
    Address::new(address.user(), domain)
}
