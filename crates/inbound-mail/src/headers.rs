use std::borrow::Cow;

use mail_parser::{Address, ContentType, HeaderValue, parsers::MessageStream};

/// Maximum bytes of headers that are read.
const MAX_HEADER_BYTES: usize = 512 * 1024;
/// Maximum number of headers that are read.
const MAX_FIELDS: usize = 1_000;
/// Maximum bytes of one header that are read.
const MAX_FIELD_BYTES: usize = 32 * 1024;

/// The headers of a message or a part, raw and in their order.
#[derive(Clone)]
pub(crate) struct Headers<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Headers<'a> {
    /// Splits off the headers at the first blank line. It skips lines that are not headers. Without any header
    /// everything is body.
    pub(crate) fn split(raw: &'a [u8]) -> (Self, &'a [u8]) {
        let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
        let mut at = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        while at < raw.len() && at < MAX_HEADER_BYTES {
            let line_end = end_of_line(raw, at);
            let line = trim_end(&raw[at..line_end]);
            if line.is_empty() {
                at = line_end;
                break;
            }
            let end = end_of_field(raw, line_end);
            if let Some(colon) = line.iter().position(|byte| *byte == b':')
                && let name = line[..colon].trim_ascii()
                && !name.is_empty()
                && name.iter().all(|byte| byte.is_ascii_graphic())
                && fields.len() < MAX_FIELDS
            {
                let value = trim_end(&raw[at + colon + 1..end]);
                fields.push((name, &value[..value.len().min(MAX_FIELD_BYTES)]));
            }
            at = end;
        }
        if fields.is_empty() {
            return (Self(fields), raw);
        }
        (Self(fields), &raw[at.min(raw.len())..])
    }

    /// As [`Self::split`], for a part: a part that begins with a blank line has no headers.
    pub(crate) fn split_part(raw: &'a [u8]) -> (Self, &'a [u8]) {
        let bare = raw.strip_prefix(b"\r\n").or_else(|| raw.strip_prefix(b"\n"));
        bare.map_or_else(|| Self::split(raw), |body| (Self(Vec::new()), body))
    }

    /// All values of a header, each unfolded into one line, not decoded.
    pub(crate) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = String> + 's {
        self.raw(name).map(unfolded)
    }

    /// The first value of a header; empty when it is missing.
    pub(crate) fn first(&self, name: &str) -> String {
        self.all(name).next().unwrap_or_default()
    }

    /// The first value of a header; none when it is missing, or as long as is read, so that its end may be cut off.
    pub(crate) fn first_whole(&self, name: &str) -> Option<String> {
        self.raw(name).next().filter(|value| value.len() < MAX_FIELD_BYTES).map(unfolded)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).next().is_some()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.raw(name).count()
    }

    /// The first value of a header in one line, with encoded words decoded.
    pub(crate) fn text(&self, name: &str) -> String {
        let Some(raw) = self.raw(name).next() else { return String::new() };
        let line = line(raw);
        match MessageStream::new(&line).parse_unstructured() {
            HeaderValue::Text(text) => one_line(&text),
            _ => String::new(),
        }
    }

    /// The (name, address) pairs of all headers of a name, groups flattened, at most 200.
    pub(crate) fn addresses(&self, name: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for raw in self.raw(name) {
            let line = line(raw);
            if let HeaderValue::Address(address) = MessageStream::new(&line).parse_address() {
                collect(&address, &mut found);
            }
        }
        found.truncate(200);
        found
    }

    /// Parses Content-Type or Content-Disposition.
    pub(crate) fn content(&self, name: &str) -> Option<ContentType<'static>> {
        let line = line(self.raw(name).next()?);
        match MessageStream::new(&line).parse_content_type() {
            HeaderValue::ContentType(content) => {
                HeaderValue::ContentType(content).into_owned().into_content_type()
            }
            _ => None,
        }
    }

    fn raw<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a [u8]> + 's {
        self.0.iter().filter(|field| field.0.eq_ignore_ascii_case(name.as_bytes())).map(|field| field.1)
    }
}

/// Whether a character is a control character, which terminals obey, or a bidirectional override, which makes a line
/// read differently from how it is written.
pub(crate) fn is_control_or_bidi(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line without control characters, with single blanks.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || is_control_or_bidi(c))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

fn collect(address: &Address<'_>, found: &mut Vec<(String, String)>) {
    for one in address.iter() {
        let text = |value: &Option<Cow<'_, str>>| value.as_deref().map(one_line).unwrap_or_default();
        found.push((text(&one.name), text(&one.address)));
    }
}

/// A value as mail-parser expects it: ended by a line break.
fn line(raw: &[u8]) -> Vec<u8> {
    let mut line = trim_end(raw).to_vec();
    line.push(b'\n');
    line
}

fn unfolded(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(trim_end(raw));
    text.replace(['\r', '\n'], "").trim().to_owned()
}

/// The end of a header whose continuation lines begin with a blank.
fn end_of_field(raw: &[u8], mut end: usize) -> usize {
    while raw.get(end).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
        let next = end_of_line(raw, end);
        if raw[end..next].trim_ascii().is_empty() {
            break;
        }
        end = next;
    }
    end
}

fn end_of_line(raw: &[u8], from: usize) -> usize {
    raw[from..].iter().position(|byte| *byte == b'\n').map_or(raw.len(), |at| from + at + 1)
}

fn trim_end(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}
