use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    authentication_results::passes_dmarc,
    body::{Body, MAX_TEXT_BYTES, readable},
    fingerprint::fingerprint,
    headers::{Headers, one_line},
    incoming_email::{Author, AutomatedSender, IncomingEmail, OmittedPart, SenderClass},
    keywords,
    local_identity::LocalIdentity,
    message_ids::{self, ConversationTokens},
    quote_stripping::strip_quotes,
    sender_class,
};

/// Maximum characters of a subject.
const MAX_SUBJECT_CHARS: usize = 500;
/// Maximum characters of an author's name.
const MAX_NAME_CHARS: usize = 200;

/// Parses one e-mail. It never panics. A message that breaks a parser is returned as text with
/// [`OmittedPart::Unreadable`], and as from an automated sender, so that it is not answered by mistake. Time and
/// memory grow linearly with the length of the message.
#[must_use]
pub fn parse_email(raw: &[u8], identity: &LocalIdentity) -> IncomingEmail {
    catch_parser_panic(raw, || parse_parts(raw, identity))
}

/// Catches panics of the parsers, which have panicked on malformed mail before. It needs panics that unwind, Cargo's
/// default.
fn catch_parser_panic(raw: &[u8], read: impl FnOnce() -> IncomingEmail) -> IncomingEmail {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| unreadable(raw))
}

fn parse_parts(raw: &[u8], identity: &LocalIdentity) -> IncomingEmail {
    let (headers, body) = Headers::split(raw);
    let from = author(&headers);
    let subject: String = headers.text("subject").chars().take(MAX_SUBJECT_CHARS).collect();
    let mut tokens = ConversationTokens::new(identity);
    tokens.collect(&headers);
    let sender_class = sender_class::of(&headers, body, &mut tokens, identity);
    let message_id = message_ids::message_id(&headers);
    let references = message_ids::references(&headers);
    let fingerprint = fingerprint(&headers, body);
    let verified = from.as_ref().is_some_and(|from| passes_dmarc(&headers, &from.address, identity));
    let read = Body::read(headers, body);
    let stripped = strip_quotes(&read.text);
    let (stop, thanks) = (keywords::is_stop(&stripped.new, &subject), keywords::is_thanks(&stripped.new));
    IncomingEmail {
        from,
        verified,
        sender_class,
        tokens: tokens.found,
        subject: Zeroizing::new(subject),
        message_id,
        references,
        text: stripped.new,
        quoted: stripped.quoted,
        signature: stripped.signature,
        html: read.html,
        stop: stop && read.files.is_empty(),
        thanks: thanks && read.files.is_empty(),
        files: read.files,
        refused: read.refused,
        fingerprint,
    }
}

/// The one address in the one From header. None when there are more, because then the author is ambiguous.
fn author(headers: &Headers) -> Option<Author> {
    let mut addresses = headers.addresses("from");
    if headers.count("from") != 1 || addresses.len() != 1 {
        return None;
    }
    let (name, address) = addresses.remove(0);
    let (local, domain) = address.rsplit_once('@')?;
    let sound = address.len() <= 254
        && !local.is_empty()
        && !domain.is_empty()
        && !address.contains(char::is_whitespace)
        // The parser may have joined several addresses or left a part of a route: no valid address.
        && (is_quoted(local) || !local.contains(['@', ':', ';', ',', '<', '>', '(', ')', '"', '\\']));
    let name: String = one_line(&name).chars().take(MAX_NAME_CHARS).collect();
    sound.then(|| Author { address: Zeroizing::new(address), name: Zeroizing::new(name) })
}

fn is_quoted(local: &str) -> bool {
    local.len() > 2 && local.starts_with('"') && local.ends_with('"')
}

/// The result for a message that broke a parser.
fn unreadable(raw: &[u8]) -> IncomingEmail {
    let text = readable(&String::from_utf8_lossy(&raw[..raw.len().min(MAX_TEXT_BYTES / 4)]));
    IncomingEmail {
        sender_class: SenderClass::Automated(AutomatedSender::Unreadable),
        text: Zeroizing::new(text),
        refused: vec![OmittedPart::Unreadable],
        fingerprint: Sha256::digest(raw).into(),
        ..IncomingEmail::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_panics_a_parser_is_kept_as_text_and_not_answered() {
        let raw = b"From: jo@example.com\r\n\r\n\x1b[2Jhello \xff";
        let incoming = catch_parser_panic(raw, || panic!("a parser broke"));
        assert_eq!(*incoming.text, "From: jo@example.com\n\n[2Jhello \u{fffd}");
        assert!(
            incoming.refused == [OmittedPart::Unreadable] && !incoming.verified && incoming.from.is_none()
        );
        assert!(incoming.sender_class == SenderClass::Automated(AutomatedSender::Unreadable));
        assert!(incoming.fingerprint != catch_parser_panic(b"another", || panic!("again")).fingerprint);
    }
}
