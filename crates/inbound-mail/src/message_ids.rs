use crate::{crockford, headers::Headers, local_identity::LocalIdentity};

/// Maximum Message-IDs that are kept of References and In-Reply-To.
const MOST: usize = 20;
/// Maximum characters of a Message-ID; longer ones are dropped.
const MAX_ID_CHARS: usize = 250;
/// Symbols of a conversation's token.
const TOKEN_SYMBOLS: usize = 24;
/// Maximum tokens of one message.
const MAX_TOKENS: usize = 20;

/// The message's own id without brackets; empty when it is not safe in our own headers.
pub(crate) fn message_id(headers: &Headers) -> String {
    let value = headers.first("message-id");
    bracketed_ids(&value).into_iter().next().or_else(|| clean(&value)).unwrap_or_default()
}

/// References and then In-Reply-To, oldest first, each once. The first and the newest are kept.
pub(crate) fn references(headers: &Headers) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in headers.all("references").chain(headers.all("in-reply-to")) {
        for id in bracketed_ids(&value) {
            if !found.contains(&id) && found.len() < 500 {
                found.push(id);
            }
        }
    }
    if found.len() > MOST {
        found.drain(1..=found.len() - MOST);
    }
    found
}

/// The ids in angle brackets that are safe in a header.
pub(crate) fn bracketed_ids(value: &str) -> Vec<String> {
    value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>').map(|(id, _)| id))
        .filter_map(|id| clean(&id.split_whitespace().collect::<String>()))
        .collect()
}

fn clean(id: &str) -> Option<String> {
    let id = id.trim();
    let fit = (3..=MAX_ID_CHARS).contains(&id.len())
        && id.contains('@')
        && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'\\'));
    fit.then(|| id.to_owned())
}

/// Collects conversation tokens from our own addresses and Message-IDs.
pub(crate) struct ConversationTokens<'a> {
    identity: &'a LocalIdentity,
    pub found: Vec<String>,
}

impl<'a> ConversationTokens<'a> {
    pub(crate) fn new(identity: &'a LocalIdentity) -> Self {
        Self { identity, found: Vec::new() }
    }

    /// Collects the tokens from all headers in which replies carry them.
    pub(crate) fn collect(&mut self, headers: &Headers) {
        for name in
            ["to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "x-envelope-to"]
        {
            for (_, address) in headers.addresses(name) {
                self.address(&address);
            }
        }
        for name in ["in-reply-to", "references"] {
            for value in headers.all(name) {
                bracketed_ids(&value).iter().for_each(|id| self.id(id));
            }
        }
    }

    /// Reads the token of `local+TOKEN@domain` or `local+b-TOKEN@domain`.
    pub(crate) fn address(&mut self, address: &str) {
        let Some(tag) = self.identity.tag_of(address.trim_matches(['<', '>'])) else { return };
        let tag = tag.trim_start_matches('+').to_ascii_lowercase();
        self.add(tag.strip_prefix("b-").unwrap_or(&tag));
    }

    /// Reads the token of `r.TOKEN.N@domain`.
    pub(crate) fn id(&mut self, id: &str) {
        let Some((_, domain)) = &self.identity.reply else { return };
        let Some((left, right)) = id.rsplit_once('@') else { return };
        if right.eq_ignore_ascii_case(domain)
            && let Some(rest) = left.strip_prefix("r.").or_else(|| left.strip_prefix("R."))
            && let Some((token, n)) = rest.split_once('.')
            && !n.is_empty()
            && n.bytes().all(|byte| byte.is_ascii_digit())
        {
            self.add(&token.to_ascii_lowercase());
        }
    }

    fn add(&mut self, token: &str) {
        let fits = token.len() == TOKEN_SYMBOLS && crockford::decode(token).is_some();
        if fits && self.found.len() < MAX_TOKENS && !self.found.iter().any(|known| known == token) {
            self.found.push(token.to_owned());
        }
    }
}
