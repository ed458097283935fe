use crate::{headers::Headers, own::Own};

/// Whether our own server says `dmarc=pass` for the domain of the address in From (RFC 8601, RFC 7489).
///
/// Only the very first Authentication-Results counts, and only under our server's name: what stands further down, or
/// under another name, anybody could have written. What doesn't read exactly is no result.
pub fn verified(headers: &Headers, address: &str, own: &Own) -> bool {
    let Some(authserv) = own.authserv.as_deref().filter(|name| !name.is_empty()) else { return false };
    let Some(value) = headers.all("authentication-results").next() else { return false };
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

/// A piece of a header; `joined` when no blank or comment stands before it.
struct Piece {
    text: String,
    kind: Kind,
    joined: bool,
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    Word,
    Quoted,
    Equals,
    Semicolon,
}

impl Results {
    fn parse(value: &str) -> Option<Self> {
        let pieces = pieces(value)?;
        let mut groups = pieces.split(|piece| piece.kind == Kind::Semicolon);
        let head = groups.next()?;
        let (name, version) = head.split_first()?;
        let digits =
            |piece: &Piece| piece.kind == Kind::Word && piece.text.bytes().all(|byte| byte.is_ascii_digit());
        let sound = matches!(name.kind, Kind::Word | Kind::Quoted)
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
    /// `method[/version]=result name.property=value ...`; none of a group that is empty or says `none`.
    fn parse(group: &[Piece]) -> Option<Option<Self>> {
        if group.is_empty() || group.len() == 1 && group[0].text.eq_ignore_ascii_case("none") {
            return Some(None);
        }
        let mut pairs = Vec::new();
        let mut at = 0;
        while at < group.len() {
            let equals = at + group[at..].iter().position(|piece| piece.kind == Kind::Equals)?;
            if group[at..equals].iter().any(|piece| piece.kind == Kind::Quoted) {
                return None;
            }
            let key: String = group[at..equals].iter().map(|piece| piece.text.as_str()).collect();
            let first = group.get(equals + 1).filter(|piece| piece.kind != Kind::Equals)?;
            let mut text = first.text.clone();
            at = equals + 2;
            // A quoted local part, with its domain behind it; equals signs within a value.
            while let Some(piece) = group.get(at).filter(|piece| piece.joined) {
                text.push_str(&piece.text);
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

/// Takes a value apart; none when a comment or a quoted string never ends.
fn pieces(value: &str) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
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
            ';' => (String::new(), Kind::Semicolon),
            '=' => ("=".to_owned(), Kind::Equals),
            '"' => (quoted(&mut chars)?, Kind::Quoted),
            c => {
                let mut word = c.to_string();
                while let Some(next) =
                    chars.next_if(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | ';' | '=' | '"'))
                {
                    word.push(next);
                }
                (word, Kind::Word)
            }
        };
        // Not joined to the equals sign of its own key: that one begins the value.
        pieces.push(Piece { text, joined, kind });
        joined = true;
    }
    Some(pieces)
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
