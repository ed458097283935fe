use std::borrow::Cow;

use mail_parser::decoders::html::add_html_token;

/// A token of HTML.
pub(super) enum Token<'a> {
    /// Text with its entities decoded.
    Text(Cow<'a, str>),
    Open(Tag<'a>),
    /// The name, in lower case.
    Close(String),
}

pub(super) struct Tag<'a> {
    /// In lower case.
    pub name: String,
    inside: &'a str,
}

impl Tag<'_> {
    /// The decoded value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.inside;
        for _ in 0..100 {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let end =
                rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/')).unwrap_or(rest.len());
            if rest.is_empty() {
                return None;
            }
            let found = &rest[..end];
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                (value, rest) = attribute_value(after.trim_start());
            } else if end == 0 {
                return None;
            }
            if found.eq_ignore_ascii_case(name) {
                return Some(decoded(value).into_owned());
            }
        }
        None
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// Elements whose content is not text of the message, and ends only with their own end tag.
const RAW_TEXT_ELEMENTS: [&str; 9] =
    ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "select"];

/// Tokenizes HTML as a browser would (HTML standard, 13.2.5). It reads each byte a fixed number of times.
pub(super) struct Tokenizer<'a>(&'a str);

impl<'a> Tokenizer<'a> {
    pub(super) fn of(html: &'a str) -> Self {
        Self(&html[..html.floor_char_boundary(super::MAX_BYTES)])
    }

    /// The text between `<` and `>`, aware of quotes after the name; none when the tag never ends.
    fn tag(text: &str) -> Option<(&str, &str)> {
        let mut quote = None;
        let mut value = false;
        for (at, byte) in text.bytes().enumerate() {
            match (quote, byte) {
                (Some(open), _) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') if value => quote = Some(byte),
                (None, b'>') => return Some((&text[..at], &text[at + 1..])),
                (None, _) => value = byte == b'=' || value && byte.is_ascii_whitespace(),
            }
        }
        None
    }

    /// Skips content that is not shown.
    fn skip_raw_text(&mut self, name: &str) {
        let mut rest = self.0;
        while let Some(at) = rest.find("</") {
            rest = &rest[at + 2..];
            if rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
                self.0 = rest.split_once('>').map_or("", |(_, after)| after);
                return;
            }
        }
        self.0 = "";
    }

    /// Reads markup that begins with `<`; none for a comment or a declaration, which show nothing.
    fn markup(&mut self, after: &'a str) -> Option<Token<'a>> {
        if let Some(comment) = after.strip_prefix("!--") {
            let ended = comment.strip_prefix('>').or_else(|| comment.split_once("-->").map(|(_, rest)| rest));
            self.0 = ended.unwrap_or_default();
            return None;
        }
        if after.starts_with(['!', '?']) {
            self.0 = after.split_once('>').map_or("", |(_, rest)| rest);
            return None;
        }
        let Some((inside, rest)) = Self::tag(after) else {
            // A tag that never ends is text: nothing that a person wrote may vanish.
            return Some(Token::Text(decoded(std::mem::take(&mut self.0))));
        };
        self.0 = rest;
        let (closes, inside) = inside.strip_prefix('/').map_or((false, inside), |inside| (true, inside));
        let end = inside.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(inside.len());
        let name = inside[..end].to_ascii_lowercase();
        if closes {
            return Some(Token::Close(name));
        }
        if RAW_TEXT_ELEMENTS.contains(&name.as_str()) {
            self.skip_raw_text(&name);
        }
        Some(Token::Open(Tag { name, inside: &inside[end..] }))
    }
}

impl<'a> Iterator for Tokenizer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.0.is_empty() {
            let at = markup_begins(self.0).unwrap_or(self.0.len());
            if at > 0 {
                let (text, rest) = self.0.split_at(at);
                self.0 = rest;
                return Some(Token::Text(decoded(text)));
            }
            if let Some(token) = self.markup(&self.0[1..]) {
                return Some(token);
            }
        }
        None
    }
}

/// The start of the next tag, comment or declaration. A `<` alone is text.
fn markup_begins(html: &str) -> Option<usize> {
    let letter = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    html.match_indices('<').map(|(at, _)| at).find(|at| {
        let after = &html[at + 1..];
        letter(after) || after.starts_with(['!', '?']) || after.strip_prefix('/').is_some_and(letter)
    })
}

/// Text with its entities decoded.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(34).position(|byte| byte == b';');
        let name = end.map_or("", |end| &rest[1..end]);
        let sound = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
        if sound {
            add_html_token(&mut out, format!("&{name};").as_bytes(), false);
            rest = &rest[name.len() + 2..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}
