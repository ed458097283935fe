//! Authentication results (RFC 8601): what our own server says about the sender's domain, by DMARC.

use crate::{headers::Headers, local_identity::LocalIdentity};

/// Whether our own server reports `dmarc=pass` for the domain of the address in From (RFC 8601, RFC 7489).
///
/// Only the first Authentication-Results header counts, and only under our server's name. A sender can forge a header
/// further down or under another name. A header that doesn't parse exactly is no result, and neither is one that is
/// too long to be read to its end.
pub(crate) fn passes_dmarc(headers: &Headers, address: &str, identity: &LocalIdentity) -> bool {
    let Some(authserv) = identity.authserv_id.as_deref().filter(|name| !name.is_empty()) else {
        return false;
    };
    let Some(value) = headers.first_whole("authentication-results") else { return false };
    let Some((_, domain)) = address.rsplit_once('@') else { return false };
    let Some(results) = Results::parse(&value) else { return false };
    let same = |left: &str, right: &str| {
        let (left, right) = (left.trim_end_matches('.'), right.trim_end_matches('.'));
        !left.is_empty() && left.to_lowercase() == right.to_lowercase()
    };
    let mut dmarc = results.methods.iter().filter(|method| method.name.eq_ignore_ascii_case("dmarc"));
    let (Some(result), None) = (dmarc.next(), dmarc.next()) else { return false };
    let from: Vec<_> =
        result.properties.iter().filter(|(name, _)| name.eq_ignore_ascii_case("header.from")).collect();
    same(&results.authserv, authserv)
        && result.result.eq_ignore_ascii_case("pass")
        && from.len() == 1
        // Some servers write the whole address instead of its domain.
        && same(from[0].1.rsplit('@').next().unwrap_or_default(), domain)
}

struct Results {
    authserv: String,
    methods: Vec<Method>,
}

struct Method {
    name: String,
    result: String,
    properties: Vec<(String, String)>,
}

/// A token of a header; `joined` when neither a blank nor a comment stands before it.
struct HeaderToken {
    text: String,
    kind: TokenKind,
    joined: bool,
}

#[derive(PartialEq, Clone, Copy)]
enum TokenKind {
    Word,
    Quoted,
    Equals,
    Semicolon,
}

impl Results {
    fn parse(value: &str) -> Option<Self> {
        let tokens = tokenize(value)?;
        let mut groups = tokens.split(|token| token.kind == TokenKind::Semicolon);
        let truncate = groups.next()?;
        let (name, version) = truncate.split_first()?;
        let digits = |token: &HeaderToken| {
            token.kind == TokenKind::Word && token.text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let sound = matches!(name.kind, TokenKind::Word | TokenKind::Quoted)
            && version.len() <= 1
            && version.iter().all(digits);
        let mut methods = Vec::new();
        for group in groups {
            methods.extend(Method::parse(group)?);
        }
        sound.then(|| Self { authserv: name.text.clone(), methods })
    }
}

impl Method {
    /// Parses `method[/version]=result name.property=value ...`; none for an empty group or `none`.
    fn parse(group: &[HeaderToken]) -> Option<Option<Self>> {
        if group.is_empty() || group.len() == 1 && group[0].text.eq_ignore_ascii_case("none") {
            return Some(None);
        }
        let mut pairs = Vec::new();
        let mut at = 0;
        while at < group.len() {
            let equals = at + group[at..].iter().position(|token| token.kind == TokenKind::Equals)?;
            if group[at..equals].iter().any(|token| token.kind == TokenKind::Quoted) {
                return None;
            }
            let key: String = group[at..equals].iter().map(|token| token.text.as_str()).collect();
            let first = group.get(equals + 1).filter(|token| token.kind != TokenKind::Equals)?;
            let mut text = first.text.clone();
            at = equals + 2;
            // The value goes on: a quoted local part with its domain, or equals signs within a value.
            while let Some(token) = group.get(at).filter(|token| token.joined) {
                text.push_str(&token.text);
                at += 1;
            }
            pairs.push((key, text));
        }
        let mut pairs = pairs.into_iter();
        let (method, result) = pairs.next()?;
        let name = method.split('/').next().unwrap_or_default().to_owned();
        Some(Some(Self { name, result, properties: pairs.collect() }))
    }
}

/// Splits a value into tokens; none when a comment or a quoted string never ends.
fn tokenize(value: &str) -> Option<Vec<HeaderToken>> {
    let mut tokens: Vec<HeaderToken> = Vec::new();
    let mut chars = value.chars().peekable();
    let mut joined = false;
    while let Some(c) = chars.next() {
        let (text, kind) = match c {
            c if c.is_whitespace() => {
                joined = false;
                continue;
            }
            '(' => {
                skip_comment(&mut chars)?;
                joined = false;
                continue;
            }
            ')' => return None,
            ';' => (String::new(), TokenKind::Semicolon),
            '=' => ("=".to_owned(), TokenKind::Equals),
            '"' => (quoted(&mut chars)?, TokenKind::Quoted),
            c => {
                let mut word = c.to_string();
                while let Some(next) =
                    chars.next_if(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | ';' | '=' | '"'))
                {
                    word.push(next);
                }
                (word, TokenKind::Word)
            }
        };
        // The token after a key's equals sign is not joined to it: it begins the value.
        tokens.push(HeaderToken { text, joined, kind });
        joined = true;
    }
    Some(tokens)
}

fn skip_comment(chars: &mut impl Iterator<Item = char>) -> Option<()> {
    let mut depth = 1;
    while depth > 0 {
        match chars.next()? {
            '\\' => drop(chars.next()?),
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    Some(())
}

fn quoted(chars: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(chars.next()?),
            c => text.push(c),
        }
    }
}
