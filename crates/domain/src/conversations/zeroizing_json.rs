//! JSON of one flat object, written and read without leaving copies of personal data in memory that are not wiped.
//!
//! A general JSON parser unescapes strings in a buffer of its own, and a general writer grows its buffer repeatedly.
//! Both return that memory to the allocator unwiped. Here each string gets its full capacity at once and is wiped when
//! it is dropped.
//!
//! The guarantee ends where a reply is written: the buffers of the web and mail servers hold copies that cannot be
//! wiped.

use std::io::{self, Write};

use serde::Serialize;
use zeroize::Zeroizing;

/// Returns the JSON of a value, in a buffer whose size was measured before.
pub(super) fn bytes(of: &impl Serialize) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, of)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *bytes, of)?;
    Ok(bytes)
}

/// A writer that only counts bytes.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The rest of the JSON text that is not read yet.
pub(super) struct ObjectReader<'a>(&'a str);

/// Reads an object. `value` gets each name and must read its value. Returns `None` if the text is not such an object,
/// or if `value` returns `None` because it does not know a name.
pub(super) fn read(
    bytes: &[u8],
    mut value: impl FnMut(&str, &mut ObjectReader<'_>) -> Option<()>,
) -> Option<()> {
    let mut reader = ObjectReader(std::str::from_utf8(bytes).ok()?);
    reader.each('{', '}', |reader| {
        let name = reader.text()?;
        reader.expect(':')?;
        value(&name, reader)
    })?;
    reader.0.trim_start().is_empty().then_some(())
}

impl ObjectReader<'_> {
    /// Reads a string. A caller that takes it out of `Zeroizing` must wipe it.
    pub(super) fn text(&mut self) -> Option<Zeroizing<String>> {
        self.expect('"')?;
        let end = end_of(self.0)?;
        let (within, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        // The unescaped text is never longer.
        let mut text = Zeroizing::new(String::with_capacity(within.len()));
        let mut rest_of_text = within;
        while let Some(at) = rest_of_text.find('\\') {
            text.push_str(&rest_of_text[..at]);
            let (c, after) = parse_escape(&rest_of_text[at + 1..])?;
            text.push(c);
            rest_of_text = after;
        }
        text.push_str(rest_of_text);
        Some(text)
    }

    /// Reads an array of strings.
    pub(super) fn texts(&mut self) -> Option<Zeroizing<Vec<String>>> {
        let mut texts = Zeroizing::new(Vec::new());
        self.each('[', ']', |reader| {
            texts.push(std::mem::take(&mut *reader.text()?));
            Some(())
        })?;
        Some(texts)
    }

    /// Reads a Boolean.
    pub(super) fn boolean(&mut self) -> Option<bool> {
        let text = self.0.trim_start();
        let (boolean, rest) = match text.strip_prefix("true") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("false")?),
        };
        self.0 = rest;
        Some(boolean)
    }

    fn each(&mut self, open: char, close: char, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(open)?;
        if self.expect(close).is_some() {
            return Some(());
        }
        loop {
            one(self)?;
            if self.expect(close).is_some() {
                return Some(());
            }
            self.expect(',')?;
        }
    }

    fn expect(&mut self, sign: char) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(sign)?;
        Some(())
    }
}

/// Returns the position of the quote that ends a string.
fn end_of(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(['"', '\\'])?;
        if text.as_bytes()[at] == b'"' {
            return Some(at);
        }
        from = at + 1 + text[at + 1..].chars().next()?.len_utf8();
    }
}

/// Parses an escape sequence behind its backslash (RFC 8259, section 7). Returns the character and the rest.
fn parse_escape(text: &str) -> Option<(char, &str)> {
    let mut signs = text.chars();
    let c = match signs.next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode_escape(&text[1..]),
        _ => return None,
    };
    Some((c, signs.as_str()))
}

/// Parses the UTF-16 code units behind `\u`.
fn unicode_escape(text: &str) -> Option<(char, &str)> {
    let (high, rest) = utf16_unit(text)?;
    if let Some(c) = char::from_u32(high) {
        return Some((c, rest));
    }
    let (low, rest) = utf16_unit(rest.strip_prefix("\\u")?)?;
    let pair = char::decode_utf16([u16::try_from(high).ok()?, u16::try_from(low).ok()?]).next()?;
    Some((pair.ok()?, rest))
}

fn utf16_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    Some((u32::from_str_radix(digits, 16).ok().filter(|_| hex)?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::conversations::body::{Body, Contact};

    proptest! {
        #[test]
        fn written_json_is_read_the_same_by_this_and_by_any_parser(
            texts in prop::collection::vec(any::<String>(), 4),
            many in prop::collection::vec(any::<String>(), 0..4),
            verified: bool,
        ) {
            let mut body = Body::of_text(texts[0].clone(), verified);
            (body.quoted, body.html, body.message_id) = (texts[1].clone(), texts[2].clone(), texts[3].clone());
            body.references.clone_from(&many);
            let bytes = body.bytes().unwrap();
            prop_assert_eq!(bytes.capacity(), bytes.len(), "the buffer grew, and left copies in memory");
            let read = Body::read(&bytes).unwrap();
            prop_assert_eq!(&read.text, &texts[0]);
            prop_assert_eq!((&read.quoted, &read.html, &read.message_id), (&texts[1], &texts[2], &texts[3]));
            prop_assert_eq!((&read.references, read.verified), (&many, verified));
            let known: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(known.get("text").map_or("", |t| t.as_str().unwrap()), &*texts[0]);
            // Every character is escaped by its number, as other writers may do.
            let spelled: String = texts[0].encode_utf16().map(|utf16_unit| format!("\\u{utf16_unit:04X}")).collect();
            let json = format!(" {{ \"text\" : \"{spelled}\" , \"references\":[ ] }} ");
            let other = Body::read(json.as_bytes()).unwrap();
            prop_assert_eq!(&other.text, &texts[0]);
            prop_assert!(other.text.capacity() <= 6 * texts[0].encode_utf16().count());
        }

        #[test]
        fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), text in ".{0,40}") {
            drop(Body::read(&bytes));
            drop(Body::read(format!("{{\"text\":\"{text}").as_bytes()));
            drop(Contact::read(text.as_bytes()));
        }
    }

    #[test]
    fn other_json_is_refused() {
        for text in [
            "",
            "{",
            "[]",
            r#"{"text":1}"#,
            r#"{"text":"a"} x"#,
            r#"{"text":"\ud800"}"#,
            r#"{"text":"\u+123"}"#,
            r#"{"new":"a"}"#,
            r#"{"text":"a",}"#,
        ] {
            assert!(Body::read(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(Body::read(b"{}").unwrap().text, "");
    }
}
