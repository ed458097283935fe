use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    body::{Body, MOST_TEXT, readable},
    fingerprint::fingerprint,
    fold::fold,
    headers::{Headers, one_line},
    ids::{self, Tokens},
    incoming::{Incoming, Machine, Refused, SenderClass, Writer},
    nature,
    own::Own,
    phrase,
    verified::verified,
};

/// Characters of a subject that are kept.
const LONGEST_SUBJECT: usize = 500;
/// Characters of a writer's name that are kept.
const LONGEST_NAME: usize = 200;

/// Reads one message. It never panics, whatever the bytes: what can't be taken apart comes back as text, as
/// [`Refused::Unreadable`] and as from a machine, so that nobody is answered by mistake. Time and memory grow with the
/// length of the message and no faster.
#[must_use]
pub fn read(raw: &[u8], own: &Own) -> Incoming {
    guarded(raw, || take_apart(raw, own))
}

/// The boundary: readers of mail have panicked on bad mail before. It holds as long as a panic unwinds, which is what
/// Cargo builds unless told otherwise.
fn guarded(raw: &[u8], read: impl FnOnce() -> Incoming) -> Incoming {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| unreadable(raw))
}

fn take_apart(raw: &[u8], own: &Own) -> Incoming {
    let (headers, body) = Headers::split(raw);
    let from = writer(&headers);
    let subject: String = headers.text("subject").chars().take(LONGEST_SUBJECT).collect();
    let mut tokens = Tokens::new(own);
    tokens.look(&headers);
    let nature = nature::of(&headers, body, &mut tokens, own);
    let message_id = ids::message_id(&headers);
    let references = ids::references(&headers);
    let fingerprint = fingerprint(&headers, body);
    let verified = from.as_ref().is_some_and(|from| verified(&headers, &from.address, own));
    let read = Body::read(headers, body);
    let folded = fold(&read.text);
    let (stop, thanks) = (phrase::is_stop(&folded.new, &subject), phrase::is_thanks(&folded.new));
    Incoming {
        from,
        verified,
        nature,
        tokens: tokens.found,
        subject: Zeroizing::new(subject),
        message_id,
        references,
        text: folded.new,
        quoted: folded.quoted,
        signature: folded.signature,
        html: read.html,
        stop: stop && read.files.is_empty(),
        thanks: thanks && read.files.is_empty(),
        files: read.files,
        refused: read.refused,
        fingerprint,
    }
}

/// The one address in the one From; none when there are more, for then nobody can say who wrote.
fn writer(headers: &Headers) -> Option<Writer> {
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
        // What the parser put together of several, or left of a route, is the address of nobody.
        && (is_quoted(local) || !local.contains(['@', ':', ';', ',', '<', '>', '(', ')', '"', '\\']));
    let name: String = one_line(&name).chars().take(LONGEST_NAME).collect();
    sound.then(|| Writer { address: Zeroizing::new(address), name: Zeroizing::new(name) })
}

fn is_quoted(local: &str) -> bool {
    local.len() > 2 && local.starts_with('"') && local.ends_with('"')
}

/// What is left of a message on which a parser broke.
fn unreadable(raw: &[u8]) -> Incoming {
    let text = readable(&String::from_utf8_lossy(&raw[..raw.len().min(MOST_TEXT / 4)]));
    Incoming {
        nature: SenderClass::Machine(Machine::Other("unreadable")),
        text: Zeroizing::new(text),
        refused: vec![Refused::Unreadable],
        fingerprint: Sha256::digest(raw).into(),
        ..Incoming::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_on_which_a_parser_breaks_is_kept_as_text_and_not_answered() {
        let raw = b"From: jo@example.com\r\n\r\n\x1b[2Jhello \xff";
        let incoming = guarded(raw, || panic!("a parser broke"));
        assert_eq!(*incoming.text, "From: jo@example.com\n\n[2Jhello \u{fffd}");
        assert!(incoming.refused == [Refused::Unreadable] && !incoming.verified && incoming.from.is_none());
        assert!(incoming.nature == SenderClass::Machine(Machine::Other("unreadable")));
        assert!(incoming.fingerprint != guarded(b"another", || panic!("again")).fingerprint);
    }
}
